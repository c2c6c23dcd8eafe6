"""scikit-learn: every estimator's ``fit`` and ``partial_fit``, what it answers for which data, and ``score``.

A class that exists now is looked at now; one that is defined later, by scikit-learn's own lazy imports, by
another library or in a cell, tells us through ``BaseEstimator.__init_subclass__``.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from types import FrameType, FunctionType, ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.attempts import Attempt, attempt_fit, writes_in_place
from jupyter_mlops.capture.estimators.batches import Batches
from jupyter_mlops.capture.estimators.fits import role_of, tell_fit
from jupyter_mlops.capture.estimators.frames import called_by_library, name_of, skipped
from jupyter_mlops.capture.estimators.observer import Observer, number_of
from jupyter_mlops.capture.estimators.patches import ABSENT
from jupyter_mlops.capture.estimators.seen import Role
from jupyter_mlops.records.run import RunInput

__all__ = ["observe"]

_FITS = ("fit", "fit_predict", "fit_transform")
_PREDICTS = ("predict", "predict_proba", "predict_log_proba", "decision_function", "score_samples")


def observe(module: ModuleType, observer: Observer) -> None:
    """Begin to observe estimators; *module* is ``sklearn.base``."""
    base = module.BaseEstimator
    classes = _Classes(observer)
    for cls in _descendants(base):
        classes.observe(cls)

    def patched(before: Any) -> Any:
        inherited = before if before is not ABSENT else None

        def __init_subclass__(cls: Any, /, **kwargs: Any) -> None:  # noqa: N807
            if inherited is not None:
                inherited.__func__(cls, **kwargs)
            else:
                super(base, cls).__init_subclass__(**kwargs)
            classes.observe(cls)

        return classmethod(__init_subclass__)

    observer.patches.attribute(base, "__init_subclass__", patched)


def _descendants(base: type) -> Iterator[type]:
    seen: set[type] = set()
    waiting: list[type] = [base]
    while waiting:
        found: list[type] = waiting.pop().__subclasses__()
        for cls in found:
            if cls not in seen:
                seen.add(cls)
                waiting.append(cls)
                yield cls


class _Classes:
    """The classes whose methods are replaced."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._batches = Batches()
        self._known: set[type] = set()

    def observe(self, cls: type) -> None:
        """Replace the methods of *cls* and of the mixins it is made of, each once."""
        for one in cls.__mro__:
            if one is not object and one not in self._known:
                self._known.add(one)
                self._observe_methods(one)

    def _observe_methods(self, cls: type) -> None:
        for names, wrap in (
            (_FITS, functools.partial(_fit, self._observer, self._batches)),
            (("partial_fit",), functools.partial(_partial_fit, self._observer, self._batches)),
            (_PREDICTS, functools.partial(_predict, self._observer, _remember)),
            (("transform",), functools.partial(_predict, self._observer, _transformed)),
            (("score",), functools.partial(_score, self._observer)),
        ):
            for name in names:
                method: Any = vars(cls).get(name)
                if isinstance(method, FunctionType):
                    self._observer.patches.attribute(cls, name, wrap)
                elif type(method).__name__ == "_AvailableIfDescriptor" and isinstance(
                    method.fn, FunctionType
                ):
                    # methods a pipeline or search has only if its last step has them: keep that test in place
                    self._observer.patches.attribute(method, "fn", wrap)


def _given(original: FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a method by their names, without its receiver."""
    usual = ("X", "y")
    try:
        signature = inspect.signature(original)
        bound = signature.bind(None, *args, **kwargs).arguments
    except (TypeError, ValueError):  # a decorator takes other arguments than what it wraps
        return {**dict(zip(usual, args, strict=False)), **kwargs}
    given: dict[str, Any] = {}
    for name, value in list(bound.items())[1:]:
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:  # it has no names of its own for them
            given |= dict(zip(usual[len(given) :], value, strict=False))
        elif kind is inspect.Parameter.VAR_KEYWORD:
            given |= value
        else:
            given[name] = value
    return given


def _fit(observer: Observer, batches: Batches, original: FunctionType) -> Callable[..., Any]:
    predicts = original.__name__ == "fit_predict"

    @functools.wraps(original)
    @skipped
    def fit(self: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if observer.inside or not observer.sink.wanted():
            return original(self, *args, **kwargs)
        caller = sys._getframe(1)  # noqa: SLF001
        if called_by_library(caller, self):
            # a worker thread of a search, a bagging: what its parts fit is not the user's either
            with observer.unwatched:
                return original(self, *args, **kwargs)
        given = functools.partial(_given, original, args, kwargs)
        attempt = attempt_fit(observer, self, given, caller)
        with attempt, observer.unwatched:
            result = original(self, *args, **kwargs)
        observer.safely(
            f"a fit of {type(self).__name__}", _fitted, observer, batches, self, given(), attempt, caller
        )
        if predicts:
            # of what was fitted on just now
            features = args[0] if args else kwargs.get("X")
            observer.safely("a prediction", _own, observer, result, self, features, caller)
        return result

    return fit


def _fitted(
    observer: Observer,
    batches: Batches,
    estimator: Any,
    given: dict[str, Any],
    attempt: Attempt,
    caller: FrameType,
) -> None:
    batches.forget(estimator)
    tell_fit(observer, estimator, given, attempt.seconds, caller, attempt.before)
    labels = getattr(estimator, "labels_", None)
    if labels is not None and not hasattr(estimator, "classes_"):
        _own(observer, labels, estimator, next(iter(given.values()), None), caller)


def _partial_fit(observer: Observer, batches: Batches, original: FunctionType) -> Callable[..., Any]:
    @functools.wraps(original)
    @skipped
    def partial_fit(self: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if observer.inside or not observer.sink.wanted():
            return original(self, *args, **kwargs)
        caller = sys._getframe(1)  # noqa: SLF001
        if called_by_library(caller, self):
            with observer.unwatched:
                return original(self, *args, **kwargs)
        given = functools.partial(_given, original, args, kwargs)
        attempt = attempt_fit(observer, self, given, caller, batch=True)
        with attempt, observer.unwatched:
            result = original(self, *args, **kwargs)
        what = f"a batch of {type(self).__name__}"
        observer.safely(what, batches.add, observer, self, given(), attempt.seconds, caller, attempt.before)
        return result

    return partial_fit


def _predict(observer: Observer, tell: Callable[..., None], original: FunctionType) -> Callable[..., Any]:
    @functools.wraps(original)
    @skipped
    def predict(self: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        caller = sys._getframe(1)  # noqa: SLF001
        if not observer.watches(caller, self):
            return original(self, *args, **kwargs)
        features = args[0] if args else kwargs.get("X")
        known: list[RunInput] = []
        # Where no models are kept nobody asks what they were asked about; a step that was fitted here is a step.
        wanted = observer.sink.keeps() and (tell is _remember or not observer.knows(self))
        if wanted and writes_in_place(self):
            observer.safely("data before a prediction", _look, observer, known, features, caller)
        with observer.unwatched:
            result = original(self, *args, **kwargs)
        observer.safely("a prediction", tell, observer, result, self, features, caller, *known)
        return result

    return predict


def _look(observer: Observer, known: list[RunInput], features: Any, caller: FrameType) -> None:
    """Take the digest of what an estimator may write into before it answers."""
    found = observer.digested.record(features, "test", caller, name_of(features, caller) or "X")
    known.extend(() if found is None else (found,))


def _own(observer: Observer, result: Any, estimator: Any, features: Any, caller: FrameType) -> None:
    """Remember an answer for the data of the fit: whose it is, and no more, for they are recorded with the fit."""
    observer.predictions.remember(
        result, estimator=estimator, features=features, data=name_of(features, caller)
    )


def _remember(
    observer: Observer,
    result: Any,
    estimator: Any,
    features: Any,
    caller: FrameType,
    known: RunInput | None = None,
) -> None:
    observer.predicted(result, estimator, features, caller, known)


def _transformed(
    observer: Observer,
    _result: Any,
    estimator: Any,
    features: Any,
    caller: FrameType,
    known: RunInput | None = None,
) -> None:
    """What a clusterer or a loaded transformer makes of data is an answer; of one fitted here it is a step on the way."""
    role = role_of(estimator)
    if role is Role.MODEL or not observer.knows(estimator):
        observer.asked(estimator, features, name_of(features, caller), caller, role=role, known=known)


def _score(observer: Observer, original: FunctionType) -> Callable[..., Any]:
    @functools.wraps(original)
    @skipped
    def score(self: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        caller = sys._getframe(1)  # noqa: SLF001
        if not observer.watches(caller, self):
            return original(self, *args, **kwargs)
        with observer.unwatched:
            result = original(self, *args, **kwargs)
        number = number_of(result)
        if number is not None:
            given = (args[0] if args else kwargs.get("X"), args[1] if len(args) > 1 else kwargs.get("y"))
            observer.safely("a score", observer.scored, self, "score", number, given, caller)
        return result

    return score
