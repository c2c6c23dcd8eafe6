"""Whose prediction is this? The object itself or a view of it, else its values, else what was made of them.

Values that fit several models are told apart by the code that computed them. What stays open is said to be
ambiguous, never guessed; what was derived (a threshold, an order, a part) is believed only where the code shows it,
and equal values are not believed where it shows that they were mixed of what other models predicted.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from jupyter_mlops.capture.estimators.derivations import is_derived, same_values
from jupyter_mlops.capture.estimators.sources import Reached
from jupyter_mlops.records.run import RunInput

__all__ = ["Attribution", "Made", "Predictions"]

_REMEMBERED = 64  # recent predictions; a notebook cell scores a handful
_MAXIMUM_VIEWS = 16  # how far a chain of views is followed
_HELD_BYTES = 1_000_000  # a prediction up to this size is held, for its copies to be known when it is gone
_HELD_SHARE = 0.01  # and a larger one where its data are a hundred times as large

# Returns what the scored expression reaches in the code; None where it cannot be read.
Evidence = Callable[[], Reached | None]


def _weak(thing: Any) -> Any:
    try:
        return weakref.ref(thing)
    except TypeError:
        return None


def _held(result: Any, features: Any) -> Any:
    """Return a way back to a prediction; a large one is not kept alive by it."""
    sizes = [getattr(link, "nbytes", None) for link in _views(result)]  # a view keeps its whole array alive
    data = getattr(features, "nbytes", 0)
    room = max(_HELD_BYTES, int(data * _HELD_SHARE) if isinstance(data, int) else 0)
    if all(isinstance(size, int) and size <= room for size in sizes):
        return lambda: result
    return _weak(result)


@dataclass(slots=True, eq=False)
class Made:
    """One prediction: ways back to it and to what it was made with, and what is known of its data."""

    result: Any  # ways back, called to get there; models and data are never kept alive
    estimator: Any
    features: Any
    data: str
    classes: Any
    prefix: str
    # The record of the data, for a metric: taken with the prediction where a run holds its data, else when it was
    # needed first; however many metrics follow, they are digested once.
    inputs: tuple[RunInput, ...] | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """The models whose predictions a value may be. None: made elsewhere."""

    estimators: tuple[Any, ...] = ()
    known: bool = False  # True for exactly one model, beyond doubt
    made: Made | None = None  # the prediction itself, or the last of several
    mixed: bool = False  # the values are equal to one model's, and the code puts others together


@dataclass(slots=True)
class Predictions:
    """The predictions made lately."""

    _made: deque[Made] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def remember(
        self, result: Any, *, estimator: Any, features: Any, data: str, prefix: str = ""
    ) -> Made | None:
        """Take note of a prediction; what cannot be referred to weakly (a list, a number) is passed over."""
        reference, model = _held(result, features), _weak(estimator)
        if reference is None or model is None:
            return None
        classes = getattr(estimator, "classes_", None)
        made = Made(reference, model, _weak(features), data, classes, prefix)
        self._made.append(made)
        return made

    def origin(self, values: Any, evidence: Evidence) -> Attribution:
        """Tell which model *values* came from."""
        made = [(one, one.result()) for one in self._made]
        chain = _views(values)
        itself = [one for one, result in made if result is not None and any(result is link for link in chain)]
        if itself:
            return _attributed(itself[-1:], known=True)
        equal = [one for one, result in made if same_values(values, result)]
        if equal:
            return self._equal(equal, [one for one, _ in made], evidence)
        derived = [one for one, result in made if is_derived(values, result, one.classes)]
        return self._derived(derived, evidence) if derived else Attribution()

    def _equal(self, equal: list[Made], made: list[Made], evidence: Evidence) -> Attribution:
        """Return whose prediction has these very values; of several the one that the code confirms."""
        models = _models(equal)
        # Where one model alone is remembered, there is nobody to take it for.
        reached = evidence() if len(_models(made)) > 1 else None
        if reached is None:
            return _attributed(equal, known=len(models) == 1)
        others = [one for one in made if not any(one.estimator() is model for model in models)]
        for level, expressions in zip(reached.levels, reached.named, strict=True):
            confirmed = _among(level, equal)
            if confirmed:
                return _attributed(confirmed, known=len(_models(confirmed)) == 1)
            named = [_among(expression, others) for expression in expressions]
            mixed = next((found for found in named if len(_models(found)) > 1), None)
            if mixed:
                return replace(_attributed([*mixed, *equal], known=False), mixed=True)
            if any(named):
                others = []  # one alone shows nothing: its name may have been given to another model since
        return _attributed(equal, known=len(models) == 1)

    def _derived(self, derived: list[Made], evidence: Evidence) -> Attribution:
        """Return whose prediction these values were made of: nobody's where the code is known and names no such model."""
        reached = evidence()
        if reached is None:
            return _attributed(derived, known=False)
        confirmed = next(filter(None, (_among(level, derived) for level in reached.levels)), [])
        return _attributed(confirmed, known=len(_models(confirmed)) == 1)


def _among(reached: Sequence[Any], made: Sequence[Made]) -> list[Made]:
    """Return the predictions that are among the objects *reached*, themselves or by their models."""
    return [one for one in made if _is_among(reached, one)]


def _is_among(reached: Sequence[Any], made: Made) -> bool:
    model, result = made.estimator(), made.result()
    return any(
        thing is model or any(link is result and link is not None for link in _views(thing))
        for thing in reached
    )


def _views(values: Any) -> list[Any]:
    """Return *values* and what it is a view of, outward: slices and columns keep a way back to their array."""
    chain = [values]
    while len(chain) < _MAXIMUM_VIEWS:
        base = getattr(chain[-1], "base", None)
        if base is None:
            base = _behind(chain[-1])
        if base is None:
            break
        chain.append(base)
    return chain


def _behind(values: Any) -> Any:
    """Return the array that a pandas series shows; one of a special type has none that could be shared."""
    import numpy as np

    if type(values).__name__ != "Series" or not isinstance(getattr(values, "dtype", None), np.dtype):
        return None
    return values.to_numpy() if hasattr(values, "to_numpy") else None


def _models(made: Sequence[Made]) -> list[Any]:
    models: list[Any] = []
    for one in made:
        model = one.estimator()
        if model is not None and not any(model is other for other in models):
            models.append(model)
    return models


def _attributed(made: list[Made], *, known: bool) -> Attribution:
    models = _models(made)
    if not models:
        return Attribution()
    return Attribution(tuple(models), known, made[-1])
