"""What XGBoost and LightGBM have in common: matrices made of data, curves of each evaluation, boosters.

No safe format of ours takes a booster yet, so no model is kept that could be registered; the library's own file,
which is data and no code, is left with the run instead.
"""

from __future__ import annotations

import functools
import inspect
import json
import sys
from collections.abc import Callable, Mapping
from types import FrameType, FunctionType
from typing import Any

from jupyter_mlops.capture.estimators.attempts import Attempt
from jupyter_mlops.capture.estimators.fits import inputs_of, kind_of
from jupyter_mlops.capture.estimators.frames import name_of, skipped
from jupyter_mlops.capture.estimators.observer import Observer
from jupyter_mlops.capture.estimators.seen import FitSeen, Role, Series
from jupyter_mlops.capture.estimators.sources import name_given
from jupyter_mlops.capture.estimators.training import plain

__all__ = [
    "booster_seen",
    "cross_validated",
    "curves",
    "given_to",
    "importances",
    "model_file",
    "observe_matrix",
    "observe_predict",
    "tell_booster",
]

_LARGEST_MODEL = 10_000_000  # bytes of a library's own file
_MOST_FEATURES = 200


def cross_validated(
    observer: Observer,
    name: str,
    tell: Callable[..., None],
    failed: Callable[..., FitSeen],
    original: FunctionType,
) -> Callable[..., Any]:
    """Return *original*, a library's ``cv`` called *name*, with *tell* told of what it was given and what came of it.

    Where it raises, *failed* returns what it was made with.
    """

    @skipped
    def cv(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        caller = sys._getframe(2)  # noqa: SLF001
        if not observer.watches(caller):
            return original(*args, **kwargs)
        given = given_to(original, args, kwargs)
        attempt = Attempt(observer, name, lambda *_: failed(observer, given, caller))
        with attempt, observer.unwatched:
            result = original(*args, **kwargs)
        observer.safely(name, tell, observer, given, result, attempt.seconds, caller)
        return result

    return cv


def given_to(original: FunctionType, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call by name; XGBoost still takes by position what its signature has by name alone."""
    return {**dict(zip(inspect.signature(original).parameters, args, strict=False)), **kwargs}


def observe_matrix(observer: Observer, cls: type) -> None:
    """Have matrices of *cls* remember which data they were made of: they keep no way back themselves."""
    if isinstance(vars(cls).get("__init__"), FunctionType):
        observer.patches.attribute(cls, "__init__", functools.partial(_matrix, observer))


def _matrix(observer: Observer, original: FunctionType) -> Callable[..., None]:
    @functools.wraps(original)
    @skipped
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        __tracebackhide__ = True
        original(self, *args, **kwargs)
        caller = sys._getframe(1)  # noqa: SLF001
        if observer.watches(caller, self):
            data = args[0] if args else kwargs.get("data")
            label = args[1] if len(args) > 1 else kwargs.get("label")
            observer.safely("a matrix", _remember_data, observer, self, data, label, caller)

    return __init__


def _remember_data(observer: Observer, matrix: Any, data: Any, label: Any, caller: FrameType) -> None:
    observer.made_of(matrix, inputs_of(data, label, caller))


def observe_predict(observer: Observer, cls: type) -> None:
    """Have what boosters of *cls* predict be known as theirs."""

    def wrap(original: FunctionType) -> Callable[..., Any]:
        @functools.wraps(original)
        @skipped
        def predict(self: Any, *args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            caller = sys._getframe(1)  # noqa: SLF001
            if not observer.watches(caller, self):
                return original(self, *args, **kwargs)
            with observer.unwatched:
                result = original(self, *args, **kwargs)
            features = args[0] if args else kwargs.get("data")
            observer.safely("a prediction", observer.predicted, result, self, features, caller)
            return result

        return predict

    observer.patches.attribute(cls, "predict", wrap)


def tell_booster(
    observer: Observer, booster: Any, given: Mapping[str, Any], told: Mapping[str, Any], caller: FrameType
) -> None:
    """Tell the sink of a booster that the library's ``train`` gave; *told* are the fields that are known."""
    if booster is not None:
        observer.trained(booster, given.get("dtrain", given.get("train_set")))
    observer.sink.fit(booster_seen(booster, given, told, caller))


def booster_seen(
    booster: Any, given: Mapping[str, Any], told: Mapping[str, Any], caller: FrameType
) -> FitSeen:
    """Return what was seen of a training, with the fields that are *told*; *booster* is None where it raised."""
    params = dict(given.get("params") or {})
    for name in ("num_boost_round", "early_stopping_rounds"):
        if given.get(name) is not None:
            params.setdefault(name, given[name])
    return FitSeen(
        **{
            "estimator": booster,
            "features": None,
            "role": Role.MODEL,
            "kind": kind_of(booster),
            "name": (booster is not None and name_of(booster, caller)) or name_given(caller),
            "params": {str(name): plain(value) for name, value in params.items()},
            "kept": False,
            **told,
        }
    )


def curves(results: Any) -> Series:
    """Return evaluations by data set, metric and iteration as one series for each: ``valid_rmse``."""
    found: dict[str, tuple[tuple[int, float], ...]] = {}
    for data, metrics in (results or {}).items():
        for metric, values in metrics.items():
            # an evaluation with its spread is a pair
            numbers = [float(one[0] if isinstance(one, tuple) else one) for one in values]
            found[f"{data}_{metric}".replace("@", "_at_")] = tuple(enumerate(numbers))
    return found


def importances(names: Any, values: Any) -> dict[str, bytes]:
    """Return a small file of importances by feature, the largest first."""
    pairs = sorted(zip(names, values, strict=False), key=lambda pair: -float(pair[1]))[:_MOST_FEATURES]
    table = {str(name): float(value) for name, value in pairs}
    return {"importances.json": json.dumps(table, separators=(",", ":")).encode()} if table else {}


def model_file(observer: Observer, name: str, write: Callable[[], bytes]) -> dict[str, bytes]:
    """Return the library's own model file as one to leave with the run, unless it is large or no models are kept."""
    if not observer.sink.options().models or not observer.sink.keeps():
        return {}
    content = write()
    if len(content) > _LARGEST_MODEL:
        observer.sink.note(f"the model's own file {name} has {len(content):,} bytes and was not kept")
        return {}
    observer.sink.note(
        f"no safe format takes this model: its own file was left as {name}, and cannot be registered"
    )
    return {name: content}
