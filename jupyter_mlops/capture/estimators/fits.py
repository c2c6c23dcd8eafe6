"""A finished fit, told: what it was made with, on which data, and what it says of itself."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

from jupyter_mlops.capture.estimators.budget import few_rows, rows_of
from jupyter_mlops.capture.estimators.drawings import drawings
from jupyter_mlops.capture.estimators.frames import name_of
from jupyter_mlops.capture.estimators.hush import hush, unmoved
from jupyter_mlops.capture.estimators.latest import number_fit
from jupyter_mlops.capture.estimators.observer import Observer
from jupyter_mlops.capture.estimators.searches import candidates, is_search, results_table, search_in
from jupyter_mlops.capture.estimators.seen import FitSeen, Role
from jupyter_mlops.capture.estimators.sources import name_given
from jupyter_mlops.capture.estimators.training import (
    input_of,
    parameters,
    plain,
    positive_class,
    training_metrics,
)
from jupyter_mlops.records.profile import Profile
from jupyter_mlops.records.run import RunInput

__all__ = [
    "Before",
    "diagram",
    "inputs_of",
    "kind_of",
    "portrait",
    "profile_of",
    "role_of",
    "spared",
    "tell_fit",
    "train_data",
]

_PORTRAIT_CELLS = 200_000  # numbers that a portrait is drawn from, whatever the fit took
_CELL_SECONDS = 2e-7  # what one costs
_PORTRAIT_SHARE = 0.1  # of the fit's time that a portrait may take, if that makes more
_NUMBERED = re.compile(r"(sk-container-id|sk-estimator-id)-(\d+)")
_MOST_FEATURES = 200  # in a table of importances
_MATRIX = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The data of a fit that may write into them, as they were before it."""

    inputs: tuple[RunInput, ...]
    features: Any = None  # a few rows
    profile: Profile | None = None


def role_of(estimator: Any) -> Role:
    """Tell what *estimator* is: something that answers, or a step on the way there."""
    answers = any(hasattr(estimator, name) for name in ("predict", "fit_predict"))
    density = hasattr(estimator, "score_samples") and not hasattr(estimator, "transform")
    return Role.MODEL if answers or density or is_search(estimator) else Role.STEP


def kind_of(estimator: Any) -> str:
    """Return the qualified name of an estimator's class."""
    return f"{type(estimator).__module__}.{type(estimator).__qualname__}"


def tell_fit(
    observer: Observer,
    estimator: Any,
    given: dict[str, Any],
    seconds: float,
    caller: FrameType,
    before: Before | None = None,
) -> None:
    """Tell the sink of a finished fit of *estimator* with the arguments *given*, by name, the data first.

    Where it may have written into its data, *before* is what they were.
    """
    ended = time.time()  # what follows is our own work
    features, target = train_data(given)
    observer.budget.earn(seconds)
    observer.trained(estimator, features)
    for part in _parts(estimator):
        observer.belongs(part, estimator)
    fields: dict[str, Any] = {
        "estimator": estimator,
        "kind": kind_of(estimator),
        "name": name_of(estimator, caller) or name_given(caller),
        "params": spared(observer, estimator, "parameters", parameters, estimator),
        "inputs": before.inputs if before is not None else inputs_of(features, target, caller),
        "seconds": seconds,
        "number": number_fit(estimator, *_parts(estimator)),
        "ended": ended,
    }
    if role_of(estimator) is Role.STEP:
        observer.sink.fit(FitSeen(role=Role.STEP, features=None, **fields))
        return
    fields |= spared(observer, estimator, "table of candidates", _searched, observer, estimator)
    fields["params"] |= spared(observer, estimator, "positive class", _positive, observer, estimator)
    written = before is not None and inputs_of(features, target, caller) != before.inputs
    with hush(), unmoved(estimator):
        metrics, files = _on_training_data(observer, estimator, given, seconds, written=written)
        if observer.sink.keeps():
            inputs: tuple[RunInput, ...] = fields["inputs"]
            known = bool(inputs) and features is not None and before is None
            digest = inputs[0].digest if known else ""  # that of the features
            fields |= portrait(observer, estimator, features, seconds, digest)
            if before is not None:
                fields |= {"features": before.features, "profile": before.profile}
    fields["artifacts"] = {**files, **fields.get("artifacts", {})}
    fields["metrics"] = metrics
    describe = observer.describers.get(type(estimator).__module__.partition(".")[0])
    if describe is not None:
        for name, value in spared(observer, estimator, "description", describe, estimator).items():
            fields[name] = {**fields.get(name, {}), **value} if isinstance(value, dict) else value
    observer.sink.fit(FitSeen(**{"features": None, **fields}))


def spared(
    observer: Observer, estimator: Any, what: str, call: Callable[..., dict[str, Any]], *args: Any
) -> dict[str, Any]:
    """Return what is told beside a fit, or nothing and a note: whatever fails in it, the fit is known all the same."""
    try:
        return call(*args)
    except Exception as failure:  # noqa: BLE001 - data or an estimator of a kind that nobody foresaw
        reason = f"{type(failure).__name__}: {failure}"
        observer.sink.note(f"no {what} of {type(estimator).__name__}: {reason}"[:300])
        return {}


def train_data(given: dict[str, Any]) -> tuple[Any, Any]:
    """Return what was fitted on and its target, whatever an estimator calls the first."""
    first = next(iter(given), "X")
    return given.get("X", given.get(first)), given.get("y", given.get("Y"))


def _parts(estimator: Any) -> Iterator[Any]:
    """Return what may answer in the place of *estimator*: a pipeline's last step, a search's best estimator."""
    for part in (getattr(estimator, "_final_estimator", None), getattr(estimator, "best_estimator_", None)):
        if part is not None and not isinstance(part, str):
            yield part
            yield from _parts(part)


def inputs_of(features: Any, target: Any, caller: FrameType | None) -> tuple[RunInput, ...]:
    """Return the records of what was fitted on."""
    found = [input_of(features, "train", caller, "X")]
    if target is not None:
        found.append(input_of(target, "train", caller, "y"))
    return tuple(one for one in found if one is not None)


def _searched(observer: Observer, estimator: Any) -> dict[str, Any]:
    search = search_in(estimator)
    if search is None:
        return {}
    tried, most = len(search.cv_results_["params"]), observer.sink.options().most
    table = results_table(search)
    if tried > most > 0:
        where = "all are in cv_results.csv" if table is not None else "their table is too large to keep"
        observer.sink.note(f"{tried} candidates were tried; the best {most} are child runs, {where}")
    best = getattr(search, "best_estimator_", None)
    return {
        "candidates": candidates(search, most),
        "artifacts": {} if table is None else {"cv_results.csv": table},
        "further": {} if best is None else {"best_estimator": best},
        "kept": best is not None,  # a search that does not refit answers nothing
    }


def _positive(observer: Observer, estimator: Any) -> dict[str, Any]:
    """Return the class that the metrics are of, as a parameter: they mean something else without it."""
    options, classes = observer.sink.options(), getattr(estimator, "classes_", None)
    label = options.positive_label
    if label is None or classes is None or not options.train_metrics:
        return {}
    positive = positive_class(estimator, label)
    if positive is None:
        known = ", ".join(map(str, classes))
        observer.sink.note(
            f"positive_label {label!r} is no class of this {type(estimator).__name__} ({known}): its metrics are "
            "weighted over all classes"[:300]
        )
        return {}
    return {"positive_label": plain(positive)}


def _on_training_data(
    observer: Observer, estimator: Any, given: dict[str, Any], seconds: float, *, written: bool
) -> tuple[dict[str, float], dict[str, bytes]]:
    files: dict[str, bytes] = {}
    if observer.sink.keeps():
        features = train_data(given)[0]
        files = spared(observer, estimator, "importances", _importances, estimator, features)
    search = search_in(estimator)
    best = getattr(search, "best_score_", None)
    known = {} if best is None else {"best_cv_score": float(best)}
    # Whether it can be asked says nothing: some searches have a ``predict`` that has nothing to ask.
    refitted = search is None or getattr(search, "best_estimator_", None) is not None
    if not refitted or not observer.sink.options().train_metrics:
        return known, files
    if written:
        observer.sink.note(
            f"no metrics on the training data of {type(estimator).__name__}: the fit has written into them (copy=False)"
        )
        return known, files
    try:
        metrics, pictures = _affordable_metrics(observer, estimator, given, seconds)
    except Exception as failure:  # noqa: BLE001 - labels or targets that no metric takes; the fit is known all the same
        reason = f"{type(failure).__name__}: {failure}"
        observer.sink.note(f"no metrics on the training data of {type(estimator).__name__}: {reason}"[:300])
        return known, files
    if pictures:
        files["evaluation/train.json"] = json.dumps(pictures, separators=(",", ":")).encode()
        files |= drawings(pictures, "train")
    return {**metrics, **known}, files


def _affordable_metrics(
    observer: Observer, estimator: Any, given: dict[str, Any], seconds: float
) -> tuple[dict[str, float], dict[str, Any]]:
    features, target = train_data(given)
    begun = time.perf_counter()
    asks = hasattr(estimator, "predict")
    expected = observer.budget.exceeded_by(estimator.predict, features, seconds) if asks else None
    if expected is not None:
        observer.sink.note(
            f"no metrics on the training data of {type(estimator).__name__}: predicting it again would take "
            f"about {expected:.2g} s after a fit of {seconds:.2g} s"
        )
        return {}, {}
    found = training_metrics(
        estimator,
        features,
        target,
        _weight_in(estimator, given),
        positive=positive_class(estimator, observer.sink.options().positive_label),
        drawn=observer.sink.keeps(),
    )
    observer.budget.spend(time.perf_counter() - begun)
    return found


def _weight_in(estimator: Any, given: dict[str, Any]) -> Any:
    """Return the weights of the rows, which a pipeline takes under the name of its last step, and a search of one too."""
    name, part = "sample_weight", estimator
    while part is not None and name not in given:
        steps = getattr(part, "steps", None)
        if isinstance(steps, list) and steps:
            name = f"{name.removesuffix('sample_weight')}{steps[-1][0]}__sample_weight"
            part = steps[-1][1]
        else:
            part = getattr(part, "best_estimator_", None)
    return given.get(name)


def diagram(estimator: Any) -> bytes | None:
    """Return scikit-learn's own drawing of an estimator and its parts, in HTML; equal ones are equal bytes."""
    if not hasattr(estimator, "get_params") or not hasattr(estimator, "_repr_html_"):
        return None
    from sklearn.utils import estimator_html_repr

    numbers: dict[str, str] = {}  # it numbers what it draws through the whole session

    def settled(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], f"{found[1]}-{len(numbers) + 1}")

    return _NUMBERED.sub(settled, estimator_html_repr(estimator)).encode()


def _importances(estimator: Any, features: Any) -> dict[str, bytes]:
    """Return a linear model's coefficients or a tree's importances by feature, the largest first."""
    import numpy as np

    last = getattr(estimator, "_final_estimator", estimator)
    kind, values = "coefficients", getattr(last, "coef_", None)
    if values is None:  # asked once: a forest computes them anew each time
        kind, values = "importances", getattr(last, "feature_importances_", None)
    if values is None:
        return {}
    if hasattr(values, "toarray"):  # of a fit on sparse data
        values = values.toarray() if values.shape[0] == 1 else None
    values = np.asarray(values)
    if values.ndim == _MATRIX and values.shape[0] == 1:
        values = values[0]
    if values.ndim != 1 or values.dtype.kind not in "fiu":
        return {}
    names = getattr(last, "feature_names_in_", None)
    if names is None and last is estimator:
        names = getattr(features, "columns", None)
    order = np.argsort(-np.abs(values), kind="stable")[:_MOST_FEATURES].tolist()
    named = {str(i if names is None or len(names) <= i else names[i]): float(values[i]) for i in order}
    return {f"{kind}.json": json.dumps(named, separators=(",", ":")).encode()}


def portrait(
    observer: Observer, estimator: Any, features: Any, seconds: float, digest: str = ""
) -> dict[str, Any]:
    """Return the signature of a fitted model, a few rows of its data, and their profile; their *digest* is known."""
    given = (observer, estimator, features, seconds, digest)
    return spared(observer, estimator, "signature and no profile", _portrait, *given)


def _portrait(
    observer: Observer, estimator: Any, features: Any, seconds: float, digest: str
) -> dict[str, Any]:
    from jupyter_mlops.capture.dataset import signature_of

    drawn = observer.profiles.get(digest)
    if drawn is None:
        drawn = profile_of(observer, features, seconds)
        if digest:
            observer.profiles.clear()  # one is enough: a loop fits on the same data
            observer.profiles[digest] = drawn
    answer = _answer(estimator, few_rows(features, 5))
    return {
        "signature": signature_of(features, answer),
        "profile": drawn,
        "features": few_rows(features),
    }


def profile_of(observer: Observer, features: Any, seconds: float = 0.0) -> Profile:
    """Return the profile of all rows, or of many spread evenly where that would take long beside a fit of *seconds*."""
    from jupyter_mlops.capture.dataset import profile

    rows = rows_of(features) or 0
    shape: tuple[int, ...] = getattr(features, "shape", ())
    width = int(shape[1]) if len(shape) > 1 else 1
    cells = max(_PORTRAIT_CELLS, int(_PORTRAIT_SHARE * seconds / _CELL_SECONDS))
    most = max(1000, cells // max(1, width))
    drawn = few_rows(features, most) if rows > most else features
    if rows > most:
        observer.sink.note(
            f"the profile of the training data was drawn from {most:,} of {rows:,} rows, spread evenly"
        )
    return replace(profile(drawn), rows=rows)


def _answer(estimator: Any, few: Any) -> Any:
    try:
        return estimator.predict(few) if hasattr(estimator, "predict") else None
    except Exception:  # noqa: BLE001 - some models want more rows than these, or other ones
        return None
