"""The cells of two runs beside each other: aligned by id, then by how alike they are."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_mlops.records.review import CodeChange
from jupyter_mlops.records.source import CellExecution

__all__ = ["AlignedCell", "aligned_cells", "cell_key", "cell_label", "changes_of", "code_changes"]

_ALIKE = 0.6  # of the text, from which two cells count as one that was edited
_PAIRS = 2_500  # that are compared word by word; beyond, only ids and equal texts align
_WORDS = 400  # of a cell, enough to tell whether two are one
_DIFF_LINES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedCell:
    """A cell of either run or of both, as it ran last."""

    kind: str  # same, edited, moved, added, removed
    before: CellExecution | None = None
    after: CellExecution | None = None

    @property
    def shown(self) -> CellExecution:
        """The side that people know it by: the new one, where there is one."""
        found = self.after or self.before
        assert found is not None
        return found


def code_changes(
    new: Sequence[CellExecution], old: Sequence[CellExecution], sides: tuple[str, str] = ("before", "after")
) -> tuple[CodeChange, ...]:
    """Return one change for each cell that is not the same, in the order of *new*, what is gone last.

    A cell that ran more than once counts as it ran last. Without an old side every cell is ``added``. *sides* are
    the names of the old and the new one in the head of each diff.
    """
    return changes_of(aligned_cells(new, old), sides)


def changes_of(cells: Sequence[AlignedCell], sides: tuple[str, str]) -> tuple[CodeChange, ...]:
    """Return one change for each of *cells* that is not the same."""
    return tuple(_change(found, sides) for found in cells if found.kind != "same")


def aligned_cells(new: Sequence[CellExecution], old: Sequence[CellExecution]) -> tuple[AlignedCell, ...]:
    """Return every cell of *new* beside that of *old* which it was, in the order of *new*, what is gone last."""
    after, before = _last_runs(new), _last_runs(old)
    pairs = _aligned(after, before)
    still = _in_order([pairs[i] for i in sorted(pairs)])
    found = []
    for i, cell in enumerate(after):
        if i not in pairs:
            found.append(AlignedCell(kind="added", after=cell))
            continue
        other = before[pairs[i]]
        kind = "same" if pairs[i] in still else "moved"
        if other.source.splitlines() != cell.source.splitlines():  # of other line ends no diff could tell
            kind = "edited"
        found.append(AlignedCell(kind=kind, before=other, after=cell))
    gone = set(range(len(before))) - set(pairs.values())
    return (*found, *(AlignedCell(kind="removed", before=before[j]) for j in sorted(gone)))


def cell_key(cell: CellExecution) -> object:
    """Return what tells the cell of an execution; where the executor sent no id, the same text is the same cell."""
    return cell.cell or ("text", cell.source_digest)


def _last_runs(cells: Sequence[CellExecution]) -> list[CellExecution]:
    """Each cell once, as it ran last, in the order of first execution."""
    kept: dict[object, CellExecution] = {}
    for cell in cells:
        kept[cell_key(cell)] = cell
    return list(kept.values())


def _aligned(after: list[CellExecution], before: list[CellExecution]) -> dict[int, int]:
    """Index in *after* to index in *before*."""
    pairs: dict[int, int] = {}
    _pair_up(pairs, [cell.cell for cell in after], [cell.cell for cell in before])
    _pair_up(pairs, [cell.source for cell in after], [cell.source for cell in before])
    if (len(after) - len(pairs)) * (len(before) - len(pairs)) <= _PAIRS:
        _pair_alike(pairs, after, before)
    return pairs


def _pair_up(pairs: dict[int, int], new: Sequence[str | None], old: Sequence[str | None]) -> None:
    taken = set(pairs.values())
    places: dict[str, list[int]] = {}
    for j, key in enumerate(old):
        if key and j not in taken:
            places.setdefault(key, []).append(j)
    for i, key in enumerate(new):
        if i not in pairs and key and places.get(key):
            pairs[i] = places[key].pop(0)


def _pair_alike(pairs: dict[int, int], after: list[CellExecution], before: list[CellExecution]) -> None:
    taken = set(pairs.values())
    scores = []
    for j in (j for j in range(len(before)) if j not in taken):
        matcher = difflib.SequenceMatcher(None, b=_words(before[j].source), autojunk=False)
        for i in (i for i in range(len(after)) if i not in pairs):
            matcher.set_seq1(_words(after[i].source))
            if matcher.quick_ratio() >= _ALIKE and (ratio := matcher.ratio()) >= _ALIKE:
                scores.append((-ratio, i, j))
    for _, i, j in sorted(scores):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)


def _words(source: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", source)[:_WORDS]


def _in_order(places: list[int]) -> set[int]:
    """Return the longest rising run of *places*: those kept their order, the others moved."""
    tails: list[int] = []
    at: list[int] = []
    back: list[int] = []
    for k, place in enumerate(places):
        spot = bisect_left(tails, place)
        tails[spot : spot + 1] = [place]
        at[spot : spot + 1] = [k]
        back.append(at[spot - 1] if spot else -1)
    kept, k = set(), at[-1] if at else -1
    while k >= 0:
        kept.add(places[k])
        k = back[k]
    return kept


def _change(found: AlignedCell, sides: tuple[str, str]) -> CodeChange:
    old, new = ("" if cell is None else cell.source for cell in (found.before, found.after))
    return CodeChange(
        cell=found.shown.cell or "",
        kind=found.kind,
        diff="" if found.kind == "moved" else _diff(old, new, sides),
        label=cell_label(found.shown),
    )


def cell_label(cell: CellExecution) -> str:
    """Call a cell by the number before it: that is what the reader of the notebook has before the eyes."""
    return f"In [{cell.count}]" if cell.count is not None else f"execution {cell.sequence}"


def _diff(old: str, new: str, sides: tuple[str, str]) -> str:
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), *sides, lineterm="", n=3))
    if len(lines) > _DIFF_LINES:
        lines = [*lines[:_DIFF_LINES], f"… {len(lines) - _DIFF_LINES} more lines"]
    return "\n".join(lines)
