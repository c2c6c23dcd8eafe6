"""The cells a run rests on, each in the version that was executed, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from jupyter_mlops.records.run import Grade
from jupyter_mlops.records.source import CellExecution

__all__ = ["Slice", "slice_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What a run rests on. ``outside`` names state beyond the namespace: files, shell, random generators."""

    cells: tuple[CellExecution, ...] = ()
    grade: Grade = Grade.UNKNOWN
    reason: str = ""
    outside: tuple[str, ...] = ()


def slice_of(
    chain: Sequence[CellExecution],
    first: int,
    last: int,
    *,
    blind: bool,
    known_names: Collection[str] = (),
    order: Sequence[str] = (),
) -> Slice:
    """Return the slice of *chain* that the executions numbered *first* to *last* rest on, with its grade.

    Parameters
    ----------
    chain
        The session's executions (``Recorder.chain``).
    first, last
        Sequence numbers of the first and the last execution inside the run.
    blind
        Cells may have run that *chain* does not hold.
    known_names
        Names that exist in the user's namespace and no cell need have written.
    order
        Cell ids top to bottom, deleted ones included (``Recorder.order``); without it the positions at execution count.
    """
    cells = tuple(sorted((c for c in chain if c.sequence <= last), key=lambda c: c.sequence))
    return Slice(cells=cells, reason="the analysis of what the run rests on did not run")
