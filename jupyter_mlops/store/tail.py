"""The end of a series, which can be asked only for what comes after a number."""

from __future__ import annotations

from typing import Any

from jupyter_mlops.store.protocol import Series

__all__ = ["last_sequence"]


def last_sequence(series: Series[Any], owner: str) -> int:
    """Return the last sequence of *owner*, 0 where there is none: in doubling steps, and then closing in."""
    low, step = 0, 1
    while series.read(owner, after=low + step - 1, limit=1):
        low, step = low + step, step * 2
    while step > 1:
        step //= 2
        if series.read(owner, after=low + step - 1, limit=1):
            low += step
    return low
