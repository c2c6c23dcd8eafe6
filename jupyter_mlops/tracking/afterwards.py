"""What is added to runs that are over, when nobody waits for it: in order, soon, and before anybody reads."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Callable

from jupyter_mlops.errors import MlopsError, Unavailable
from jupyter_mlops.store.pending import forget, remember
from jupyter_mlops.tracking.pulse import in_background

__all__ = ["afterwards"]

_LOG = logging.getLogger(__name__)

_LONGEST_WAIT = 10.0  # seconds for another thread that is at it: it may wait for what this one holds


class _Queue:
    """Calls that wait. A forked child has its parent's list, but not its part: it begins with an empty one."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.waiting: deque[Callable[[], object]] = deque()
        self._one_at_a_time = threading.Lock()
        self._at_it: int | None = None  # the thread that holds the lock

    def bring(self) -> None:
        """Make the calls, or wait until another thread has made them."""
        if self._at_it == threading.get_ident():
            return  # a call that reads a store is asked to bring what waits behind it
        if not self._one_at_a_time.acquire(timeout=_LONGEST_WAIT):
            return
        self._at_it = threading.get_ident()
        try:
            self._make_calls()
        finally:
            self._at_it = None
            self._one_at_a_time.release()

    def _make_calls(self) -> None:
        while self.waiting:
            call = self.waiting.popleft()
            try:
                call()
            except Unavailable:  # the store is away: it waits with all behind it
                self.waiting.appendleft(call)
                return
            except MlopsError:  # refused for good; the run itself is kept
                continue
            except Exception:  # noqa: BLE001 - what waits behind it is another run's
                _LOG.warning("what was to be added to a run could not be", exc_info=True)
        # Not sooner: who reads meanwhile has to wait for what is being done.
        forget(self.bring)
        if self.waiting:
            remember(self.bring)  # it was added just now


_queue = _Queue()
atexit.register(lambda: _queue.bring())  # noqa: PLW0108 - the queue of the process that ends
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_queue.begin)


def afterwards(call: Callable[[], object]) -> None:
    """Have *call* made when no cell runs, after those before it, or by whoever of this process reads a store first.

    Where the store is away, it waits until somebody reads again, more is added, or the process ends. What the store
    refuses is left out for good.
    """
    _queue.waiting.append(call)
    remember(_queue.bring)
    in_background(_queue.bring, patient=True)
