"""PostgreSQL: one database for a team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Engine,
    Float,
    FromClause,
    Table,
    Text,
    cast,
    collate,
    create_engine,
    event,
    func,
    inspect,
    literal,
    make_url,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY, DOUBLE_PRECISION, JSONB, insert
from sqlalchemy.exc import ArgumentError

from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.store.fields import Kind
from jupyter_mlops.store.sql.dialect import in_place
from jupyter_mlops.store.sql.tables import GONE, METADATA, REVISION, SCHEMA
from jupyter_mlops.store.sql.words import Words, hide

__all__ = ["PostgreSql"]

_LOCK = 0x4A4D4C4F  # "JMLO": every writer of this database takes it
_PATIENCE = 60  # seconds a writer waits for the others


class PostgreSql:
    """One database.

    Writers take one advisory lock for the length of their transaction: verbs read, check and write, and the ledger
    has one last line. Readers wait for nobody and see the moment they began in.
    """

    name = "postgresql"

    def __init__(self, url: str) -> None:
        try:
            self._url = make_url(url).set(drivername="postgresql+psycopg")
        except (ArgumentError, ValueError):
            raise Invalid(
                "the address of the PostgreSQL store cannot be read",
                remedy="Write postgresql://user@host/database.",
            ) from None

    @property
    def place(self) -> str:
        """The address, its password hidden wherever it stands in it."""
        shown = self._url.set(drivername="postgresql")
        if "password" in shown.query:
            shown = shown.update_query_dict({"password": "***"})
        return shown.render_as_string(hide_password=True)

    def engine(self) -> Engine:
        """Make an engine; the first use connects."""
        try:
            import psycopg  # noqa: F401 - whether it is there
        except ImportError:
            raise Unavailable(
                f"{self.place} needs a library for PostgreSQL that is not installed",
                remedy='Run: pip install "psycopg[binary]"',
            ) from None
        # Said, for a server may have another default: a stricter one sees the moment at which a writer's wait for the lock began,
        # and what the writer before has changed since would be a serialization failure (40001). As it is there can be none.
        engine = create_engine(
            self._url, pool_pre_ping=True, max_overflow=-1, isolation_level="READ COMMITTED"
        )
        event.listen(engine, "begin", _begin)
        return engine

    def lay_out(self, engine: Engine) -> None:
        """Make the tables unless somebody did so meanwhile."""
        with engine.connect().execution_options(mlops_write=True) as connection, connection.begin():
            if inspect(connection).has_table(SCHEMA.name):
                return
            METADATA.create_all(connection, checkfirst=False)
            connection.execute(SCHEMA.insert().values(version_num=REVISION))

    def back_up(self, connection: Connection, revision: str) -> str:
        """Copy our tables into a schema of their own: whoever may upgrade may not be who could dump the database."""
        held = inspect(connection)
        taken, number = set(held.get_schema_names()), 1
        while (name := f"mlops_schema_{revision}_{number}") in taken:
            number += 1
        connection.exec_driver_sql(f'CREATE SCHEMA "{name}"')
        for table in sorted(({*METADATA.tables} | GONE) & {*held.get_table_names()}):
            connection.exec_driver_sql(f'CREATE TABLE "{name}"."{table}" AS TABLE "{table}"')
        return f"schema {name} in {self.place}"

    def secure(self) -> None:
        """Do nothing: a commit there is on the disk."""

    def inside(self, body: ColumnElement[Any], path: Sequence[str], kind: Kind) -> ColumnElement[Any]:
        """Look into JSON."""
        found = func.jsonb_extract_path_text(cast(body, JSONB), *path, type_=Text())
        if kind is Kind.NUMBER:
            return func.nullif(
                cast(found, DOUBLE_PRECISION), cast("NaN", DOUBLE_PRECISION), type_=DOUBLE_PRECISION()
            )
        return cast(found, Boolean) if kind is Kind.FLAG else type_coerce(collate(found, "C"), Words)

    def each(self, body: ColumnElement[Any], field: str) -> ColumnElement[Any]:
        """Go through the items."""
        items = func.jsonb_extract_path(cast(body, JSONB), field, type_=JSONB())
        return func.jsonb_array_elements(items, type_=JSONB()).column_valued("item")

    def entry(self, body: ColumnElement[Any], field: str, key: str) -> ColumnElement[Any]:
        """Look a key up."""
        return self.inside(body, (field, hide(key)), Kind.TEXT)

    def numbers(self, found: Mapping[str, float]) -> FromClause:
        """Hand the numbers over as two arrays."""
        runs, values = (literal([*found], ARRAY(Text())), literal([*found.values()], ARRAY(Float())))
        pairs = func.unnest(runs, values).table_valued("run", "value").render_derived()
        return select(
            type_coerce(pairs.c.run, Text()).label("run"), type_coerce(pairs.c.value, Float()).label("value")
        ).cte()

    def like(self, held: ColumnElement[Any], pattern: str) -> ColumnElement[bool]:
        """Compare by LIKE, its other special characters escaped."""
        return held.like("".join(f"\\{c}" if c in "\\_" else c for c in pattern), escape="\\")

    def walked(self, held: ColumnElement[Any]) -> ColumnElement[Any]:
        """Leave it: its planner knows better."""
        return held

    def put(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert or update."""
        connection.execute(in_place(insert(table)), list(rows))


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("mlops_write"):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        return
    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    connection.exec_driver_sql("SELECT 1")  # the moment that a reader sees is that of its first look
