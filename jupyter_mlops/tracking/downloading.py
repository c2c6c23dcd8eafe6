"""Files of a run, written out into a folder."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path, PurePosixPath

from jupyter_mlops.errors import Conflict, Invalid, NotFound, Unavailable
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.run import Run
from jupyter_mlops.tracking.attached import artifact_of, content_of
from jupyter_mlops.tracking.environment import read_environment
from jupyter_mlops.tracking.finding import every_artifact, get_run
from jupyter_mlops.workspace import Workspace

__all__ = ["download_artifacts"]


def download_artifacts(
    ws: Workspace, run: str, *, name: str | None = None, into: str | Path
) -> tuple[Artifact, ...]:
    """Write the files of a run into a folder, under their own names; never over a file that is there.

    All of them or none: where one cannot be written, those before it are taken away again.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    name
        One of its files, or a folder of them such as ``figures``; without it all of them. Where a file and a folder
        have one name it is the file's; ``figures/`` is always the folder.
    into
        The folder; made where there is none.

    Returns
    -------
    tuple of Artifact
        What was written.

    Raises
    ------
    Conflict
        A file of that name is there, or the run left a file and a folder of one name.
    NotFound
        The run left no such file.
    Unavailable
        The folder cannot be written, or the content of a file cannot be read.
    """
    files = _asked(ws, run, name)
    _refuse_both(files)
    root = Path(into)
    places = {file.name: _place(root, file.name) for file in files}
    there = next((name for name, place in places.items() if place.exists() or place.is_symlink()), None)
    if there is not None:
        raise Conflict(
            f"{places[there]} is there already", remedy="Give another folder, or move the file away."
        )
    made = not root.exists()
    try:
        _write(ws, get_run(ws, run), files, root)
    except BaseException as failure:
        if made:
            with suppress(OSError):
                root.rmdir()
        if not isinstance(failure, OSError):
            raise
        raise Unavailable(
            f"{failure.filename or root} cannot be written: {failure.strerror or failure}; nothing was left there",
            remedy="Make room or give another folder, then ask again.",
        ) from failure
    return files


def _asked(ws: Workspace, run: str, name: str | None) -> tuple[Artifact, ...]:
    if name is None:
        found = get_run(ws, run)
        with suppress(Invalid):
            read_environment(
                ws, found.source.environment
            )  # all or none: a bucket that is away leaves nothing out
        return tuple(every_artifact(ws, run=found.id))
    missing = None
    if not name.endswith("/"):
        try:
            return (artifact_of(ws, get_run(ws, run), name),)
        except NotFound as none:
            missing = none
    below = tuple(every_artifact(ws, run=run, folder=name))
    if below:
        return below
    raise missing or NotFound(
        f"the run left no file in a folder {name!r}",
        remedy=f"See all of them with: jupyter mlops artifacts {run}",
    )


def _refuse_both(files: tuple[Artifact, ...]) -> None:
    """Refuse what no disk can hold: a file that is a folder, too."""
    names = {file.name for file in files}
    for name in sorted(names):
        above = next((str(one) for one in PurePosixPath(name).parents if str(one) in names), None)
        if above is not None:
            raise Conflict(
                f"the run left a file {above!r} and a file {name!r}, which cannot lie in one folder",
                remedy=f"Ask for {above!r} and for the folder '{above}/' apart, each into a folder of its own.",
            )


def _place(root: Path, name: str) -> Path:
    """Return where a file goes. Names were checked when they were logged, and by whoever wrote the store it came from."""
    place = root / name
    if not place.resolve().is_relative_to(root.resolve()):
        raise Invalid(
            f"the file's name {name!r} leads out of {root}",
            remedy="Read it with mlops.tracking.open_artifact, if you trust where this store comes from.",
        )
    return place


def _write(ws: Workspace, run: Run, files: tuple[Artifact, ...], root: Path) -> None:
    """Write all content aside first, where a full disk shows; what follows only gives it its names."""
    root.mkdir(parents=True, exist_ok=True)
    done: list[Path] = []
    with tempfile.TemporaryDirectory(prefix=".download-", dir=root, ignore_cleanup_errors=True) as aside:
        for number, file in enumerate(files):
            with content_of(ws, run, file) as content, (Path(aside) / str(number)).open("xb") as out:
                shutil.copyfileobj(content, out, 1 << 20)
        try:
            for number, file in enumerate(files):
                place = root / file.name
                done += _made(root, place.parent)
                if place.exists():
                    raise FileExistsError(17, "it came there in the meantime", str(place))
                (Path(aside) / str(number)).rename(place)
                done.append(place)
        except OSError:
            _take_away(done)
            raise


def _made(root: Path, folder: Path) -> list[Path]:
    """Make a folder below *root* with those above it; return those that were not there."""
    missing = [one for one in (folder, *folder.parents) if one != root and one.is_relative_to(root)]
    missing = [one for one in reversed(missing) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _take_away(done: list[Path]) -> None:
    for one in reversed(done):
        with suppress(OSError):
            one.rmdir() if one.is_dir() else one.unlink()
