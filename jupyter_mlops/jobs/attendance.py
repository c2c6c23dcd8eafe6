"""The process at the other end of a worker's standard input: what it hands over, and that it is gone."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

__all__ = ["Launcher"]


class Launcher:
    """Listens to standard input from a thread of its own: lines are orders, its end is the end of who started us."""

    def __init__(self) -> None:
        self._orders: SimpleQueue[bytes | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._gone = False
        self._act: Callable[[], None] | None = None
        threading.Thread(target=self._listen, name="mlops-launcher", daemon=True).start()

    def _listen(self) -> None:
        rest = b""
        with suppress(OSError, ValueError):
            while said := os.read(0, 65536):
                *lines, rest = (rest + said).split(b"\n")
                for line in lines:
                    self._orders.put(line)
        with self._lock:
            self._gone, act = True, self._act
        self._orders.put(None)
        if act is not None:
            act()

    def order(self) -> bytes | None:
        """Wait for the next line; None once there are no more."""
        return self._orders.get()

    def when_gone(self, act: Callable[[], None] | None) -> None:
        """Call *act*, in place of what was to be called so far, once whoever started us is gone: now, if that is so."""
        with self._lock:
            self._act = act
            gone = self._gone
        if gone and act is not None:
            act()
