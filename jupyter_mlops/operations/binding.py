"""A verb's own signature to arguments: from text (shell, magic, query string) and from JSON (REST).

The parameters a verb may have are text, numbers, booleans, times, enums, records, and lists or mappings of
these. A verb that wants more is not an operation.
"""

from __future__ import annotations

import inspect
import json
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Union

from jupyter_mlops.errors import Invalid, MlopsError
from jupyter_mlops.records.codec import decode, encode

__all__ = [
    "VOCABULARY",
    "Argument",
    "arguments_of",
    "error_json",
    "from_json",
    "from_text",
    "from_texts",
    "item_of",
    "members_of",
    "none_missing",
    "read_json",
    "result_of",
    "summary_of",
    "to_json",
    "without_none",
]

Verb = Callable[..., Any]
_LARGEST = 2**63 - 1  # what every store can keep
_DEEPEST = 64
_TRUTH = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
_MISSING = inspect.Parameter.empty
# What a name means wherever it is used; a verb's docstring may say more.
VOCABULARY = {
    "after": "The sequence to go on from.",
    "alias": "The name that moves between versions, such as champion.",
    "cursor": "The cursor of the page before.",
    "deployment": "The deployment's id.",
    "limit": "How many at most.",
    "model": "The model's name.",
    "moment": "A time with its offset: 2026-01-31T12:00:00+00:00.",
    "order": "A name to sort by, then asc or desc; several with commas between.",
    "query": "A filter, such as metrics.mae < 42 and params.alpha > 0.1.",
    "reason": "Why; kept in the ledger.",
    "reference": "A version, pm25:7, or what an alias points at, pm25@champion.",
    "review": "The review's id, or a unique tail of it.",
    "run": "The run's id, or a unique tail of it of at least four characters.",
}


@dataclass(frozen=True, slots=True)
class Argument:
    """One parameter of a verb: its name, its resolved type, its default and what its docstring says."""

    name: str
    kind: Any
    required: bool
    default: object
    help: str


@cache
def arguments_of(verb: Verb) -> tuple[Argument, ...]:
    """Return the parameters of *verb* behind its first one, which is where it works (a workspace or a console)."""
    hints = typing.get_type_hints(verb)
    told = _told(inspect.getdoc(verb) or "")
    parameters = list(inspect.signature(verb).parameters.values())[1:]
    return tuple(
        Argument(
            name=p.name,
            kind=hints.get(p.name, Any),
            required=p.default is _MISSING,
            default=None if p.default is _MISSING else p.default,
            help=told.get(p.name) or VOCABULARY.get(p.name, ""),
        )
        for p in parameters
    )


def result_of(verb: Verb) -> Any:
    """Return the resolved type of what *verb* answers."""
    return typing.get_type_hints(verb).get("return", Any)


def summary_of(verb: Verb) -> str:
    """Return the first line of the docstring of *verb*, without marks."""
    return _plain((inspect.getdoc(verb) or "").partition("\n")[0])


def _plain(text: str) -> str:
    return re.sub(r"``?([^`]*)``?", r"\1", text).replace("*", "")


def _told(doc: str) -> dict[str, str]:
    """Read the numpydoc section *Parameters*: names at the margin, what they mean indented under them."""
    _, found, section = doc.partition("Parameters\n----------\n")
    section = re.split(r"\n\S[^\n]*\n-{3,}\n", section, maxsplit=1)[0] if found else ""
    told: dict[str, list[str]] = {}
    names: list[str] = []
    for line in section.splitlines():
        if line and not line[0].isspace():
            names = [name.strip(" *") for name in line.partition(":")[0].split(",")]
        elif line.strip():
            for name in names:
                told.setdefault(name, []).append(line.strip())
    return {name: _plain(" ".join(lines)) for name, lines in told.items()}


def members_of(kind: Any) -> tuple[Any, ...]:
    """Return the alternatives of a union; a type that is none is its only one."""
    return typing.get_args(kind) if typing.get_origin(kind) in (Union, types.UnionType) else (kind,)


def without_none(kind: Any) -> Any:
    """Return ``X`` for ``X | None``; any other type as it is."""
    members = tuple(m for m in members_of(kind) if m is not type(None))
    return members[0] if len(members) == 1 else Union[members]  # noqa: UP007  (a tuple, known only here)


def item_of(kind: Any) -> tuple[str, Any]:
    """Tell whether *kind* holds many: ``("list", item)``, ``("mapping", value)`` or ``("one", kind)``."""
    bare = without_none(kind)
    origin, inner = typing.get_origin(bare), typing.get_args(bare)
    if not isinstance(origin, type) or origin is types.UnionType:
        return "one", bare
    if issubclass(origin, Mapping):
        return "mapping", inner[1]
    return ("list", inner[0]) if issubclass(origin, (Sequence, set, frozenset)) else ("one", bare)


def from_text(kind: Any, text: str, at: str) -> Any:
    """Read *text* as a *kind*; a record, a list or a mapping is read as JSON.

    Raises
    ------
    Invalid
        The text is not one; the message says what was expected *at* which parameter.
    """
    bare = without_none(kind)
    if bare in (str, Any, object):
        return text  # of any value: whoever knows what is wanted (a notebook's parameters cell) reads it
    if bare is bool:
        return _truth(text, at)
    if bare in (int, float):
        return _number(bare, text, at)
    if len(members_of(bare)) > 1:
        return _loosely(bare, text, at)
    plain = bare is datetime or (isinstance(bare, type) and issubclass(bare, Enum))
    return decode(bare, text if plain else read_json(text, at=at), at=at)


def _truth(text: str, at: str) -> bool:
    try:
        return _TRUTH[text.lower()]
    except KeyError:
        return decode(bool, text, at=at)  # which says what was expected, as for JSON


def _number(kind: type[int | float], text: str, at: str) -> int | float:
    try:
        number = kind(text)
    except ValueError:
        return decode(kind, text, at=at)
    return _bounded(number, at) if kind is int else number


def _bounded(number: Any, at: str) -> Any:
    if abs(number) > _LARGEST:
        raise Invalid(f"{at}: {str(number)[:24]}… is too large; whole numbers reach to {_LARGEST}")
    return number


def _loosely(kind: Any, text: str, at: str) -> Any:
    """A value of several possible types is what JSON says it is, and text where JSON says nothing."""
    try:
        value = read_json(text, at=at)
    except Invalid:
        value = text
    try:
        return decode(kind, value, at=at)
    except Invalid:
        return decode(kind, text, at=at)


def from_json(
    verb: Verb, data: Mapping[str, Any], *, given: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the keyword arguments of *verb* from JSON-ready *data*, beside what is *given* already.

    Raises
    ------
    Invalid
        A name is unknown or missing, or a value has another type.
    """
    known = {argument.name: argument for argument in arguments_of(verb)}
    given = given or {}
    _none_unknown(
        [name for name in data if name not in known or name in given], [n for n in known if n not in given]
    )
    values = {name: decode(known[name].kind, value, at=name) for name, value in data.items()}
    none_missing(verb, {**values, **given})
    return {**values, **given}


def _none_unknown(unknown: Sequence[str], known: Sequence[str]) -> None:
    if unknown:
        raise Invalid(
            f"unknown {', '.join(f'{name!r:.60}' for name in unknown[:5])}",
            remedy=f"Known: {', '.join(known)}." if known else "It takes nothing.",
        )


def none_missing(verb: Verb, values: Mapping[str, Any]) -> None:
    """Refuse a call that leaves out what *verb* cannot do without."""
    missing = [a.name for a in arguments_of(verb) if a.required and a.name not in values]
    if missing:
        raise Invalid(f"missing {', '.join(map(repr, missing))}")


def from_texts(verb: Verb, texts: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return keyword arguments from a query string or a path: each name with the texts it was given."""
    known = {argument.name: argument for argument in arguments_of(verb)}
    _none_unknown([name for name in texts if name not in known], list(known))
    values: dict[str, Any] = {}
    for name, given in texts.items():
        shape, item = item_of(known[name].kind)
        if shape == "list":
            values[name] = [from_text(item, text, name) for text in given]
        elif len(given) == 1:
            values[name] = from_text(known[name].kind, given[0], name)
        else:
            raise Invalid(f"{name}: expected one value, got {len(given)}")
    return values


def read_json(text: str | bytes, *, at: str) -> Any:
    """Read strict JSON: no NaN, no number a store cannot keep, no nesting without end, no key twice."""
    try:
        return json.loads(
            text,
            parse_constant=lambda word: _refuse(f"{at}: {word} is not JSON"),
            parse_int=lambda digits: _whole(digits, at),
            object_pairs_hook=lambda pairs: _once(pairs, at),
        )
    except (json.JSONDecodeError, UnicodeDecodeError) as failure:
        raise Invalid(f"{at}: expected JSON: {failure}") from None
    except RecursionError:
        raise Invalid(
            f"{at}: nested too deeply", remedy=f"At most {_DEEPEST} levels make sense here."
        ) from None


def _refuse(message: str) -> Any:
    raise Invalid(message)


def _whole(digits: str, at: str) -> int:
    # Checked on the text: Python itself takes quadratic time for very long numbers.
    if len(digits) > 20:  # noqa: PLR2004
        raise Invalid(f"{at}: {digits[:24]}… is too large")
    number: int = _bounded(int(digits), at)
    return number


def _once(pairs: list[tuple[str, Any]], at: str) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Invalid(f"{at}: a key stands twice in one object")
    return found


def to_json(value: object) -> str:
    """Return the answer of a verb as the one JSON text every door gives."""
    return json.dumps(encode(value), ensure_ascii=False, allow_nan=False)


def error_json(failure: MlopsError) -> str:
    """Return an error as the one JSON text every door gives."""
    said = {"code": failure.code, "message": failure.message, "remedy": failure.remedy, "data": failure.data}
    return to_json(said)
