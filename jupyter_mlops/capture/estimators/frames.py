"""Looking at the caller: whether it is the user or a library, and what the data are called there."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any

__all__ = ["called_by_library", "local_names", "name_of"]

# A fit or a metric inside one of these belongs to their own work, not to the user's.
_LIBRARIES = frozenset(
    {
        "sklearn", "joblib", "imblearn", "xgboost", "lightgbm", "catboost", "sktime", "aeon", "skopt", "optuna",
        "optuna_integration", "tune_sklearn", "sklearn_genetic", "hpsklearn",
        "mlxtend", "tpot", "dask_ml", "shap", "yellowbrick", "skops", "lightning", "pytorch_lightning", "boruta", "jupyter_mlops", "eli5", "mapie", "flaml",
    }
)  # fmt: skip


def called_by_library(caller: FrameType | None, receiver: Any = None) -> bool:
    """Tell whether *caller* is library code; a method that its own object calls is followed outward."""
    frame = caller
    while frame is not None and _package(frame) in _LIBRARIES:
        if receiver is None or local_names(frame).get("self") is not receiver:
            return True
        frame = frame.f_back
    return False


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def local_names(frame: FrameType) -> Mapping[str, Any]:
    """Return a frame's local names, without keeping their values alive.

    Before Python 3.13 a function's ``f_locals`` is a copy that the frame holds on to: the user's ``del X``
    would free nothing until the function returns.
    """
    names = frame.f_locals
    if sys.version_info >= (3, 13) or not frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        return names
    taken = dict(names)
    names.clear()
    return taken


def name_of(thing: Any, caller: FrameType | None) -> str:
    """Return the variable that holds *thing* where it was passed from; empty where there is none.

    Of several names the shortest public one is taken, so that ``_`` and ``Out`` do not win over ``X_test``.
    """
    frame = caller
    while frame is not None and _package(frame) in _LIBRARIES:
        frame = frame.f_back
    if frame is None:
        return ""
    for names in (local_names(frame), frame.f_globals):
        found = [name for name, value in list(names.items()) if value is thing and not name.startswith("_")]
        if found:
            return min(found, key=lambda name: (len(name), name))
    return ""
