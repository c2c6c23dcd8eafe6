"""What to find, and a page of what was found. The text of a filter is read in ``records.parsing``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.condition import (
    And,
    Comparison,
    Expression,
    Field,
    Literal,
    Not,
    Operator,
    Or,
    Order,
    Part,
    Scope,
)
from jupyter_mlops.records.parsing import parse_filter, parse_order

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
    "Page",
    "Part",
    "Query",
    "Scope",
    "equal",
    "parse_filter",
    "parse_order",
    "query",
    "within_page",
]

T = TypeVar("T")
MAXIMUM_PAGE = 10_000
_SHOWN = 10  # records of a page in a plain terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to find. ``cursor`` is the opaque text of the page before."""

    where: Expression | None = None
    order: tuple[Order, ...] = ()
    limit: int = 100
    cursor: str | None = None
    now: datetime | None = None  # what -7d counts from; None: the moment it is answered
    narrowed: bool = False  # somebody asked for some only; what a verb leaves out by itself does not count

    @property
    def asked(self) -> tuple[str, ...]:
        """The metrics and parameters it is about, those of the order first: ``metrics.mae``."""
        found, waiting = [order.field for order in self.order], [self.where]
        while waiting:
            term = waiting.pop(0)
            if isinstance(term, Comparison):
                found.append(term.field)
            elif isinstance(term, Not):
                waiting.insert(0, term.term)
            elif term is not None:
                waiting[:0] = term.terms
        names = (f"{one.scope}.{one.name}" for one in found if one.scope in {Scope.METRICS, Scope.PARAMS})
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some of what was found: iterate over it, count it, index it, or take ``to_frame()``."""

    items: tuple[T, ...]
    total: int
    cursor: str | None = None  # of the next page; None: this is the last
    kind: str = ""  # the records' class, so that an empty page knows what it is empty of
    narrowed: bool = False  # a filter was given: an empty page does not mean that there are none
    asked: tuple[str, ...] = ()  # the metrics and parameters it was filtered and ordered by: metrics.mae

    def __repr__(self) -> str:
        shown = [f"\n  {item!r}" for item in self.items[:_SHOWN]]
        left = len(self.items) - len(shown)
        more = f"\n  … {left:,} more" if left else ""
        return f"<{len(self.items):,} of {self.total:,} {self.kind or 'records'}>{''.join(shown)}{more}"

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> T:
        return self.items[index]

    def to_frame(self) -> Any:
        """Return a pandas DataFrame, one row a record, its columns called as a query calls them.

        ``metrics.mae`` and ``params.alpha`` are numbers where every value is one, ``actor.name`` and ``source.notebook``
        are columns too, and times have a time's type, also where none is known yet.
        """
        import pandas as pd  # heavy, and not needed to hold a page

        from jupyter_mlops.records.codec import fields_of  # only here: codec is not needed to query

        rows = [
            dict(_flat({name: getattr(item, name) for name in fields_of(cast("type", type(item)))}))
            for item in self.items
        ]
        frame = pd.DataFrame(rows)
        kinds = fields_of(cast("type", type(self.items[0]))) if self.items else {}
        for name, kind in kinds.items():
            if kind in (datetime, datetime | None):
                frame[name] = pd.to_datetime(frame[name], utc=True)
        # A part that some have not, as a run that did not fail has no error: of the others it has its own columns.
        heads = {str(name).partition(".")[0] for name in frame if "." in str(name)}
        return frame.drop(columns=[name for name in kinds if name in heads and name in frame])


def _flat(values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat({f"{name}.{key}": item for key, item in value.items()})
        elif is_dataclass(value) and not isinstance(value, type):
            inner = {each.name: getattr(value, each.name) for each in fields(value)}
            yield from ((f"{name}.{key}", item) for key, item in _flat(inner))
        elif isinstance(value, StrEnum):
            yield name, value.value
        elif isinstance(value, str) and not value.isascii():
            # Half a character, as a broken file name holds it, is no text for a frame.
            yield name, value.encode("utf-8", "backslashreplace").decode()
        else:
            yield name, value


def query(
    where: str = "",
    *,
    order: str = "",
    limit: int = 100,
    cursor: str | None = None,
    also: Expression | None = None,
    now: datetime | None = None,
    of: type | None = None,
) -> Query:
    """Build a Query from text as every door takes it; *also* is a condition of the verb's own.

    *of* is the record that is asked for: who is refused gets an example that fits it.
    """
    kind = "" if of is None else of.__name__
    terms = tuple(t for t in (also, parse_filter(where, kind=kind)) if t is not None)
    condition = And(terms) if len(terms) > 1 else (terms[0] if terms else None)
    return Query(
        where=condition,
        order=parse_order(order, kind=kind),
        limit=within_page(limit),
        cursor=cursor,
        now=now,
        narrowed=bool(where.strip()),
    )


def within_page(limit: int) -> int:
    """Return *limit*, refused where no page holds so many."""
    if not 1 <= limit <= MAXIMUM_PAGE:
        raise Invalid(
            f"limit is {limit}; it must lie between 1 and {MAXIMUM_PAGE}",
            remedy=f"Give a limit from 1 to {MAXIMUM_PAGE}; where there are more, a page's cursor leads on.",
        )
    return limit


def equal(**values: Literal) -> Expression:
    """Return the condition that each attribute named has the value given; at least one."""
    terms = tuple(
        Comparison(Field(Scope.ATTRIBUTE, name), Operator.EQUAL, value) for name, value in values.items()
    )
    return And(terms) if len(terms) > 1 else terms[0]
