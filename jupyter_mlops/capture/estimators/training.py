"""What a fitted scikit-learn estimator says of itself: parameters, metrics on its training data, inputs.

The metric set follows the field's custom for automatic logging (reference: scikit-learn's own definitions):
regressors have mae, mse, rmse and r2; classifiers accuracy, precision, recall and f1 (weighted over classes),
and with probabilities log_loss and roc_auc (binary, or weighted one-vs-one); others what their ``score`` says.
With a positive class, precision, recall, f1, roc_auc and the curves are of that class against the rest.
All carry the prefix ``train_``, and respect the sample weights of the fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jupyter_mlops.capture.estimators.frames import name_of
from jupyter_mlops.records.run import RunInput

__all__ = ["input_of", "parameters", "plain", "positive_class", "training_metrics"]

_LONGEST = 250  # characters of a parameter's text
_MOST_CLASSES = 50  # in a confusion matrix that is kept
_CURVE_POINTS = 100


def parameters(estimator: Any) -> dict[str, str | int | float | bool | None]:
    """Return all hyperparameters, those of nested estimators under ``outer__inner``; of a search its own and its best."""
    is_search = hasattr(estimator, "best_params_")
    found = {name: plain(value) for name, value in estimator.get_params(deep=True).items()}
    if is_search:
        found |= {f"best_{name}": plain(value) for name, value in estimator.best_params_.items()}
    return found


def plain(value: Any) -> str | int | float | bool | None:
    """Return a parameter's value as one a run keeps: numbers as they are, other things as text."""
    if value is None or isinstance(value, (bool, int, str)):
        return value if not isinstance(value, str) else value[:_LONGEST]
    if isinstance(value, float):
        return float(value)
    if hasattr(value, "get_params"):
        return type(value).__name__  # its own parameters follow under their own names
    if _is_steps(value):
        return ", ".join(f"{step[0]} {plain(step[1])}" for step in value)[:_LONGEST]
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) == 0:
        return plain(item())
    return " ".join(repr(value).split())[:_LONGEST]


def _is_steps(value: Any) -> bool:
    """Tell whether *value* is a pipeline's steps or the like: pairs that begin with a name."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, tuple) and len(one) > 1 and isinstance(one[0], str) for one in value)
    )


def input_of(data: Any, role: str, caller: Any, fallback: str) -> RunInput | None:
    """Return the record of data that went into a fit or a score; None where there are none.

    Data without an exact form (a column of arbitrary objects, a generator) stay inputs, and their note says so.
    """
    from jupyter_mlops.capture.fingerprint import fingerprint

    if data is None:
        return None
    seen = fingerprint(data)
    if seen is None:
        return RunInput(
            name=name_of(data, caller) or fallback,
            role=role,
            digest="",
            rows=_rows_of(data),
            width=_width_of(data),
            kind="object",
            note=f"a {type(data).__name__} like this has no exact digest",
        )
    return RunInput(
        name=name_of(data, caller) or fallback,
        role=role,
        digest=seen.digest,
        rows=seen.rows,
        columns=seen.columns,
        width=None if seen.columns else _width_of(data),
        kind=seen.kind,
    )


def _rows_of(data: Any) -> int | None:
    try:
        return len(data)
    except Exception:  # noqa: BLE001 - whatever it is, it has no length
        return None


def _width_of(data: Any) -> int | None:
    """Return how many columns a table has; None of what is none."""
    try:
        _, width = data.shape
        return int(width)
    except Exception:  # noqa: BLE001 - whatever it is, it has no columns
        return None


def positive_class(estimator: Any, label: Any) -> Any:
    """Return the class that *label* names, as the classifier has it; None where it has none such.

    A word on a command line is a number or a text as it looks: ``1`` also names the class ``"1"``.
    """
    import numpy as np

    classes = getattr(estimator, "classes_", None)
    if label is None or classes is None or np.ndim(classes) != 1:
        return None
    exact = [one for one in classes if one == label]
    alike = [one for one in classes if str(one) == str(label)]
    found = exact or alike
    return found[0] if len(found) == 1 else None


def training_metrics(
    estimator: Any,
    features: Any,
    target: Any,
    weight: Any = None,
    *,
    positive: Any = None,
    drawn: bool = True,
) -> tuple[dict[str, float], dict[str, Any]]:
    """Return the metrics of *estimator* on its own training data, and its confusion matrix and curves as plain data.

    With *positive*, one of its classes, those that are of one class are of that one. Without *drawn* the metrics alone.
    """
    from sklearn.base import is_classifier, is_regressor

    pictures: dict[str, Any] = {}
    answers = _answering(estimator)
    if is_regressor(answers) and target is not None:
        found = dict(_regression(target, estimator.predict(features), weight))
    elif is_classifier(answers) and target is not None:
        predicted = estimator.predict(features)
        found = dict(_classification(target, predicted, weight, positive))
        pictures = _confusion(target, predicted) if drawn else {}
        chances, more = _chances(estimator, features, target, weight, positive=positive, drawn=drawn)
        found |= chances
        pictures |= more
    elif hasattr(estimator, "score"):
        found = {"score": estimator.score(features)}
    else:
        return {}, {}
    return {f"train_{name}": float(value) for name, value in found.items()}, pictures


def _answering(estimator: Any) -> Any:
    """Return what answers in the place of *estimator*: not every search says of what kind its best estimator is."""
    last = getattr(estimator, "_final_estimator", None)
    found = getattr(estimator if last is None else last, "best_estimator_", None)
    return estimator if found is None else found


def _regression(target: Any, predicted: Any, weight: Any) -> Iterator[tuple[str, float]]:
    from sklearn import metrics

    yield "mae", metrics.mean_absolute_error(target, predicted, sample_weight=weight)
    squared = metrics.mean_squared_error(target, predicted, sample_weight=weight)
    yield "mse", squared
    yield "rmse", squared**0.5
    yield "r2", metrics.r2_score(target, predicted, sample_weight=weight)


def _classification(target: Any, predicted: Any, weight: Any, positive: Any) -> Iterator[tuple[str, float]]:
    import numpy as np
    from sklearn import metrics

    yield "accuracy", metrics.accuracy_score(target, predicted, sample_weight=weight)
    of_one = positive is not None and np.size(target) == len(target)
    kind: dict[str, Any] = {"labels": [positive], "average": None} if of_one else {"average": "weighted"}
    found = metrics.precision_recall_fscore_support(
        target, predicted, zero_division=0, sample_weight=weight, **kind
    )
    yield from zip(("precision", "recall", "f1"), (one[0] if of_one else one for one in found), strict=False)


def _chances(
    estimator: Any, features: Any, target: Any, weight: Any, *, positive: Any, drawn: bool
) -> tuple[dict[str, float], dict[str, Any]]:
    import numpy as np
    from sklearn import metrics
    from sklearn.utils.multiclass import type_of_target

    has_chances = all(hasattr(one, "predict_proba") for one in (estimator, _answering(estimator)))
    if not has_chances or type_of_target(target) not in {"binary", "multiclass"}:
        return {}, {}
    chances = estimator.predict_proba(features)
    found = {"log_loss": metrics.log_loss(target, chances, labels=estimator.classes_, sample_weight=weight)}
    if positive is None and chances.shape[1] != 2:  # noqa: PLR2004
        found["roc_auc"] = metrics.roc_auc_score(target, chances, average="weighted", multi_class="ovo")
        return found, {}
    place = 1 if positive is None else int(np.flatnonzero(estimator.classes_ == positive)[0])
    of_it, chance = np.asarray(target).ravel() == estimator.classes_[place], chances[:, place]
    found["roc_auc"] = metrics.roc_auc_score(of_it, chance, sample_weight=weight)
    return found, _curves(of_it, chance) if drawn else {}


def _confusion(target: Any, predicted: Any) -> dict[str, Any]:
    import numpy as np
    from sklearn import metrics

    classes = np.unique(np.asarray(target))
    if classes.size > _MOST_CLASSES or np.asarray(target).ndim != 1:
        return {}
    matrix = metrics.confusion_matrix(target, predicted, labels=classes)
    return {"classes": [str(one) for one in classes], "confusion_matrix": matrix.tolist()}


def _curves(of_it: Any, chances: Any) -> dict[str, Any]:
    import numpy as np
    from sklearn import metrics

    false, true, _ = metrics.roc_curve(of_it, chances)
    precision, recall, _ = metrics.precision_recall_curve(of_it, chances)

    def points(first: Any, second: Any) -> list[list[float]]:
        places = np.unique(np.linspace(0, len(first) - 1, min(_CURVE_POINTS, len(first))).astype(int))
        return [[round(float(first[i]), 6), round(float(second[i]), 6)] for i in places]

    return {"roc_curve": points(false, true), "precision_recall_curve": points(recall, precision)}
