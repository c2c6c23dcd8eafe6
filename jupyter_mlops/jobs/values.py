"""Values for a notebook's parameters: checked against what is declared, and written as code that holds literals only."""

from __future__ import annotations

import ast
import keyword
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from numbers import Integral, Real
from os import PathLike, fspath
from typing import NoReturn

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.job import Parameter

__all__ = ["check_values", "effective_values", "values_as_code"]

_MAXIMUM_CODE = 1_000_000  # characters of one injected cell; more is data, and data belongs in a file
_MAXIMUM_DEPTH = 20
_DIGITS = 4_000  # Python itself refuses to read longer integers from text
_YES = {"true": True, "yes": True, "on": True, "1": True}
_NO = {"false": False, "no": False, "off": False, "0": False}
_NAMED_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def check_values(parameters: Sequence[Parameter], values: Mapping[str, object]) -> dict[str, object]:
    """Return *values* JSON-ready and of the declared types, in the order of declaration.

    Text given for a parameter of another type is read as that type (``"0.1"`` for a float, ``"[1, 2]"`` for a
    list, ``"2026-01-31"`` for a date), because that is all a command line can give.

    Raises
    ------
    Invalid
        A name is not an identifier, is a keyword or is not declared; a value has another type or is not among
        the choices; one that must be given is missing. ``data`` holds ``name`` and ``rule``.
    """
    declared = {p.name: p for p in parameters}
    for name in values:
        _check_name(name, declared)
    for parameter in parameters:
        if parameter.required and parameter.name not in values:
            raise _refused(
                parameter.name,
                "required",
                f"{_described(parameter)} must be given",
                f"Say -p {parameter.name} VALUE.",
            )
    return {name: _checked(p, values[name]) for name, p in declared.items() if name in values}


def effective_values(parameters: Sequence[Parameter], values: Mapping[str, object]) -> dict[str, object]:
    """Return what the notebook runs with: the defaults that are known, under the values that were given."""
    known = {
        p.name: p.default for p in parameters if not p.required and (p.default is not None or p.nullable)
    }
    return {**known, **values}


def values_as_code(parameters: Sequence[Parameter], values: Mapping[str, object]) -> str:
    """Return assignments of checked *values* (see ``check_values``): names, literals, dates and paths, nothing else."""
    types = {p.name: p for p in parameters}
    lines = [f"{name} = {_code(types[name], value)}" for name, value in values.items()]
    text = "\n".join([*_imports(types[n].type for n in values), *lines])
    if len(text) > _MAXIMUM_CODE:
        raise Invalid(
            f"the parameters take {len(text):,} characters; at most {_MAXIMUM_CODE:,} are put into a notebook",
            remedy="Write the data to a file and give its path.",
        )
    return text


# --- names ---------------------------------------------------------------------------------------------


def _check_name(name: object, declared: Mapping[str, Parameter]) -> None:
    # ASCII only: Python folds look-alike letters together, so two different texts could be one variable.
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        raise _refused(
            name,
            "identifier",
            "is not a name Python could assign to (letters, digits and _)",
            "Rename it in the parameters cell.",
        )
    if keyword.iskeyword(name) or (name.startswith("__") and name.endswith("__")):
        raise _refused(name, "reserved", "is reserved by Python", "Rename it in the parameters cell.")
    if name not in declared:
        known = ", ".join(declared) or "none: no cell is tagged 'parameters', or it declares nothing"
        raise _refused(name, "unknown", "is not declared by the notebook", f"Declared: {known}.")


def _refused(name: object, rule: str, sentence: str, remedy: str) -> Invalid:
    return Invalid(
        f"parameter {name!r:.80} {sentence}", remedy=remedy, data={"name": str(name)[:80], "rule": rule}
    )


def _described(parameter: Parameter) -> str:
    return f"({parameter.type}{': ' + parameter.help if parameter.help else ''})"


# --- values --------------------------------------------------------------------------------------------


def _checked(parameter: Parameter, value: object) -> object:
    if isinstance(value, str) and parameter.type not in {"str", "path", "date", "datetime"}:
        value = _from_text(parameter, value)
    if value is None:
        if parameter.nullable or parameter.type == "any":
            return None
        _wrong(parameter, value, f"needs {_article(parameter.type)}, and None is not allowed")
    ready = _CHECKS[parameter.type](parameter, value)
    if parameter.choices and not any(ready == c and type(ready) is type(c) for c in parameter.choices):
        _wrong(parameter, value, f"must be one of {', '.join(map(repr, parameter.choices))}", "choices")
    return ready


def _wrong(parameter: Parameter, value: object, sentence: str, rule: str = "type") -> NoReturn:
    try:
        shown = f"{value!r:.80}"
    except ValueError:  # Python does not write out very long integers
        shown = f"a {type(value).__name__}"
    raise _refused(parameter.name, rule, f"= {shown}: it {sentence}", _remedy(parameter))


def _remedy(parameter: Parameter) -> str:
    if parameter.help:
        return f"The notebook says: {parameter.help}."
    return f"The parameters cell declares it as {parameter.type}: give such a value, or leave it out for its default."


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _from_text(parameter: Parameter, text: str) -> object:
    """Read *text* as the declared type; text that is no literal of it is handed on, for the check to refuse."""
    word = text.strip().lower()
    if parameter.nullable and word in {"none", "null"}:
        return None
    words: Mapping[str, Mapping[str, object]] = {"bool": {**_YES, **_NO}, "float": _NAMED_FLOATS}
    named = words.get(parameter.type, {})
    if word in named or parameter.type == "bool":
        return named.get(word, text)
    value = _read_literal(text)
    if parameter.type == "any" and not isinstance(value, (bool, int, float, list, dict, type(None))):
        return text
    return value


def _read_literal(text: str) -> object:
    try:
        return ast.literal_eval(text.strip()) if len(text) <= _MAXIMUM_CODE else text
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def _check_int(parameter: Parameter, value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, Integral):
        _wrong(parameter, value, "must be a whole number (int)")
    number = int(value)
    if number.bit_length() > _DIGITS * 3:
        _wrong(parameter, "a huge integer", f"may have at most {_DIGITS} digits", "size")
    return number


def _check_float(parameter: Parameter, value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, Real):
        _wrong(parameter, value, "must be a number (float)")
    try:
        number = float(value)
    except OverflowError:
        _wrong(parameter, "a huge integer", "is too large for a float", "size")
    # JSON has no word for these; the same spelling is read back above.
    return (
        number
        if math.isfinite(number)
        else ("nan" if math.isnan(number) else ("inf" if number > 0 else "-inf"))
    )


def _check_bool(parameter: Parameter, value: object) -> object:
    if not isinstance(value, bool):
        _wrong(parameter, value, "must be true or false (bool)")
    return value


def _check_str(parameter: Parameter, value: object) -> object:
    if not isinstance(value, str):
        _wrong(parameter, value, "must be text (str)")
    try:
        value.encode()
    except UnicodeEncodeError:
        _wrong(parameter, value, "holds half of a character (a lone surrogate)", "unicode")
    return str(value)


def _check_path(parameter: Parameter, value: object) -> object:
    if not isinstance(value, (str, PathLike)):
        _wrong(parameter, value, "must be a path")
    return _check_str(parameter, fspath(value))


def _check_date(parameter: Parameter, value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        return date.fromisoformat(value.strip()).isoformat()  # type: ignore[attr-defined]
    except (ValueError, AttributeError):
        _wrong(parameter, value, "must be a date, as in 2026-01-31")


def _check_datetime(parameter: Parameter, value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    try:
        return datetime.fromisoformat(value.strip()).isoformat()  # type: ignore[attr-defined]
    except (ValueError, AttributeError):
        _wrong(parameter, value, "must be a time, as in 2026-01-31T12:00:00")


def _check_items(parameter: Parameter, value: object) -> object:
    if not isinstance(value, (list, tuple)):
        _wrong(parameter, value, f"must be a list of values ({parameter.type})")
    if not parameter.items:
        return _check_any(parameter, list(value))
    each = replace(parameter, type=parameter.items, items="", choices=(), nullable=False)
    return [_checked(each, item) for item in value]


def _check_dict(parameter: Parameter, value: object) -> object:
    if not isinstance(value, Mapping):
        _wrong(parameter, value, "must be a mapping of text to values (dict)")
    return _check_any(parameter, value)


def _check_any(parameter: Parameter, value: object, depth: int = 0) -> object:
    """Let through what JSON can hold, to the same types on the other side."""
    if depth > _MAXIMUM_DEPTH:
        _wrong(parameter, "a value", f"is nested deeper than {_MAXIMUM_DEPTH} levels", "size")
    if isinstance(value, (list, tuple)):
        return [_check_any(parameter, item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            _wrong(parameter, value, "may have text as keys only")
        return {str(_check_str(parameter, k)): _check_any(parameter, v, depth + 1) for k, v in value.items()}
    return _check_scalar(parameter, value)


def _check_scalar(parameter: Parameter, value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Integral):
        return _check_int(parameter, value)
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else _wrong(parameter, value, "must be finite")
    if isinstance(value, str):
        return _check_str(parameter, value)
    _wrong(parameter, value, f"is a {type(value).__name__}, which no parameter can be")


_CHECKS: dict[str, Callable[[Parameter, object], object]] = {
    "int": _check_int,
    "float": _check_float,
    "bool": _check_bool,
    "str": _check_str,
    "path": _check_path,
    "date": _check_date,
    "datetime": _check_datetime,
    "list": _check_items,
    "tuple": _check_items,
    "dict": _check_dict,
    "any": _check_any,
}


# --- code ----------------------------------------------------------------------------------------------

# Under names of our own: the notebook may use the plain ones for something else.
_MODULES = {"date": "datetime", "datetime": "datetime", "path": "pathlib"}


def _imports(types: Iterable[str]) -> list[str]:
    return [
        f"import {module} as _{module}" for module in sorted({_MODULES[t] for t in types if t in _MODULES})
    ]


def _code(parameter: Parameter, value: object) -> str:
    if value is None:
        return "None"
    kind = parameter.type
    if kind in {"date", "datetime"}:
        return f"_datetime.{kind}.fromisoformat({value!r})"
    if kind == "path":
        return f"_pathlib.Path({value!r})"
    if kind == "float" and isinstance(value, str):
        return f"float({value!r})"
    if kind in {"list", "tuple"} and isinstance(value, list):
        each = replace(parameter, type=parameter.items or "any", items="")
        inner = ", ".join(_code(each, item) for item in value)
        return f"[{inner}]" if kind == "list" else f"({inner}{',' if len(value) == 1 else ''})"
    return _literal(value)


def _literal(value: object) -> str:
    """Write plain values out. Exact types only: a subclass could bring a ``repr`` of its own."""
    if value is None or type(value) in {bool, int, float, str}:
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_literal(k)}: {_literal(v)}' for k, v in value.items())}}}"
    raise Invalid(
        f"a {type(value).__name__} cannot be written into a notebook",
        remedy="Give plain values: text, numbers, yes or no, nothing, and lists or names of these.",
    )
