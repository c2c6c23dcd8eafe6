"""The JSON Schema of a notebook's parameters: what their values are as JSON, for forms and for other programs.

What the schema lets through is accepted, and what was accepted is valid by it in the form in which it is kept. Not in it
is what JSON Schema has no word for: bounds of dates and decimals, and that a moment with a zone is no moment without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jupyter_mlops.capture.secret_references import FORM
from jupyter_mlops.jobs.fitting import ANY, TEXT, fit, has_text_keys
from jupyter_mlops.jobs.places import find_notebook
from jupyter_mlops.jobs.scalars import Misfit
from jupyter_mlops.jobs.submit import inspect_notebook
from jupyter_mlops.records.parameter import Parameter, ParameterType
from jupyter_mlops.workspace import Workspace

__all__ = ["parameters_schema", "schema_of_parameters"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{6})?)?"
_OFFSET = r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)"
_WHOLE = r"-?(0|[1-9]\d*)"
_DECIMAL = r"-?\d+(\.\d+)?(E[+-]?\d+)?"
_FORMS: Mapping[str, str] = {
    "date": rf"^{_DAY}$",
    "datetime": rf"^{_DAY}T{_CLOCK}({_OFFSET}(\[[A-Za-z0-9_+\-/]+\])?)?$",
    "time": rf"^{_CLOCK}{_OFFSET}?$",
    "timedelta": r"^-?P(\d{1,9}D)?(T\d{1,9}(\.\d{1,6})?S)?$",
    "decimal": rf"^{_DECIMAL}$",
    "secret": FORM,
}
_KEYS: Mapping[str, str] = {
    **_FORMS,
    "int": rf"^{_WHOLE}$",
    "float": r"^(-?\d+(\.\d+)?(e[+-]?\d+)?|-?inf|nan)$",
    "bool": "^(true|false)$",
}
_FORMATS: Mapping[str, str] = {"date": "date"}  # the others allow more than we do, or less
_BOUNDS: Mapping[str, str] = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusive_minimum": "exclusiveMinimum",
    "exclusive_maximum": "exclusiveMaximum",
    "multiple_of": "multipleOf",
}


def parameters_schema(ws: Workspace, notebook: str) -> Mapping[str, object]:
    """Describe a notebook's parameters as a JSON Schema (draft 2020-12): an object of their values by name.

    Parameters
    ----------
    notebook
        The notebook's path.

    Raises
    ------
    NotFound
        There is no such notebook.
    Invalid
        It is not a notebook, or its parameters cell is not Python.
    """
    title = find_notebook(ws.settings, notebook).name
    return schema_of_parameters(inspect_notebook(ws, notebook), title)


def schema_of_parameters(parameters: tuple[Parameter, ...], title: str) -> dict[str, object]:
    """Return the schema of values for *parameters*."""
    return {
        "$schema": _DRAFT,
        "title": title,
        "type": "object",
        "properties": {p.name: _property(p) for p in parameters},
        "required": [p.name for p in parameters if p.required],
        "additionalProperties": False,
    }


def _property(parameter: Parameter) -> dict[str, Any]:
    said: dict[str, Any] = _schema(parameter.type)
    if parameter.help:
        said["description"] = parameter.help
    known = parameter.default is not None or parameter.type.nullable
    if known and not parameter.required:
        said["default"] = parameter.default
    return said


def _schema(kind: ParameterType | None) -> dict[str, Any]:
    if kind is None or kind == ANY:
        return {}
    said = _schema_without_null(kind)
    if not kind.nullable or not said:
        return said
    return (
        {"anyOf": [*said["anyOf"], {"type": "null"}]}
        if set(said) == {"anyOf"}
        else {"anyOf": [said, {"type": "null"}]}
    )


def _schema_without_null(kind: ParameterType) -> dict[str, Any]:
    if kind.choices:
        return {"enum": list(kind.choices)}
    if kind.options:
        named = [_named(option) for option in kind.options]
        return {"anyOf": [*map(_schema, kind.options), *named]}
    return _SCHEMAS.get(kind.kind, _of_form)(kind)


def _named(option: ParameterType) -> dict[str, Any]:
    """An option that is named, where the value alone would be taken for another."""
    return {
        "type": "object",
        "properties": {"type": {"const": option.spelled}, "value": _schema(option)},
        "required": ["type", "value"],
        "additionalProperties": False,
    }


def _bounds(kind: ParameterType) -> dict[str, Any]:
    found = {word: getattr(kind, name) for name, word in _BOUNDS.items()}
    return {word: bound for word, bound in found.items() if isinstance(bound, (int, float))}


def _lengths(kind: ParameterType, least: str, most: str) -> dict[str, Any]:
    found = {least: kind.min_length, most: kind.max_length}
    return {word: length for word, length in found.items() if length is not None}


def _of_number(kind: ParameterType) -> dict[str, Any]:
    number = {"type": "integer" if kind.kind == "int" else "number", **_bounds(kind)}
    named = [word for word in ("nan", "inf", "-inf") if kind.kind == "float" and _fits(kind, word)]
    return {"anyOf": [number, {"enum": named}]} if named else number


def _fits(kind: ParameterType, value: object) -> bool:
    try:
        fit(kind, value)
    except Misfit:
        return False
    return True


def _of_text(kind: ParameterType) -> dict[str, Any]:
    pattern = {} if kind.pattern is None else {"pattern": kind.pattern}
    return {"type": "string", **_lengths(kind, "minLength", "maxLength"), **pattern}


def _of_form(kind: ParameterType) -> dict[str, Any]:
    more = {"format": _FORMATS[kind.kind]} if kind.kind in _FORMATS else {}
    hidden = {"writeOnly": True} if kind.kind == "secret" else {}
    return {"type": "string", "pattern": _FORMS[kind.kind], **more, **hidden}


def _of_items(kind: ParameterType) -> dict[str, Any]:
    items = {"items": _schema(kind.items)} if kind.items else {}
    if kind.kind == "tuple" and kind.places:
        count = len(kind.places)
        return {
            "type": "array",
            "prefixItems": [_schema(place) for place in kind.places],
            "items": False,
            "minItems": count,
            "maxItems": count,
        }
    unique = {"uniqueItems": True} if kind.kind in {"set", "frozenset"} else {}
    return {"type": "array", **items, **_lengths(kind, "minItems", "maxItems"), **unique}


def _of_dict(kind: ParameterType) -> dict[str, Any]:
    keys = kind.keys or TEXT
    if not has_text_keys(kind):
        pair = {
            "type": "array",
            "prefixItems": [_schema(keys), _schema(kind.values)],
            "items": False,
            "minItems": 2,
        }
        return {"type": "array", "items": pair, **_lengths(kind, "minItems", "maxItems")}
    values = {"additionalProperties": _schema(kind.values)} if kind.values else {}
    names = {"propertyNames": _of_key(keys)} if keys != TEXT else {}
    return {"type": "object", **names, **values, **_lengths(kind, "minProperties", "maxProperties")}


def _of_key(keys: ParameterType) -> dict[str, Any]:
    if keys.choices:
        return {
            "enum": [
                str(choice).lower() if isinstance(choice, bool) else str(choice) for choice in keys.choices
            ]
        }
    return {"pattern": _KEYS[keys.kind]} if keys.kind in _KEYS else _of_text(keys)


_SCHEMAS: Mapping[str, Callable[[ParameterType], dict[str, Any]]] = {
    **dict.fromkeys(("int", "float"), _of_number),
    "bool": lambda _kind: {"type": "boolean"},
    **dict.fromkeys(("str", "path"), _of_text),
    **dict.fromkeys(("list", "tuple", "set", "frozenset"), _of_items),
    "dict": _of_dict,
    "any": lambda _kind: {},
}
