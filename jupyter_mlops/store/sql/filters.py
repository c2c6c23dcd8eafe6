"""A prepared query as SQL: conditions, order, and what lies after a cursor.

Which shape is fast at 100,000 runs was measured. Tests on a run's metrics, parameters and tags lie in side
tables; such a test is either a *list* of runs that the database goes through (good for the one test that lets few
through), or a *look-up* for each run (good for all the others, and where the order's own index is walked).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Float,
    FromClause,
    Select,
    Table,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)

from jupyter_mlops.records.query import Operator, Part, Scope
from jupyter_mlops.store.asking import All, Either, Level, Test, Tested
from jupyter_mlops.store.fields import Sort, Target
from jupyter_mlops.store.shelves import Shelf
from jupyter_mlops.store.sql.dialect import Dialect
from jupyter_mlops.store.sql.tables import PARAMS, SHELF_TABLES, SUMMARIES, TAGS, column_name
from jupyter_mlops.store.sql.terms import (
    is_by_last,
    is_indexed,
    is_inside,
    is_narrow,
    is_of_metric,
    is_unarchived,
    terms_of,
)

__all__ = ["NO_LEVELS", "Asker", "Clause", "Joined", "Levels", "Step", "number_of", "relation"]

Clause = ColumnElement[bool]
Levels = Mapping[Level, FromClause]  # what runs measured at a step: columns run and value
NO_LEVELS: Levels = MappingProxyType({})
Step = tuple[ColumnElement[Any], bool]  # what is sorted by, and whether downwards
_SIDES = {Scope.METRICS: SUMMARIES, Scope.PARAMS: PARAMS, Scope.TAGS: TAGS}


@dataclass(frozen=True, slots=True)
class Joined:
    """The summaries of one metric, joined to runs."""

    sought: Target
    table: Any

    def number(self, part: Part) -> ColumnElement[Any]:
        """Return what the points of the metric come to, in the row that is joined in."""
        return number_of(part, self.table)

    @property
    def walked(self) -> bool:
        """Whether its index is in the order that is asked for, so that a page needs only its beginning."""
        return is_by_last(self.sought)


@dataclass(frozen=True, slots=True)
class Asker:
    """Turns the terms and the order of one question into SQL."""

    shelf: Shelf
    dialect: Dialect
    levels: Levels
    # The summaries joined in, where the order and a test are on the same metric.
    metric: Joined | None = None

    @property
    def table(self) -> Table:
        """The table of the shelf."""
        return SHELF_TABLES[self.shelf.name]

    def condition(self, where: Tested, *, walked: bool) -> Clause:
        """Return the whole filter; *walked*: the database goes along the order, so nothing else may lead."""
        terms = terms_of(where)
        lead = None if walked or any(is_narrow(term) for term in terms) else self._leader(terms)
        if not isinstance(lead, Test) or not self.lists(lead):
            return and_(*(self.clause(term, listed=term is lead) for term in terms))
        runs, rest = self._listed(lead, terms)
        return and_(self.table.c.id.in_(runs), *(self.clause(term, listed=False) for term in rest))

    def _listed(self, lead: Test, terms: Sequence[Tested]) -> tuple[Select[Any], list[Tested]]:
        """Return the runs that all lists of metrics hold, taken from one another before a run is looked at, and what else is asked."""
        within = [
            term
            for term in terms
            if isinstance(term, Test) and term is not lead and self.lists(term) and not self.is_joined(term)
        ]
        runs = self.runs(lead)
        for term in within:
            runs = runs.where(SUMMARIES.c.run.in_(self.runs(term)))
        return runs, [term for term in terms if term is not lead and term not in within]

    def count_in_lists(self, where: Tested) -> Select[Any] | None:
        """Return how many runs lists of metrics hold, without a look at a run; None where more is asked of them.

        Of the runs that were put away, few beside all others, the list is taken off.
        """
        terms = terms_of(where)
        lead = self._leader(terms)
        if not isinstance(lead, Test) or not self.lists(lead):
            return None
        runs, rest = self._listed(lead, terms)
        if not all(is_unarchived(term) for term in rest):
            return None
        if rest:
            runs = runs.where(SUMMARIES.c.run.not_in(self.put_away()))
        return select(func.count()).select_from(runs.subquery())

    def put_away(self) -> Select[Any]:
        """Return the runs that were archived."""
        return select(self.table.c.id).where(self.table.c.archived.is_(true()))

    def lists(self, test: Test) -> bool:
        """Tell whether the index of a metric holds all that a test asks: then a list of it costs little."""
        return self._beside(test.target) and is_indexed(test.target) and is_inside(test)

    def runs(self, test: Test) -> Select[Any]:
        """Return the list of runs that have what is tested."""
        side = _SIDES[test.target.scope]
        return select(side.c.run).where(side.c.key == test.target.name, self._side_clause(side, test))

    def _leader(self, terms: Sequence[Tested]) -> Tested | None:
        tests = [
            term
            for term in terms
            if isinstance(term, Test)
            and term.truth
            and self._beside(term.target)
            and term.target.step is None
            and not self.is_joined(term)
        ]
        return min(tests, key=lambda test: list(_SIDES).index(test.target.scope), default=None)

    def clause(self, where: Tested, *, listed: bool = True) -> Clause:
        """Return one condition; *listed*: by a list of runs, else by a look-up for each."""
        if isinstance(where, All):
            return and_(*map(self.clause, where.terms))
        if isinstance(where, Either):
            return or_(*map(self.clause, where.terms))
        if self._beside(where.target):
            return self._beside_clause(where, listed=listed)
        if where.target.many:
            return self._one_clause(where)
        return _truth(self._compare(self._column(where.target), where), where)

    def _one_clause(self, test: Test) -> Clause:
        """One of several passes; they are null where none of them has a value."""
        first, *rest = test.target.path
        item = self.dialect.each(self.table.c.body, first)
        held = self.dialect.inside(item, rest, test.target.kind)
        null = test.operator is Operator.NULL
        there = select(item).where(held.is_not(None) if null else self._compare(held, test)).exists()
        return there if test.truth is not null else ~there

    def _beside(self, target: Target) -> bool:
        """Tell whether the target lies in a side table of runs."""
        return self.shelf.name == "runs" and target.scope is not Scope.ATTRIBUTE

    def is_joined(self, test: Test) -> bool:
        """Tell whether what is asked stands in the row that is joined in."""
        return self.metric is not None and is_of_metric(test, self.metric.sought.name)

    def _beside_clause(self, test: Test, *, listed: bool) -> Clause:
        if self.metric is not None and self.is_joined(test):
            return self._compare(self.metric.number(test.target.part), test)
        if test.target.step is not None:
            return self._level_clause(test, self.levels[test.target.name, test.target.step])
        side = _SIDES[test.target.scope]
        passing = and_(side.c.key == test.target.name, self._side_clause(side, test))
        if listed:
            runs = self.runs(test)
            return self.table.c.id.in_(runs) if is_inside(test) else self.table.c.id.not_in(runs)
        there = exists().where(side.c.run == self.table.c.id, passing)
        return there if is_inside(test) else ~there

    def _level_clause(self, test: Test, level: FromClause) -> Clause:
        passing = true() if test.operator is Operator.NULL else self._compare(level.c.value, test)
        runs = select(level.c.run).where(passing)
        return self.table.c.id.in_(runs) if is_inside(test) else self.table.c.id.not_in(runs)

    def _side_clause(self, side: Table, test: Test) -> Clause:
        if test.operator is Operator.NULL:
            return number_of(test.target.part).is_not(None) if side is SUMMARIES else true()
        if side is not PARAMS:
            return self._compare(number_of(test.target.part) if side is SUMMARIES else side.c.value, test)
        sample = test.value[0] if isinstance(test.value, tuple) else test.value
        name = "flag" if isinstance(sample, bool) else ("text" if isinstance(sample, str) else "number")
        compared = self._compare(side.c[name], test)
        if test.operator is not Operator.UNEQUAL:
            return compared
        return or_(
            compared, *(side.c[other].is_not(None) for other in ("flag", "text", "number") if other != name)
        )

    def _column(self, target: Target) -> ColumnElement[Any]:
        if target.scope is not Scope.ATTRIBUTE:
            return self.dialect.entry(self.table.c.body, target.scope.value, target.name)
        if target.name in self.shelf.key or target.name in self.shelf.indexed:
            return self.table.c[column_name(target.name)]
        return self.dialect.inside(self.table.c.body, target.path, target.kind)

    def _compare(self, held: ColumnElement[Any], test: Test) -> Clause:
        if test.operator is Operator.LIKE:
            return self.dialect.like(held, str(test.value))
        return relation(held, test.operator, test.value)

    def steps(self, order: Sequence[Sort]) -> Iterator[Step]:
        """Return what the order sorts by: one column a step, two for a parameter."""
        for step in order:
            for held in self._sort_columns(step.target):
                yield held, step.descending

    def _sort_columns(self, target: Target) -> list[ColumnElement[Any]]:
        if not self._beside(target):
            return [self._column(target)]
        if self.metric is not None and is_indexed(target) and target.name == self.metric.sought.name:
            return [self.metric.number(target.part)]
        if target.step is not None:
            level = self.levels[target.name, target.step]
            return [select(level.c.value).where(level.c.run == self.table.c.id).scalar_subquery()]
        side = _SIDES[target.scope]
        mine = and_(side.c.run == self.table.c.id, side.c.key == target.name)
        held = [number_of(target.part)] if side is SUMMARIES else _SORTED[target.scope]
        return [select(each).where(mine).scalar_subquery() for each in held]


_SORTED: dict[Scope, list[ColumnElement[Any]]] = {
    Scope.PARAMS: [case((PARAMS.c.flag, 1.0), (~PARAMS.c.flag, 0.0), else_=PARAMS.c.number), PARAMS.c.text],
    Scope.TAGS: [TAGS.c.value],
}


def number_of(part: Part, summaries: FromClause = SUMMARIES) -> ColumnElement[Any]:
    """Return what the points of a metric come to."""
    c = summaries.c
    columns: dict[Part, ColumnElement[Any]] = {
        Part.MINIMUM: c.minimum,
        Part.MAXIMUM: c.maximum,
        # In binary floating point on both databases, as in Python; no number comes to none.
        Part.MEAN: c.total / type_coerce(func.nullif(c.numbers, 0), Float()),
        Part.COUNT: c.count,
    }
    return columns.get(part, c.last)


def relation(held: ColumnElement[Any], operator: Operator, value: Any) -> Clause:
    """Return how *held* compares with *value*."""
    if isinstance(value, bool):
        value = literal(value, Boolean())  # SQLAlchemy orders no bare True
    elif _is_number(value):
        held = type_coerce(held, Float())  # or 3.5 would become a whole number beside a column of those
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


def _is_number(value: Any) -> bool:
    return isinstance(value[0] if isinstance(value, tuple) else value, float)


def _truth(clause: Clause, test: Test) -> Clause:
    """Return the clause or its opposite; the opposite holds for NULL too, as two-valued logic wants."""
    return clause if test.truth else clause.is_not(true())
