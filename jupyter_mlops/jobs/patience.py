"""What must not be lost is done again and again while the store is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from jupyter_mlops.errors import Unavailable

__all__ = ["LONGEST", "patiently"]

LONGEST = 120.0  # seconds that anybody waits for a store that is away
T = TypeVar("T")


def patiently(act: Callable[[], T]) -> T:
    """Return what *act* returns; while the store is ``Unavailable`` it is tried again, for two minutes."""
    deadline, pause = time.monotonic() + LONGEST, 0.2
    while True:
        try:
            return act()
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(pause)
            pause = min(2 * pause, 5.0)
