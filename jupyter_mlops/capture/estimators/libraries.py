"""Which libraries are observed: ours, and those that other packages add by an entry point.

An entry point of the group ``jupyter_mlops.autolog`` is named like the module whose import means that the library
is there, and points at a function ``observe(module, observer)``: the module just imported, and an
``estimators.observer.Observer``. It is loaded when that module is imported, and not before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from types import ModuleType

from jupyter_mlops.capture.estimators.observer import Observer

__all__ = ["GROUP", "OURS", "find_libraries", "observer_of"]

GROUP = "jupyter_mlops.autolog"
_HERE = "jupyter_mlops.capture.estimators"

# The same as in pyproject.toml; said here too, because a checkout that is only on the path has no entry points.
OURS: Mapping[str, str] = {
    "sklearn.base": f"{_HERE}.scikit_learn:observe",
    "sklearn.metrics": f"{_HERE}.scikit_learn_metrics:observe",
    "sklearn.model_selection": f"{_HERE}.scikit_learn_validation:observe",
    "xgboost": f"{_HERE}.xgboost:observe",
    "lightgbm": f"{_HERE}.lightgbm:observe",
    "jupyter_mlops.formats.onnx": f"{_HERE}.onnx_model:observe",
    "torch.optim": f"{_HERE}.torch:observe",
    "lightning.pytorch": f"{_HERE}.lightning:observe",
    "pytorch_lightning": f"{_HERE}.lightning:observe",
}


@cache
def find_libraries() -> Mapping[str, str]:
    """Return the watched modules, each with where its observer stands; looked up once in a process."""
    from importlib.metadata import entry_points

    others = {point.name: point.value for point in entry_points(group=GROUP) if point.name not in OURS}
    return {**OURS, **others}


def observer_of(place: str) -> Callable[[ModuleType, Observer], None]:
    """Return the function that *place* (``module:name``) names."""
    module, _, name = place.partition(":")
    observe: Callable[[ModuleType, Observer], None] = getattr(import_module(module), name)
    return observe
