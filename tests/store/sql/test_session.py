"""A connection within a transaction, and whether it may change anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from contracts.samples import cell, curve, event, point, prediction, run
from sqlalchemy import Connection, func, select

from jupyter_mlops.errors import Invalid
from jupyter_mlops.store.sql.session import Session
from jupyter_mlops.store.sql.sqlite import Sqlite
from jupyter_mlops.store.sql.store import open_sql
from jupyter_mlops.store.sql.tables import METADATA, SCHEMA
from jupyter_mlops.store.sql.transaction import SqlTransaction


@pytest.fixture
def dialect(tmp_path: Path) -> Sqlite:
    open_sql(f"sqlite:///{tmp_path}/store.db").close()
    return Sqlite(tmp_path / "store.db")


@pytest.fixture
def connection(dialect: Sqlite) -> Iterator[Connection]:
    """One that could write: only the session stands between a view and the tables."""
    engine = dialect.engine()
    with engine.connect().execution_options(mlops_write=True) as connection, connection.begin():
        yield connection
    engine.dispose()


def test_who_may_write_gets_the_connection_itself(connection: Connection, dialect: Sqlite) -> None:
    assert Session(connection, dialect, writable=True).writing() is connection


def test_who_may_not_is_told_what_to_open(connection: Connection, dialect: Sqlite) -> None:
    with pytest.raises(Invalid, match="view for reading") as refusal:
        Session(connection, dialect, writable=False).writing()
    assert "store.write()" in refusal.value.remedy


def test_a_view_cannot_be_made_a_writer_by_the_way(connection: Connection, dialect: Sqlite) -> None:
    session = Session(connection, dialect, writable=False)
    with pytest.raises(FrozenInstanceError):
        session.writable = True  # type: ignore[misc]


@pytest.mark.parametrize(
    "act",
    [
        lambda tx: tx.runs.add(run("r1")),
        lambda tx: tx.runs.replace(run("r1")),
        lambda tx: tx.runs.remove("nobody"),
        lambda tx: tx.metrics.append([]),
        lambda tx: tx.metrics.append([point("r1", 1, 1.0)]),
        lambda tx: tx.metrics.extend([curve("r1", [1])]),
        lambda tx: tx.cells.append("r1", [cell(1)]),
        lambda tx: tx.predictions.append([prediction("e", 1)]),
        lambda tx: tx.events.append([event()]),
    ],
)
def test_every_way_to_change_something_asks_the_session_first(
    connection: Connection, dialect: Sqlite, act: Any
) -> None:
    with pytest.raises(Invalid, match="view for reading"):
        act(SqlTransaction(Session(connection, dialect, writable=False)))
    counts = {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in METADATA.sorted_tables
        if table is not SCHEMA
    }
    assert set(counts.values()) == {0}
