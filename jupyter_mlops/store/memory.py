"""In memory: for tests and for trying out. Gone with the process."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast

from jupyter_mlops.errors import Conflict
from jupyter_mlops.records.experiment import ValueCount
from jupyter_mlops.records.query import And, Comparison, Field, Operator, Page, Query, Scope
from jupyter_mlops.records.run import Run
from jupyter_mlops.store.asking import Asked, ask
from jupyter_mlops.store.cursors import write_cursor
from jupyter_mlops.store.fields import Target
from jupyter_mlops.store.matching import lies_after, ordered, passes, sort_values
from jupyter_mlops.store.memory_series import MemoryCells, MemoryEvents, MemoryMetrics, MemoryPredictions
from jupyter_mlops.store.memory_state import State, refuse_reader
from jupyter_mlops.store.pending import bring_home
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.store.series import part_of
from jupyter_mlops.store.shelves import SHELVES, Shelf
from jupyter_mlops.store.turns import Turns

__all__ = ["MemoryStore"]

T = TypeVar("T")


class MemoryStore:
    """Records in dictionaries; one writer at a time, any number of readers."""

    def __init__(self) -> None:
        self._state = State({name: {} for name in SHELVES}, {}, {}, {}, {}, [])
        self._writing = threading.Lock()
        self._writer: int | None = None
        self._turns = Turns()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Open a view of this moment."""
        if self._writer != threading.get_ident():
            bring_home()
        yield cast("Transaction", _MemoryTransaction(self._state, writable=False))

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a transaction; what is done in it shows once it has ended well."""
        if self._writer == threading.get_ident():
            raise Conflict(
                "this thread is already writing to the store", remedy="Pass the open transaction on instead."
            )
        with ExitStack() as stack:
            with self._turns.asked():
                stack.enter_context(self._writing)
            self._writer = threading.get_ident()
            try:
                state = self._state.copy()
                yield cast("Transaction", _MemoryTransaction(state, writable=True))
                self._state = state
            finally:
                self._writer = None

    def waited(self) -> float:
        """Return for how many seconds a writer has been waiting."""
        return self._turns.waited()

    def close(self) -> None:
        """Nothing to give back."""


class _MemoryTransaction:
    def __init__(self, state: State, *, writable: bool) -> None:
        self._state = state
        self.writable = writable
        self.metrics = MemoryMetrics(state, writable)
        self.cells = MemoryCells(state, writable)
        self.predictions = MemoryPredictions(state, writable)
        self.events = MemoryEvents(state, writable)

    def __getattr__(self, name: str) -> Any:
        if name not in SHELVES:
            raise AttributeError(name)
        return _MemoryCollection(self._state, SHELVES[name], self)


class _MemoryCollection(Generic[T]):
    def __init__(self, state: State, shelf: Shelf, transaction: _MemoryTransaction) -> None:
        self._state = state
        self._shelf = shelf
        self._kept: dict[tuple[Any, ...], T] = state.shelves[shelf.name]
        self._transaction = transaction

    def add(self, record: T) -> None:
        refuse_reader(self._transaction.writable)
        key = self._shelf.key_of(record)
        if key in self._kept:
            raise Conflict(
                f"there is already a {self._shelf.title(key)}",
                remedy="Read what is there, or choose another name.",
            )
        self._kept[key] = _plain(record)

    def replace(self, record: T) -> None:
        refuse_reader(self._transaction.writable)
        self._kept[self._shelf.key_of(record)] = _plain(record)

    def get(self, *key: object) -> T:
        found = self._kept.get(self._shelf.checked(key))
        if found is None:
            raise self._shelf.absent(key)
        return self._filled(found)

    def find(self, query: Query) -> Page[T]:
        asked = ask(self._shelf, query)
        passing = self._passing(asked)
        rest = ordered(passing, asked.order, self._measured)
        if asked.after is not None:
            rest = [record for record in rest if lies_after(record, asked, self._measured)]
        items = rest[: asked.limit]
        more = len(rest) > len(items)
        cursor = (
            write_cursor(asked.mark, sort_values(items[-1], asked.order, self._measured)) if more else None
        )
        return Page(
            items=tuple(items),
            total=len(passing),
            cursor=cursor,
            kind=self._shelf.record.__name__,
            narrowed=query.narrowed,
            asked=query.asked,
        )

    def count_by(self, attribute: str, query: Query) -> Sequence[ValueCount]:
        found: dict[str, list[T]] = {}
        for record in self._passing(ask(self._shelf, query)):
            value = attrgetter(attribute)(record)
            if value is not None:
                found.setdefault(value, []).append(record)
        return [
            ValueCount(value=value, count=len(records), newest=self._newest(records))
            for value, records in sorted(found.items())
        ]

    def _newest(self, records: Sequence[T]) -> datetime | None:
        times = [getattr(record, self._shelf.time) for record in records] if self._shelf.time else []
        return max(times, default=None)

    def _passing(self, asked: Asked) -> list[T]:
        found = (self._filled(record) for record in self._kept.values())
        return [
            record for record in found if asked.where is None or passes(record, asked.where, self._measured)
        ]

    def remove(self, *key: object) -> None:
        refuse_reader(self._transaction.writable)
        record = self.get(*key)
        for reference in self._shelf.referred:
            terms = tuple(
                Comparison(Field(Scope.ATTRIBUTE, theirs), Operator.EQUAL, getattr(record, ours))
                for theirs, ours in zip(reference.theirs, reference.ours, strict=True)
            )
            held = getattr(self._transaction, reference.shelf).find(Query(where=And(terms), limit=1))
            if held.total:
                raise Conflict(
                    f"{self._shelf.title(key)} is still referred to by {held.total} of the {reference.shelf}",
                    remedy=f"Remove those {reference.shelf} first.",
                )
        del self._kept[key]
        self._forget_series(str(key[0]))

    def _forget_series(self, owner: str) -> None:
        if self._shelf.name == "runs":
            self._state.points.pop(owner, None)
            self._state.cells.pop(owner, None)
            for held in [pair for pair in self._state.tallies if pair[0] == owner]:
                del self._state.tallies[held]
        if self._shelf.name == "deployments":
            self._state.predictions.pop(owner, None)

    def _measured(self, record: Run, target: Target) -> float | None:
        if target.step is not None:
            points = self._state.points.get(record.id, {}).values()
            there = [p for p in points if p.key == target.name and p.step == target.step]
            return max(there, key=lambda point: point.sequence).value if there else None
        held = self._state.tallies.get((record.id, target.name))
        return None if held is None else part_of(held.summary(), target.part)

    def _filled(self, record: T) -> T:
        if not isinstance(record, Run):
            return record
        pairs = self._state.points.get(record.id)
        if not pairs:
            return record
        names = sorted({point.key for point in pairs.values()})
        return replace(record, metrics={name: self._state.tallies[record.id, name].last for name in names})


def _plain(record: T) -> T:
    return replace(record, metrics={}, system={}) if isinstance(record, Run) else record
