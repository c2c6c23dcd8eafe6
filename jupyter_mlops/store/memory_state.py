"""What the memory store holds at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.deployment import Prediction
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.run import MetricPoint
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.store.series import Tally

__all__ = ["State", "refuse_reader"]


@dataclass(frozen=True, slots=True)
class State:
    """One moment of the store. A writer fills a copy; readers keep the one they began with."""

    shelves: dict[str, dict[tuple[Any, ...], Any]]
    points: dict[str, dict[int, MetricPoint]]
    tallies: dict[tuple[str, str], Tally]
    cells: dict[str, dict[tuple[str, int], CellExecution]]
    predictions: dict[str, dict[int, Prediction]]
    events: list[Event]
    fresh: set[tuple[str, str]] = field(
        default_factory=set
    )  # inner dictionaries already copied by this writer

    def copy(self) -> State:
        """Return what a writer may fill."""
        return State(
            {name: dict(kept) for name, kept in self.shelves.items()},
            dict(self.points),
            dict(self.tallies),
            dict(self.cells),
            dict(self.predictions),
            list(self.events),
        )

    def own(self, series: str, owner: str) -> dict[Any, Any]:
        """Return an owner's items, copied once per writer, so that no reader sees them grow."""
        items = getattr(self, series)
        if (series, owner) not in self.fresh or owner not in items:  # it may have been removed since
            items[owner] = dict(items.get(owner, {}))
            self.fresh.add((series, owner))
        return cast("dict[Any, Any]", items[owner])


def refuse_reader(writable: bool) -> None:
    """Say no to whoever would change what he opened for reading."""
    if not writable:
        raise Invalid("this is a view for reading", remedy="Open store.write() to change something.")
