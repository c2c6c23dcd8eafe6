"""The series of the memory store: points, cells, predictions, events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from jupyter_mlops.records.deployment import Prediction
from jupyter_mlops.records.event import Event, chained
from jupyter_mlops.records.run import MetricPoint, MetricSummary
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.store.curves import Curve, curves_of, no_points, thinned
from jupyter_mlops.store.memory_state import State, refuse_reader
from jupyter_mlops.store.series import in_execution_order, tally

__all__ = ["MemoryCells", "MemoryEvents", "MemoryMetrics", "MemoryPredictions"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MemoryMetrics:
    """Metric points, and what they come to."""

    _state: State
    _writable: bool

    def append(self, items: Sequence[MetricPoint]) -> None:
        """Keep *items*; one whose owner and sequence are already there is passed over."""
        refuse_reader(self._writable)
        self.extend(curves_of(items))

    def extend(self, curves: Sequence[Curve]) -> None:
        """Keep the points of *curves*, likewise."""
        refuse_reader(self._writable)
        for curve in curves:
            kept = self._state.own("points", curve.owner)
            new = []
            for point in curve.points():
                if point.sequence not in kept:
                    kept[point.sequence] = point
                    new.append(point)
            for part in curves_of(new):
                pair, more = (part.owner, part.key), tally(part)
                before = self._state.tallies.get(pair)
                self._state.tallies[pair] = more if before is None else before.plus(more)

    def read(self, owner: str, *, after: int = 0, limit: int = 1000) -> Sequence[MetricPoint]:
        """Return items of *owner* with a sequence greater than *after*, in order."""
        return _slice(self._state.points.get(owner, {}), after, limit)

    def history(
        self, owner: str, key: str, *, after: int = 0, limit: int = 10_000, most: int | None = None
    ) -> Sequence[MetricPoint]:
        """Return the points of one metric, in order of their sequence; with *most*, thinned out."""
        if most is not None:
            return tuple(thinned(self.curve(owner, key, after=after), most).points())
        return _slice(self._of_key(owner, key), after, limit)

    def curve(self, owner: str, key: str, *, after: int = 0) -> Curve:
        """Return one metric as columns."""
        kept = self._of_key(owner, key)
        found = curves_of(kept[number] for number in sorted(kept) if number > after)
        return found[0] if found else no_points(owner, key)

    def _of_key(self, owner: str, key: str) -> dict[int, MetricPoint]:
        kept = self._state.points.get(owner, {})
        return {number: point for number, point in kept.items() if point.key == key}

    def summaries(self, owner: str) -> dict[str, MetricSummary]:
        """Return one summary a metric."""
        found = {key: held.summary() for (of, key), held in self._state.tallies.items() if of == owner}
        return dict(sorted(found.items()))


def _slice(kept: Mapping[int, T], after: int, limit: int) -> tuple[T, ...]:
    return tuple(kept[number] for number in sorted(number for number in kept if number > after)[:limit])


@dataclass(frozen=True, slots=True)
class MemoryPredictions:
    """What deployments answered."""

    _state: State
    _writable: bool

    def append(self, items: Sequence[Prediction]) -> None:
        """Keep *items*; one whose owner and sequence are already there is passed over."""
        refuse_reader(self._writable)
        for item in items:
            self._state.own("predictions", item.owner).setdefault(item.sequence, item)

    def read(self, owner: str, *, after: int = 0, limit: int = 1000) -> Sequence[Prediction]:
        """Return items of *owner* with a sequence greater than *after*, in order."""
        return _slice(self._state.predictions.get(owner, {}), after, limit)


@dataclass(frozen=True, slots=True)
class MemoryCells:
    """The executed cells that runs rest on."""

    _state: State
    _writable: bool

    def append(self, owner: str, items: Sequence[CellExecution]) -> None:
        """Keep the cells of a run's slice; one already there is passed over."""
        refuse_reader(self._writable)
        for item in items:
            self._state.own("cells", owner).setdefault((item.session, item.sequence), item)

    def read(self, owner: str) -> Sequence[CellExecution]:
        """Return the slice in the order of execution."""
        return in_execution_order(tuple(self._state.cells.get(owner, {}).values()))


@dataclass(frozen=True, slots=True)
class MemoryEvents:
    """The ledger."""

    _state: State
    _writable: bool

    def append(self, items: Sequence[Event]) -> Sequence[Event]:
        """Number, link, digest and keep *items*; return them as kept."""
        refuse_reader(self._writable)
        kept = []
        for event in items:
            self._state.events.append(chained(event, self.head()))
            kept.append(self._state.events[-1])
        return tuple(kept)

    def read(
        self, *, after: int = 0, limit: int = 1000, subject: str = "", kind: str = ""
    ) -> Sequence[Event]:
        """Return events with a sequence greater than *after*, in order."""
        found = (
            event
            for event in self._state.events[max(after, 0) :]
            if (not subject or event.subject == subject) and _of_kind(event.kind, kind)
        )
        return tuple(event for event, _ in zip(found, range(limit), strict=False))

    def head(self) -> Event | None:
        """Return the last event."""
        return self._state.events[-1] if self._state.events else None


def _of_kind(held: str, kind: str) -> bool:
    return held.startswith(kind) if kind.endswith(".") or not kind else held == kind
