"""How busy the machine was while a run went on: samples at a low rate, as metrics named ``system/…``."""

from __future__ import annotations

import threading
import time

from jupyter_mlops.capture.system import Meter
from jupyter_mlops.records.run import SYSTEM
from jupyter_mlops.tracking.handle import ActiveRun
from jupyter_mlops.tracking.pulse import in_background, this_pulse

__all__ = ["Busy"]

_meters: list[Meter] = []  # one a process: its rates go on from run to run

_SHORTEST = 0.5  # seconds of a run that is looked at once, at its end


class Busy:
    """Samples for one run, in the background, until it ends.

    Parameters
    ----------
    run
        Whose metrics they become.
    seconds
        Between two samples; 0 for none at all.
    """

    def __init__(self, run: ActiveRun, seconds: float) -> None:
        self._run, self._seconds = run, seconds
        self._begun = time.monotonic()
        self._next = self._begun + seconds
        self._count = 0
        self._lock = threading.Lock()
        self._over = seconds <= 0
        if not self._over:
            in_background(_meter)
            this_pulse().watch(self._beat)

    def _beat(self) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._seconds
            self._sample(last=False)

    def _sample(self, *, last: bool) -> None:
        """Take one sample, unless the run is over; the background may be at it just now."""
        with self._lock:
            if self._over or (last and self._count):
                self._over = self._over or last
                return
            self._over = last
            if last and (not _meters or time.monotonic() - self._begun < _SHORTEST):
                return  # looking would take longer than the run, and its shares of a second would say nothing
            sample = _meter().sample(quick=last)  # a cell's end has no time
            if sample:
                self._run.log_metrics({f"{SYSTEM}{k}": v for k, v in sample.items()}, step=self._count)
                self._count += 1

    def end(self) -> None:
        """Take the one sample of a run that was over before its first, and no more."""
        this_pulse().unwatch(self._beat)
        self._sample(last=True)


def _meter() -> Meter:
    if not _meters:
        _meters.append(Meter())
        _meters[0].sample()  # counters for the first rates
    return _meters[0]
