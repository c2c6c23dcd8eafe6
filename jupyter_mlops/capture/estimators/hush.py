"""What our own predictions say is not shown, and the random numbers they draw are given back: the user did not make them."""

from __future__ import annotations

import functools
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["hush", "unmoved"]

_STREAMS = ("stdout", "stderr")
_DEEPEST = 4  # a pipeline, its list of steps, a step by name, and what that holds
_MOST_MEMBERS = 8  # of a list that are looked at
_PLAIN = frozenset({bool, int, float, str, type(None)})


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


@contextmanager
def unmoved(estimator: Any) -> Iterator[None]:
    """Leave the random generators that a prediction of *estimator* may draw from as they were: the shared and its own."""
    import random

    import numpy as np

    kept: list[tuple[Callable[[Any], None], Any]] = [
        (random.setstate, random.getstate()),
        (np.random.set_state, np.random.get_state(legacy=False)),  # noqa: NPY002 - the shared one
    ]
    for one in _generators(estimator, _DEEPEST):
        if isinstance(one, np.random.RandomState):
            kept.append((one.set_state, one.get_state(legacy=False)))
        else:
            kept.append((functools.partial(setattr, one.bit_generator, "state"), one.bit_generator.state))
    try:
        yield
    finally:
        for put_back, state in kept:
            put_back(state)


def _generators(thing: Any, depth: int) -> Iterator[Any]:
    """Yield the generators that an estimator and its parts hold; of what else they hold only the type is asked."""
    import numpy as np

    if issubclass(type(thing), (np.random.RandomState, np.random.Generator)):
        yield thing
    elif depth:
        within: Any = ()
        if type(thing) in {list, tuple}:
            within = thing[:_MOST_MEMBERS]
        elif hasattr(type(thing), "get_params"):
            within = list(getattr(thing, "__dict__", {}).values())
        for one in within:
            if type(one) not in _PLAIN:
                yield from _generators(one, depth - 1)


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
