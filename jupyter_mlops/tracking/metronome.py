"""A thread that does one short thing in time, whatever else the background is at."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

__all__ = ["Metronome"]


class Metronome:
    """Calls *act* again and again, *seconds* from one beginning to the next.

    Parameters
    ----------
    act
        What is done; its failure is nobody's.
    seconds
        From the beginning of one call to that of the next: what the call takes is no reason for the next to be late.
    wanted
        Tells whether there is a reason at all. Without one the thread sleeps until ``begin``.
    """

    def __init__(
        self,
        act: Callable[[], object],
        *,
        seconds: float,
        wanted: Callable[[], bool],
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.seconds = seconds
        self._act, self._wanted, self._now, self._sleep = act, wanted, now, sleep
        self._reason = threading.Event()
        self._thread: threading.Thread | None = None
        self._last: float | None = None  # when the last call began

    def begin(self) -> None:
        """There is a reason now; the first call comes *seconds* from here."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="jupyter-mlops-sync", daemon=True)
            self._thread.start()
        self._reason.set()

    def _run(self) -> None:
        while True:
            self.turn()

    def turn(self) -> None:
        """Wait until it is time, and call."""
        self._reason.clear()
        if not self._wanted():  # looked at after the clearing: a reason given in between is not missed
            self._reason.wait()
            self._last = None
        last = self._now() if self._last is None else self._last
        self._sleep(max(0.0, last + self.seconds - self._now()))
        self._last = self._now()
        with suppress(Exception):
            self._act()
