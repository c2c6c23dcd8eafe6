"""How a record reads in a plain terminal, a log or a debugger: what is there, and not what is empty or as ever."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

__all__ = ["brief"]

_LONGEST = 80  # characters of a text
_MOST = 5  # items of a mapping or a tuple
_DEEPEST = 2  # records in records
_DIGEST = re.compile(r"[0-9a-f]{64}")
C = TypeVar("C", bound=type)


def brief(record: C) -> C:
    """Give a class of records a ``repr`` that leaves out what is empty or has its default, and cuts what is long.

    Put it above the dataclass's own line.
    """
    record.__repr__ = _said  # type: ignore[assignment]
    return record


def _said(self: Any, depth: int = 0) -> str:
    told = (
        (each.name, getattr(self, each.name))
        for each in fields(self)
        if each.repr and not _is_plain(self, each)
    )
    return f"{type(self).__name__}({', '.join(f'{name}={_value(value, depth)}' for name, value in told)})"


def _is_plain(record: Any, field: Field[Any]) -> bool:
    value = getattr(record, field.name)
    if value is None or (isinstance(value, (str, tuple, Mapping)) and not value):
        return True
    return field.default is not MISSING and bool(value == field.default)


def _value(value: Any, depth: int) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        return _said(value, depth + 1) if depth < _DEEPEST else f"{type(value).__name__}(…)"
    if isinstance(value, (Mapping, tuple, list)):
        return _several(value, depth)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S%z}"
    return _text(value) if isinstance(value, str) else repr(value)


def _several(value: Mapping[Any, Any] | tuple[Any, ...] | list[Any], depth: int) -> str:
    left = [f"… {len(value) - _MOST} more"] if len(value) > _MOST else []
    if isinstance(value, Mapping):
        items = [f"{key!r}: {_value(item, depth)}" for key, item in tuple(value.items())[:_MOST]]
        return f"{{{', '.join(items + left)}}}"
    return f"[{', '.join([_value(item, depth) for item in value[:_MOST]] + left)}]"


def _text(value: str) -> str:
    if _DIGEST.fullmatch(value):
        return f"{value[:8]}…"
    return repr(value) if len(value) <= _LONGEST else f"{value[:_LONGEST]!r}…"
