"""Runs that went on after their end: what they rest on is what all their lives rest on, and no life makes another one better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jupyter_mlops.records.links import cells_digest
from jupyter_mlops.records.run import EarlierLives, Grade, Run
from jupyter_mlops.records.source import CellExecution, Source

__all__ = ["earlier_cells", "lives_before", "over_lives", "source_over_lives"]

_GRADES = tuple(Grade)  # the best first
_UNKNOWN = "what it rests on before it went on is not known"


def lives_before(run: Run, cells: Sequence[CellExecution]) -> EarlierLives:
    """Return what is to be known of *run*, which has ended and rests on *cells*, once it goes on."""
    grade, reason = over_lives(run.earlier, run.grade, run.grade_reason or _UNKNOWN)
    sessions: dict[str, list[CellExecution]] = {}
    for cell in cells:
        sessions.setdefault(cell.session, []).append(cell)
    return EarlierLives(
        grade=grade,
        reason=reason,
        cells={session: cells_digest(some) for session, some in sessions.items()},
        rests_on={session: tuple(cell.sequence for cell in some) for session, some in sessions.items()},
    )


def over_lives(earlier: EarlierLives | None, grade: Grade, reason: str) -> tuple[Grade, str]:
    """Return the worst grade of all lives, with its reason; of equal ones the last life's."""
    if earlier is None or _GRADES.index(earlier.grade) <= _GRADES.index(grade):
        return grade, reason
    return earlier.grade, earlier.reason


def source_over_lives(run: Run, source: Source) -> Source:
    """Return *source*, what *run* had in its last life, with what its earlier lives touched outside the cells."""
    if run.earlier is None:
        return source
    before = run.source
    return replace(
        source,
        outside=tuple(sorted({*before.outside, *source.outside})),
        seeds=tuple(dict.fromkeys((*before.seeds, *source.seeds))),
    )


def earlier_cells(run: Run, session: str) -> tuple[int, ...]:
    """Return the executions of the kernel *session* that earlier lives of *run* rest on, by their numbers."""
    return () if run.earlier is None else run.earlier.rests_on.get(session, ())
