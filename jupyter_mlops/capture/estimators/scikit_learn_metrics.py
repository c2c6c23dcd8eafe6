"""The public functions of ``sklearn.metrics``: a value computed from a model's predictions is its metric."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator, MutableMapping
from types import FunctionType, ModuleType
from typing import Any

from jupyter_mlops.capture.estimators import scikit_learn
from jupyter_mlops.capture.estimators.patches import Patches
from jupyter_mlops.capture.estimators.seen import Sink

__all__ = ["observe"]

# The names people use; a metric that is also logged by hand then keeps one name.
_SHORT = {
    "mean_absolute_error": "mae",
    "mean_squared_error": "mse",
    "root_mean_squared_error": "rmse",
    "mean_absolute_percentage_error": "mape",
    "brier_score_loss": "brier",
}
_PREDICTED = ("y_pred", "y_score", "y_prob", "y_proba", "labels_pred", "pred_decision")


def observe(
    module: ModuleType, sink: Sink, patches: Patches, namespace: MutableMapping[str, Any] | None
) -> None:
    """Begin to observe metric functions; *module* is ``sklearn.metrics``, imported after ``sklearn.base``."""
    del sink  # the estimators' observer holds it, and the predictions
    observer = scikit_learn.LAST[0]
    wrapped: dict[int, Any] = {}
    for name, function, position, argument in list(_metric_functions(module)):
        wrapper = _metric(observer, function, position, argument)
        patches.attribute(module, name, functools.partial(_replacement, wrapper))
        wrapped[id(function)] = wrapper
    # ``from sklearn.metrics import f1_score`` before now left the plain function in the user's names
    for name, value in list((namespace or {}).items()):
        if namespace is not None and isinstance(value, FunctionType) and id(value) in wrapped:
            patches.name(namespace, name, wrapped[id(value)])


def _replacement(wrapper: Any, _before: Any) -> Any:
    return wrapper


def _metric_functions(module: ModuleType) -> Iterator[tuple[str, FunctionType, int, str]]:
    for name in module.__all__:
        function = getattr(module, name, None)
        if not isinstance(function, FunctionType):
            continue
        names = list(inspect.signature(function).parameters)
        # the first that occurs: a renamed argument keeps its old name, deprecated, at the end
        predicted = next((one for one in names if one in _PREDICTED), None)
        if predicted is not None:
            yield name, function, names.index(predicted), predicted


def _metric(
    observer: scikit_learn.Observer, original: FunctionType, position: int, argument: str
) -> Callable[..., Any]:
    short = _SHORT.get(original.__name__) or original.__name__.removesuffix("_score")

    @functools.wraps(original)
    def metric(*args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1)  # noqa: SLF001
        result = original(*args, **kwargs)
        if observer.watches(caller):
            values = args[position] if len(args) > position else kwargs.get(argument)
            observer.safely(original.__name__, observer.measured, short, result, values, caller)
        return result

    return metric
