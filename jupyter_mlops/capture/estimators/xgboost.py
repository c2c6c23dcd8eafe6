"""XGBoost: ``train`` and ``cv`` with the value of every evaluation, boosters, and what its estimators add to a fit."""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import FrameType, FunctionType, ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.boosting import (
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
from jupyter_mlops.capture.estimators.seen import Role

__all__ = ["observe"]

_FILE = "model.xgboost.json"


def observe(module: ModuleType, observer: Observer) -> None:
    """Begin to observe; *module* is ``xgboost``. Its estimators are scikit-learn's and are seen as such."""
    observer.patches.body(module.train, functools.partial(_train, observer))
    observer.patches.body(module.cv, functools.partial(cross_validated, observer, "xgboost.cv", _validated))
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
        begun = time.perf_counter()
        with observer.unwatched:
            booster = original(*args, **kwargs)
        seconds = time.perf_counter() - begun
        given = given_to(original, args, kwargs)
        observer.safely("xgboost.train", _trained, observer, booster, given, results, seconds, caller)
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
    inputs = list(observer.inputs_behind(given["dtrain"]))
    for matrix, _ in given.get("evals") or ():
        if matrix is not given["dtrain"]:
            inputs.extend(replace(one, role="test") for one in observer.inputs_behind(matrix))
    told = {**_booster_fields(observer, booster), "series": curves(results), "inputs": tuple(inputs)}
    tell_booster(observer, booster, given, {**told, "seconds": seconds}, caller)


def _booster_fields(observer: Observer, booster: Any) -> dict[str, Any]:
    gains = _gains(booster)
    files = importances(gains, [one[0] if isinstance(one, list) else one for one in gains.values()])
    files |= model_file(observer, _FILE, lambda: bytes(booster.save_raw("json")))
    metrics = {name: getattr(booster, name, None) for name in ("best_iteration", "best_score")}
    return {
        "metrics": {name: float(value) for name, value in metrics.items() if value is not None},
        "artifacts": files,
        "kept": False,
    }


def _gains(booster: Any) -> Any:
    try:
        return booster.get_score(importance_type="gain")
    except Exception:  # noqa: BLE001 - it raises for a booster of linear models, which knows no gain
        return {}


def _described(observer: Observer, estimator: Any) -> dict[str, Any]:
    """Return what is known of one of XGBoost's scikit-learn estimators beyond what all estimators have."""
    told = _booster_fields(observer, estimator.get_booster())
    told["series"] = curves(getattr(estimator, "evals_result_", None) or _results(estimator))
    return told


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
        "kind": "xgboost.core.Booster",
        "name": "xgboost.cv",
        "series": {str(k): tuple(enumerate(map(float, v))) for k, v in dict(result).items()},
        "inputs": observer.inputs_behind(given["dtrain"]),
        "seconds": seconds,
    }
    tell_booster(observer, None, given, told, caller)
