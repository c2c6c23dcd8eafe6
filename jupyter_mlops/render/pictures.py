"""What compared runs showed: pictures of both sides where they are at hand, and always what there is in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.comparison import FigureRow, OutputChange
from jupyter_mlops.render.blocks import Block, Line, Picture, Pictures
from jupyter_mlops.render.words import size

__all__ = ["figure_blocks", "output_blocks"]

Addresses = Mapping[str, str]  # of pictures, as data, by the digests of their files
_NONE = "none"


def output_blocks(
    changes: Sequence[OutputChange], names: tuple[str, str], pictures: Addresses
) -> Iterator[Block]:
    """What cells showed that is not the same in the two runs called *names*."""
    for change in changes:
        cell = f"{change.label or f'cell {change.cell}'} {change.kind}"
        file = change.before or change.after
        if file is None:
            aside = f"; it was {change.missing}" if change.missing else ""
            yield Line(f"{cell}, {change.what} differs{aside}")
        else:
            files, missing = (change.before, change.after), change.missing or _NONE
            yield _pictures(f"{cell}, figure differs: {file.name}", files, names, pictures, missing)


def figure_blocks(rows: Sequence[FigureRow], names: Sequence[str], pictures: Addresses) -> Iterator[Block]:
    """Figures of which no cell is known, run beside run."""
    for row in rows:
        yield _pictures(f"figure differs: {row.name}", row.files, names, pictures, _NONE)


def _pictures(
    title: str,
    files: Sequence[Artifact | None],
    names: Sequence[str],
    pictures: Addresses,
    missing: str,
) -> Pictures:
    sides = (
        Picture(name, missing)
        if file is None
        else Picture(name, size(file.size), pictures.get(file.digest, ""))
        for file, name in zip(files, names, strict=False)
    )
    return Pictures(title, tuple(sides))
