"""What the first tracked cell takes, imported while the kernel has nothing to do.

Loading the extension stays light, and the first run need not wait: between the cells a person reads and types.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from importlib import import_module

__all__ = ["PLACES", "Warming"]

# In the order in which they need each other, so that each import by itself is short. The store is not among them: it is
# imported in the background when a run begins.
PLACES = (
    "jupyter_mlops.records.autolog", "jupyter_mlops.records.artifact", "jupyter_mlops.records.job", "jupyter_mlops.records.model",
    "jupyter_mlops.records.query", "jupyter_mlops.workspace", "jupyter_mlops.store.journal", "jupyter_mlops.store.blobs",
    "jupyter_mlops.capture.environment", "jupyter_mlops.capture.dataset", "jupyter_mlops.tracking.lease", "jupyter_mlops.tracking.handle",
    "jupyter_mlops.records.review", "jupyter_mlops.tracking.harvest", "jupyter_mlops.tracking.cells", "jupyter_mlops.render.blocks",
    "jupyter_mlops.render.card", "jupyter_mlops.records.comparison", "jupyter_mlops.render.beside", "jupyter_mlops.render.views",
    "jupyter_mlops.render.html", "jupyter_mlops.magics.card",
)  # fmt: skip
_AT_REST = 0.3  # seconds without a cell before the first import
_BETWEEN = 0.01  # seconds in which a cell that arrives goes first
_PATIENCE = 0.05  # seconds that a cell waits for an import under way; what takes longer is on a slow disk
_FORK_WAITS = 1.0  # seconds, likewise


class Warming:
    """Imports *places* one by one in a thread of its own, while no cell on record runs.

    A cell waits for the import that is under way, but not for long: if it takes longer, nothing more is imported in
    advance. Whatever forks waits for it, too, for a child must not inherit the lock of a module half imported, which
    nobody would ever release.
    """

    def __init__(
        self, places: Sequence[str] = PLACES, *, rest: float = _AT_REST, patience: float = _PATIENCE
    ) -> None:
        self._places, self._rest, self._patience = list(places), rest, patience
        self._over = not places
        self._idle = threading.Event()
        self._cells = 0  # that have begun
        self._thread: threading.Thread | None = None

    def rests(self) -> None:
        """No cell runs from now on."""
        if self._over:
            return
        self._idle.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="jupyter_mlops-warming", daemon=True)
            self._thread.start()

    def wakes(self) -> None:
        """A cell is about to run."""
        self._cells += 1
        if self._idle.is_set():
            self._idle.clear()
            if _importing.acquire(timeout=self._patience):
                _importing.release()
            else:
                self.end()

    def end(self) -> None:
        """Import nothing more."""
        self._over = True
        self._idle.set()  # the thread sees that it is over

    def _work(self) -> None:
        rested = -1  # how many cells had begun when the kernel was last seen to rest
        while self._places and not self._over:
            self._idle.wait()
            cells = self._cells
            time.sleep(_BETWEEN if cells == rested else self._rest)
            with _importing:
                if cells == self._cells and self._idle.is_set() and not self._over:
                    rested = cells
                    self._import(self._places.pop(0))
        self._over = True

    @staticmethod
    def _import(place: str) -> None:
        try:
            import_module(place)
        except Exception:  # noqa: BLE001 - whoever needs it will say what is the matter
            return


_importing = threading.Lock()  # held while one is under way, by whichever session
_held_for_fork = False


def _before_fork() -> None:
    global _held_for_fork  # noqa: PLW0603 - one fork at a time: the interpreter sees to it
    _held_for_fork = _importing.acquire(timeout=_FORK_WAITS)


def _after_fork() -> None:
    if _held_for_fork:
        _importing.release()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
