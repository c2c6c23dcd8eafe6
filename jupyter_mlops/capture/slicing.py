"""The cells a run rests on, each in the version that was executed, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from jupyter_mlops.capture.flow import Flow, Names
from jupyter_mlops.records.run import Grade
from jupyter_mlops.records.source import CellExecution, CellStatus

__all__ = ["Slice", "slice_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What a run rests on. ``outside`` names state beyond the namespace: files, shell, random generators."""

    cells: tuple[CellExecution, ...] = ()
    grade: Grade = Grade.UNKNOWN
    reason: str = ""
    outside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """What the grade is judged from."""

    chain: Sequence[CellExecution]
    names: Mapping[int, Names]
    cells: Sequence[CellExecution]  # the slice, in the order it ran
    first: int
    last: int
    blind: bool
    known: Collection[str]
    order: Mapping[str, int]


def slice_of(
    chain: Sequence[CellExecution],
    first: int,
    last: int,
    *,
    blind: bool,
    known_names: Collection[str] = (),
    order: Sequence[str] = (),
    earlier: Collection[int] = (),
) -> Slice:
    """Return the slice of *chain* that the executions numbered *first* to *last* rest on, with its grade.

    Parameters
    ----------
    chain
        The session's executions (``Recorder.chain``).
    first, last
        Sequence numbers of the first and the last execution inside the run.
    blind
        Cells may have run that *chain* does not hold. Then a name no recorded cell surely wrote makes the grade unknown.
    known_names
        Names that no cell need have written: the kernel's and this package's own. Any other name that was read and
        that no recorded cell wrote came from elsewhere and makes the grade unknown, too.
    order
        Cell ids top to bottom, deleted ones included (``Recorder.order``); without it, the positions at execution count.
    earlier
        Executions that the run rests on from earlier lives; with what they rest on, they belong to the slice.
    """
    read = Flow.over(chain)
    names = {execution.sequence: names for execution, names in zip(chain, read, strict=True)}
    start = [n for n in names if first <= n <= last or n in earlier]
    wanted = _reached(names, start)
    cells = tuple(sorted((c for c in chain if c.sequence in wanted), key=lambda c: c.sequence))
    evidence = _Evidence(
        chain=chain,
        names=names,
        cells=cells,
        first=first,
        last=last,
        blind=blind,
        known=known_names,
        order={cell: rank for rank, cell in enumerate(order)},
    )
    grade, reason = _grade(evidence)
    outside = sorted({note for cell in cells for note in names[cell.sequence].outside})
    return Slice(cells=cells, grade=grade, reason=reason, outside=tuple(outside))


def _reached(names: Mapping[int, Names], start: Sequence[int]) -> set[int]:
    found, todo = set(start), list(start)
    while todo:
        below = names[todo.pop()].rests_on & names.keys()
        todo.extend(below - found)
        found |= below
    return found


def _grade(evidence: _Evidence) -> tuple[Grade, str]:
    """Judge; the first reason found wins, and ``clean`` is what is left when there is none."""
    for grade, find in (
        (Grade.UNKNOWN, _incomplete),
        (Grade.UNKNOWN, _unseen),
        (Grade.UNKNOWN, _failed),
        (Grade.STALE, _stale),
        (Grade.REORDERED, _twice),
        (Grade.UNKNOWN, _unplaced),
        (Grade.UNKNOWN, _untold),
        (Grade.REORDERED, _reordered),
    ):
        reason = find(evidence)
        if reason:
            return grade, reason
    count = len(evidence.cells)
    if count == 1:
        return Grade.CLEAN, "this run rests on one cell, which ran once"
    return Grade.CLEAN, f"the {count} cells this run rests on ran once each, from top to bottom"


def _name(execution: CellExecution) -> str:
    return (
        f"cell {execution.count}"
        if execution.count is not None
        else f"the execution number {execution.sequence}"
    )


def _incomplete(evidence: _Evidence) -> str:
    if not any(c.sequence >= evidence.first for c in evidence.cells):
        return "nothing was recorded of the cells of this run"
    missing = set(range(1, evidence.last + 1)) - evidence.names.keys()
    if not missing:
        return ""
    after = [cell for cell in evidence.chain if cell.sequence > min(missing)]
    before = [cell for cell in evidence.chain if cell.sequence < min(missing)]
    if before and after:
        return f"what ran between {_name(before[-1])} and {_name(after[0])} was not recorded"
    return f"what ran before {_name(after[0])} was not recorded"


def _unseen(evidence: _Evidence) -> str:
    opaque = False
    for cell in evidence.cells:
        names = evidence.names[cell.sequence]
        found = names.unseen | names.halves if evidence.blind else (frozenset() if opaque else names.unseen)
        unseen = sorted(found.difference(evidence.known))
        if unseen:
            return f"{_name(cell)} read {unseen[0]!r}, and no recorded cell is known to have made it"
        opaque = opaque or names.opaque
    return ""


def _failed(evidence: _Evidence) -> str:
    for cell in evidence.cells:
        if cell.sequence < evidence.first and cell.status is not CellStatus.OK:
            return f"{_name(cell)} had failed halfway, and this run rests on what it left behind"
    return ""


def _same_cell(one: CellExecution, other: CellExecution) -> bool:
    if one.cell is not None and other.cell is not None:
        return one.cell == other.cell
    if one.position is not None and other.position is not None:
        return one.position == other.position
    # Two cells may well say the same: where nobody names them, a text proves nothing.
    return _named(one, other) and one.source_digest == other.source_digest


def _named(*executions: CellExecution) -> bool:
    return any(execution.cell is not None for execution in executions)


class _Same:
    """Executions by all that two of one cell may agree in: every run asks, also at the end of a long session."""

    def __init__(self, executions: Sequence[CellExecution]) -> None:
        self._found: dict[tuple[str, object], list[CellExecution]] = {}
        for execution in executions:
            for key in self._keys(execution):
                self._found.setdefault(key, []).append(execution)

    @staticmethod
    def _keys(execution: CellExecution) -> Iterator[tuple[str, object]]:
        yield "digest", execution.source_digest
        if execution.cell is not None:
            yield "cell", execution.cell
        if execution.position is not None:
            yield "position", execution.position

    def after(self, cell: CellExecution, sequence: int) -> list[CellExecution]:
        """Return the executions of *cell* that are numbered higher than *sequence*, in their order."""
        found = {
            other.sequence: other
            for key in self._keys(cell)
            for other in self._found.get(key, ())
            if other.sequence > sequence and _same_cell(cell, other)
        }
        return [found[number] for number in sorted(found)]


def _first_uses(evidence: _Evidence) -> Mapping[int, int]:
    """Return for each execution of the slice the first that rests on it, other runs of its own cell left out."""
    found: dict[int, int] = {}
    kept = {cell.sequence: cell for cell in evidence.cells}
    for user in evidence.cells:  # in their order, so that the first is the earliest
        for number in evidence.names[user.sequence].rests_on & kept.keys():
            if not _same_cell(user, kept[number]):
                found.setdefault(number, user.sequence)
    return found


def _stale(evidence: _Evidence) -> str:
    first_use = _first_uses(evidence)
    same = _Same(evidence.chain)
    for cell in evidence.cells:
        used = first_use.get(cell.sequence)
        for later in same.after(cell, used) if used is not None else ():
            if later.sequence <= evidence.last and _ran(later):
                again = f", as {later.count}," if later.count is not None else ""
                return f"{_name(cell)} ran again{again} after this run had used it"
    return ""


def _ran(execution: CellExecution) -> bool:
    return not (execution.error or "").startswith(("SyntaxError", "IndentationError", "TabError"))


def _twice(evidence: _Evidence) -> str:
    same = _Same(evidence.cells)
    for cell in evidence.cells:
        for later in same.after(cell, cell.sequence):
            return f"{_name(cell)} ran again, as {later.count or later.sequence}, and this run rests on both"
    return ""


def _place(evidence: _Evidence, execution: CellExecution) -> int | None:
    if evidence.order and all(c.cell in evidence.order for c in evidence.cells):
        return evidence.order[execution.cell or ""]
    return execution.position


def _unplaced(evidence: _Evidence) -> str:
    seen: dict[int, CellExecution] = {}
    for cell in evidence.cells:
        place = _place(evidence, cell)
        if place is None:
            return f"where {_name(cell)} stands in the notebook is not known"
        if place in seen:
            return f"whether {_name(seen[place])} stands above {_name(cell)} is not known: cells have moved since"
        seen[place] = cell
    return ""


def _untold(evidence: _Evidence) -> str:
    """Where no front end names the cells, an edited one that ran again is not known by its text."""
    first_use = _first_uses(evidence)
    used = min((first_use.get(c.sequence, evidence.last) for c in evidence.cells if not _named(c)), default=0)
    for cell in evidence.chain if used else ():
        vague = cell.position is None and not _named(cell)
        if vague and used < cell.sequence <= evidence.last and _ran(cell):
            return (
                f"whether {_name(cell)} is one of those this run rests on, edited and run again, is not known"
            )
    return ""


def _reordered(evidence: _Evidence) -> str:
    for above, below in pairwise(evidence.cells):
        if (_place(evidence, above) or 0) > (_place(evidence, below) or 0):
            return f"{_name(above)} ran before {_name(below)}, which stands above it"
    return ""
