"""A query made ready for an adapter: names resolved, values typed, the order completed, the cursor read.

What a query means is settled here, once. An adapter only has to say how one comparison is made.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import hashlib
import json
import math
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from datetime import UTC, datetime
from enum import Enum, StrEnum
from functools import cache
from typing import Any, TypeGuard, Union

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.codec import fields_of
from jupyter_mlops.records.query import (
    And,
    Comparison,
    Expression,
    Field,
    Literal,
    Not,
    Operator,
    Or,
    Query,
    Scope,
)
from jupyter_mlops.store.shelves import Shelf

__all__ = [
    "All",
    "Asked",
    "Either",
    "Kind",
    "Sort",
    "Target",
    "Test",
    "Tested",
    "ask",
    "kind_of",
    "write_cursor",
]

Value = str | float | bool


class Kind(StrEnum):
    """What can be compared with what."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "true or false"
    TIME = "time"
    PARAM = "parameter"  # a number, a text or a flag, as it was logged
    OPAQUE = "record"  # can only be there or not


@dataclass(frozen=True, slots=True)
class Target:
    """A field of a record: the names on the way to it, and what it holds."""

    scope: Scope
    path: tuple[str, ...]
    kind: Kind
    choices: tuple[str, ...] = ()  # of an enum

    @property
    def name(self) -> str:
        """The name inside its scope."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison; ``truth`` is False where its opposite is asked for.

    A field that is missing, null or not a number fails every comparison, so it passes every opposite.
    """

    target: Target
    operator: Operator
    value: Value | tuple[Value, ...] | None
    truth: bool = True


@dataclass(frozen=True, slots=True)
class All:
    """Every one of these."""

    terms: tuple[Tested, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of these."""

    terms: tuple[Tested, ...]


Tested = Test | All | Either


@dataclass(frozen=True, slots=True)
class Sort:
    """One step of the order. What is missing comes last, whatever the direction."""

    target: Target
    descending: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that an adapter can answer without further questions.

    ``order`` ends with the whole key, so that no two records are equal in it. ``after`` holds the values of the
    last record of the page before: one for each step, two (number, text) for a parameter.
    """

    where: Tested | None
    order: tuple[Sort, ...]
    limit: int
    after: tuple[Any, ...] | None
    mark: str  # what a cursor must carry to belong to this query


def ask(shelf: Shelf, query: Query) -> Asked:
    """Make *query* ready for the records of *shelf*.

    Raises
    ------
    Invalid
        A name is unknown, a value does not fit its field, or the cursor belongs to another query.
    """
    order = _order(shelf, query)
    mark = hashlib.sha256(
        repr((shelf.name, query.where, query.order)).encode("utf-8", "surrogatepass")
    ).hexdigest()[:16]
    return Asked(
        where=None if query.where is None else _settle(shelf, query.where, truth=True),
        order=order,
        limit=query.limit,
        after=None if query.cursor is None else _read_cursor(query.cursor, mark, order),
        mark=mark,
    )


def _order(shelf: Shelf, query: Query) -> tuple[Sort, ...]:
    if query.order:
        steps = [Sort(_resolve(shelf, order.field), order.descending) for order in query.order]
    else:
        steps = [Sort(_attribute(shelf, shelf.time), descending=True)] if shelf.time else []
    for step in steps:
        if step.target.kind is Kind.OPAQUE:
            raise Invalid(f"{shelf.name} cannot be ordered by {step.target.name}: it is not one value")
    down = steps[-1].descending if steps else False
    named = {step.target.path for step in steps if step.target.scope is Scope.ATTRIBUTE}
    return (*steps, *(Sort(_attribute(shelf, name), down) for name in shelf.key if (name,) not in named))


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────


def _resolve(shelf: Shelf, field: Field) -> Target:
    if field.scope is Scope.ATTRIBUTE:
        return _attribute(shelf, field.name)
    if field.scope.value not in fields_of(shelf.record):
        raise Invalid(
            f"{shelf.name} have no {field.scope.value}, so {str(field)!r} is not known",
            remedy=f"Known: {', '.join(_known(shelf.record))}.",
        )
    kind = {Scope.METRICS: Kind.NUMBER, Scope.PARAMS: Kind.PARAM}.get(field.scope, Kind.TEXT)
    return Target(field.scope, (field.name,), kind)


def _attribute(shelf: Shelf, name: str) -> Target:
    found = kind_of(shelf.record, tuple(name.split(".")))
    if found is None:
        known = _known(shelf.record)
        near = difflib.get_close_matches(name, known, n=1)
        prefixed = "metrics" in fields_of(shelf.record)
        raise Invalid(
            f"{shelf.name} have no attribute {name!r}",
            remedy=(f"Did you mean {near[0]}? " if near else "")
            + f"Known: {', '.join(known)}"
            + (
                "; measured and given values carry a prefix: metrics.mae, params.alpha, tags.team."
                if prefixed
                else "."
            ),
            data={"field": name, "known": list(known)},
        )
    kind, choices = found
    return Target(Scope.ATTRIBUTE, tuple(name.split(".")), kind, choices)


@cache
def _known(record: type) -> tuple[str, ...]:
    names = []
    for name, hint in fields_of(record).items():
        inner = _plain(hint)
        if _nested(inner):
            names += [f"{name}.{sub}" for sub in _known(inner)]
        elif _classified(inner)[0] is not Kind.OPAQUE:
            names.append(name)
    return tuple(names)


@cache
def kind_of(record: type, path: tuple[str, ...]) -> tuple[Kind, tuple[str, ...]] | None:
    """Return what lies at *path* in a record and, of an enum, its values; None where there is no such field."""
    hint = fields_of(record).get(path[0])
    if hint is None:
        return None
    inner = _plain(hint)
    if len(path) > 1:
        return kind_of(inner, path[1:]) if _nested(inner) else None
    return _classified(inner)


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


# ── conditions ───────────────────────────────────────────────────────────────────────────────────────────


def _settle(shelf: Shelf, where: Expression, *, truth: bool) -> Tested:
    if isinstance(where, Not):
        return _settle(shelf, where.term, truth=not truth)
    if isinstance(where, (And, Or)):
        terms = tuple(_settle(shelf, term, truth=truth) for term in where.terms)
        # The opposite of "all" is "one of the opposites".
        return All(terms) if isinstance(where, And) is truth else Either(terms)
    return _test(_resolve(shelf, where.field), where, truth=truth)


def _test(target: Target, asked: Comparison, *, truth: bool) -> Tested:
    operator, value = asked.operator, asked.value
    if operator is Operator.NULL or (value is None and operator in {Operator.EQUAL, Operator.UNEQUAL}):
        return Test(target, Operator.NULL, None, truth is not (operator is Operator.UNEQUAL))
    if target.kind is Kind.OPAQUE:
        raise Invalid(f"{target.name} is not one value: it can only be compared by 'is null'")
    if isinstance(value, tuple):
        return _one_of(target, value, truth=truth)
    if value is None:
        raise Invalid(f"nothing is {operator.value} null", remedy=f"Write {target.name} is null.")
    if operator is Operator.LIKE and (not isinstance(value, str) or target.kind in {Kind.NUMBER, Kind.FLAG}):
        raise Invalid(f"like compares text; {target.name} is a {target.kind.value}, the value is {value!r}")
    if operator is Operator.LIKE:
        return Test(target, operator, value, truth)
    return Test(target, operator, _typed(target, value, choosing=operator in _CHOOSING), truth)


_CHOOSING = {Operator.EQUAL, Operator.UNEQUAL, Operator.IN}


def _one_of(target: Target, values: Sequence[Literal], *, truth: bool) -> Tested:
    given = [_typed(target, value, choosing=True) for value in values if value is not None]
    tests: list[Tested] = []
    for kind in (str, float, bool):
        same = tuple(value for value in given if type(value) is kind)
        if same:
            tests.append(Test(target, Operator.IN, same, truth))
    if None in values:
        tests.append(Test(target, Operator.NULL, None, truth))
    if len(tests) == 1:
        return tests[0]
    return Either(tuple(tests)) if truth else All(tuple(tests))


def _typed(target: Target, value: Literal, *, choosing: bool) -> Value:
    """Return *value* as the field holds it: a float, a text, a flag; a time as text in UTC."""
    kind = target.kind
    if kind in {Kind.NUMBER, Kind.PARAM} and isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number(value)
    if kind in {Kind.FLAG, Kind.PARAM} and isinstance(value, bool):
        return value
    if kind in {Kind.TEXT, Kind.PARAM} and isinstance(value, str):
        return _choice(target, value) if target.choices and choosing else value
    if kind is Kind.TIME and isinstance(value, str):
        return _moment(target, value)
    example = {Kind.TEXT: f"'{value}'", Kind.NUMBER: "42", Kind.FLAG: "true", Kind.TIME: "'2026-01-31'"}[kind]
    raise Invalid(
        f"{target.name} is a {kind.value} and cannot be compared with {value!r}",
        remedy=f"Write, for example, {target.name} = {example}.",
    )


def _number(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer beyond the floats is beyond all of them
        return math.copysign(math.inf, value)


def _choice(target: Target, value: str) -> str:
    if value.lower() not in target.choices:
        raise Invalid(
            f"{target.name} is never {value!r}",
            remedy=f"It is one of {', '.join(target.choices)}.",
            data={"field": target.name, "known": list(target.choices)},
        )
    return value.lower()


def _moment(target: Target, value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Invalid(
            f"{target.name} is a time; {value!r} is not",
            remedy="Write '2026-01-31' or '2026-01-31T12:00:00+00:00' (without an offset: UTC).",
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


# ── cursors ──────────────────────────────────────────────────────────────────────────────────────────────


def write_cursor(asked: Asked, values: Sequence[Any]) -> str:
    """Return the text that leads to the records after the one with these sort *values*."""
    body = json.dumps([asked.mark, *values], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()[:6] + body).decode().rstrip("=")


def _read_cursor(text: str, mark: str, order: tuple[Sort, ...]) -> tuple[Any, ...]:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if hashlib.sha256(raw[6:]).digest()[:6] != raw[:6]:
            raise Invalid("damaged")  # told below, with the rest
        found = json.loads(raw[6:])
        fits = isinstance(found, list) and found[0] == mark and _fit(found[1:], order)
    except (ValueError, binascii.Error, IndexError):
        fits = False
    if not fits:
        raise Invalid(
            f"the cursor {text[:24]!r} does not belong to this query",
            remedy="Give the cursor of the page before with the same filter and order, or none.",
        )
    return tuple(found[1:])


def _fit(values: Sequence[Any], order: tuple[Sort, ...]) -> bool:
    expected: list[tuple[type, ...]] = []
    for step in order:
        if step.target.kind is Kind.PARAM:
            expected += [(int, float), (str,)]
        else:
            expected.append(_HELD[step.target.kind])
    return len(values) == len(expected) and all(
        value is None or isinstance(value, allowed) for value, allowed in zip(values, expected, strict=True)
    )


_HELD: Mapping[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.TIME: (str,),
    Kind.NUMBER: (int, float),
    Kind.FLAG: (int,),
}
