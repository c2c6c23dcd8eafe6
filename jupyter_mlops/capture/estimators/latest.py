"""Which fit of an estimator was its last one, in whatever run, alone or as a part of another: by number, in the order they ended.

And where that fit belonged: to which run, or to which registered version, where the estimator was loaded.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

__all__ = ["Origin", "is_latest", "number_fit", "origin_of", "place_origin"]

_MOST_MEMBERS = 8  # of a list that tell its state
_DEEPEST = 4  # a pipeline's list of its steps, a step by name, and what that has learned
_PLAIN = (bool, int, float, complex, str, bytes, type(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a fitted estimator is from: a run of this session, or a version that was loaded."""

    run: str = ""
    name: str = ""  # of the estimator, where it was fitted
    version: str = ""


@dataclass(frozen=True, slots=True)
class _Placed:
    origin: Origin
    number: int  # of the last fit then
    names: tuple[str, ...]  # of what it had learned
    marks: tuple[Any, ...]  # of its state then: it may be fitted again while nobody looks


_numbers = itertools.count(1)
# By identity: an estimator need not have a hash. What is gone takes its line with it.
_latest: dict[int, tuple[weakref.ref[Any], int]] = {}
_placed: dict[int, tuple[weakref.ref[Any], _Placed]] = {}


def number_fit(*estimators: Any) -> int:
    """Return the number of a fit that has just ended, of an estimator and of the parts that were fitted with it."""
    number = next(_numbers)
    for estimator in estimators:
        _enter(_latest, estimator, number)
    return number


def _enter(book: dict[int, tuple[weakref.ref[Any], Any]], estimator: Any, known: Any) -> None:
    key = id(estimator)

    def forget(_gone: object) -> None:
        book.pop(key, None)

    with suppress(TypeError):  # of what cannot be referred to weakly nothing is known
        book[key] = (weakref.ref(estimator, forget), known)


def _number_of(estimator: Any) -> int:
    known = _latest.get(id(estimator))
    return 0 if known is None or known[0]() is not estimator else known[1]


def is_latest(estimator: Any, number: int) -> bool:
    """Tell whether no fit of *estimator* is known that ended after the one of that *number*."""
    return _number_of(estimator) <= number


def place_origin(estimator: Any, origin: Origin) -> None:
    """Take note where *estimator*, as it is fitted now, is from; until its next fit, whether that is seen or not."""
    names = _learned(estimator)
    placed = _Placed(origin, _number_of(estimator), names, tuple(_state(estimator, names)))
    _enter(_placed, estimator, placed)


def origin_of(estimator: Any) -> Origin | None:
    """Return where *estimator* is from; None where that was not seen, or is no longer so."""
    known = _placed.get(id(estimator))
    if known is None or known[0]() is not estimator:
        return None
    placed = known[1]
    fitted_again = placed.number != _number_of(estimator) or not _same(
        placed.marks, tuple(_state(estimator, placed.names))
    )
    return None if fitted_again else placed.origin


def _learned(estimator: Any) -> tuple[str, ...]:
    """Return the names under which an estimator holds what its fit has given it; a parameter or a note is no fit."""
    names = tuple(getattr(estimator, "__dict__", {}))
    return tuple(name for name in names if name.endswith("_") or name.startswith("_")) or names


def _state(estimator: Any, names: tuple[str, ...]) -> Iterator[Any]:
    held = getattr(estimator, "__dict__", {})
    yield len(names) == sum(name in held for name in names)
    for name in names:
        yield from _marks(held.get(name), _DEEPEST - 1)


def _marks(thing: Any, depth: int) -> Iterator[Any]:
    """Return what tells a state of *thing* from others: plain values, and weak references to the objects it holds.

    A fit makes these anew. An address alone would not tell: the next but one fit may get it again.
    """
    if isinstance(thing, _PLAIN):
        yield thing
        return
    with suppress(TypeError):
        yield weakref.ref(thing)
    within: list[Any] = []
    if isinstance(thing, (list, tuple)):
        yield len(thing)
        within = list(thing[:_MOST_MEMBERS])
    elif depth == _DEEPEST or hasattr(thing, "get_params"):
        within = list(getattr(thing, "__dict__", {}).values())
    for one in within if depth else ():
        yield from _marks(one, depth - 1)


def _same(before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
    # Two weak references to one living object are the same one; and a dead one is no other's.
    return len(before) == len(after) and all(
        one is other or (isinstance(one, _PLAIN) and type(one) is type(other) and one == other)
        for one, other in zip(before, after, strict=True)
    )
