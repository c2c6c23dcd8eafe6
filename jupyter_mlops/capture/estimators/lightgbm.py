"""LightGBM: ``train`` and ``cv`` with the value of every evaluation, boosters, and what its estimators add to a fit."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import FrameType, FunctionType, ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.attempts import Attempt
from jupyter_mlops.capture.estimators.boosting import (
    booster_seen,
    cross_validated,
    curves,
    importances,
    model_file,
    observe_matrix,
    observe_predict,
    tell_booster,
)
from jupyter_mlops.capture.estimators.frames import skipped
from jupyter_mlops.capture.estimators.observer import Observer
from jupyter_mlops.capture.estimators.seen import FitSeen, Role

__all__ = ["observe"]

_FILE = "model.lightgbm.txt"
_KIND = "lightgbm.basic.Booster"


def observe(module: ModuleType, observer: Observer) -> None:
    """Begin to observe; *module* is ``lightgbm``. Its estimators are scikit-learn's and are seen as such."""
    observer.patches.body(module.train, functools.partial(_train, observer, module.record_evaluation))
    observer.patches.body(
        module.cv, functools.partial(cross_validated, observer, "lightgbm.cv", _validated, _failed)
    )
    observe_predict(observer, module.Booster)
    observe_matrix(observer, module.Dataset)
    observer.describers["lightgbm"] = functools.partial(_described, observer)


def _train(
    observer: Observer, record: Callable[[dict[str, Any]], Any], original: FunctionType
) -> Callable[..., Any]:
    @skipped
    def train(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        caller = sys._getframe(2)  # noqa: SLF001 - between us and the caller stands the function's own frame
        if not observer.watches(caller):
            return original(*args, **kwargs)
        results: dict[str, Any] = {}
        bound = inspect.signature(original).bind(*args, **kwargs)
        if bound.arguments.get("valid_sets"):
            bound.arguments["callbacks"] = [*(bound.arguments.get("callbacks") or ()), record(results)]
        given = bound.arguments
        attempt = Attempt(
            observer,
            "lightgbm.train",
            lambda *_: _failed(observer, given, caller, _made_with(observer, given, results)),
        )
        with attempt, observer.unwatched:
            booster = original(*bound.args, **bound.kwargs)
        observer.safely(
            "lightgbm.train", _trained, observer, booster, given, results, attempt.seconds, caller
        )
        return booster

    return train


def _trained(
    observer: Observer,
    booster: Any,
    given: Mapping[str, Any],
    results: Mapping[str, Any],
    seconds: float,
    caller: FrameType,
) -> None:
    told = {**_booster_fields(observer, booster), **_made_with(observer, given, results)}
    tell_booster(observer, booster, given, {**told, "seconds": seconds}, caller)


def _made_with(observer: Observer, given: Mapping[str, Any], results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a training and how it went, as far as it went."""
    inputs = list(observer.inputs_behind(given["train_set"]))
    valid = given.get("valid_sets") or ()
    for matrix in valid if isinstance(valid, (list, tuple)) else (valid,):
        if matrix is not given["train_set"]:
            inputs.extend(replace(one, role="test") for one in observer.inputs_behind(matrix))
    return {"series": curves(results), "inputs": tuple(inputs)}


def _failed(
    observer: Observer, given: Mapping[str, Any], caller: FrameType, told: Mapping[str, Any] | None = None
) -> FitSeen:
    """Return what a training, or a cross-validation, was made with that has raised."""
    validated = {"role": Role.EVALUATION, "name": "lightgbm.cv"}
    known = {**validated, "inputs": observer.inputs_behind(given["train_set"])} if told is None else told
    return booster_seen(None, given, {**known, "kind": _KIND}, caller)


def _booster_fields(observer: Observer, booster: Any) -> dict[str, Any]:
    metrics: dict[str, float] = {}
    if booster.best_iteration > 0:
        metrics["best_iteration"] = float(booster.best_iteration)
    for data, scores in booster.best_score.items():
        metrics |= {f"best_{data}_{name}".replace("@", "_at_"): float(v) for name, v in scores.items()}
    files = importances(booster.feature_name(), booster.feature_importance(importance_type="gain"))
    files |= model_file(observer, _FILE, lambda: booster.model_to_string().encode())
    return {"metrics": metrics, "artifacts": files, "kept": False}


def _described(observer: Observer, estimator: Any) -> dict[str, Any]:
    """Return what is known of one of LightGBM's scikit-learn estimators beyond what all estimators have."""
    told = _booster_fields(observer, estimator.booster_)
    return {**told, "series": curves(estimator.evals_result_)}


def _validated(
    observer: Observer, given: Mapping[str, Any], result: Mapping[str, Any], seconds: float, caller: FrameType
) -> None:
    series = {
        str(name).replace(" ", "_"): tuple(enumerate(map(float, values)))
        for name, values in result.items()
        if isinstance(values, list)
    }
    told = {
        "role": Role.EVALUATION,
        "kind": _KIND,
        "name": "lightgbm.cv",
        "series": series,
        "inputs": observer.inputs_behind(given["train_set"]),
        "seconds": seconds,
    }
    tell_booster(observer, None, given, told, caller)
