"""Our own ONNX models: what ``load_model`` gives for a graph answers like an estimator, and is watched like one."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.observer import Observer

__all__ = ["observe"]


def observe(module: ModuleType, observer: Observer) -> None:
    """Begin to observe; *module* is ``jupyter_mlops.formats.onnx``."""
    observer.patches.attribute(module.OnnxModel, "predict", functools.partial(_predict, observer))


def _predict(observer: Observer, original: FunctionType) -> Callable[..., Any]:
    @functools.wraps(original)
    def predict(self: Any, rows: Any) -> Any:
        __tracebackhide__ = True
        caller = sys._getframe(1)  # noqa: SLF001
        if not observer.watches(caller, self):
            return original(self, rows)
        result = observer.quietly(original, self, rows)
        observer.safely("a prediction", observer.predicted, result, self, rows, caller)
        return result

    return predict
