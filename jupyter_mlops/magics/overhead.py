"""What recording costs a session: the time of its hooks, and apart from it what is no bookkeeping."""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

__all__ = ["Overhead"]

_KEPT = 1000  # hooks


class Overhead:
    """The account of one session.

    A collection of the interpreter's garbage may fall into a hook as it may fall into any line that makes an object. It takes
    what the user's own objects take to go through (50 ms for half a million), so it is counted apart.
    """

    def __init__(self) -> None:
        self.hooks: deque[float] = deque(maxlen=_KEPT)  # seconds of bookkeeping, one entry a hook
        self.keeping = 0.0  # seconds that storing models took
        self.collecting = 0.0  # seconds that collections took which fell into hooks
        self._apart = 0.0  # of the hook that runs now
        self._collection = 0.0  # when the collection that goes on began

    @contextmanager
    def hook(self) -> Iterator[None]:
        """Measure a hook."""
        self._apart = self._collection = 0.0
        begun = time.perf_counter()
        try:
            gc.callbacks.append(self._collects)
            yield
        finally:
            self.hooks.append(time.perf_counter() - begun - self._apart)
            with suppress(ValueError):  # other code may have emptied the list
                gc.callbacks.remove(self._collects)

    def _collects(self, phase: str, _seen: Mapping[str, int]) -> None:
        if phase == "start":
            self._collection = time.perf_counter()
        elif self._collection:
            self.collecting += self._set_apart(self._collection)

    @contextmanager
    def keeps_model(self) -> Iterator[None]:
        """Storing a model costs what the model weighs; that is no bookkeeping."""
        begun, apart = time.perf_counter(), self._apart
        try:
            yield
        finally:
            self.keeping += self._set_apart(begun + (self._apart - apart))

    @contextmanager
    def waits(self) -> Iterator[None]:
        """Another program is waited for; that is no bookkeeping, either."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self._set_apart(begun)

    def _set_apart(self, begun: float) -> float:
        taken = time.perf_counter() - begun
        self._apart += taken
        return taken
