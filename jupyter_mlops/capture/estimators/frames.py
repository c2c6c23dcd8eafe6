"""Looking at the caller: whether it is the user or a library, and what the data are called there."""

from __future__ import annotations

import dis
import inspect
import sys
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from types import CodeType, FrameType
from typing import Any, TypeVar

__all__ = ["SKIPPED", "called_by_library", "local_names", "name_of", "skipped"]

_F = TypeVar("_F", bound=Callable[..., Any])

# What warnings.warn(stacklevel=…) takes for a part of the import system by these two words, and does not count.
SKIPPED = "<autolog of jupyter_mlops, skipped by warnings like importlib._bootstrap>"

# A fit or a metric inside one of these belongs to their own work, not to the user's.
_LIBRARIES = frozenset(
    {
        "sklearn", "joblib", "imblearn", "xgboost", "lightgbm", "catboost", "sktime", "aeon", "skopt", "optuna",
        "optuna_integration", "tune_sklearn", "sklearn_genetic", "hpsklearn",
        "mlxtend", "tpot", "dask_ml", "shap", "yellowbrick", "skops", "lightning", "pytorch_lightning", "boruta", "jupyter_mlops", "eli5", "mapie", "flaml",
    }
)  # fmt: skip

# What hands a function the dictionary of its own local names, or leaves names in it.
_SHARED = frozenset({"locals", "vars", "exec"})


@lru_cache(maxsize=256)
def _asks_for_locals(code: CodeType) -> bool:
    """Tell whether a function may hold the dictionary of its own local names, as ``params = locals()`` does."""
    return not _SHARED.isdisjoint(code.co_names) and any(
        one.opname == "LOAD_GLOBAL" and one.argval in _SHARED for one in dis.get_instructions(code)
    )


def skipped(function: _F) -> _F:
    """Have warnings of what *function* calls point to its caller, as they do where it is not there.

    A library says ``warn(…, stacklevel=2)`` to point to the user's line; that would be ours.
    """
    function.__code__ = _renamed(function.__code__)
    return function


@cache
def _renamed(code: CodeType) -> CodeType:
    return code.replace(co_filename=SKIPPED)


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
    would free nothing until the function returns. What the function's own ``locals()`` gave is that very copy, and
    to look would change it: of such a function no names are known there.
    """
    code = frame.f_code
    if sys.version_info >= (3, 13) or not code.co_flags & inspect.CO_OPTIMIZED:
        return frame.f_locals
    if _asks_for_locals(code):
        return {}
    names = frame.f_locals
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
