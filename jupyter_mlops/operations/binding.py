"""A verb's own signature to arguments: from text (shell, magic, query string) and from JSON (REST).

The parameters a verb may have are text, numbers, booleans, times, enums, records, and lists or mappings of
these. A verb that wants more is not an operation.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jupyter_mlops.errors import Invalid
from jupyter_mlops.operations.kinds import item_of
from jupyter_mlops.operations.reading import from_text
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.examples import EXAMPLES

__all__ = [
    "VOCABULARY",
    "Argument",
    "arguments_of",
    "from_json",
    "from_texts",
    "is_narrowed",
    "kind_of",
    "none_missing",
    "result_of",
    "summary_of",
]

Verb = Callable[..., Any]
_MISSING = inspect.Parameter.empty
_EMPHASIS = re.compile(r"\*{1,2}(\w[^*\s]*)\*{1,2}")
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
    "query": "A filter.",
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
    example: str = ""  # of a query or an order: what the records that are answered can be asked for; its help ends with it


@cache
def arguments_of(verb: Verb) -> tuple[Argument, ...]:
    """Return the parameters of *verb* behind its first one, which is where it works (a workspace or a console)."""
    hints = typing.get_type_hints(verb)
    examples = _examples(kind_of(verb))
    told = _told(inspect.getdoc(verb) or "")
    parameters = list(inspect.signature(verb).parameters.values())[1:]
    return tuple(
        Argument(
            name=p.name,
            kind=hints.get(p.name, Any),
            required=p.default is _MISSING,
            default=None if p.default is _MISSING else p.default,
            help=_with(told.get(p.name) or VOCABULARY.get(p.name, ""), examples.get(p.name, "")),
            example=examples.get(p.name, ""),
        )
        for p in parameters
    )


def _examples(kind: str) -> dict[str, str]:
    """Return what records of this class can be asked for: an example of a query and one of an order."""
    found = EXAMPLES.get(kind)
    return {} if found is None else {"query": found.where, "order": found.order}


def _with(text: str, example: str) -> str:
    return f"{text} For example: {example}" if example else text


def result_of(verb: Verb) -> Any:
    """Return the resolved type of what *verb* answers."""
    return typing.get_type_hints(verb).get("return", Any)


def kind_of(verb: Verb) -> str:
    """Return the class of the records that *verb* answers many of; empty where it answers with one thing."""
    inner = typing.get_args(result_of(verb))
    return getattr(inner[0], "__name__", "") if inner else ""


def is_narrowed(arguments: Mapping[str, object]) -> bool:
    """Tell whether a verb was given a filter: where it then answers with nothing, there may be others."""
    return bool(str(arguments.get("query") or "").strip())


def summary_of(verb: Verb) -> str:
    """Return the first line of the docstring of *verb*, without marks."""
    return _plain((inspect.getdoc(verb) or "").partition("\n")[0])


def _plain(text: str) -> str:
    """Return *text* without its marks: back quotes, and the stars round a word; a star of a value stays."""
    parts = re.split(r"``?([^`]*)``?", text)
    parts[::2] = [_EMPHASIS.sub(r"\1", part) for part in parts[::2]]
    return "".join(parts)


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


def from_json(
    verb: Verb, data: Mapping[str, Any], *, given: Mapping[str, Any] | None = None, usage: str = ""
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
    none_missing(verb, {**values, **given}, usage=usage)
    return {**values, **given}


def _none_unknown(unknown: Sequence[str], known: Sequence[str]) -> None:
    if unknown:
        raise Invalid(
            f"unknown {', '.join(f'{name!r:.60}' for name in unknown[:5])}",
            remedy=f"Known: {', '.join(known)}." if known else "It takes nothing.",
        )


def none_missing(verb: Verb, values: Mapping[str, Any], *, usage: str = "") -> None:
    """Refuse a call that leaves out what *verb* cannot do without; *usage* is the line that leaves out nothing."""
    missing = [a.name for a in arguments_of(verb) if a.required and a.name not in values]
    if missing:
        takes = ", ".join(a.name if a.required else f"[{a.name}]" for a in arguments_of(verb))
        raise Invalid(
            f"missing {', '.join(map(repr, missing))}",
            remedy=f"Write: {usage}" if usage else f"It takes {takes}.",
        )


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
            raise Invalid(f"{name}: expected one value, got {len(given)}", remedy=f"Give {name} once.")
    return values
