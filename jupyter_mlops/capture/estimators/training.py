"""What a fitted scikit-learn estimator says of itself: parameters, metrics on its training data, inputs.

The metric set follows the field's custom for automatic logging (reference: scikit-learn's own definitions):
regressors have mae, rmse and r2; classifiers accuracy, precision, recall and f1 (weighted over classes),
and with probabilities log_loss and roc_auc (binary, or weighted one-vs-one). All carry the prefix ``train_``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_mlops.capture.estimators.frames import name_of
from jupyter_mlops.records.run import RunInput

__all__ = ["Budget", "input_of", "parameters", "training_metrics"]

_LONGEST = 250  # characters of a parameter's text
_PROBE_ROWS = 500
_FREE_SECONDS = 0.25  # a prediction this short is made whatever the fit took
_SHARE = 0.5  # of the fit's own time that predictions on the training data may take


class Budget:
    """How long predictions on the training data may take after a fit of *seconds*."""

    def __init__(self, seconds: float) -> None:
        self.allowed = max(_FREE_SECONDS, seconds * _SHARE)

    def exceeded_by(self, predict: Callable[[Any], Any], features: Any) -> float | None:
        """Return the expected seconds if predicting all of *features* would cost too much, else None.

        Judged by a probe of a few hundred rows; a prediction's cost grows with its rows.
        """
        rows = _rows(features)
        if rows is None or rows <= _PROBE_ROWS:
            return None
        probe = features.iloc[:_PROBE_ROWS] if hasattr(features, "iloc") else features[:_PROBE_ROWS]
        begun = time.perf_counter()
        predict(probe)
        expected = (time.perf_counter() - begun) * rows / _PROBE_ROWS
        return expected if expected > self.allowed else None


def _rows(features: Any) -> int | None:
    shape = getattr(features, "shape", None)
    if shape:
        return int(shape[0])
    return len(features) if hasattr(features, "__len__") else None


def parameters(estimator: Any) -> dict[str, str | int | float | bool | None]:
    """Return all hyperparameters, those of nested estimators under ``outer__inner``; of a search its own and its best."""
    is_search = hasattr(estimator, "best_params_")
    found = {name: _plain(value) for name, value in estimator.get_params(deep=not is_search).items()}
    if is_search:
        found |= {f"best_{name}": _plain(value) for name, value in estimator.best_params_.items()}
    return found


def _plain(value: Any) -> str | int | float | bool | None:
    if value is None or isinstance(value, (bool, int, str)):
        return value if not isinstance(value, str) else value[:_LONGEST]
    if isinstance(value, float):
        return float(value)
    if hasattr(value, "get_params"):
        return type(value).__name__  # its own parameters follow under their own names
    if _is_steps(value):
        return ", ".join(f"{step[0]} {_plain(step[1])}" for step in value)[:_LONGEST]
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) == 0:
        return _plain(item())
    return " ".join(repr(value).split())[:_LONGEST]


def _is_steps(value: Any) -> bool:
    """Tell whether *value* is a pipeline's steps or the like: pairs that begin with a name."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, tuple) and len(one) > 1 and isinstance(one[0], str) for one in value)
    )


def input_of(data: Any, role: str, caller: Any, fallback: str) -> RunInput | None:
    """Return the record of data that went into a fit or a score; None for what has no digest."""
    from jupyter_mlops.capture.fingerprint import fingerprint

    seen = fingerprint(data)
    if seen is None:
        return None
    return RunInput(
        name=name_of(data, caller) or fallback,
        role=role,
        digest=seen.digest,
        rows=seen.rows,
        columns=seen.columns,
        kind=seen.kind,
    )


def training_metrics(estimator: Any, features: Any, target: Any) -> dict[str, float]:
    """Return the metrics of *estimator* on its own training data; empty where it has none."""
    from sklearn.base import is_classifier, is_regressor

    if hasattr(estimator, "best_score_"):
        return {"best_cv_score": float(estimator.best_score_)}
    if target is None:
        return {}
    if is_regressor(estimator):
        found = _regression(target, estimator.predict(features))
    elif is_classifier(estimator):
        found = _classification(estimator, features, target)
    else:
        return {}
    return {f"train_{name}": float(value) for name, value in found}


def _regression(target: Any, predicted: Any) -> Iterator[tuple[str, float]]:
    from sklearn import metrics

    yield "mae", metrics.mean_absolute_error(target, predicted)
    yield "rmse", metrics.mean_squared_error(target, predicted) ** 0.5
    yield "r2", metrics.r2_score(target, predicted)


def _classification(estimator: Any, features: Any, target: Any) -> Iterator[tuple[str, float]]:
    from sklearn import metrics
    from sklearn.utils.multiclass import type_of_target

    predicted = estimator.predict(features)
    yield "accuracy", metrics.accuracy_score(target, predicted)
    for name in ("precision", "recall", "f1"):
        score = getattr(metrics, f"{name}_score")
        yield name, score(target, predicted, average="weighted", zero_division=0)
    if not hasattr(estimator, "predict_proba") or type_of_target(target) not in {"binary", "multiclass"}:
        return
    chances = estimator.predict_proba(features)
    yield "log_loss", metrics.log_loss(target, chances, labels=estimator.classes_)
    if chances.shape[1] == 2:  # noqa: PLR2004
        yield "roc_auc", metrics.roc_auc_score(target, chances[:, 1])
    else:
        yield "roc_auc", metrics.roc_auc_score(target, chances, average="weighted", multi_class="ovo")
