"""A query made ready for an adapter: names resolved, values typed, the order completed, the cursor read.

What a query means is settled here, once. An adapter only has to say how one comparison is made.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from jupyter_mlops.records.condition import wrong_at
from jupyter_mlops.records.query import (
    And,
    Comparison,
    Expression,
    Literal,
    Not,
    Operator,
    Or,
    Query,
    Scope,
)
from jupyter_mlops.store.cursors import read_cursor
from jupyter_mlops.store.fields import Kind, Sort, Target, as_float, attribute, resolve
from jupyter_mlops.store.shelves import Shelf

__all__ = ["All", "Asked", "Either", "Level", "Test", "Tested", "ask"]

Value = str | float | bool


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
Level = tuple[str, int]  # a metric, and one of its steps


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

    def levels(self) -> set[Level]:
        """Return the steps at which metrics are asked for: no summary knows their values."""
        targets = [step.target for step in self.order]
        waiting = [] if self.where is None else [self.where]
        while waiting:
            term = waiting.pop()
            if isinstance(term, Test):
                targets.append(term.target)
            else:
                waiting += term.terms
        return {(target.name, target.step) for target in targets if target.step is not None}


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
        where=None if query.where is None else _Settler(shelf, query.now).settle(query.where, truth=True),
        order=order,
        limit=query.limit,
        after=None if query.cursor is None else read_cursor(query.cursor, mark, order),
        mark=mark,
    )


def _order(shelf: Shelf, query: Query) -> tuple[Sort, ...]:
    if query.order:
        steps = [Sort(resolve(shelf, order.field), order.descending) for order in query.order]
    else:
        steps = [Sort(attribute(shelf, shelf.time), descending=True)] if shelf.time else []
    for step, column in zip(steps, [order.field.column for order in query.order] or [None], strict=False):
        if step.target.kind is Kind.OPAQUE or step.target.many:
            raise wrong_at(
                column,
                f"{shelf.several} cannot be ordered by {step.target.name}: it is not one value",
                remedy=f"Order by a name that has one value, such as {shelf.time or shelf.key[-1]}.",
            )
    down = steps[-1].descending if steps else False
    named = {step.target.path for step in steps if step.target.scope is Scope.ATTRIBUTE}
    return (*steps, *(Sort(attribute(shelf, name), down) for name in shelf.key if (name,) not in named))


@dataclass(frozen=True, slots=True)
class _Settler:
    """Reads one query's condition; ``now`` is what its spans count from."""

    shelf: Shelf
    now: datetime | None

    def settle(self, where: Expression, *, truth: bool) -> Tested:
        if isinstance(where, Not):
            return self.settle(where.term, truth=not truth)
        if isinstance(where, (And, Or)):
            terms = tuple(self.settle(term, truth=truth) for term in where.terms)
            # The opposite of "all" is "one of the opposites".
            return All(terms) if isinstance(where, And) is truth else Either(terms)
        target = resolve(self.shelf, where.field)
        return _test(target, self.counted(where) if target.kind is Kind.TIME else where, truth=truth)

    def counted(self, asked: Comparison) -> Comparison:
        """Return the comparison with its spans as the moments they mean."""
        if asked.operator is Operator.LIKE:
            return asked
        given = asked.value if isinstance(asked.value, tuple) else (asked.value,)
        moments = tuple(self._moment(value, asked.column(place)) for place, value in enumerate(given))
        return replace(asked, value=moments if isinstance(asked.value, tuple) else moments[0])

    def _moment(self, value: Literal, column: int | None) -> Literal:
        found = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None:
            return value
        seconds = int(found[1]) * _SECONDS[found[2].lower()]
        try:
            return ((self.now or datetime.now(UTC)) + timedelta(seconds=seconds)).isoformat()
        except OverflowError:
            raise wrong_at(
                column,
                f"{value} is further away than any time",
                remedy="Give a shorter span, such as -7d or -12w.",
            ) from None


# What -7d means.
_SPAN = re.compile(r"([-+]?\d{1,18})([smhdw])", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def _test(target: Target, asked: Comparison, *, truth: bool) -> Tested:
    operator, value = asked.operator, asked.value
    if operator is Operator.NULL or (value is None and operator in {Operator.EQUAL, Operator.UNEQUAL}):
        return Test(target, Operator.NULL, None, truth is not (operator is Operator.UNEQUAL))
    if target.kind is Kind.OPAQUE:
        raise wrong_at(
            asked.field.column,
            f"{target.written} is not one value: it can only be compared by 'is null'",
            remedy=f"Say {target.written} is null, or compare one of its parts.",
        )
    if isinstance(value, tuple):
        return _one_of(target, asked, value, truth=truth)
    if value is None:
        raise wrong_at(
            asked.column(), f"nothing is {operator.value} null", remedy=f"Write {target.written} is null."
        )
    if operator is Operator.LIKE and (not isinstance(value, str) or target.kind in {Kind.NUMBER, Kind.FLAG}):
        raise wrong_at(
            asked.column() if not isinstance(value, str) else asked.field.column,
            f"like compares text; {target.written} is a {target.kind.value}, the value is {value!r}",
            remedy="Compare a number or a time with =, <, >; write like's pattern in quotes.",
        )
    if operator is Operator.LIKE:
        return Test(target, operator, value, truth)
    return Test(target, operator, _typed(target, value, operator, asked.column()), truth)


_CHOOSING = {Operator.EQUAL, Operator.UNEQUAL, Operator.IN}


def _one_of(target: Target, asked: Comparison, values: Sequence[Literal], *, truth: bool) -> Tested:
    given = [
        _typed(target, value, Operator.IN, asked.column(place))
        for place, value in enumerate(values)
        if value is not None
    ]
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


def _typed(target: Target, value: Literal, operator: Operator, column: int | None) -> Value:
    """Return *value* as the field holds it: a float, a text, a flag; a time as text in UTC."""
    kind = target.kind
    if kind in {Kind.NUMBER, Kind.PARAM} and isinstance(value, (int, float)) and not isinstance(value, bool):
        return as_float(value)
    if kind in {Kind.FLAG, Kind.PARAM} and isinstance(value, bool):
        return value
    if kind in {Kind.TEXT, Kind.PARAM} and isinstance(value, str):
        return _choice(target, value, column) if target.choices and operator in _CHOOSING else value
    if kind is Kind.TIME and isinstance(value, str):
        return _moment(target, value, column)
    example = {Kind.TEXT: f"'{value}'", Kind.NUMBER: "42", Kind.FLAG: "true", Kind.TIME: "'2026-01-31'"}[kind]
    sign = "=" if operator is Operator.IN else operator.value
    raise wrong_at(
        column,
        f"{target.written} is a {kind.value} and cannot be compared with {value!r}",
        remedy=f"Write, for example, {target.written} {sign} {example}.",
    )


def _choice(target: Target, value: str, column: int | None) -> str:
    if value.lower() not in target.choices:
        near = difflib.get_close_matches(value.lower(), target.choices, n=1)
        raise wrong_at(
            column,
            f"{target.name} is never {value!r}",
            remedy=(f"Did you mean {near[0]}? " if near else "")
            + f"It is one of {', '.join(target.choices)}.",
            data={"field": target.name, "known": list(target.choices)},
        )
    return value.lower()


def _moment(target: Target, value: str, column: int | None) -> str:
    try:
        moment = datetime.fromisoformat(value)
        utc = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong_at(
            column,
            f"{target.name} is a time; {value!r} is not",
            remedy="Write '2026-01-31', '2026-01-31T12:00:00+00:00' (without an offset: UTC), or -7d for a week ago.",
        ) from None
    return utc.isoformat()
