"""What differs between the databases, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, FromClause, Table

from jupyter_mlops.store.fields import Kind

__all__ = ["Dialect", "in_place"]


class Dialect(Protocol):
    """One database: how it is opened, how it looks into a body, how it replaces a row."""

    @property
    def name(self) -> str:
        """SQLAlchemy's name of it."""

    @property
    def place(self) -> str:
        """Where it is, for sentences; without a password."""

    def engine(self) -> Engine:
        """Make an engine whose transactions begin as ``Store`` promises."""

    def lay_out(self, engine: Engine) -> None:
        """Put the newest schema into an empty database, whoever else is doing so at the same time."""

    def back_up(self, connection: Connection, revision: str) -> str:
        """Copy what is there aside, inside the transaction that upgrades it; return where to."""

    def secure(self) -> None:
        """Make what was just committed survive a power cut, where a commit alone does not."""

    def inside(self, body: ColumnElement[Any], path: Sequence[str], kind: Kind) -> ColumnElement[Any]:
        """Return what lies at *path* in a body; NULL where nothing does."""

    def each(self, body: ColumnElement[Any], field: str) -> ColumnElement[Any]:
        """Return the items of a body's array called *field*, to select from; each is a body of its own."""

    def entry(self, body: ColumnElement[Any], field: str, key: str) -> ColumnElement[Any]:
        """Return the text under *key* in a body's mapping called *field*."""

    def like(self, held: ColumnElement[Any], pattern: str) -> ColumnElement[bool]:
        """Compare with a pattern in which ``%`` alone is special; letters' case counts."""

    def numbers(self, found: Mapping[str, float]) -> FromClause:
        """Return a table made of *found*, with the columns ``run`` and ``value``, to select from."""

    def walked(self, held: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return *held* so that its table is walked along another index, and never looked up by this column."""

    def put(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert *rows*, each in place of the one under its key."""


def in_place(adding: Any) -> Any:
    """Return a database's own insert so that each row takes the place of the one under its key."""
    key = [column.name for column in adding.table.primary_key]
    others = {
        column.name: adding.excluded[column.name] for column in adding.table.c if column.name not in key
    }
    return adding.on_conflict_do_update(index_elements=key, set_=others)
