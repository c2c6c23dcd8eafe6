"""The fields of a record that can be asked for: where each lies, and what it can be compared with."""

from __future__ import annotations

import difflib
import math
import re
import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum, StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeGuard, Union

from jupyter_mlops.records.codec import fields_of
from jupyter_mlops.records.condition import Field, Part, Scope, wrong_at
from jupyter_mlops.records.policy import Direction, direction_of

if TYPE_CHECKING:
    from jupyter_mlops.store.shelves import Shelf  # brings the records of everything

__all__ = ["Kind", "Sort", "Target", "as_float", "attribute", "kind_of", "known_names", "resolve"]


class Kind(StrEnum):
    """What can be compared with what."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "true or false"
    TIME = "time"
    PARAM = "parameter"  # a number, a text or a flag, as it was logged
    OPAQUE = "record"  # can only be there or not


_PAIR = 2


@dataclass(frozen=True, slots=True)
class Target:
    """A field of a record: the names on the way to it, and what it holds."""

    scope: Scope
    path: tuple[str, ...]
    kind: Kind
    choices: tuple[str, ...] = ()  # of an enum
    part: Part = Part.LAST  # of a metric; never BEST, which is settled here
    step: int | None = None  # of the part AT
    many: bool = False  # the first name holds several records: one of them that passes is enough

    @property
    def name(self) -> str:
        """The name inside its scope."""
        return ".".join(self.path)

    @property
    def written(self) -> str:
        """The name as a query writes it."""
        if self.scope is Scope.ATTRIBUTE:
            return self.name
        plain = re.fullmatch(r"[\w/-]+", self.name)
        quoted = self.name if plain else '"' + re.sub(r'(["\\])', r"\\\1", self.name) + '"'
        part = "" if self.part is Part.LAST else f".{self.part}"
        return f"{self.scope}.{quoted}{part}" + ("" if self.step is None else f"({self.step})")


@dataclass(frozen=True, slots=True)
class Sort:
    """One step of the order. What is missing comes last, whatever the direction."""

    target: Target
    descending: bool


def resolve(shelf: Shelf, field: Field) -> Target:
    """Return where *field* of a record of *shelf* lies and what it holds.

    Raises
    ------
    Invalid
        The record has no such field; the message names those it has.
    """
    if field.scope is Scope.ATTRIBUTE:
        return attribute(shelf, field.name, field.column)
    if field.scope.value not in fields_of(shelf.record):
        raise wrong_at(
            field.column,
            f"{shelf.several} have no {field.scope.value}, so {str(field)!r} is not known",
            remedy=f"Known: {', '.join(known_names(shelf.record))}.",
        )
    kind = {Scope.METRICS: Kind.NUMBER, Scope.PARAMS: Kind.PARAM}.get(field.scope, Kind.TEXT)
    return Target(field.scope, (field.name,), kind, part=_part(field), step=field.step)


def _part(field: Field) -> Part:
    if field.part is not Part.BEST:
        return field.part
    direction = direction_of(field.name)
    if direction is None:
        written = Target(field.scope, (field.name,), Kind.NUMBER).written
        raise wrong_at(
            field.column,
            f"the name {field.name!r} does not say which way is better, so it has no best",
            remedy=f"Write {written}.min or {written}.max.",
        )
    return Part.MINIMUM if direction is Direction.LOWER else Part.MAXIMUM


def attribute(shelf: Shelf, name: str, column: int | None = None) -> Target:
    """Return where the attribute called *name* lies, dotted for a nested one; *column* is where the text names it."""
    found = kind_of(shelf.record, tuple(name.split(".")))
    if found is None:
        known = known_names(shelf.record)
        near = difflib.get_close_matches(name, [*known, *_prefixed(shelf.record, name)], n=1)
        prefixed = "metrics" in fields_of(shelf.record)
        raise wrong_at(
            column,
            f"{shelf.several} have no attribute {name!r}",
            remedy=(f"Did you mean {near[0]}? " if near else "")
            + f"Known: {', '.join(_shortened(known))}"
            + (
                "; measured and given values carry a prefix: metrics.mae, params.alpha, tags.team."
                if prefixed
                else "."
            ),
            data={"field": name, "known": list(known)},
        )
    kind, choices = found
    path = tuple(name.split("."))
    several = len(path) > 1 and _each(_plain(fields_of(shelf.record)[path[0]])) is not None
    return Target(Scope.ATTRIBUTE, path, kind, choices, many=several)


def _prefixed(record: type, name: str) -> list[str]:
    """Return the name as it would be written behind each prefix that the record knows."""
    tail = name.partition(".")[2]
    scopes = [scope.value for scope in Scope if scope.value in fields_of(record)]
    return [f"{scope}.{tail}" for scope in scopes] if tail else []


def _shortened(names: Sequence[str]) -> list[str]:
    """Return the names, those with the same beginning as one."""
    heads = [name.partition(".")[0] for name in names]
    return list(
        dict.fromkeys(
            f"{head}.…" if heads.count(head) > 1 else name for head, name in zip(heads, names, strict=True)
        )
    )


@cache
def known_names(record: type) -> tuple[str, ...]:
    """Return the attributes of a *record* that can be compared, dotted for nested ones."""
    names = []
    for name, hint in _kept(record).items():
        inner = _plain(hint)
        several = _each(inner)
        if several is not None:
            names += [f"{name}.{sub}" for sub in known_names(several) if "." not in sub]
        elif _nested(inner):
            names += [f"{name}.{sub}" for sub in known_names(inner)]
        elif _classified(inner)[0] is not Kind.OPAQUE:
            names.append(name)
    return tuple(names)


@cache
def kind_of(record: type, path: tuple[str, ...]) -> tuple[Kind, tuple[str, ...]] | None:
    """Return what lies at *path* in a record and, of an enum, its values; None where there is no such field."""
    hint = _kept(record).get(path[0])
    if hint is None:
        return None
    inner = _plain(hint)
    if len(path) > 1:
        several = _each(inner)
        if several is not None:
            return kind_of(several, path[1:]) if len(path) == _PAIR else None
        return kind_of(inner, path[1:]) if _nested(inner) else None
    return _classified(inner)


def _kept(record: type) -> dict[str, Any]:
    """Return the fields of a record that a store keeps: what a verb fills cannot be asked for."""
    derived = {each.name for each in fields(record) if each.metadata.get("derived")}
    return {name: hint for name, hint in fields_of(record).items() if name not in derived}


def _each(hint: Any) -> type | None:
    """Return the record of which a field holds several; None where it does not."""
    arguments = typing.get_args(hint)
    several = typing.get_origin(hint) is tuple and len(arguments) == _PAIR and arguments[1] is Ellipsis
    return arguments[0] if several and _nested(arguments[0]) else None


def _nested(hint: Any) -> TypeGuard[type]:
    return isinstance(hint, type) and is_dataclass(hint)


def _plain(hint: Any) -> Any:
    """Return what a type means beside None."""
    if typing.get_origin(hint) in {Union, types.UnionType}:
        members = [member for member in typing.get_args(hint) if member is not type(None)]
        return members[0] if len(members) == 1 else hint
    return hint


def _classified(hint: Any) -> tuple[Kind, tuple[str, ...]]:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Kind.TEXT, tuple(str(member.value) for member in hint)
    kinds = {str: Kind.TEXT, bool: Kind.FLAG, int: Kind.NUMBER, float: Kind.NUMBER, datetime: Kind.TIME}
    return (kinds.get(hint, Kind.OPAQUE) if isinstance(hint, type) else Kind.OPAQUE), ()


def as_float(value: float) -> float:
    """Return a number as it is compared: JSON knows no largest integer, and one beyond the floats is beyond all."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
