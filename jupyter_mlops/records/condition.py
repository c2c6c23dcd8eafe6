"""What a filter asks for, as values: fields, comparisons, and how they are joined."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jupyter_mlops.errors import Invalid

__all__ = [
    "And",
    "Comparison",
    "Expression",
    "Field",
    "Literal",
    "Not",
    "Operator",
    "Or",
    "Order",
    "Part",
    "Scope",
    "wrong_at",
]

Literal = str | int | float | bool | None


class Scope(StrEnum):
    """Where a name is looked up."""

    ATTRIBUTE = "attribute"
    METRICS = "metrics"
    PARAMS = "params"
    TAGS = "tags"


class Part(StrEnum):
    """What the points of a metric come to. ``BEST`` is the least or the greatest, as the metric's name says; ``AT`` asks for one step."""

    LAST = "last"
    BEST = "best"
    MINIMUM = "min"
    MAXIMUM = "max"
    MEAN = "mean"
    COUNT = "count"
    AT = "at"


class Operator(StrEnum):
    """How a field is compared. ``IN`` takes a tuple, ``NULL`` nothing."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="
    LIKE = "like"
    IN = "in"
    NULL = "is null"


@dataclass(frozen=True, slots=True)
class Field:
    """A name in its scope; of a metric, what its points come to."""

    scope: Scope
    name: str
    part: Part = Part.LAST
    step: int | None = None  # of AT
    column: int | None = dataclasses.field(default=None, compare=False, repr=False)  # in the text, from 1

    def __str__(self) -> str:
        part = "" if self.part is Part.LAST else f".{self.part}"
        part += "" if self.step is None else f"({self.step})"
        return self.name if self.scope is Scope.ATTRIBUTE else f"{self.scope}.{self.name}{part}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field against one value (a tuple for ``in``)."""

    field: Field
    operator: Operator
    value: Literal | tuple[Literal, ...]
    columns: tuple[int, ...] = dataclasses.field(default=(), compare=False, repr=False)  # of each value

    def column(self, place: int = 0) -> int | None:
        """Return the column of a value; None where the condition was not read from text."""
        return self.columns[place] if self.columns else None


@dataclass(frozen=True, slots=True)
class And:
    """All of these."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not this."""

    term: Expression


Expression = Comparison | And | Or | Not


@dataclass(frozen=True, slots=True)
class Order:
    """One field to sort by."""

    field: Field
    descending: bool = False


def wrong_at(
    column: int | None, message: str, *, remedy: str, data: Mapping[str, object] | None = None
) -> Invalid:
    """Return the refusal of a query, which says at which column it is wrong where the query is a text."""
    if column is None:
        return Invalid(message, remedy=remedy, data=data)
    return Invalid(
        f"the query is wrong at column {column}: {message}",
        remedy=remedy,
        data={"column": column, **(data or {})},
    )
