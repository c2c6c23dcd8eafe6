"""The workspace of this place: found from the working folder and the environment, the same one all through the process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from jupyter_mlops.records.actor import Door
from jupyter_mlops.settings import FOLDER, Settings, read_settings
from jupyter_mlops.tracking.opening import workspace_later
from jupyter_mlops.workspace import Workspace, refuse_nowhere

__all__ = ["here", "in_job"]

_VARIABLES = tuple(
    f"JUPYTER_MLOPS_{name}" for name in ("WORKSPACE", "STORE", "BLOBS", "DISABLED", "ALLOWED_OWNERS", "JOB")
)
_Seen = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A workspace, and all that finding it depended on."""

    workspace: Workspace
    folder: Path
    seen: _Seen


_workspaces: dict[Settings, Workspace] = {}
_latest: _Found | None = None  # put in place whole, and never changed: threads ask side by side


def here(workspace: Workspace | str | Path | None = None) -> Workspace:
    """Return the workspace of this place, the same one all through the process; its store is opened at the first use.

    Each tracked cell asks, so what was settled is looked at again only where the working folder, the environment, the folders
    upward or the settings file have changed.
    """
    if isinstance(workspace, Workspace):
        return workspace
    if workspace is not None:
        return _settled(read_settings(workspace), workspace)
    last = _latest
    if last is not None and last.seen == _look(last.folder):
        return last.workspace
    settings = read_settings()
    found = _settled(settings, None)
    _remember(settings, found)
    return found


def _settled(settings: Settings, named: str | Path | None) -> Workspace:
    refuse_nowhere(settings, named, os.environ)
    found = _workspaces.get(settings)
    if found is None:  # whoever else asks in this moment gets the same one: in memory there must not be two
        found = _workspaces.setdefault(
            settings, workspace_later(settings, Door.JOB if in_job() else Door.PYTHON)
        )
    return found


def _remember(settings: Settings, found: Workspace) -> None:
    global _latest  # noqa: PLW0603 - one name, so that readers see the old or the new and nothing between
    if settings.folder is None or not settings.folder.is_dir():
        return  # of a store's URL there is no file to look at; and one that is not made yet may come to lie elsewhere
    seen = _look(settings.folder)
    if read_settings() == settings:  # nothing has changed between reading and looking
        _latest = _Found(found, settings.folder, seen)


def _look(folder: Path) -> _Seen:
    """Return what the settings depend on: the place, the environment, nearer folders, the folder's owner, its file."""
    place = os.getcwd()  # noqa: PTH109 - a hook asks: each of these is one call to the system, and no more
    variables = tuple(os.environ.get(name) for name in _VARIABLES)
    named = variables[0]
    real = os.path.realpath(os.path.expanduser(named)) if named else ""  # noqa: PTH111 - a link may be turned
    nearer = []
    if not named:
        home = str(folder.parent)
        above = place
        while above != home:
            nearer.append(os.path.isdir(os.path.join(above, FOLDER)))  # noqa: PTH112, PTH118
            if above == os.path.dirname(above):  # noqa: PTH120
                break
            above = os.path.dirname(above)  # noqa: PTH120
    return place, variables, real, tuple(nearer), _stamp(str(folder))[:3], _stamp(str(folder / "config.toml"))


def _stamp(path: str) -> tuple[int, ...]:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_uid, found.st_mtime_ns, found.st_size


def in_job() -> bool:
    """Tell whether this process is the kernel of a job."""
    return bool(os.environ.get("JUPYTER_MLOPS_JOB"))
