"""Values of no declared type: what JSON can hold, to the same types on the other side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

from jupyter_mlops.jobs.scalars import SCALARS, Misfit

__all__ = ["checked", "code"]

_MAXIMUM_DEPTH = 20


def checked(value: object, depth: int = 0) -> Any:
    """Return *value* if JSON can hold it, tuples as lists.

    Raises
    ------
    Misfit
        It cannot, or is nested without end.
    """
    if depth > _MAXIMUM_DEPTH:
        raise Misfit(f"is nested deeper than {_MAXIMUM_DEPTH} levels", "size")
    if isinstance(value, (list, tuple)):
        return [checked(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise Misfit("may have text as keys only")
        return {SCALARS["str"].read(key): checked(item, depth + 1) for key, item in value.items()}
    return _checked_scalar(value)


def _checked_scalar(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Integral):
        return SCALARS["int"].read(value)
    if isinstance(value, Real):
        if not math.isfinite(value):
            raise Misfit("must be finite")
        return float(value)
    if isinstance(value, str):
        return SCALARS["str"].read(value)
    raise Misfit(f"is a {type(value).__name__}, which no parameter can be")


def code(found: Any) -> str:
    """Return what ``checked`` returned as a literal. Exact types only: a subclass could bring a ``repr`` of its own."""
    if found is None or type(found) in {bool, int, float, str}:
        return repr(found)
    if type(found) is list:
        return f"[{', '.join(map(code, found))}]"
    if type(found) is dict:
        return f"{{{', '.join(f'{code(key)}: {code(item)}' for key, item in found.items())}}}"
    raise Misfit(f"is a {type(found).__name__}, which cannot be written into a notebook")
