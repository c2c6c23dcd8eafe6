"""The schema: what a record can be found by has a column, and every text is compared alike in both databases."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, Boolean, Float, LargeBinary, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from jupyter_mlops.store import open_store
from jupyter_mlops.store.fields import Kind, kind_of
from jupyter_mlops.store.shelves import SHELVES
from jupyter_mlops.store.sql.tables import (
    CHUNKS,
    GONE,
    HISTORY,
    METADATA,
    OWNERS,
    REVISION,
    SCHEMA,
    SHELF_TABLES,
    SUMMARIES,
    WORDS,
    column_name,
)

# What people write: as long as they like.
FREE = {
    "runs": {"name", "source_notebook", "actor_name"},
    "jobs": {"spec_notebook", "spec_experiment", "spec_name"},
    "definitions": {"name"},
}
LONGEST_NAME = 63  # of a table, column or index in PostgreSQL; a longer one is cut off


@pytest.mark.parametrize("shelf", SHELVES)
def test_what_a_shelf_is_found_by_has_a_column_of_its_kind(shelf: str) -> None:
    asked, table = SHELVES[shelf], SHELF_TABLES[shelf]
    assert [column.name for column in table.columns] == [
        *map(column_name, dict.fromkeys((*asked.key, *asked.indexed))), "body"
    ]  # fmt: skip
    assert tuple(column.name for column in table.primary_key) == asked.key
    kinds = {Kind.NUMBER: BigInteger, Kind.FLAG: Boolean}
    for name in (*asked.key, *asked.indexed):
        column = table.c[column_name(name)]
        (kind, _) = kind_of(asked.record, tuple(name.split("."))) or (None, ())
        assert column.nullable is (name not in asked.key)
        assert column.type is WORDS if kind in {Kind.TEXT, Kind.TIME} else type(column.type) is kinds[kind], (
            name
        )  # type: ignore[index]


def test_a_dotted_attribute_has_one_column_and_no_two_share_one() -> None:
    assert column_name("spec.notebook") == "spec_notebook"
    for shelf in SHELVES.values():
        names = [column_name(name) for name in dict.fromkeys((*shelf.key, *shelf.indexed))]
        assert len(names) == len(set(names))


def test_no_index_holds_what_people_may_write_at_any_length() -> None:
    """PostgreSQL refuses a row whose indexed text has more than 2.7 kB: a run with a long name would not be kept."""
    for shelf, free in FREE.items():
        table = SHELF_TABLES[shelf]
        assert free <= {column.name for column in table.columns}
        for index in table.indexes:
            assert free.isdisjoint(column.name for column in index.columns), index.name


def test_every_text_that_is_compared_is_compared_by_its_code_points() -> None:
    """Only bodies, which nobody compares, and Alembic's own column may be in the order of the database's language."""
    for table in METADATA.sorted_tables:
        said = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        for column in table.columns:
            if isinstance(column.type, Text) or column.type is WORDS:
                compared = column.name != "body"
                assert (
                    f'{column.name} TEXT COLLATE "C"' in said.replace('"' + column.name + '"', column.name)
                ) is (compared), f"{table.name}.{column.name}"


def test_numbers_are_eight_bytes_in_both_databases() -> None:
    said = str(CreateTable(SUMMARIES).compile(dialect=postgresql.dialect()))
    for column in SUMMARIES.columns:
        if isinstance(column.type, Float):
            assert f"{column.name} DOUBLE PRECISION" in said
        elif isinstance(column.type, BigInteger):
            assert f"{column.name} BIGINT" in said
    # SQLite numbers rows by itself only where the column is called so.
    assert "number INTEGER NOT NULL" in str(CreateTable(OWNERS).compile(dialect=sqlite.dialect()))
    assert "BYTEA" in str(CreateTable(CHUNKS).compile(dialect=postgresql.dialect()))
    assert isinstance(CHUNKS.c.body.type, LargeBinary)


def test_names_fit_both_databases_and_are_each_there_once() -> None:
    names = [table.name for table in METADATA.sorted_tables]
    names += [str(index.name) for table in METADATA.sorted_tables for index in table.indexes]
    assert len(names) == len(set(names))
    for table in METADATA.sorted_tables:
        for index in table.indexes:
            CreateIndex(index).compile(dialect=postgresql.dialect())
    assert max(map(len, names)) <= LONGEST_NAME


def test_a_side_table_is_reached_from_its_run_and_read_along_its_key() -> None:
    """Half of what a filter costs hangs on these orders of columns."""
    for name in ("run_params", "run_tags", "metric_summaries"):
        table = METADATA.tables[name]
        assert [column.name for column in table.primary_key] == ["run", "key"]
        (index,) = table.indexes
        assert next(iter(index.columns)).name == "key"
    assert [column.name for column in CHUNKS.primary_key] == ["owner", "key", "last"]


def test_the_history_ends_with_todays_schema_and_what_went_is_gone() -> None:
    assert HISTORY[-1] == REVISION
    assert list(HISTORY) == sorted(set(HISTORY))
    assert GONE.isdisjoint(METADATA.tables)
    assert SCHEMA.name != "alembic_version"  # another program's stamp must not be taken for ours


def test_a_new_store_has_these_tables_and_no_others(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/store.db").close()
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        names = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        }
        unlisted = {
            name
            for name in ("run_params", "run_tags", "metric_summaries")
            if "WITHOUT ROWID"
            not in connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()[0]
        }
    assert names == set(METADATA.tables)
    assert unlisted == set()  # the row lies in its key's own tree: no second look-up
