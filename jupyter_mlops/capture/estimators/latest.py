"""Which fit of an estimator was its last one, in whatever run, alone or as a part of another: by number, in the order they ended."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

__all__ = ["is_latest", "number_fit"]

_numbers = itertools.count(1)
# By identity: an estimator need not have a hash. What is gone takes its line with it.
_latest: dict[int, tuple[weakref.ref[Any], int]] = {}


def number_fit(*estimators: Any) -> int:
    """Return the number of a fit that has just ended, of an estimator and of the parts that were fitted with it."""
    number = next(_numbers)
    for estimator in estimators:
        with suppress(TypeError):  # of what cannot be referred to weakly nothing is known
            _latest[id(estimator)] = (weakref.ref(estimator, _forgetting(id(estimator))), number)
    return number


def _forgetting(key: int) -> Callable[[object], None]:
    def forget(_gone: object) -> None:
        _latest.pop(key, None)

    return forget


def is_latest(estimator: Any, number: int) -> bool:
    """Tell whether no fit of *estimator* is known that ended after the one of that *number*."""
    known = _latest.get(id(estimator))
    return known is None or known[0]() is not estimator or known[1] <= number
