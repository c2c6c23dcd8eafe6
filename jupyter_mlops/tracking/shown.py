"""What the cells of compared runs showed: figures by the cell that drew them, and whether other outputs are the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.comparison import FigureRow, OutputChange
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.tracking.code import AlignedCell, cell_key, cell_label
from jupyter_mlops.tracking.finding import find_artifacts
from jupyter_mlops.workspace import Workspace

__all__ = ["Figures", "figures_of", "loose_figures", "output_changes"]

_MOST_RUNS = 4  # whose loose figures stand beside each other
_MOST_ROWS = 20
_DRAWING = "image/svg+xml"
_PASSING = ("stream:", "error:")  # a text stream tells progress and times; an error is told by the run itself

Pair = tuple[Artifact | None, Artifact | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures a run left: by the cell that drew them, and those of which no cell is known."""

    by_cell: Mapping[object, tuple[Artifact, ...]]
    loose: Mapping[str, Artifact]

    @property
    def files(self) -> tuple[Artifact, ...]:
        """All that is kept."""
        return (*(file for files in self.by_cell.values() for file in files), *self.loose.values())


def figures_of(
    ws: Workspace, runs: Sequence[Run], cells: Sequence[Sequence[CellExecution]]
) -> tuple[Figures, ...]:
    """Return the figures of each of *runs*, which rest on *cells*.

    A figure is loose in all of them where one of them does not know which cell drew it: it is shown in one place.
    """
    placed = [list(_placed(ws, run, ran)) for run, ran in zip(runs, cells, strict=True)]
    loose = {file.name for files in placed for file, cell in files if cell is None}
    return tuple(_figures(files, loose) for files in placed)


def _placed(
    ws: Workspace, run: Run, cells: Sequence[CellExecution]
) -> Iterator[tuple[Artifact, CellExecution | None]]:
    by_mark = {mark: cell for cell in cells for mark in cell.outputs}
    for file in find_artifacts(ws, run=run.id, folder="figures"):
        if file.media_type.startswith("image/"):
            yield file, by_mark.get(f"{file.media_type}:{file.digest}") or _own(run, cells)


def _own(run: Run, cells: Sequence[CellExecution]) -> CellExecution | None:
    """Return the cell that is the run's own, in which whatever it kept was made; a job's run has many."""
    last = cells[-1] if cells else None
    return None if last is None or last.session == run.job or last.cell != run.last_cell else last


def _figures(placed: Sequence[tuple[Artifact, CellExecution | None]], loose: set[str]) -> Figures:
    by_cell: dict[object, tuple[Artifact, ...]] = {}
    for file, cell in placed:
        if cell is not None and file.name not in loose:
            by_cell[cell_key(cell)] = (*by_cell.get(cell_key(cell), ()), file)
    return Figures(by_cell=by_cell, loose={file.name: file for file, _ in placed if file.name in loose})


def loose_figures(figures: Sequence[Figures]) -> tuple[FigureRow, ...]:
    """Return the figures of which no cell is known and that are not the same in all runs; none of many runs."""
    if len(figures) > _MOST_RUNS:
        return ()
    names = sorted({name for found in figures for name in found.loose})
    rows = [FigureRow(name=name, files=tuple(found.loose.get(name) for found in figures)) for name in names]
    differing = [row for row in rows if len({file.digest if file else "" for file in row.files}) > 1]
    return tuple(differing[:_MOST_ROWS])


def output_changes(cells: Sequence[AlignedCell], old: Figures, new: Figures) -> tuple[OutputChange, ...]:
    """Return what *cells* showed that is not the same in both runs, cell by cell."""
    return tuple(change for cell in cells for change in _changes(cell, old, new))


def _changes(cell: AlignedCell, old: Figures, new: Figures) -> Iterator[OutputChange]:
    marks = _unlike_marks(cell)
    drawn = [
        pair
        for pair in _unlike(_files(cell.before, old), _files(cell.after, new))
        if not _drawn_again(cell, pair, marks)
    ]
    # Only digests are kept of what a cell showed that was not the run's own.
    unkept = [mark for mark in marks if _is_picture(mark) and not _is_kept(mark, old, new)]
    for before, after in drawn:
        one_sided = before is None or after is None
        yield _change(cell, "figure", before, after, missing="not kept" if one_sided and unkept else "")
    if unkept and not drawn:
        yield _change(cell, "figure", missing="not kept")
    if any(not _is_picture(mark) for mark in marks):
        yield _change(cell, "output")


def _change(
    cell: AlignedCell,
    what: str,
    before: Artifact | None = None,
    after: Artifact | None = None,
    *,
    missing: str = "",
) -> OutputChange:
    return OutputChange(
        cell=cell.shown.cell or "",
        kind=cell.kind,
        what=what,
        label=cell_label(cell.shown),
        before=before,
        after=after,
        missing=missing,
    )


def _files(cell: CellExecution | None, figures: Figures) -> tuple[Artifact, ...]:
    return () if cell is None else figures.by_cell.get(cell_key(cell), ())


def _unlike(old: Sequence[Artifact], new: Sequence[Artifact]) -> list[Pair]:
    """Pair by name what is not on the other side, whatever it is called there."""
    alike = {file.digest for file in old} & {file.digest for file in new}
    before, after = ({file.name: file for file in files if file.digest not in alike} for files in (old, new))
    return [(before.get(name), after.get(name)) for name in sorted({*before, *after})]


def _unlike_marks(cell: AlignedCell) -> list[str]:
    """Return the marks of outputs that only one side has; none where there is but one side."""
    if cell.before is None or cell.after is None:
        return []
    sides = [
        Counter(mark for mark in ran.outputs if not mark.startswith(_PASSING))
        for ran in (cell.before, cell.after)
    ]
    if any(":" not in mark for side in sides for mark in side):
        return []  # recorded by a version that took digests in another way
    return [*(sides[0] - sides[1]), *(sides[1] - sides[0])]


def _drawn_again(cell: AlignedCell, pair: Pair, marks: Sequence[str]) -> bool:
    """Tell whether two files of one drawing differ only in what is made up whenever it is written: its marks agree."""
    if any(file is None or file.media_type != _DRAWING for file in pair):
        return False
    shown = cell.after is not None and any(mark.startswith(_DRAWING) for mark in cell.after.outputs)
    return shown and not any(mark.startswith(_DRAWING) for mark in marks)


def _is_picture(mark: str) -> bool:
    return mark.startswith("image/")


def _is_kept(mark: str, *figures: Figures) -> bool:
    kind, _, digest = mark.rpartition(":")
    if kind == _DRAWING:  # whose mark is not the digest of its file
        return any(file.media_type == kind for found in figures for file in found.files)
    return any(file.digest == digest for found in figures for file in found.files)
