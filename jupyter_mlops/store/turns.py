"""Who of this process waits for a turn to write, and for how long by now."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

__all__ = ["Turns"]


class Turns:
    """Notes of one store's writers who have asked for their turn and have not got it."""

    def __init__(self) -> None:
        self._numbers = count()
        self._since: dict[int, float] = {}

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Note that somebody waits, for as long as this is open."""
        number = next(self._numbers)
        self._since[number] = time.monotonic()
        try:
            yield
        finally:
            del self._since[number]

    def waited(self) -> float:
        """Return for how many seconds the first of them has been waiting; 0 where nobody is."""
        since = list(self._since.values())
        return time.monotonic() - min(since) if since else 0.0
