"""scikit-learn: every estimator's ``fit``, the predictions that follow, and ``score``.

A class that exists now is looked at now; one that is defined later, by scikit-learn's own lazy imports, by
another library or in a cell, tells us through ``BaseEstimator.__init_subclass__``.
"""

from __future__ import annotations

import functools
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, MutableMapping
from types import FrameType, FunctionType, ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.frames import called_by_library, name_of
from jupyter_mlops.capture.estimators.patches import ABSENT, Patches
from jupyter_mlops.capture.estimators.predictions import Predictions
from jupyter_mlops.capture.estimators.seen import FitSeen, MetricSeen, Sink
from jupyter_mlops.capture.estimators.training import Budget, input_of, parameters, training_metrics

__all__ = ["LAST", "Observer", "observe"]

_FITS = ("fit", "fit_predict", "fit_transform")
_PREDICTS = ("predict", "predict_proba", "predict_log_proba", "decision_function")


class Observer:
    """One sink's view of scikit-learn: what was predicted lately, what each model was fitted on."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.predictions = Predictions()
        self._depth = threading.local()
        # estimator to a weak reference to its training features; neither is kept alive by it
        self._trained_on: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
        self.classes: set[type] = set()  # whose methods are replaced already
        self._scored: weakref.WeakKeyDictionary[Any, dict[str, str]] = weakref.WeakKeyDictionary()

    def watches(self, caller: FrameType | None, receiver: Any = None) -> bool:
        """Tell whether a call by *caller* is the user's own, outside any fit, while somebody listens."""
        return self.sink.wanted() and not self.inside and not called_by_library(caller, receiver)

    @property
    def inside(self) -> bool:
        """True within an observed call of this thread."""
        return getattr(self._depth, "level", 0) > 0

    def quietly(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call without observing what happens within."""
        self._depth.level = getattr(self._depth, "level", 0) + 1
        try:
            return call(*args, **kwargs)
        finally:
            self._depth.level -= 1

    def safely(self, what: str, call: Callable[..., None], *args: Any) -> None:
        """Observe; a failure of ours is a note in the run, never the user's exception."""
        try:
            self.quietly(call, *args)
        except Exception as failure:  # noqa: BLE001
            self.sink.note(f"{what} could not be observed: {type(failure).__name__}: {failure}"[:300])

    def fitted(
        self, estimator: Any, args: tuple[Any, ...], kwargs: dict[str, Any], seconds: float, caller: FrameType
    ) -> None:
        """Tell the sink of a finished fit."""
        if not any(hasattr(type(estimator), name) for name in ("predict", "fit_predict", "score_samples")):
            return  # a transformer: its data are seen where they are used
        features = args[0] if args else kwargs.get("X")
        target = args[1] if len(args) > 1 else kwargs.get("y")
        self._trained_on[estimator] = _reference(features)
        inputs = [input_of(features, "train", caller, "X")]
        if target is not None:
            inputs.append(input_of(target, "train", caller, "y"))
        self.sink.fit(
            FitSeen(
                estimator=estimator,
                features=features,
                kind=f"{type(estimator).__module__}.{type(estimator).__qualname__}",
                name=name_of(estimator, caller),
                params=parameters(estimator),
                metrics=self._metrics(estimator, features, target, seconds),
                inputs=tuple(one for one in inputs if one is not None),
                **self._portrait(estimator, features),
                seconds=seconds,
            )
        )

    def _metrics(self, estimator: Any, features: Any, target: Any, seconds: float) -> dict[str, float]:
        if hasattr(estimator, "predict"):
            expected = Budget(seconds).exceeded_by(estimator.predict, features)
            if expected is not None:
                self.sink.note(
                    f"no metrics on the training data of {type(estimator).__name__}: predicting it again would take "
                    f"about {expected:.1f} s after a fit of {seconds:.1f} s"
                )
                return {}
        return training_metrics(estimator, features, target)

    def _portrait(self, estimator: Any, features: Any) -> dict[str, Any]:
        from jupyter_mlops.capture.dataset import profile, signature_of

        few = features.iloc[:5] if hasattr(features, "iloc") else features[:5]
        answer = estimator.predict(few) if hasattr(estimator, "predict") else None
        return {"signature": signature_of(features, answer), "profile": profile(features)}

    def measured(self, function: str, value: Any, values: Any, caller: FrameType) -> None:
        """Tell the sink of a metric computed from *values*, if they are somebody's predictions."""
        number = _number(value)
        if number is None:
            return
        origin = self.predictions.origin(values)
        if origin.known:
            self.scored(origin.estimators[0], function, number, origin.features, origin.data, caller)
        elif origin.estimators:
            models = ", ".join(type(model).__name__ for model in origin.estimators)
            self.sink.metric(MetricSeen(name=function, value=number, candidates=len(origin.estimators)))
            self.sink.note(f"{function} = {number:.6g} fits the predictions of several models: {models}")

    def scored(
        self, estimator: Any, function: str, value: float, features: Any, data: str, caller: FrameType
    ) -> None:
        """Tell the sink of a metric of a known model."""
        trained = self._trained_on.get(estimator)
        training = features is not None and trained is not None and trained() is features
        one = (
            None
            if features is None
            else input_of(features, "train" if training else "test", caller, data or "X")
        )
        self.sink.metric(
            MetricSeen(
                name=f"train_{function}" if training else self._named(estimator, function, data),
                value=value,
                estimator=estimator,
                data=data,
                inputs=() if one is None or training else (one,),
            )
        )

    def _named(self, estimator: Any, function: str, data: str) -> str:
        """Name a metric by its function; a second data set scored with the same function adds its own name."""
        first = self._scored.setdefault(estimator, {}).setdefault(function, data)
        return function if first == data or not data else f"{function}_{data}"


def _reference(thing: Any) -> Callable[[], Any]:
    try:
        return weakref.ref(thing)
    except TypeError:
        return lambda: None


def _number(value: Any) -> float | None:
    import numpy as np

    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating, np.integer)):
        return None
    return float(value)


# The observer in force, for the metric functions' side; a process has one, like the patches.
LAST: list[Observer] = []


def observe(
    module: ModuleType, sink: Sink, patches: Patches, namespace: MutableMapping[str, Any] | None
) -> None:
    """Begin to observe estimators; *module* is ``sklearn.base``."""
    del namespace  # classes are shared objects: a name imported earlier is the same class
    observer = Observer(sink)
    LAST[:] = [observer]
    base = module.BaseEstimator
    for cls in _descendants(base):
        _observe_class(cls, observer, patches)

    def patched(before: Any) -> Any:
        inherited = before if before is not ABSENT else None

        def __init_subclass__(cls: Any, /, **kwargs: Any) -> None:  # noqa: N807
            if inherited is not None:
                inherited.__func__(cls, **kwargs)
            else:
                super(base, cls).__init_subclass__(**kwargs)
            _observe_class(cls, observer, patches)

        return classmethod(__init_subclass__)

    patches.attribute(base, "__init_subclass__", patched)


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


def _observe_class(cls: type, observer: Observer, patches: Patches) -> None:
    """Replace the methods of *cls* and of the mixins it is made of, each once."""
    for one in cls.__mro__:
        if one is not object and one not in observer.classes:
            observer.classes.add(one)
            _observe_methods(one, observer, patches)


def _observe_methods(cls: type, observer: Observer, patches: Patches) -> None:
    for names, wrap in ((_FITS, _fit), (_PREDICTS, _predict), (("score",), _score)):
        for name in names:
            method: Any = vars(cls).get(name)
            if isinstance(method, FunctionType):
                patches.attribute(cls, name, functools.partial(wrap, observer))
            elif type(method).__name__ == "_AvailableIfDescriptor" and isinstance(method.fn, FunctionType):
                # methods a pipeline or search has only if its last step has them: keep that test in place
                patches.attribute(method, "fn", functools.partial(wrap, observer))


def _fit(observer: Observer, original: FunctionType) -> Callable[..., Any]:
    @functools.wraps(original)
    def fit(self: Any, *args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1)  # noqa: SLF001
        if not observer.watches(caller, self):
            return original(self, *args, **kwargs)
        begun = time.perf_counter()
        result = observer.quietly(original, self, *args, **kwargs)
        seconds = time.perf_counter() - begun
        if original.__name__ == "fit_predict":
            _remember(observer, result, self, args, kwargs, caller)
        observer.safely(
            f"a fit of {type(self).__name__}", observer.fitted, self, args, kwargs, seconds, caller
        )
        return result

    return fit


def _predict(observer: Observer, original: FunctionType) -> Callable[..., Any]:
    @functools.wraps(original)
    def predict(self: Any, *args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1)  # noqa: SLF001
        if not observer.watches(caller, self):
            return original(self, *args, **kwargs)
        result = observer.quietly(original, self, *args, **kwargs)
        observer.safely("a prediction", _remember, observer, result, self, args, kwargs, caller)
        return result

    return predict


def _remember(
    observer: Observer,
    result: Any,
    estimator: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    caller: FrameType,
) -> None:
    features = args[0] if args else kwargs.get("X")
    observer.predictions.remember(
        result, estimator=estimator, features=features, data=name_of(features, caller)
    )


def _score(observer: Observer, original: FunctionType) -> Callable[..., Any]:
    @functools.wraps(original)
    def score(self: Any, *args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1)  # noqa: SLF001
        if not observer.watches(caller, self):
            return original(self, *args, **kwargs)
        result = observer.quietly(original, self, *args, **kwargs)
        features = args[0] if args else kwargs.get("X")
        number = _number(result)
        if number is not None:
            data = name_of(features, caller)
            observer.safely("a score", observer.scored, self, "score", number, features, data, caller)
        return result

    return score
