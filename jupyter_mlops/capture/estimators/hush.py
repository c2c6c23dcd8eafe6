"""What our own predictions say is not shown: the user did not make them."""

from __future__ import annotations

import sys
import threading
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["hush"]

_STREAMS = ("stdout", "stderr")


class _Muffled:
    """A stream that takes no text of threads that are hushed; all others write through it."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str) -> Any:
        if threading.get_ident() in _hushed:
            return len(text)
        return self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


_hushed: Counter[int] = Counter()  # threads, and how often each asked for silence
_lock = threading.Lock()
_warned: list[warnings.catch_warnings[None]] = []


@contextmanager
def hush() -> Iterator[None]:
    """Keep to ourselves what this thread prints and warns of.

    The first to ask puts the muffler on and the last takes it off, in whatever order threads come and go.
    """
    me = threading.get_ident()
    with _lock:
        if not _hushed:
            _put_on()
        _hushed[me] += 1
    try:
        yield
    finally:
        with _lock:
            _hushed[me] -= 1
            if not _hushed[me]:
                del _hushed[me]
            if not _hushed:
                _take_off()


def _put_on() -> None:
    for name in _STREAMS:
        stream = getattr(sys, name)
        # One that somebody kept and put back is used again; without a console there is none.
        if stream is not None and not isinstance(stream, _Muffled):
            setattr(sys, name, _Muffled(stream))
    ignoring = warnings.catch_warnings()
    ignoring.__enter__()
    warnings.simplefilter("ignore")
    _warned.append(ignoring)


def _take_off() -> None:
    for name in _STREAMS:
        stream = getattr(sys, name)
        if isinstance(stream, _Muffled):  # else somebody has put another one there
            setattr(sys, name, stream.stream)
    while _warned:
        _warned.pop().__exit__(None, None, None)
