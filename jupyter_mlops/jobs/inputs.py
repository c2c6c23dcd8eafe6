"""The files that a run read: there, put back from the store by their digest, or named as missing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from jupyter_mlops.records.run import Run, RunInput
from jupyter_mlops.workspace import Workspace

__all__ = ["settle_inputs"]

_LOOKED_AT = 20_000  # files of the project that are looked through for one that was moved


def settle_inputs(ws: Workspace, runs: Sequence[Run]) -> tuple[str, ...]:
    """Look for what *runs* read before anything runs, and return what is to be said of it, one sentence a file.

    A file that is gone is put back where its very bytes are kept with the workspace; what is there is never touched. A
    file that is missing for good is named, with the place where the same bytes lie now: cells that run before may write
    it, so that nothing is refused.
    """
    return tuple(sentence for item in _read_files(runs) for sentence in _settled(ws, item))


def _read_files(runs: Sequence[Run]) -> Iterator[RunInput]:
    seen: set[str] = set()
    for item in (item for run in runs for item in run.inputs):
        single = item.kind == "file" and item.role == "read" and item.rows is None and "://" not in item.name
        if single and item.digest and item.name not in seen:
            seen.add(item.name)
            yield item


def _settled(ws: Workspace, item: RunInput) -> Iterator[str]:
    root = ws.settings.root
    path = root / Path(item.name).expanduser()
    if path.is_file():
        if (
            path.stat().st_size == (item.size if item.size is not None else -1)
            and _digest(path) == item.digest
        ):
            return
        yield f"{item.name} is another file than the one that was read ({item.digest[:6]})"
    elif ws.blobs.has(item.digest) and path.resolve().is_relative_to(root.resolve()):
        _put_back(ws, item.digest, path)
        yield f"{item.name} was gone and was put back from the workspace ({item.digest[:6]})"
    else:
        moved = _elsewhere(root, item)
        where = f"; the same bytes lie in {moved.relative_to(root).as_posix()}" if moved else ""
        yield f"{item.name} is missing ({item.digest[:6]}){where}"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put_back(ws: Workspace, digest: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with ws.blobs.open(digest) as kept, path.open("xb") as file:
        while piece := kept.read(1 << 20):
            file.write(piece)


def _elsewhere(root: Path, item: RunInput) -> Path | None:
    """Return a file of the project with the same bytes; only those of the same size are read."""
    looked = 0
    for place, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(place) / name for name in sorted(files)):
            looked += 1
            if looked > _LOOKED_AT:
                return None
            if path.is_file() and path.stat().st_size == item.size and _digest(path) == item.digest:
                return path
    return None
