"""Whose prediction is this? Attribution by data flow: the object itself, a view of it, or its values.

An attribution that fits several models is said to be ambiguous, never guessed.
"""

from __future__ import annotations

import weakref
from collections import deque
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Attribution", "Predictions"]

_REMEMBERED = 64  # recent predictions; a notebook cell scores a handful
_MAXIMUM_VIEWS = 16  # how far a chain of views is followed
_HELD_BYTES = (
    4_000_000  # a prediction up to this size is held until 64 others came, for its copies to be known
)


def _weak(thing: Any) -> Any:
    try:
        return weakref.ref(thing)
    except TypeError:
        return None


def _held(result: Any) -> Any:
    """Return a way back to a prediction; a large one is not kept alive by it."""
    size = getattr(result, "nbytes", None)
    if isinstance(size, int) and size <= _HELD_BYTES:
        return lambda: result
    return _weak(result)


@dataclass(frozen=True, slots=True)
class _Made:
    result: Any  # ways back, called to get there; models and data are never kept alive
    estimator: Any
    features: Any
    data: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """The models whose predictions a value may be. One candidate: known. None: made elsewhere."""

    estimators: tuple[Any, ...] = ()
    features: Any = None
    data: str = ""

    @property
    def known(self) -> bool:
        """True for exactly one model."""
        return len(self.estimators) == 1


@dataclass(slots=True)
class Predictions:
    """The predictions made lately."""

    _made: deque[_Made] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def remember(self, result: Any, *, estimator: Any, features: Any, data: str) -> None:
        """Take note of a prediction; what cannot be referred to weakly (a list, a number) is passed over."""
        reference, model = _held(result), _weak(estimator)
        if reference is not None and model is not None:
            self._made.append(_Made(reference, model, _weak(features), data))

    def origin(self, values: Any) -> Attribution:
        """Tell which model *values* came from."""
        chain = _views(values)
        by_identity = [made for made in self._made if any(made.result() is link for link in chain)]
        if by_identity:
            return _attributed(by_identity[-1:])
        return _attributed([made for made in self._made if _same_values(values, made.result())])


def _views(values: Any) -> list[Any]:
    """Return *values* and what it is a view of, outward: slices and columns keep a way back to their array."""
    chain = [values]
    while len(chain) < _MAXIMUM_VIEWS:
        base = getattr(chain[-1], "base", None)
        if base is None:
            break
        chain.append(base)
    return chain


def _attributed(made: list[_Made]) -> Attribution:
    models: list[Any] = []
    for one in made:
        model = one.estimator()
        if model is not None and not any(model is other for other in models):
            models.append(model)
    if not models:
        return Attribution()
    last = made[-1]
    return Attribution(tuple(models), last.features() if last.features is not None else None, last.data)


def _same_values(values: Any, result: Any) -> bool:
    """Compare by value with a prediction or one of its columns: copies and conversions lose their identity."""
    import numpy as np

    if result is None:
        return False
    given, made = np.asarray(values), np.asarray(result)
    if given.ndim == 0 or made.ndim == 0 or given.shape[0] != made.shape[0] or given.shape[0] == 0:
        return False
    if given.shape == made.shape:
        return bool(np.array_equal(given, made))
    if given.ndim == 1 and made.ndim == 2:  # noqa: PLR2004
        return any(np.array_equal(given, made[:, column]) for column in range(made.shape[1]))
    return False
