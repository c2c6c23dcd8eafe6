"""Expressions whose value is plain from their syntax: literals, and the few calls that are as good as literals."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any, Final
from zoneinfo import ZoneInfo

__all__ = ["UNKNOWN", "constant", "last_name", "name_called"]


class _Unknown:
    """The value of an expression that only running it would tell."""


UNKNOWN: Final = _Unknown()


def constant(node: ast.expr) -> Any:
    """Return the value of the expression *node*; ``UNKNOWN`` where only running it would tell."""
    try:
        return _value(node)
    except (
        ValueError,
        TypeError,
        SyntaxError,
        ArithmeticError,
        MemoryError,
        RecursionError,
        LookupError,
        OSError,
    ):
        return UNKNOWN


def last_name(node: ast.expr) -> str:
    """Return the last part of a dotted name; empty for anything else."""
    return node.attr if isinstance(node, ast.Attribute) else (node.id if isinstance(node, ast.Name) else "")


def name_called(node: ast.Call) -> str:
    """Return the last part of the name that is called."""
    return last_name(node.func)


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Call):
        return _called(node)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        made: Callable[[list[Any]], object] = _COLLECTIONS[type(node)]
        return made([_value(item) for item in node.elts])
    if isinstance(node, ast.Dict):
        # A key of None is **another, which only running it would tell.
        return {_value(k): _value(v) for k, v in zip(_keys(node), node.values, strict=True)}
    if isinstance(node, (ast.Name, ast.Attribute)):
        if last_name(node) in {"UTC", "utc"}:
            return UTC
        raise ValueError(ast.dump(node))
    return ast.literal_eval(node)


_COLLECTIONS: Mapping[type[ast.expr], Any] = {ast.List: list, ast.Tuple: tuple, ast.Set: set}


def _keys(node: ast.Dict) -> list[ast.expr]:
    keys = [key for key in node.keys if key is not None]
    if len(keys) < len(node.keys):
        raise ValueError(ast.dump(node))
    return keys


def _called(node: ast.Call) -> Any:
    maker = name_called(node)
    if maker == "fromisoformat" and isinstance(node.func, ast.Attribute):
        maker = f"{last_name(node.func.value)}.{maker}"
    args = [_value(arg) for arg in node.args]
    named = {str(k.arg): _value(k.value) for k in node.keywords}
    return _MAKERS[maker](*args, **named)


def _datetime(*args: Any, **named: Any) -> datetime:
    return datetime(*args, **named)  # noqa: DTZ001  # the user's own


def _number(value: Any = 0.0) -> float:
    return float(value)


_MAKERS: Mapping[str, Callable[..., Any]] = {
    "date": date,
    "datetime": _datetime,
    "time": time,
    "timedelta": timedelta,
    "timezone": timezone,
    "ZoneInfo": ZoneInfo,
    "Decimal": Decimal,
    "float": _number,
    "set": lambda items=(): set(items),
    "frozenset": lambda items=(): frozenset(items),
    "date.fromisoformat": date.fromisoformat,
    "datetime.fromisoformat": datetime.fromisoformat,
    "time.fromisoformat": time.fromisoformat,
    **dict.fromkeys(("Path", "PurePath", "PosixPath", "PurePosixPath"), PurePosixPath),
}
