"""Which workspace a door opens, and what it says about it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.settings import Settings, read_settings
from jupyter_mlops.store import masked
from jupyter_mlops.workspace import Workspace, open_workspace, refuse_nowhere

__all__ = [
    "WorkspaceState",
    "file_of",
    "has_store",
    "open_named",
    "open_to_read",
    "refuse_no_store",
    "show_workspace",
]

_FILE = "sqlite:///"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceState:
    """Which workspace is read, and as whom."""

    folder: str | None  # the hidden folder; None: nothing is kept in a folder (yet)
    root: str  # the project's folder
    kept: bool  # False: nothing is on disk yet; the first run makes it
    disabled: bool  # nothing is recorded
    actor: Actor


def show_workspace(ws: Workspace) -> WorkspaceState:
    """Say which workspace is read, and as whom."""
    folder = ws.settings.folder
    return WorkspaceState(
        folder=None if folder is None else folder.as_posix(),
        root=ws.settings.root.as_posix(),
        kept=not ws.settings.store.startswith("memory:"),
        disabled=ws.settings.disabled,
        actor=ws.actor,
    )


def file_of(settings: Settings) -> Path | None:
    """Return the file that holds the records; None: they rest on a server, or in memory."""
    is_file = settings.store.startswith(_FILE)
    return Path(settings.store.removeprefix(_FILE)).absolute() if is_file else None


def has_store(settings: Settings) -> bool:
    """Tell whether the store can be opened without making one: it need not lie in the workspace's folder."""
    file = file_of(settings)
    return file is None or file.is_file()


def open_to_read(
    workspace: str | Path | None = None, *, start: Path | None = None, via: Door = Door.PYTHON, **changes: Any
) -> Workspace:
    """Open a workspace without making one: where there is none yet, an empty one in memory stands for it.

    Looking must leave no trace: neither a request nor ``jupyter mlops runs`` makes a folder. A team's store, named by
    JUPYTER_MLOPS_STORE, is read without one.

    Raises
    ------
    NotFound
        A place was named, and it is not there: a mistyped one would be told as an empty one.
    """
    settings = read_settings(workspace, start=start, **changes)
    refuse_nowhere(settings, workspace, os.environ, read=True)
    if settings.folder is None:
        refuse_no_store(settings)
        return open_workspace(workspace, start=start, via=via, **changes)
    if settings.folder.is_dir():
        return open_workspace(workspace, start=start, via=via, **changes)
    if has_store(settings):
        return open_workspace(workspace, start=start, via=via, **{**changes, "folder": None})
    empty = {
        "folder": None,
        "store": "memory://",
        "blobs": "memory://",
        "journal": None,
        "root": settings.root,
    }
    return open_workspace(workspace, start=start, via=via, **{**changes, **empty})


def refuse_no_store(settings: Settings) -> None:
    """Refuse a store that is one file where there is no such file: to open it would make it.

    Raises
    ------
    NotFound
        There is none.
    """
    if not has_store(settings):
        raise NotFound(
            f"there is no store at {masked(settings.store)!r}",
            remedy="Check the path; the first command that writes makes the file.",
            data={"workspace": masked(settings.store)},
        )


def open_named(
    workspace: str | Path | None = None,
    *,
    start: Path | None = None,
    via: Door = Door.PYTHON,
    read: bool = False,
) -> Workspace:
    """Open the workspace a command's line names; to *read*, none is made.

    Raises
    ------
    NotFound
        The place named is not there; a command that writes may make it in a folder that is.
    """
    return (open_to_read if read else open_workspace)(workspace, start=start, via=via)
