"""The public functions of ``sklearn.metrics``, and scorers: a value computed from a model's predictions is its metric."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.frames import skipped
from jupyter_mlops.capture.estimators.observer import Observer, number_of
from jupyter_mlops.capture.estimators.training import positive_class

__all__ = ["observe", "short_name"]

# The names people use; a metric that is also logged by hand then keeps one name.
_SHORT = {
    "mean_absolute_error": "mae",
    "mean_squared_error": "mse",
    "root_mean_squared_error": "rmse",
    "mean_absolute_percentage_error": "mape",
    "brier_score_loss": "brier",
}
_PREDICTED = ("y_pred", "y_score", "y_prob", "y_proba", "labels_pred", "pred_decision", "y2", "labels")
_KINDS = ("average", "multi_class", "beta", "k")  # arguments that make another metric of a function
_TRIPLE = ("precision", "recall", "fbeta")
_ONE_CLASS = frozenset({"precision", "recall", "f1"})  # named so, without a kind, they are of one class


def short_name(function: str) -> str:
    """Return the name people use for a metric function."""
    return _SHORT.get(function) or function.removesuffix("_score")


def observe(module: ModuleType, observer: Observer) -> None:
    """Begin to observe metric functions and scorers; *module* is ``sklearn.metrics``."""
    for function, position, argument in list(_metric_functions(module)):
        observer.patches.body(function, functools.partial(_metric, observer, (position, argument)))
    scorers = sys.modules.get(f"{module.__name__}._scorer")
    for name in ("_BaseScorer", "_PassthroughScorer"):
        cls = getattr(scorers, name, None)
        if cls is not None and isinstance(vars(cls).get("__call__"), FunctionType):
            observer.patches.attribute(cls, "__call__", functools.partial(_scorer, observer))


def _metric_functions(module: ModuleType) -> Iterator[tuple[FunctionType, int, str]]:
    for name in module.__all__:
        function = getattr(module, name, None)
        if not isinstance(function, FunctionType):
            continue
        names = list(inspect.signature(function).parameters)
        # the first that occurs: a renamed argument keeps its old name, deprecated, at the end
        predicted = next((one for one in names if one in _PREDICTED), None)
        if predicted is not None:
            yield function, names.index(predicted), predicted


def _metric(observer: Observer, place: tuple[int, str], original: FunctionType) -> Callable[..., Any]:
    name, (position, argument) = original.__name__, place

    @skipped
    def metric(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        result = original(*args, **kwargs)
        caller = sys._getframe(2)  # noqa: SLF001 - between us and the caller stands the function's own frame
        if observer.watches(caller):
            values = args[position] if len(args) > position else kwargs.get(argument)
            given = (args[0] if args and position else kwargs.get("y_true"), values)
            for said, value in _results(name, result, kwargs):
                of_training = functools.partial(_training_name, observer, said, kwargs)
                observer.safely(
                    name, observer.measured, said, value, given, caller, place, of_training=of_training
                )
        return result

    return metric


def _results(function: str, result: Any, kwargs: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Return the numbers a function gave, each under a name that tells it from its other kinds."""
    kinds = [kwargs[kind] for kind in _KINDS if kwargs.get(kind) not in {None, "binary", "raise"}]
    ending = "".join(f"_{kind}" for kind in kinds)
    if number_of(result) is not None:
        yield f"{short_name(function)}{ending}", result
    elif function == "precision_recall_fscore_support" and isinstance(result, tuple):
        yield from ((f"{name}{ending}", value) for name, value in zip(_TRIPLE, result, strict=False))


def _training_name(observer: Observer, said: str, kwargs: dict[str, Any], estimator: Any) -> str:
    """Name a metric of training data; autolog has some of the same names there, and another average in mind.

    Its own are weighted over the classes, or of the positive class that was chosen. What a user computes of one class
    is told from these, unless it is of that very class.
    """
    if said not in _ONE_CLASS:
        return said
    chosen = positive_class(estimator, observer.sink.options().positive_label)
    same = chosen is not None and chosen == kwargs.get("pos_label", 1)
    return said if same else f"{said}_binary"


def _scorer(observer: Observer, original: FunctionType) -> Callable[..., Any]:
    @functools.wraps(original)
    @skipped
    def __call__(self: Any, estimator: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        __tracebackhide__ = True
        caller = sys._getframe(1)  # noqa: SLF001
        if not observer.watches(caller):
            return original(self, estimator, *args, **kwargs)
        with observer.unwatched:
            result = original(self, estimator, *args, **kwargs)
        number = number_of(result)
        if number is not None:
            given = (args[0] if args else kwargs.get("X"), args[1] if len(args) > 1 else kwargs.get("y_true"))
            name = _scorer_name(self)
            of_training = functools.partial(_training_name, observer, name, getattr(self, "_kwargs", {}))
            observer.safely(
                "a scorer", observer.scored, estimator, name, number, given, caller, of_training=of_training
            )
        return result

    return __call__


def _scorer_name(scorer: Any) -> str:
    """Name a scorer by its function; one that turns a loss around says so."""
    function = getattr(getattr(scorer, "_score_func", None), "__name__", "score")
    kinds = getattr(scorer, "_kwargs", {})
    ending = "".join(f"_{kinds[kind]}" for kind in _KINDS if kind in kinds)
    turned = "neg_" if getattr(scorer, "_sign", 1) < 0 else ""
    return f"{turned}{short_name(function)}{ending}"
