"""What a door wants to say about where it is."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_mlops.records.actor import Actor
from jupyter_mlops.workspace import Workspace

__all__ = ["WorkspaceState", "show_workspace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceState:
    """Which workspace is read, and as whom."""

    folder: str | None  # the hidden folder; None: only a store's URL
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
