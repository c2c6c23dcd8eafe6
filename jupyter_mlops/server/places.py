"""Which workspace a request is about: found from the notebook's folder, and never outside the server's root."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import Forbidden, Invalid
from jupyter_mlops.operations.workspaces import has_store, open_to_read
from jupyter_mlops.records.actor import Door
from jupyter_mlops.settings import read_settings
from jupyter_mlops.workspace import Workspace, open_workspace

__all__ = ["Places", "folder_of"]

_LONGEST = 4096
_ODD = re.compile(r"[\x00-\x1f\\]|^[A-Za-z]:|^~")


def folder_of(root: Path, path: str) -> Path:
    """Return the folder that the notebook at *path*, as the browser names it, lies in.

    Raises
    ------
    Invalid
        The path could be read in more than one way, or climbs.
    Forbidden
        It leads, through a link, out of the server's root.
    """
    parts = path.split("/")
    if len(path) > _LONGEST or path.startswith("/") or ".." in parts or _ODD.search(path):
        raise Invalid(
            f"path: {path!r:.60} is not a path below the server's root",
            remedy="Name it as the file browser does.",
        )
    place = root.joinpath(*parts)
    folder = place if place.is_dir() else place.parent
    if not folder.resolve().is_relative_to(root.resolve()):
        raise Forbidden(
            f"path: {path!r:.60} leads out of the server's root",
            remedy="Open the notebook by its own path, below the folder the server was started in.",
        )
    return folder


class Places:
    """The workspaces a server has opened, by where they are.

    Parameters
    ----------
    root
        The folder the server shows; notebooks outside it do not exist for a request.
    workspace
        The one workspace to use for everything; empty: each notebook's own, found upward.
    """

    def __init__(self, root: Path, workspace: str = "") -> None:
        self.root = root.resolve()
        self.workspace = workspace
        self._open: dict[tuple[str, int], Workspace] = {}
        self._lock = threading.Lock()

    def at(self, path: str, *, write: bool) -> Workspace:
        """Return the workspace of the notebook at *path*; one is made only to *write*."""
        start = folder_of(self.root, path) if path else self.root
        return self._kept(start, make=write)

    def opened(self) -> tuple[Workspace, ...]:
        """Return every workspace that requests have used, the root's own among them where there is one."""
        self._kept(self.root, make=False)
        with self._lock:
            return tuple(self._open.values())

    def close(self) -> None:
        """Close them all."""
        with self._lock:
            for ws in self._open.values():
                ws.store.close()
            self._open.clear()

    def _kept(self, start: Path, *, make: bool) -> Workspace:
        given = self.workspace or None
        confined: dict[str, Any] = {"confined": True, "root": self.root}
        settings = read_settings(given, start=start, **confined)
        exists = settings.folder is None or settings.folder.is_dir()
        if not (exists or make or has_store(settings)):
            return open_to_read(given, start=start, via=Door.SERVER, **confined)
        with self._lock:
            found = self._open.get(_key(settings.store, settings.folder))
            if found is None:
                self._forget(settings.store)
                opening = open_workspace if exists or make else open_to_read
                found = opening(given, start=start, via=Door.SERVER, **confined)
                self._open[_key(settings.store, settings.folder)] = found
            return found

    def _forget(self, store: str) -> None:
        """A workspace that was deleted and made anew is another one, although it has the same name."""
        for key in [key for key in self._open if key[0] == store]:
            self._open.pop(key).store.close()


def _key(store: str, folder: Path | None) -> tuple[str, int]:
    try:
        return store, folder.stat().st_ino if folder is not None else 0
    except FileNotFoundError:
        return store, 0
