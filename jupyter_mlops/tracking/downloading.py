"""Files of a run, written out into a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from jupyter_mlops.errors import Conflict, Invalid, Unavailable
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.tracking.finding import find_artifacts
from jupyter_mlops.tracking.looking import get_artifact
from jupyter_mlops.workspace import Workspace

__all__ = ["download_artifacts"]

_MOST = 10_000


def download_artifacts(
    ws: Workspace, run: str, *, name: str | None = None, into: str | Path
) -> tuple[Artifact, ...]:
    """Write the files of a run into a folder, under their own names; never over a file that is there.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    name
        One of its files, or a folder of them such as ``figures``; without it all of them.
    into
        The folder; made where there is none.

    Returns
    -------
    tuple of Artifact
        What was written.

    Raises
    ------
    Conflict
        A file of that name is there. Nothing has been written then.
    NotFound
        The run left no such file.
    """
    files = _asked(ws, run, name)
    root = Path(into)
    places = {file.name: _place(root, file.name) for file in files}
    there = next((name for name, place in places.items() if place.exists()), None)
    if there is not None:
        raise Conflict(
            f"{places[there]} is there already", remedy="Give another folder, or move the file away."
        )
    for file in files:
        _write(ws, file, places[file.name])
    return files


def _asked(ws: Workspace, run: str, name: str | None) -> tuple[Artifact, ...]:
    if name is None:
        return tuple(find_artifacts(ws, run=run, limit=_MOST))
    below = tuple(find_artifacts(ws, run=run, folder=name, limit=_MOST))
    return below or (get_artifact(ws, run, name).artifact,)


def _place(root: Path, name: str) -> Path:
    """Return where a file goes. Names were checked when they were logged, and by whoever wrote the store it came from."""
    place = root / name
    if not place.resolve().is_relative_to(root.resolve()):
        raise Invalid(
            f"the file's name {name!r} leads out of {root}",
            remedy="Read it with mlops.tracking.open_artifact, if you trust where this store comes from.",
        )
    return place


def _write(ws: Workspace, file: Artifact, place: Path) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with ws.blobs.open(file.digest) as content, place.open("xb") as out:
            shutil.copyfileobj(content, out, 1 << 20)
    except OSError as failure:
        raise Unavailable(
            f"{place} cannot be written: {failure.strerror or failure}", remedy="Give another folder."
        ) from failure
