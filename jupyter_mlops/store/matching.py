"""How a record in hand is compared, ordered and paged: what a query means, said in Python.

The memory adapter answers with these; the SQL adapter is held to the same answers by the contract suite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from operator import eq, ge, gt, le, lt
from typing import Any, TypeVar, cast

from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.query import Operator, Part, Scope
from jupyter_mlops.store.asking import All, Asked, Either, Test, Tested
from jupyter_mlops.store.fields import Kind, Sort, Target

__all__ = ["Measured", "lies_after", "ordered", "passes", "sort_values"]

T = TypeVar("T")


# What the points of a record's metric come to; None where it has none.
Measured = Callable[[Any, Target], float | None]


def _unmeasured(_record: object, _target: Target) -> None:
    return None


def passes(record: object, where: Tested, measured: Measured = _unmeasured) -> bool:
    """Tell whether *record* is what *where* asks for."""
    if isinstance(where, All):
        return all(passes(record, term, measured) for term in where.terms)
    if isinstance(where, Either):
        return any(passes(record, term, measured) for term in where.terms)
    if where.target.many:
        return _one_compares(record, where) is where.truth
    return _compares(_value(record, where.target, measured), where) is where.truth


def _one_compares(record: object, test: Test) -> bool:
    """Tell whether one of several passes; they are null where none of them has a value."""
    first, *rest = test.target.path
    inner = replace(test.target, path=tuple(rest), many=False)
    held = [_value(each, inner, _unmeasured) for each in getattr(record, first)]
    if test.operator is Operator.NULL:
        return all(value is None for value in held)
    return any(_compares(value, test) for value in held)


def _value(record: object, target: Target, measured: Measured) -> Any:
    """Return a field as it is compared: text, float, bool, a time as text; None where it is missing."""
    if target.part is not Part.LAST:
        found = measured(record, target)
        return None if found is None else _numeric(found)
    value: Any = record
    if target.scope is Scope.ATTRIBUTE:
        for name in target.path:
            value = None if value is None else getattr(value, name)
    else:
        value = getattr(record, target.scope.value).get(target.name)
    if target.kind is Kind.OPAQUE or value is None:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _numeric(value)
    return encode(value)


def _numeric(value: float) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf if value > 0 else -math.inf
    return None if math.isnan(number) else number


def _like(text: str, pattern: str) -> bool:
    """Tell whether *text* is *pattern*, in which ``%`` stands for any text; letters' case counts."""
    head, *rest = pattern.split("%")
    if not rest:
        return text == head
    if not text.startswith(head):
        return False
    at = len(head)
    for part in rest[:-1]:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return len(text) - at >= len(rest[-1]) and text.endswith(rest[-1])


_RELATIONS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: eq, Operator.LESS: lt, Operator.LESS_EQUAL: le, Operator.GREATER: gt, Operator.GREATER_EQUAL: ge,
    Operator.LIKE: _like,
}  # fmt: skip


def _compares(held: Any, test: Test) -> bool:
    if test.operator is Operator.NULL or held is None:
        return held is None and test.operator is Operator.NULL
    if test.operator is Operator.IN:
        return any(_same(held, value) for value in cast("tuple[Any, ...]", test.value))
    if test.operator is Operator.UNEQUAL:
        return not _same(held, test.value)
    return type(held) is type(test.value) and _RELATIONS[test.operator](held, test.value)


def _same(held: Any, value: Any) -> bool:
    return type(held) is type(value) and held == value


def sort_values(record: object, order: Sequence[Sort], measured: Measured = _unmeasured) -> list[Any]:
    """Return what *record* is ordered by: one value for each step, two for a parameter."""
    values: list[Any] = []
    for step in order:
        value = _value(record, step.target, measured)
        if step.target.kind is Kind.PARAM:
            values += (
                [None, value] if isinstance(value, str) else [None if value is None else float(value), None]
            )
        else:
            values.append(value)
    return values


def _directions(order: Sequence[Sort]) -> list[bool]:
    return [step.descending for step in order for _ in range(2 if step.target.kind is Kind.PARAM else 1)]


def ordered(records: Sequence[T], order: Sequence[Sort], measured: Measured = _unmeasured) -> list[T]:
    """Return *records* in order; what is missing comes last, whatever the direction."""
    pairs = [(sort_values(record, order, measured), record) for record in records]
    for at, descending in reversed(list(enumerate(_directions(order)))):
        known = [pair for pair in pairs if pair[0][at] is not None]
        known.sort(key=lambda pair: pair[0][at], reverse=descending)
        pairs = known + [pair for pair in pairs if pair[0][at] is None]
    return [record for _, record in pairs]


def lies_after(record: object, asked: Asked, measured: Measured = _unmeasured) -> bool:
    """Tell whether *record* comes after the page before."""
    values = sort_values(record, asked.order, measured)
    for held, mark, descending in zip(values, asked.after or (), _directions(asked.order), strict=True):
        if held == mark:
            continue
        if held is None or mark is None:
            return held is None
        return bool(held < mark if descending else held > mark)
    return False
