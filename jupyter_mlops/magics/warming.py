"""What the first tracked cell takes, imported while the kernel has nothing to do.

Loading the extension stays light, and the first run need not wait: between the cells a person reads and types.
"""

from __future__ import annotations

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


class Warming:
    """Imports *places* one by one in a thread of its own, and only while no cell runs.

    A cell waits for an import that is under way, some hundredths of a second at most: what a cell forks must not
    inherit a module half imported, whose lock nobody would ever release.
    """

    def __init__(self, places: Sequence[str] = PLACES, *, rest: float = _AT_REST) -> None:
        self._places, self._rest = list(places), rest
        self._idle = threading.Event()
        self._cells = 0  # that have begun
        self._importing = threading.Lock()
        self._thread: threading.Thread | None = None

    def rests(self) -> None:
        """No cell runs from now on."""
        if not self._places:
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
            with self._importing:
                pass

    def end(self) -> None:
        """Import nothing more."""
        self._places = []
        self._idle.set()  # the thread sees that there is nothing left

    def _work(self) -> None:
        rested = -1  # how many cells had begun when the kernel was last seen to rest
        while self._places:
            self._idle.wait()
            cells = self._cells
            time.sleep(_BETWEEN if cells == rested else self._rest)
            with self._importing:
                if cells == self._cells and self._idle.is_set() and self._places:
                    rested = cells
                    self._import(self._places.pop(0))

    @staticmethod
    def _import(place: str) -> None:
        try:
            import_module(place)
        except Exception:  # noqa: BLE001 - whoever needs it will say what is the matter
            return
