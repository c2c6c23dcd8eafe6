"""Cross-validation by function: scores and times of each fold, and the curves made of them.

The estimator that was given is not fitted by these, so no model is kept; what is kept are its scores.
"""

from __future__ import annotations

import functools
import inspect
import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import FrameType, FunctionType, ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.attempts import Attempt, inputs_to
from jupyter_mlops.capture.estimators.fits import inputs_of, kind_of
from jupyter_mlops.capture.estimators.frames import name_of, skipped
from jupyter_mlops.capture.estimators.observer import Observer
from jupyter_mlops.capture.estimators.seen import FitSeen, Role
from jupyter_mlops.capture.estimators.training import parameters, plain
from jupyter_mlops.records.run import RunInput

__all__ = ["observe"]

_TIMES = {"fit_time": "fit_seconds", "score_time": "score_seconds"}
_Numbers = Mapping[str, Any]  # by name: one number, or an array of one number a fold


def observe(module: ModuleType, observer: Observer) -> None:
    """Begin to observe cross-validation functions; *module* is ``sklearn.model_selection``."""
    folds = threading.local()  # what the innermost cross_validate found, for the function built on it
    for name, read in _READERS.items():
        function = getattr(module, name, None)
        if isinstance(function, FunctionType):
            observer.patches.body(function, functools.partial(_watched, observer, folds, read))


def _watched(
    observer: Observer, folds: threading.local, read: Callable[..., Any], original: FunctionType
) -> Callable[..., Any]:
    @skipped
    def validate(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        caller = sys._getframe(2)  # noqa: SLF001 - between us and the caller stands the function's own frame
        if not observer.watches(caller):
            result = original(*args, **kwargs)
            if original.__name__ == "cross_validate" and observer.sink.wanted():
                folds.last = result
            return result
        folds.last = None
        function = original.__name__
        attempt = Attempt(
            observer,
            function,
            lambda attempt, data: _failed(
                function, _bound(original, args, kwargs), caller, attempt, data=data
            ),
        )
        with attempt, observer.unwatched:
            result = original(*args, **kwargs)
        given = _bound(original, args, kwargs)
        found = read(given, result, folds.last)
        observer.safely(function, _tell, observer, function, given, found, attempt.seconds, caller)
        if function == "cross_val_predict":
            observer.safely("a prediction", _remember, observer, result, given, caller)
        return result

    return validate


def _tell(
    observer: Observer,
    function: str,
    given: Mapping[str, Any],
    found: tuple[_Numbers, Mapping[str, bytes]],
    seconds: float,
    caller: FrameType,
) -> None:
    numbers, artifacts = found
    series: dict[str, tuple[tuple[int, float], ...]] = {}
    metrics = dict(said for name, value in numbers.items() for said in _summed_up(name, value, series))
    seen = _made_with(function, given, caller, inputs_of(given["X"], given.get("y"), caller))
    observer.sink.fit(replace(seen, metrics=metrics, series=series, seconds=seconds, artifacts=artifacts))


def _bound(original: FunctionType, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the arguments of a call by name, with those that were not given."""
    given = inspect.signature(original).bind(*args, **kwargs)
    given.apply_defaults()
    return given.arguments


def _failed(
    function: str, given: Mapping[str, Any], caller: FrameType, attempt: Attempt, *, data: bool
) -> FitSeen:
    inputs = inputs_to(attempt, given["X"], given.get("y"), caller) if data else ()
    return _made_with(function, given, caller, inputs)


def _made_with(
    function: str, given: Mapping[str, Any], caller: FrameType, inputs: tuple[RunInput, ...]
) -> FitSeen:
    """Return an evaluation without what it came to."""
    estimator = given["estimator"]
    return FitSeen(
        estimator=estimator,
        features=None,
        role=Role.EVALUATION,
        kind=kind_of(estimator),
        name=f"{function} {name_of(estimator, caller) or type(estimator).__name__}",
        params={**parameters(estimator), **_settings(given)},
        inputs=inputs,
        kept=False,
    )


def _settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return how the data were split and scored."""
    told = {"cv": plain(given.get("cv")), "scoring": plain(given.get("scoring"))}
    return {f"validation_{name}": value for name, value in told.items() if value is not None}


def _summed_up(
    name: str, value: Any, series: dict[str, tuple[tuple[int, float], ...]]
) -> Iterator[tuple[str, float]]:
    import numpy as np

    if np.ndim(value) == 0:
        yield name, float(value)
        return
    values = [float(one) for one in value]
    series[f"fold_{name.removeprefix('cv_')}"] = tuple(enumerate(values))
    yield name, float(np.mean(values))
    yield f"{name}_std", float(np.std(values))


def _scores(given: Mapping[str, Any], result: Any, folds: Any) -> tuple[_Numbers, Mapping[str, bytes]]:
    """Read ``cross_val_score``: one array; the times are what the function underneath measured."""
    scoring = given.get("scoring")
    found: dict[str, Any] = {f"cv_{scoring if isinstance(scoring, str) else 'score'}": result}
    return {**found, **_times(folds or {})}, {}


def _validated(given: Mapping[str, Any], result: Any, _folds: Any) -> tuple[_Numbers, Mapping[str, bytes]]:
    """Read ``cross_validate``: arrays by name."""
    scoring, found = given.get("scoring"), dict[str, Any]()
    for key, values in result.items():
        of, _, name = key.partition("_")
        if of in {"test", "train"} and name:
            said = scoring if isinstance(scoring, str) and name == "score" else name
            found[f"cv_{said}" if of == "test" else f"cv_train_{said}"] = values
    return {**found, **_times(result)}, {}


def _times(result: Mapping[str, Any]) -> dict[str, Any]:
    return {f"cv_{said}": result[key] for key, said in _TIMES.items() if key in result}


def _predicted(_given: Mapping[str, Any], _result: Any, _folds: Any) -> tuple[_Numbers, Mapping[str, bytes]]:
    """Read ``cross_val_predict``: its numbers come when the user scores it."""
    return {}, {}


def _permuted(_given: Mapping[str, Any], result: Any, _folds: Any) -> tuple[_Numbers, Mapping[str, bytes]]:
    """Read ``permutation_test_score``."""
    import numpy as np

    score, permuted, chance = result
    return {"cv_score": score, "permuted_score": float(np.mean(permuted)), "p_value": chance}, {}


def _learned(_given: Mapping[str, Any], result: Any, _folds: Any) -> tuple[_Numbers, Mapping[str, bytes]]:
    """Read ``learning_curve``: sizes, and scores by size and fold."""
    sizes, train, test, *times = result
    curve = {"train_sizes": sizes, "train_scores": train, "test_scores": test}
    curve |= dict(zip(("fit_seconds", "score_seconds"), times, strict=False))
    return {"cv_score": test[-1], "cv_train_score": train[-1]}, {"learning_curve.json": _json(curve)}


def _varied(given: Mapping[str, Any], result: Any, _folds: Any) -> tuple[_Numbers, Mapping[str, bytes]]:
    """Read ``validation_curve``: scores by value of a parameter and fold."""
    import numpy as np

    train, test = result
    best = int(np.argmax(np.mean(test, axis=1)))
    values = [plain(value) for value in given["param_range"]]
    curve = {given["param_name"]: values, "train_scores": train, "test_scores": test}
    return {"cv_score": test[best], "cv_train_score": train[best]}, {"validation_curve.json": _json(curve)}


def _json(curve: Mapping[str, Any]) -> bytes:
    content = {name: value.tolist() if hasattr(value, "tolist") else value for name, value in curve.items()}
    return json.dumps(content, separators=(",", ":")).encode()


def _remember(observer: Observer, result: Any, given: Mapping[str, Any], caller: FrameType) -> None:
    observer.predictions.remember(
        result,
        estimator=given["estimator"],
        features=given["X"],
        data=name_of(given["X"], caller),
        prefix="cv_",
    )


_READERS: Mapping[str, Callable[..., Any]] = {
    "cross_validate": _validated,
    "cross_val_score": _scores,
    "cross_val_predict": _predicted,
    "permutation_test_score": _permuted,
    "learning_curve": _learned,
    "validation_curve": _varied,
}
