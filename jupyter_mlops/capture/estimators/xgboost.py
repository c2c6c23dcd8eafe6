"""XGBoost: ``train`` and ``cv`` with the value of every evaluation, boosters, and what its estimators add to a fit."""

from __future__ import annotations

import functools
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
    given_to,
    importances,
    model_file,
    observe_matrix,
    observe_predict,
    tell_booster,
)
from jupyter_mlops.capture.estimators.frames import skipped
from jupyter_mlops.capture.estimators.observer import Observer
from jupyter_mlops.capture.estimators.seen import FitSeen, Role, Series

__all__ = ["observe"]

_FILE = "model.xgboost.json"
_KIND = "xgboost.core.Booster"


def observe(module: ModuleType, observer: Observer) -> None:
    """Begin to observe; *module* is ``xgboost``. Its estimators are scikit-learn's and are seen as such."""
    observer.patches.body(module.train, functools.partial(_train, observer))
    observer.patches.body(
        module.cv, functools.partial(cross_validated, observer, "xgboost.cv", _validated, _failed)
    )
    observe_predict(observer, module.Booster)
    for name in ("DMatrix", "QuantileDMatrix"):
        observe_matrix(observer, getattr(module, name))
    observer.describers["xgboost"] = functools.partial(_described, observer)


def _train(observer: Observer, original: FunctionType) -> Callable[..., Any]:
    @skipped
    def train(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        caller = sys._getframe(2)  # noqa: SLF001 - between us and the caller stands the function's own frame
        if not observer.watches(caller):
            return original(*args, **kwargs)
        asked: dict[str, Any] | None = kwargs.get("evals_result")
        kwargs["evals_result"] = results = {} if asked is None else asked
        given = given_to(original, args, kwargs)
        attempt = Attempt(
            observer,
            "xgboost.train",
            lambda *_: _failed(observer, given, caller, _made_with(observer, given, results)),
        )
        with attempt, observer.unwatched:
            booster = original(*args, **kwargs)
        observer.safely("xgboost.train", _trained, observer, booster, given, results, attempt.seconds, caller)
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
    made = _made_with(observer, given, results)
    told = {**_booster_fields(observer, booster, made["series"]), **made}
    tell_booster(observer, booster, given, {**told, "seconds": seconds}, caller)


def _made_with(observer: Observer, given: Mapping[str, Any], results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a training and how it went, as far as it went."""
    inputs = list(observer.inputs_behind(given["dtrain"]))
    for matrix, _ in given.get("evals") or ():
        if matrix is not given["dtrain"]:
            inputs.extend(replace(one, role="test") for one in observer.inputs_behind(matrix))
    return {"series": curves(results), "inputs": tuple(inputs)}


def _failed(
    observer: Observer, given: Mapping[str, Any], caller: FrameType, told: Mapping[str, Any] | None = None
) -> FitSeen:
    """Return what a training, or a cross-validation, was made with that has raised."""
    validated = {"role": Role.EVALUATION, "name": "xgboost.cv"}
    known = {**validated, "inputs": observer.inputs_behind(given["dtrain"])} if told is None else told
    return booster_seen(None, given, {**known, "kind": _KIND}, caller)


def _booster_fields(observer: Observer, booster: Any, series: Series) -> dict[str, Any]:
    gains = _gains(booster)
    files = importances(gains, [one[0] if isinstance(one, list) else one for one in gains.values()])
    files |= model_file(observer, _FILE, lambda: bytes(booster.save_raw("json")))
    return {"metrics": _best(booster, series), "artifacts": files, "kept": False}


def _best(booster: Any, series: Series) -> dict[str, float]:
    """Return the best round and its score, under the name of the curve that it is a point of: ``best_test_mae``.

    The library calls it a score whatever is measured, also where less is better.
    """
    place, score = (getattr(booster, name, None) for name in ("best_iteration", "best_score"))
    if place is None or score is None:
        return {}
    # Of several the last data set's last metric is what the library stops by.
    name = next(
        (name for name, points in reversed(tuple(series.items())) if (place, score) in points), "score"
    )
    return {"best_iteration": float(place), f"best_{name}": float(score)}


def _gains(booster: Any) -> Any:
    try:
        return booster.get_score(importance_type="gain")
    except Exception:  # noqa: BLE001 - it raises for a booster of linear models, which knows no gain
        return {}


def _described(observer: Observer, estimator: Any) -> dict[str, Any]:
    """Return what is known of one of XGBoost's scikit-learn estimators beyond what all estimators have."""
    series = curves(getattr(estimator, "evals_result_", None) or _results(estimator))
    return {**_booster_fields(observer, estimator.get_booster(), series), "series": series}


def _results(estimator: Any) -> Any:
    try:
        return estimator.evals_result()
    except Exception:  # noqa: BLE001 - it raises where nothing was evaluated
        return {}


def _validated(
    observer: Observer, given: Mapping[str, Any], result: Any, seconds: float, caller: FrameType
) -> None:
    told = {
        "role": Role.EVALUATION,
        "kind": _KIND,
        "name": "xgboost.cv",
        "series": {str(k): tuple(enumerate(map(float, v))) for k, v in dict(result).items()},
        "inputs": observer.inputs_behind(given["dtrain"]),
        "seconds": seconds,
    }
    tell_booster(observer, None, given, told, caller)
