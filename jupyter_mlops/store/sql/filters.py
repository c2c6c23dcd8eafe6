"""A prepared query as SQL: conditions, order, and what lies after a cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, false, func, or_, select, true

from jupyter_mlops.records.query import Operator, Scope
from jupyter_mlops.store.asking import All, Asked, Either, Sort, Target, Test, Tested
from jupyter_mlops.store.shelves import Shelf
from jupyter_mlops.store.sql.dialect import Dialect
from jupyter_mlops.store.sql.tables import PARAMS, SHELF_TABLES, SUMMARIES, TAGS, column_name

__all__ = ["counting", "selecting"]

Clause = ColumnElement[bool]
_SIDES = {Scope.METRICS: SUMMARIES, Scope.PARAMS: PARAMS, Scope.TAGS: TAGS}


@dataclass(frozen=True, slots=True)
class _Asker:
    shelf: Shelf
    dialect: Dialect

    @property
    def table(self) -> Table:
        return SHELF_TABLES[self.shelf.name]

    def clause(self, where: Tested) -> Clause:
        if isinstance(where, All):
            return and_(*map(self.clause, where.terms))
        if isinstance(where, Either):
            return or_(*map(self.clause, where.terms))
        if self._beside(where.target):
            return self._member(where)
        return _truth(self._compare(self._column(where.target), where), where)

    def _beside(self, target: Target) -> bool:
        """Tell whether the target lies in a side table of runs."""
        return self.shelf.name == "runs" and target.scope is not Scope.ATTRIBUTE

    def _column(self, target: Target) -> ColumnElement[Any]:
        if target.scope is not Scope.ATTRIBUTE:
            return self.dialect.entry(self.table.c.body, target.scope.value, target.name)
        if target.name in self.shelf.key or target.name in self.shelf.indexed:
            found: ColumnElement[Any] = self.table.c[column_name(target.name)]
            return found
        return self.dialect.inside(self.table.c.body, target.path, target.kind)

    def _compare(self, held: ColumnElement[Any], test: Test) -> Clause:
        if test.operator is Operator.LIKE:
            return self.dialect.like(held, str(test.value))
        return _relation(held, test.operator, test.value)

    def _member(self, test: Test) -> Clause:
        side = _SIDES[test.target.scope]
        passing = select(side.c.run).where(side.c.key == test.target.name, self._side_clause(side, test))
        inside = test.truth is not (test.operator is Operator.NULL)
        return self.table.c.id.in_(passing) if inside else self.table.c.id.not_in(passing)

    def _side_clause(self, side: Any, test: Test) -> Clause:
        if test.operator is Operator.NULL:
            return side.c.last.is_not(None) if side is SUMMARIES else true()
        if side is not PARAMS:
            return self._compare(side.c.last if side is SUMMARIES else side.c.value, test)
        sample = test.value[0] if isinstance(test.value, tuple) else test.value
        kind = "flag" if isinstance(sample, bool) else ("text" if isinstance(sample, str) else "number")
        held = side.c.text if kind == "text" else side.c.number
        if test.operator is Operator.UNEQUAL:
            return or_(side.c.kind != kind, held != sample)
        return and_(side.c.kind == kind, self._compare(held, test))

    def sort_columns(self, order: Sequence[Sort]) -> Iterator[tuple[ColumnElement[Any], bool]]:
        for step in order:
            for held in self._sort_values(step.target):
                yield held, step.descending

    def _sort_values(self, target: Target) -> list[ColumnElement[Any]]:
        if not self._beside(target):
            return [self._column(target)]
        side = _SIDES[target.scope]
        values = {Scope.METRICS: ["last"], Scope.PARAMS: ["number", "text"], Scope.TAGS: ["value"]}[
            target.scope
        ]
        mine = (side.c.run == self.table.c.id) & (side.c.key == target.name)
        return [select(side.c[name]).where(mine).scalar_subquery() for name in values]


def _relation(held: ColumnElement[Any], operator: Operator, value: Any) -> Clause:
    relations: dict[Operator, Callable[[], Clause]] = {
        Operator.EQUAL: lambda: held == value,
        Operator.UNEQUAL: lambda: held != value,
        Operator.LESS: lambda: held < value,
        Operator.LESS_EQUAL: lambda: held <= value,
        Operator.GREATER: lambda: held > value,
        Operator.GREATER_EQUAL: lambda: held >= value,
        Operator.IN: lambda: held.in_(value),
        Operator.NULL: lambda: held.is_(None),
    }
    return relations[operator]()


def _truth(clause: Clause, test: Test) -> Clause:
    """Return the clause or its opposite; the opposite holds for NULL too, as two-valued logic wants."""
    return clause if test.truth else clause.is_not(true())


def selecting(shelf: Shelf, asked: Asked, dialect: Dialect) -> Select[Any]:
    """Return a select of the body and the sort values, one row more than the page holds."""
    asker = _Asker(shelf, dialect)
    steps = list(asker.sort_columns(asked.order))
    names = [f"sort_{number}" for number in range(len(steps))]
    labelled = [held.label(name) for name, (held, _) in zip(names, steps, strict=True)]
    found = select(asker.table.c.body, *labelled).select_from(asker.table).limit(asked.limit + 1)
    if asked.where is not None:
        found = found.where(asker.clause(asked.where))
    if asked.after is not None:
        found = found.where(_beyond(steps, asked.after))
    for held, (_, descending) in zip(labelled, steps, strict=True):
        found = found.order_by((held.desc() if descending else held.asc()).nulls_last())
    return found


def counting(shelf: Shelf, asked: Asked, dialect: Dialect) -> Select[Any]:
    """Return a select of how many records the filter lets through."""
    asker = _Asker(shelf, dialect)
    found = select(func.count()).select_from(asker.table)
    return found if asked.where is None else found.where(asker.clause(asked.where))


def _beyond(steps: Sequence[tuple[ColumnElement[Any], bool]], marks: Sequence[Any]) -> Clause:
    """Return the clause for what comes after *marks*, in an order that has what is missing last."""
    ways: list[Clause] = []
    level: list[Clause] = []
    for (held, descending), mark in zip(steps, marks, strict=True):
        if mark is not None:
            past = held < mark if descending else held > mark
            ways.append(and_(*level, or_(past, held.is_(None))))
        level.append(held.is_(None) if mark is None else held == mark)
    return or_(false(), *ways)
