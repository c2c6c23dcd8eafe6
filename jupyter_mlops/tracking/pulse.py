"""The background of a process: one thread beats for the runs that go on and does what can wait, one syncs their journals."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Generic, Protocol, TypeVar

from jupyter_mlops.store.notices import BACKGROUND
from jupyter_mlops.tracking.metronome import Metronome

__all__ = ["TICK", "Beating", "Pulse", "cell_runs", "hurry", "in_background", "quiet", "this_pulse"]

TICK = 1.0  # seconds; also the most that a loss of power can cost
_LONGEST_HOOK = 0.05  # seconds the background stands still at most
_SYNC = TICK - 2 * _LONGEST_HOOK  # from one sync to the next: a hook in its way and the sync take theirs
_BREATH = 0.1  # seconds between a reason to work, or the last hook of a cell, and the work
_LONGEST_BREATH = 1.0  # seconds that one cell after the other may keep the background waiting
_PATIENCE = 5.0  # seconds that patient work waits for a moment without a cell
_LAST_SECONDS = 10.0  # for what is left to do as the process ends


class Beating(Protocol):
    """What the background cares for."""

    @property
    def ended(self) -> bool:
        """True once there is nothing left to do."""

    @property
    def closing(self) -> bool:
        """True once nothing will be added."""

    @property
    def patient_since(self) -> float | None:
        """Since when it waits for a moment without a cell; None where it does not."""

    def beat(self) -> None:
        """Do what is due; raises nothing."""

    def sync(self) -> None:
        """Make what was said survive a loss of power."""

    def fold(self) -> None:
        """Bring home what waits."""


B = TypeVar("B", bound=Beating)


class Pulse(Generic[B]):
    """The background and what it cares for. One a process; a forked child has none.

    Its thread takes a breath before it works, waits while one cell follows another, and stands still while a hook runs: two threads that both want the
    interpreter make each other wait for milliseconds, and a cell's hooks have few of them. Journals are synced beside it, in time: neither
    a cell that is let by nor a store that another process holds may put off what a loss of power would take.
    """

    def __init__(self) -> None:
        self.lives: list[B] = []
        self.tasks: deque[Callable[[], object]] = deque()
        self.watchers: list[Callable[[], object]] = []  # called at every beat
        self.pid = os.getpid()
        self._busy = threading.RLock()  # held while a task is worked on
        self.patient: deque[tuple[float, Callable[[], object]]] = deque()  # with when it was left
        self.hooked = 0.0  # when a hook was over last
        self.in_cell = False
        self.loud = threading.Event()
        self.loud.set()
        self._wake = threading.Event()
        self._urgent = threading.Event()
        self._thread: threading.Thread | None = None
        self.syncs = Metronome(self._sync, seconds=_SYNC, wanted=lambda: bool(self.lives))

    def hold(self, live: B) -> None:
        """Care for *live* until it is dropped."""
        self.lives.append(live)
        self.syncs.begin()
        self.start()
        self.wake()

    def start(self) -> None:
        """Begin to beat, once."""
        if self._thread is None:
            atexit.register(self.settle)
            self._thread = threading.Thread(target=self._run, name=BACKGROUND, daemon=True)
            self._thread.start()

    def wake(self, *, urgent: bool = False) -> None:
        """There is something to do: soon, or *urgent* now."""
        if urgent:
            self._urgent.set()
        self._wake.set()

    def watch(self, watcher: Callable[[], object]) -> None:
        """Call *watcher* at every beat, until ``unwatch``."""
        self.watchers.append(watcher)

    def unwatch(self, watcher: Callable[[], object]) -> None:
        """Call *watcher* no more."""
        with suppress(ValueError):
            self.watchers.remove(watcher)

    def drop(self, live: B) -> None:
        """Care for *live* no more."""
        with suppress(ValueError):
            self.lives.remove(live)

    def _run(self) -> None:
        while True:
            woken = False
            if not self.tasks:
                woken = self._wake.wait(TICK + _BREATH if self.lives or self.patient else None)
                self._wake.clear()
            self._breathe(woken=woken)
            # One task, then the runs: many tasks must not keep the runs from coming home.
            self.work(1)
            for live in tuple(self.lives):
                self.loud.wait(_LONGEST_HOOK)
                if not live.ended and self.may_disturb(live.patient_since):
                    live.beat()
            for watcher in tuple(self.watchers):
                self.loud.wait(_LONGEST_HOOK)
                with suppress(Exception):
                    watcher()

    def _breathe(self, *, woken: bool) -> None:
        """Wait a breath once woken, and until no hook has run for one: cells that follow each other are let by."""
        until = time.monotonic() + _LONGEST_BREATH
        while woken or self._hooked_just_now():
            if self._urgent.wait(_BREATH) or time.monotonic() > until:
                break
            woken = False
        self._urgent.clear()

    def _sync(self) -> None:
        self.loud.wait(_LONGEST_HOOK)
        for live in tuple(self.lives):
            with suppress(Exception):
                live.sync()

    def _hooked_just_now(self) -> bool:
        return time.monotonic() - self.hooked < _BREATH

    def may_disturb(self, since: float | None) -> bool:
        """Tell whether work that waits since *since* may be done: no cell runs, or it has waited long enough."""
        if since is None or time.monotonic() - since > _PATIENCE:
            return True
        return not self.in_cell and not self._hooked_just_now()

    def work(self, most: int) -> None:
        """Do at most *most* of what was left for the background; one that fails is passed over."""
        while self.patient and self.may_disturb(self.patient[0][0]):
            self.tasks.append(self.patient.popleft()[1])
        while self.tasks and most > 0:
            most -= 1
            self.loud.wait(_LONGEST_HOOK)
            self._busy.acquire()
            try:
                with suppress(Exception, IndexError):
                    self.tasks.popleft()()
            finally:
                self._busy.release()

    def settle(self) -> None:
        """Before the process ends: what has ended goes home now, and not when somebody looks."""
        if self.pid != os.getpid():
            return
        for live in tuple(self.lives):
            with suppress(Exception):
                if live.closing:
                    live.fold()
        self.tasks.extend(task for _, task in self.patient)
        self.patient.clear()
        until = time.monotonic() + _LAST_SECONDS
        # A task may leave the rest of itself, and the background may be at one just now.
        while time.monotonic() < until:
            self.work(1)
            if not self.tasks and self._busy.acquire(timeout=max(0.0, until - time.monotonic())):
                self._busy.release()
                if not self.tasks:
                    break


_pulses: list[Pulse[Any]] = []


def this_pulse() -> Pulse[Any]:
    """Return the pulse of this process; a forked child has one of its own, and does not beat for its parent."""
    if not _pulses or _pulses[-1].pid != os.getpid():
        _pulses[:] = [Pulse()]
    return _pulses[-1]


def in_background(task: Callable[[], object], *, patient: bool = False) -> None:
    """Have *task* done soon, in the background or at the end of the process; its failure is nobody's.

    A *patient* one waits for a moment without a cell, for some seconds at most: it would take time from the cell.
    """
    pulse = this_pulse()
    if patient:
        pulse.patient.append((time.monotonic(), task))
    else:
        pulse.tasks.append(task)
    pulse.start()
    pulse.wake()


@contextmanager
def quiet() -> Iterator[None]:
    """Have the background stand still meanwhile: a hook is at work."""
    pulse = this_pulse()
    pulse.loud.clear()
    try:
        yield
    finally:
        pulse.hooked = time.monotonic()
        pulse.loud.set()


def cell_runs(on: bool) -> None:
    """Say that a cell begins to run, or has ended."""
    this_pulse().in_cell = on


def hurry() -> None:
    """Have the background work now."""
    this_pulse().wake(urgent=True)
