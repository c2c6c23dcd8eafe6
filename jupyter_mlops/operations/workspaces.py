"""Which workspace a door opens, and what it says about it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.settings import read_settings
from jupyter_mlops.workspace import Workspace, open_workspace, refuse_nowhere

__all__ = ["WorkspaceState", "open_named", "open_to_read", "show_workspace"]


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


def open_to_read(
    workspace: str | Path | None = None, *, start: Path | None = None, via: Door = Door.PYTHON, **changes: Any
) -> Workspace:
    """Open a workspace without making one: where there is none yet, an empty one in memory stands for it.

    Looking must leave no trace: neither a request nor ``jupyter mlops runs`` makes a folder.

    Raises
    ------
    NotFound
        A place was named, and it is not there: a mistyped one would be told as an empty one.
    """
    settings = read_settings(workspace, start=start, **changes)
    refuse_nowhere(settings, workspace, os.environ, read=True)
    if settings.folder is None or settings.folder.is_dir():
        return open_workspace(workspace, start=start, via=via, **changes)
    empty = {
        "folder": None,
        "store": "memory://",
        "blobs": "memory://",
        "journal": None,
        "root": settings.root,
    }
    return open_workspace(workspace, start=start, via=via, **{**changes, **empty})


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
