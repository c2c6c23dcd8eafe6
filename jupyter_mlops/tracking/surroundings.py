"""The commit and the environment around a run, looked at in the background: git may be slow, and packages are many."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from jupyter_mlops.capture.environment import git_state
from jupyter_mlops.capture.modules import imported_modules
from jupyter_mlops.tracking.environment import environment_digest, this_environment
from jupyter_mlops.tracking.pulse import in_background
from jupyter_mlops.workspace import Workspace

__all__ = ["Look"]


class Look:
    """One look around, begun soon; its answer is there at the end of the run, or comes later.

    Parameters
    ----------
    ws
        Whose root is looked at, and where the environment is kept.
    late
        Told what was seen, as fields of ``Source``, where it was asked for before it was there.
    """

    def __init__(self, ws: Workspace, late: Callable[[dict[str, Any]], None]) -> None:
        self._ws, self._late = ws, late
        self._seen: dict[str, Any] = {}
        self._asked = False
        self._lock = threading.Lock()
        in_background(self._look)

    def _look(self) -> None:
        commit, branch, dirty = git_state(self._ws.settings.root)
        seen = {
            "commit": commit,
            "branch": branch,
            "dirty": list(dirty),
            "environment": environment_digest(self._ws),
            "python": this_environment().python,
        }
        with self._lock:
            self._seen, asked = seen, self._asked
        if asked:
            self._late(seen)

    def finish(self) -> None:
        """Look once more, soon: at what of the project was imported by the end of the run."""
        in_background(self._look_at_modules)

    def _look_at_modules(self) -> None:
        modules = imported_modules(self._ws.settings.root)
        if modules:
            self._late({"modules": modules})

    def seen(self) -> dict[str, Any]:
        """Return what was seen, as fields of ``Source``; empty where that comes later."""
        with self._lock:
            self._asked = not self._seen
            return {**self._seen, "dirty": tuple(self._seen["dirty"])} if self._seen else {}
