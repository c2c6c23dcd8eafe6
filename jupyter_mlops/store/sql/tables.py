"""The schema, in SQLAlchemy Core.

A record stands whole in ``body``, as JSON; the other columns of its table, and the side tables of runs, are an
index over it. Text compares by code point everywhere, so that both databases and Python order it alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    DOUBLE_PRECISION,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from jupyter_mlops.store.fields import Kind, kind_of
from jupyter_mlops.store.shelves import SHELVES, Shelf
from jupyter_mlops.store.sql.words import Words

__all__ = [
    "CELLS",
    "CHUNKS",
    "EVENTS",
    "GONE",
    "HISTORY",
    "METADATA",
    "OWNERS",
    "PARAMS",
    "PREDICTIONS",
    "REVISION",
    "SCHEMA",
    "SHELF_TABLES",
    "SUMMARIES",
    "TAGS",
    "column_name",
]

# The Alembic revisions of this package, oldest first. Opening a store must not cost importing Alembic; a test
# holds this list against the migrations.
HISTORY = ("0001", "0002", "0003", "0004", "0005", "0006")
REVISION = HISTORY[-1]

GONE = {"metric_points"}  # tables that earlier revisions had

METADATA = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}
)
WORDS = Words()
NUMBER = Float().with_variant(DOUBLE_PRECISION(), "postgresql")

# Alembic's own table, under a name that tells our store from another program's.
SCHEMA = Table(
    "mlops_schema",
    METADATA,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="mlops_schema_pkc"),
)


def column_name(attribute: str) -> str:
    """Return the column of a dotted attribute."""
    return attribute.replace(".", "_")


_TYPES: Mapping[Kind, Any] = {Kind.TEXT: WORDS, Kind.TIME: WORDS, Kind.NUMBER: BigInteger, Kind.FLAG: Boolean}


def _column(shelf: Shelf, attribute: str) -> Column[Any]:
    found = kind_of(shelf.record, tuple(attribute.split(".")))
    assert found is not None, f"{shelf.name} have no {attribute}"
    return Column(column_name(attribute), _TYPES[found[0]], nullable=attribute not in shelf.key)


def _table(shelf: Shelf) -> Table:
    columns = [_column(shelf, name) for name in dict.fromkeys((*shelf.key, *shelf.indexed))]
    return Table(
        shelf.name,
        METADATA,
        *columns,
        Column("body", Text, nullable=False),
        PrimaryKeyConstraint(*map(column_name, shelf.key)),
        *(Index(None, *map(column_name, names)) for names in _INDEXES.get(shelf.name, ())),
    )


# A long text in an index breaks PostgreSQL at 2.7 kB: names and free text stand in none.
_INDEXES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "runs": (
        ("started",),
        # Most questions leave the archived out: by time, and beside a list of ids.
        ("archived", "started"),
        ("id", "archived"),
        ("archived", "parent", "started"),
        ("experiment", "archived", "parent", "started"),
        ("status", "started"),
        ("parent",),
        ("job",),
    ),
    "artifacts": (("digest",),),
    "datasets": (("digest",), ("run",)),
    "jobs": (("queued",), ("status", "queued"), ("run",), ("status", "turn"), ("sweep",)),
    "definitions": (("active", "due"), ("active", "watches")),
    "fires": (("status", "due"), ("definition", "status"), ("definition", "claimed"), ("job",)),
    "subscriptions": (("name",),),
    "notifications": (
        ("status", "due"),
        ("channel", "made"),
        ("made",),
        ("subject",),
        ("subscription", "thing", "made"),
    ),
    "versions": (("digest",), ("run",)),
    "aliases": (("model", "version"),),
    "reviews": (("model", "version"), ("status",)),
    "deployments": (("model", "version"), ("status",)),
    "reports": (("deployment",), ("model", "version")),
}
SHELF_TABLES: Mapping[str, Table] = {name: _table(shelf) for name, shelf in SHELVES.items()}

PARAMS = Table(
    "run_params",
    METADATA,
    Column("run", WORDS, nullable=False),
    Column("key", WORDS, nullable=False),
    Column("number", NUMBER),
    Column("text", WORDS),
    Column("flag", Boolean),
    PrimaryKeyConstraint("run", "key"),
    Index(None, "key", "number"),
    sqlite_with_rowid=False,
)
TAGS = Table(
    "run_tags",
    METADATA,
    Column("run", WORDS, nullable=False),
    Column("key", WORDS, nullable=False),
    Column("value", WORDS, nullable=False),
    PrimaryKeyConstraint("run", "key"),
    Index(None, "key", "run"),
    sqlite_with_rowid=False,
)
# Not a number is NULL: SQLite keeps no NaN, and in an order it would stand between the numbers.
SUMMARIES = Table(
    "metric_summaries",
    METADATA,
    Column("run", WORDS, nullable=False),
    Column("key", WORDS, nullable=False),
    Column("last", NUMBER),
    Column("sequence", BigInteger, nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("minimum", NUMBER),
    Column("maximum", NUMBER),
    Column("total", NUMBER),
    Column("numbers", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("run", "key"),
    # Of whatever a question asks of a metric its index has the answer; in SQLite, whose indexes hold the key of their
    # table, without a look at the row.
    Index(
        "ix_metric_summaries_numbers",
        "key",
        "last",
        "minimum",
        "maximum",
        "total",
        "numbers",
        "count",
    ),
    sqlite_with_rowid=False,
)
# Points lie under a short number of their run: beside a few points an id would be the bigger part.
OWNERS = Table(
    "metric_owners",
    METADATA,
    Column("number", BigInteger().with_variant(Integer(), "sqlite"), autoincrement=True),
    Column("run", WORDS, nullable=False),
    Column("last", BigInteger, nullable=False),  # the highest sequence of any metric
    PrimaryKeyConstraint("number"),
    Index(None, "run", unique=True),
)
CHUNKS = Table(
    "metric_chunks",
    METADATA,
    Column("owner", BigInteger, nullable=False),
    Column("key", WORDS, nullable=False),
    Column("last", BigInteger, nullable=False),  # sequences
    Column("first", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),  # see store.packing
    PrimaryKeyConstraint("owner", "key", "last"),
)
CELLS = Table(
    "cells",
    METADATA,
    Column("owner", WORDS, nullable=False),
    Column("session", WORDS, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("owner", "session", "sequence"),
)
PREDICTIONS = Table(
    "predictions",
    METADATA,
    Column("owner", WORDS, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("owner", "sequence"),
)
EVENTS = Table(
    "events",
    METADATA,
    Column("sequence", BigInteger, nullable=False, autoincrement=False),
    Column("kind", WORDS, nullable=False),
    Column("subject", WORDS, nullable=False),
    Column("digest", WORDS, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("sequence"),
    Index(None, "subject", "sequence"),
    Index(None, "kind", "sequence"),
)
