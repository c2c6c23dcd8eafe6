"""Cells that are only read, not executed: what each rests on."""

from __future__ import annotations

from datetime import UTC, datetime

from jupyter_mlops.capture.flow import Flow, Names
from jupyter_mlops.capture.world import World
from jupyter_mlops.records.source import CellExecution, CellStatus

__all__ = ["read", "rests"]

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def execution(number: int, source: str, status: CellStatus = CellStatus.OK) -> CellExecution:
    return CellExecution(
        session="s",
        sequence=number,
        cell=f"c{number}",
        position=number,
        count=number,
        source=source,
        source_digest="",
        started=AT,
        ended=AT,
        status=status,
    )


def read(*sources: str) -> Names:
    """Return what the last of *sources* reads, binds and rests on, the others having run before it."""
    flow = Flow()
    names = [flow.step(execution(number, source)) for number, source in enumerate(sources, 1)]
    assert not flow.failures, flow.failures
    return names[-1]


def rests(*sources: str) -> set[int]:
    """Return the numbers, from 1, of the cells that the last of *sources* rests on directly."""
    return set(read(*sources).rests_on)


def world_after(*sources: str) -> World:
    """Return the world after the cells."""
    flow = Flow()
    for number, source in enumerate(sources, 1):
        flow.step(execution(number, source))
    return flow._world
