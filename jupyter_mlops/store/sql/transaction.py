"""Collections over the tables, inside one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Select, and_, bindparam, delete, insert, select, update

from jupyter_mlops.errors import Conflict
from jupyter_mlops.records.experiment import ValueCount
from jupyter_mlops.records.query import And, Comparison, Field, Operator, Page, Query, Scope
from jupyter_mlops.records.run import Run
from jupyter_mlops.store.asking import Asked, ask
from jupyter_mlops.store.cursors import write_cursor
from jupyter_mlops.store.shelves import SHELVES, Shelf
from jupyter_mlops.store.sql.filters import Levels
from jupyter_mlops.store.sql.mapping import param_rows, record_of, row_of, tag_rows
from jupyter_mlops.store.sql.metrics import SqlMetrics
from jupyter_mlops.store.sql.selects import (
    counting,
    counting_by,
    in_parts,
    selecting,
    with_metric,
    without_metric,
)
from jupyter_mlops.store.sql.series import SqlCells, SqlEvents, SqlPredictions
from jupyter_mlops.store.sql.session import Session
from jupyter_mlops.store.sql.tables import (
    CELLS,
    CHUNKS,
    OWNERS,
    PARAMS,
    PREDICTIONS,
    SHELF_TABLES,
    SUMMARIES,
    TAGS,
    column_name,
)

__all__ = ["SqlTransaction"]

T = TypeVar("T")
_CHUNK = 1000  # names in one IN (…)
# What is kept under a record's id goes with it.
_OWNED = {
    "runs": (PARAMS.c.run, TAGS.c.run, SUMMARIES.c.run, CELLS.c.owner),
    "deployments": (PREDICTIONS.c.owner,),
}


@cache
def _body_of(shelf: Shelf) -> Select[Any]:
    """Return the select of one body by its key, put together once: it is the most asked of all."""
    table = SHELF_TABLES[shelf.name]
    named = (table.c[column_name(name)] == bindparam(f"key_{place}") for place, name in enumerate(shelf.key))
    return select(table.c.body).where(*named)


class SqlTransaction:
    """One transaction's view: a collection per shelf, and the series."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.metrics = SqlMetrics(session)
        self.cells = SqlCells(session)
        self.predictions = SqlPredictions(session)
        self.events = SqlEvents(session)

    def __getattr__(self, name: str) -> Any:
        if name not in SHELVES:
            raise AttributeError(name)
        return SqlCollection(self._session, SHELVES[name])


class SqlCollection(Generic[T]):
    """The records of one shelf."""

    def __init__(self, session: Session, shelf: Shelf) -> None:
        self._session = session
        self._shelf = shelf
        self._table = SHELF_TABLES[shelf.name]

    def add(self, record: T) -> None:
        """Keep a new record."""
        connection = self._session.writing()
        key = self._shelf.key_of(record)
        if self._body(key) is not None:
            raise Conflict(
                f"there is already a {self._shelf.title(key)}",
                remedy="Read what is there, or choose another name.",
            )
        self._insert(connection, record)

    def replace(self, record: T) -> None:
        """Keep *record* in place of the one under its key, or as a new one."""
        connection = self._session.writing()
        key = self._shelf.key_of(record)
        before = self._body(key)
        if before is None:
            self._insert(connection, record)
            return
        connection.execute(update(self._table).where(self._is(key)).values(row_of(self._shelf, record)))
        if isinstance(record, Run):
            was = record_of(self._shelf, before, {})
            # Compared as they are indexed: to Python True equals 1.
            for table, rows_of in ((PARAMS, param_rows), (TAGS, tag_rows)):
                rows = [*rows_of(record)]
                if rows != [*rows_of(was)]:
                    self._index(connection, record, table, rows)

    def get(self, *key: object) -> T:
        """Return the record under *key*."""
        body = self._body(self._shelf.checked(key))
        if body is None:
            raise self._shelf.absent(key)
        return self._records([body], [str(key[0])])[0]

    def find(self, query: Query) -> Page[T]:
        """Return a page of what *query* describes."""
        asked = ask(self._shelf, query)
        connection, dialect = self._session.connection, self._session.dialect
        metrics = SqlMetrics(self._session)
        levels = {level: dialect.numbers(metrics.at_step(*level)) for level in asked.levels()}
        total = connection.execute(counting(self._shelf, asked, dialect, levels)).scalar_one()
        rows = self._page(asked, total, levels) if total else []
        page = rows[: asked.limit]
        cursor = write_cursor(asked.mark, list(page[-1][1:])) if len(rows) > len(page) else None
        # The key is the end of every order, so an id is the last sort value.
        return Page(
            items=tuple(self._records([row[0] for row in page], [str(row[-1]) for row in page])),
            total=total,
            cursor=cursor,
            kind=self._shelf.record.__name__,
            narrowed=query.narrowed,
            asked=query.asked,
        )

    def count_by(self, attribute: str, query: Query) -> Sequence[ValueCount]:
        """Return how many of what *query* lets through have each text in *attribute*."""
        asked = ask(self._shelf, query)
        connection, dialect = self._session.connection, self._session.dialect
        metrics = SqlMetrics(self._session)
        levels = {level: dialect.numbers(metrics.at_step(*level)) for level in asked.levels()}
        rows = connection.execute(counting_by(self._shelf, attribute, asked, dialect, levels))
        return [
            ValueCount(value=value, count=count, newest=None if at is None else datetime.fromisoformat(at))
            for value, count, at in rows
        ]

    def _page(self, asked: Asked, total: int, levels: Levels) -> list[Any]:
        connection, dialect = self._session.connection, self._session.dialect
        if not in_parts(self._shelf, asked, total):
            return list(connection.execute(selecting(self._shelf, asked, dialect, total, levels)))
        rows: list[Any] = []
        if asked.after is None or asked.after[0] is not None:
            rows += connection.execute(with_metric(self._shelf, asked, dialect, levels))
            asked = replace(asked, limit=asked.limit - len(rows), after=None)
        if asked.limit >= 0:
            rows += connection.execute(without_metric(self._shelf, asked, dialect, levels))
        return rows

    def remove(self, *key: object) -> None:
        """Forget what nothing refers to."""
        connection = self._session.writing()
        record = self.get(*key)
        for reference in self._shelf.referred:
            terms = tuple(
                Comparison(Field(Scope.ATTRIBUTE, theirs), Operator.EQUAL, getattr(record, ours))
                for theirs, ours in zip(reference.theirs, reference.ours, strict=True)
            )
            held = SqlCollection[Any](self._session, SHELVES[reference.shelf]).find(
                Query(where=And(terms), limit=1)
            )
            if held.total:
                raise Conflict(
                    f"{self._shelf.title(key)} is still referred to by {held.total} of the {reference.shelf}",
                    remedy=f"Remove those {reference.shelf} first.",
                )
        connection.execute(delete(self._table).where(self._is(key)))
        for owner in _OWNED.get(self._shelf.name, ()):
            connection.execute(delete(owner.table).where(owner == key[0]))
        if self._shelf.record is Run:
            number = select(OWNERS.c.number).where(OWNERS.c.run == key[0]).scalar_subquery()
            connection.execute(delete(CHUNKS).where(CHUNKS.c.owner == number))
            connection.execute(delete(OWNERS).where(OWNERS.c.run == key[0]))

    def _is(self, key: Sequence[object]) -> Any:
        return and_(
            *(
                self._table.c[column_name(name)] == value
                for name, value in zip(self._shelf.key, key, strict=True)
            )
        )

    def _body(self, key: Sequence[object]) -> str | None:
        sought = {f"key_{place}": value for place, value in enumerate(key)}
        body: str | None = self._session.connection.execute(
            _body_of(self._shelf), sought
        ).scalar_one_or_none()
        return body

    def _insert(self, connection: Connection, record: T) -> None:
        connection.execute(insert(self._table), [row_of(self._shelf, record)])
        if isinstance(record, Run):
            for table, rows in ((PARAMS, [*param_rows(record)]), (TAGS, [*tag_rows(record)])):
                if rows:
                    connection.execute(insert(table), rows)

    @staticmethod
    def _index(connection: Connection, run: Run, table: Any, rows: list[dict[str, Any]]) -> None:
        connection.execute(delete(table).where(table.c.run == run.id))
        if rows:
            connection.execute(insert(table), rows)

    def _records(self, bodies: Sequence[str], ids: Sequence[str]) -> list[T]:
        metrics = self._metrics(ids) if self._shelf.record is Run else {}
        return [
            record_of(self._shelf, body, metrics.get(at, {})) for body, at in zip(bodies, ids, strict=True)
        ]

    def _metrics(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, float]]:
        found: dict[str, dict[str, float]] = {}
        for start in range(0, len(ids), _CHUNK):
            names = select(SUMMARIES.c.run, SUMMARIES.c.key, SUMMARIES.c.last)
            names = names.where(SUMMARIES.c.run.in_(ids[start : start + _CHUNK])).order_by(SUMMARIES.c.key)
            for run, key, last in self._session.connection.execute(names):
                found.setdefault(run, {})[key] = float("nan") if last is None else last
        return found
