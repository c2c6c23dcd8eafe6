"""One of each kind of record, filled by its own annotations: no kind is forgotten."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from pathlib import Path

from jupyter_mlops import records
from jupyter_mlops.records.query import Page
from tests.render.records_shown import AT


def record_kinds() -> Iterator[type]:
    """Every record class of the package; a page is told from what it holds."""
    for found in pkgutil.iter_modules(records.__path__):
        module = importlib.import_module(f"{records.__name__}.{found.name}")
        for kind in vars(module).values():
            if dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__ and kind is not Page:
                yield typing.cast("type", kind)


def filled(kind: type, within: tuple[object, ...] = ()) -> object:
    """A *kind* whose every field has something in it; what would hold the record it is part of, *within*, is empty."""
    hints, inside = typing.get_type_hints(kind), (*within, kind)
    return kind(
        **{field.name: _value(hints[field.name], inside) for field in dataclasses.fields(kind) if field.init}
    )


def _value(hint: object, within: tuple[object, ...] = ()) -> object:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _value(next(member for member in arguments if member is not type(None)), within)
    if origin is tuple:
        return () if arguments[0] in within else (_value(arguments[0], within),)
    if origin is not None and issubclass(origin, Mapping):
        return {"key": _value(arguments[1], within)}
    if dataclasses.is_dataclass(hint):
        return None if hint in within else filled(typing.cast("type", hint), within)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    plain: dict[object, object] = {
        str: "0" * 26, int: 3, float: 1.5, bool: True, datetime: AT, Path: Path("a"), object: "thing",
    }  # fmt: skip
    return plain.get(hint, "thing")
