"""A record to JSON and back, and the JSON Schema of it: read off the dataclass, never written by hand.

On the wire a record is an object with its field names as keys, a time is ISO 8601 with its offset, an enum is
its value, a tuple is an array. A union of records carries its type in the key ``type``.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar, Union, cast

from jupyter_mlops.errors import Invalid

__all__ = ["decode", "derived_in", "encode", "fields_of", "schema_of"]

T = TypeVar("T")
_SCALARS: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}
# JSON has no name for these; a metric may well be one of them.
_NAMED_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


@cache
def fields_of(record: type) -> Mapping[str, Any]:
    """Return the field names of a dataclass with their resolved types."""
    hints = typing.get_type_hints(record)
    return {f.name: hints[f.name] for f in dataclasses.fields(record)}


@cache
def derived_in(record: Any) -> frozenset[str]:
    """Return the names of the fields of a record that a verb fills as it answers: no store keeps them, no digest counts them."""
    return frozenset(f.name for f in dataclasses.fields(record) if f.metadata.get("derived"))


def encode(value: object) -> Any:
    """Return *value* (a record, or plain values and containers of them) as JSON-ready data."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    names = _names_of(kind)
    if names is not None:
        data = {name: encode(getattr(value, name)) for name in names}
        return data | _tag(kind) if kind.__name__ in _TAGGED else data
    if kind in _ARRAYS or isinstance(value, (list, tuple, set, frozenset)):
        return [encode(item) for item in cast("Sequence[object]", value)]
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    return _encode_scalar(value)


_PLAIN = frozenset({str, int, bool, type(None)})
_ARRAYS = frozenset({list, tuple})


@cache
def _names_of(kind: type) -> tuple[str, ...] | None:
    """Return the names of a record's fields, found once: a cell's hooks write several records each."""
    return tuple(f.name for f in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else None


def _encode_scalar(value: object) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return _encode_time(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Path):
        return value.as_posix()
    raise Invalid(
        f"a {type(value).__name__} has no form in JSON: {value!r:.80}",
        remedy="Keep plain values: text, numbers, yes or no, times, records, and lists or names of these.",
    )


def _encode_time(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise Invalid(
            f"the time {moment.isoformat()} says nothing about its offset", remedy="Give it tzinfo=UTC."
        )
    return moment.astimezone(UTC).isoformat()


def _tag(record: type) -> dict[str, str]:
    return {"type": record.__name__} if record.__name__ in _TAGGED else {}


# Records that stand beside another in a union, and so must say which they are.
_TAGGED = frozenset(
    {
        "After",
        "Choices",
        "Cron",
        "Desktop",
        "Email",
        "Interval",
        "Lab",
        "OnDataset",
        "OnDrift",
        "OnFile",
        "Span",
        "Webhook",
    }
)


def decode(kind: type[T], data: object, *, at: str = "") -> T:
    """Build a *kind* from JSON-ready *data*.

    Raises
    ------
    Invalid
        A key is unknown or missing, or a value has another type; the message names the place.
    """
    return cast("T", _decode(kind, data, at or getattr(kind, "__name__", str(kind))))


def _decode(kind: Any, data: object, at: str) -> Any:
    return data if type(data) is kind else _reader(kind)(data, at)


@cache
def _reader(kind: Any) -> Callable[[object, str], Any]:
    """Return what reads a *kind*: found once for each, since thousands of records may be read at a time."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any or kind is object:
        return lambda data, _at: data
    if origin in (Union, types.UnionType):
        # By name: str | int equals int | str, so the cache may hand back the reader of either.
        return partial(_decode_union, tuple(sorted(args, key=_kind_name)))
    if origin is not None:
        return partial(_decode_container, origin, args)
    if dataclasses.is_dataclass(kind):
        optional = frozenset(f.name for f in dataclasses.fields(kind) if _has_default(f))
        return partial(_decode_record, kind, fields_of(cast("type", kind)), optional)
    return partial(_decode_scalar, kind)


def _decode_record(
    kind: Any, known: Mapping[str, Any], optional: frozenset[str], data: object, at: str
) -> Any:
    if not isinstance(data, Mapping):
        raise _wrong(at, "an object", data, f"Give {', '.join(known)}." if known else None)
    values = {name: _decode(hint, data[name], f"{at}.{name}") for name, hint in known.items() if name in data}
    if len(values) < len(data) and (unknown := [key for key in data if key not in known and key != "type"]):
        raise Invalid(f"{at}: unknown {', '.join(map(repr, unknown))}", remedy=f"Known: {', '.join(known)}.")
    if len(values) < len(known) and (missing := [n for n in known if n not in values and n not in optional]):
        takes = ", ".join(name if name not in optional else f"[{name}]" for name in known)
        raise Invalid(
            f"{at}: missing {', '.join(map(repr, missing))}",
            remedy=f"It takes {takes}; what stands in brackets may be left out.",
        )
    return kind(**values)


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def _decode_union(kinds: tuple[Any, ...], data: object, at: str) -> Any:
    # An exact scalar first, so that 3 stays an integer where int | float is allowed.
    if type(data) in _SCALARS and type(data) in kinds:
        return data
    members = [k for k in kinds if k is not type(None)]
    if isinstance(data, Mapping) and "type" in data:
        members = [k for k in members if getattr(k, "__name__", "") == data["type"]] or members
    failures = []
    for member in members:
        try:
            return _decode(member, data, at)
        except Invalid as failure:
            failures.append(failure)
    if len(failures) == 1:
        raise failures[0]
    raise _wrong(at, " or ".join(_kind_name(k) for k in kinds), data)


def _decode_container(origin: Any, args: tuple[Any, ...], data: object, at: str) -> Any:
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(data, Mapping):
            raise _wrong(at, "an object", data)
        return {str(key): _decode(args[1], item, f"{at}[{key!r}]") for key, item in data.items()}
    if origin is typing.Literal:
        if data not in args:
            raise _wrong(at, f"one of {', '.join(map(repr, args))}", data, "Choose one of these.")
        return data
    if not isinstance(data, (list, tuple)):
        raise _wrong(at, "an array", data, "Put it in brackets, also where it is only one.")
    if origin is tuple and args[-1] is not Ellipsis:
        if len(data) != len(args):
            raise Invalid(
                f"{at}: expected {len(args)} items, got {len(data)}", remedy=f"Give exactly {len(args)}."
            )
        return tuple(
            _decode(kind, item, f"{at}[{i}]") for i, (kind, item) in enumerate(zip(args, data, strict=True))
        )
    items = [_decode(args[0], item, f"{at}[{i}]") for i, item in enumerate(data)]
    return tuple(items) if origin is tuple else (frozenset(items) if origin is frozenset else items)


def _decode_scalar(kind: Any, data: object, at: str) -> Any:
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(data)
        except ValueError:
            allowed = ", ".join(repr(m.value) for m in kind)
            raise _wrong(at, f"one of {allowed}", data, "Choose one of these.") from None
    if kind is datetime:
        return _decode_time(data, at)
    if kind is float:
        return _decode_float(data, at)
    if kind is Path and isinstance(data, str):
        return Path(data)
    if isinstance(data, kind) and not (kind is int and isinstance(data, bool)):
        return data
    raise _wrong(at, _kind_name(kind), data)


def _decode_float(data: object, at: str) -> float:
    if isinstance(data, str) and data in _NAMED_FLOATS:
        return _NAMED_FLOATS[data]
    if isinstance(data, (int, float)) and not isinstance(data, bool):
        return float(data)
    raise _wrong(at, "a number", data)


def _decode_time(data: object, at: str) -> datetime:
    if isinstance(data, datetime):
        return data
    try:
        moment = datetime.fromisoformat(data) if isinstance(data, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _wrong(
            at,
            "a time with its offset (2026-01-31T12:00:00+00:00)",
            data,
            "Add the offset; Z stands for UTC: 2026-01-31T12:00:00Z.",
        )
    return moment


_EXAMPLES = {
    "string": 'a text: "word"',
    "integer": "a whole number without quotes: 3",
    "number": "a number without quotes: 0.5",
    "a number": "a number without quotes: 0.5",
    "boolean": "true or false, without quotes",
    "an object": 'names with values: {"name": "value"}',
}


def _wrong(at: str, wanted: str, data: object, remedy: str | None = None) -> Invalid:
    """Say the rule, the value that broke it, and what to write in its place."""
    advice = remedy or f"Give {at} as {_EXAMPLES.get(wanted, wanted)}."
    return Invalid(f"{at}: expected {wanted}, got {_named(data)}", remedy=advice)


def _named(data: object) -> str:
    return (
        f"{data!r:.60}"
        if data is None or isinstance(data, (str, int, float, bool))
        else f"a {type(data).__name__}"
    )


def _kind_name(kind: Any) -> str:
    return _SCALARS.get(kind, getattr(kind, "__name__", str(kind)))


def schema_of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of *kind*; records met on the way are added to *definitions* under their name."""
    origin = typing.get_origin(kind)
    if kind is Any or kind is object:
        return {}
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(member, definitions) for member in typing.get_args(kind)]}
    if origin is not None:
        return _schema_of_container(origin, typing.get_args(kind), definitions)
    if dataclasses.is_dataclass(kind):
        return _schema_of_record(cast("type", kind), definitions)
    return _schema_of_scalar(kind, definitions)


def _schema_of_scalar(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        definitions.setdefault(kind.__name__, {"type": "string", "enum": [m.value for m in kind]})
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if kind is datetime:
        return {"type": "string", "format": "date-time"}
    return {"type": _SCALARS.get(kind, "string")}


def _schema_of_record(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    if kind.__name__ not in definitions:
        definitions[kind.__name__] = {}  # placed first: a record may contain itself
        properties = {name: schema_of(hint, definitions) for name, hint in fields_of(kind).items()}
        if kind.__name__ in _TAGGED:
            properties["type"] = {"const": kind.__name__}
        definitions[kind.__name__] = {
            "type": "object",
            "description": (kind.__doc__ or "").strip().splitlines()[0],
            "properties": properties,
            "required": list(properties),
        }
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _schema_of_generic(origin: type, args: tuple[Any, ...], definitions: dict[str, Any]) -> dict[str, Any]:
    """A ``Page[Run]`` stands in the definitions as ``RunPage``."""
    name = "".join(getattr(arg, "__name__", "Any") for arg in args) + origin.__name__
    if name not in definitions:
        definitions[name] = {}
        hints = {
            n: hint[args] if getattr(hint, "__parameters__", ()) else hint
            for n, hint in fields_of(origin).items()
        }
        definitions[name] = {
            "type": "object",
            "description": (origin.__doc__ or "").strip().splitlines()[0],
            "properties": {n: schema_of(hint, definitions) for n, hint in hints.items()},
            "required": list(hints),
        }
    return {"$ref": f"#/$defs/{name}"}


def _schema_of_container(origin: Any, args: tuple[Any, ...], definitions: dict[str, Any]) -> dict[str, Any]:
    if dataclasses.is_dataclass(origin):
        return _schema_of_generic(cast("type", origin), args, definitions)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(args[1], definitions)}
    if origin is typing.Literal:
        return {"enum": list(args)}
    return {"type": "array", "items": schema_of(args[0], definitions)}
