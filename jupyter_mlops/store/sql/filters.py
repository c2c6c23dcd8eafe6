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
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    type_coerce,
)

from jupyter_mlops.records.query import Operator, Part, Scope
from jupyter_mlops.store.asking import All, Asked, Either, Level, Test, Tested
from jupyter_mlops.store.fields import Sort, Target
from jupyter_mlops.store.shelves import Shelf
from jupyter_mlops.store.sql.dialect import Dialect
from jupyter_mlops.store.sql.tables import PARAMS, SHELF_TABLES, SUMMARIES, TAGS, column_name
from jupyter_mlops.store.sql.terms import (
    is_by_last,
    is_inside,
    is_narrow,
    is_of_metric,
    is_unarchived,
    terms_of,
)

__all__ = ["Levels", "counting", "in_parts", "selecting", "with_metric", "without_metric"]

Clause = ColumnElement[bool]
Levels = Mapping[Level, FromClause]  # what runs measured at a step: columns run and value
_NO_LEVELS: Levels = MappingProxyType({})
Step = tuple[ColumnElement[Any], bool]  # what is sorted by, and whether downwards
_SIDES = {Scope.METRICS: SUMMARIES, Scope.PARAMS: PARAMS, Scope.TAGS: TAGS}
_MANY = 2_000  # so many matches are soon met when walking the order's index


@dataclass(frozen=True, slots=True)
class _Asker:
    shelf: Shelf
    dialect: Dialect
    levels: Levels
    metric: _Joined | None = (
        None  # the summaries joined in, where the order and a test are on the same metric
    )

    @property
    def table(self) -> Table:
        return SHELF_TABLES[self.shelf.name]

    def condition(self, where: Tested, *, walked: bool) -> Clause:
        """Return the whole filter; *walked*: the database goes along the order, so nothing else may lead."""
        terms = terms_of(where)
        lead = None if walked or any(is_narrow(term) for term in terms) else self._leader(terms)
        if not isinstance(lead, Test) or not self._lists(lead):
            return and_(*(self.clause(term, listed=term is lead) for term in terms))
        runs, rest = self._listed(lead, terms)
        return and_(self.table.c.id.in_(runs), *(self.clause(term, listed=False) for term in rest))

    def _listed(self, lead: Test, terms: Sequence[Tested]) -> tuple[Select[Any], list[Tested]]:
        """Return the runs that all lists of metrics hold, taken from one another before a run is looked at, and what else is asked."""
        within = [term for term in terms if isinstance(term, Test) and term is not lead and self._lists(term)]
        runs = self._runs(lead)
        for term in within:
            runs = runs.where(SUMMARIES.c.run.in_(self._runs(term)))
        return runs, [term for term in terms if term is not lead and term not in within]

    def count_in_lists(self, where: Tested) -> Select[Any] | None:
        """Return how many runs lists of metrics hold, without a look at a run; None where more is asked of them.

        Of the runs that were put away, few beside all others, the list is taken off.
        """
        terms = terms_of(where)
        lead = self._leader(terms)
        if not isinstance(lead, Test) or not self._lists(lead):
            return None
        runs, rest = self._listed(lead, terms)
        if not all(is_unarchived(term) for term in rest):
            return None
        if rest:
            away = select(self.table.c.id).where(self.table.c.archived.is_(true()))
            runs = runs.where(SUMMARIES.c.run.not_in(away))
        return select(func.count()).select_from(runs.subquery())

    def _lists(self, test: Test) -> bool:
        """Tell whether the index of a metric holds all that a test asks: then a list of it costs little."""
        return self._beside(test.target) and is_by_last(test.target) and is_inside(test)

    def _runs(self, test: Test) -> Select[Any]:
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
        ]
        return min(tests, key=lambda test: list(_SIDES).index(test.target.scope), default=None)

    def clause(self, where: Tested, *, listed: bool = True) -> Clause:
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

    def _beside_clause(self, test: Test, *, listed: bool) -> Clause:
        if self.metric is not None and is_of_metric(test, self.metric.name_sought):
            return self._compare(self.metric.c.last, test)
        if test.target.step is not None:
            return self._level_clause(test, self.levels[test.target.name, test.target.step])
        side = _SIDES[test.target.scope]
        passing = and_(side.c.key == test.target.name, self._side_clause(side, test))
        if listed:
            runs = self._runs(test)
            return self.table.c.id.in_(runs) if is_inside(test) else self.table.c.id.not_in(runs)
        there = exists().where(side.c.run == self.table.c.id, passing)
        return there if is_inside(test) else ~there

    def _level_clause(self, test: Test, level: FromClause) -> Clause:
        passing = true() if test.operator is Operator.NULL else self._compare(level.c.value, test)
        runs = select(level.c.run).where(passing)
        return self.table.c.id.in_(runs) if is_inside(test) else self.table.c.id.not_in(runs)

    def _side_clause(self, side: Table, test: Test) -> Clause:
        if test.operator is Operator.NULL:
            return _part(test.target.part).is_not(None) if side is SUMMARIES else true()
        if side is not PARAMS:
            return self._compare(_part(test.target.part) if side is SUMMARIES else side.c.value, test)
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
        return _relation(held, test.operator, test.value)

    def steps(self, order: Sequence[Sort]) -> Iterator[Step]:
        """Return what the order sorts by: one column a step, two for a parameter."""
        for step in order:
            for held in self._sort_columns(step.target):
                yield held, step.descending

    def _sort_columns(self, target: Target) -> list[ColumnElement[Any]]:
        if not self._beside(target):
            return [self._column(target)]
        if (
            self.metric is not None
            and target.scope is Scope.METRICS
            and target.name == self.metric.name_sought
            and target.part is Part.LAST
        ):
            return [self.metric.c.last]
        if target.step is not None:
            level = self.levels[target.name, target.step]
            return [select(level.c.value).where(level.c.run == self.table.c.id).scalar_subquery()]
        side = _SIDES[target.scope]
        mine = and_(side.c.run == self.table.c.id, side.c.key == target.name)
        held = [_part(target.part)] if side is SUMMARIES else _SORTED[target.scope]
        return [select(each).where(mine).scalar_subquery() for each in held]


_SORTED: dict[Scope, list[ColumnElement[Any]]] = {
    Scope.PARAMS: [case((PARAMS.c.flag, 1.0), (~PARAMS.c.flag, 0.0), else_=PARAMS.c.number), PARAMS.c.text],
    Scope.TAGS: [TAGS.c.value],
}


def _part(part: Part) -> ColumnElement[Any]:
    """Return what the points of a metric come to."""
    columns: dict[Part, ColumnElement[Any]] = {
        Part.MINIMUM: SUMMARIES.c.minimum,
        Part.MAXIMUM: SUMMARIES.c.maximum,
        # In binary floating point on both databases, as in Python; no number comes to none.
        Part.MEAN: SUMMARIES.c.total / type_coerce(func.nullif(SUMMARIES.c.numbers, 0), Float()),
        Part.COUNT: SUMMARIES.c.count,
    }
    return columns.get(part, SUMMARIES.c.last)


def _relation(held: ColumnElement[Any], operator: Operator, value: Any) -> Clause:
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


@dataclass(frozen=True, slots=True)
class _Joined:
    """The summaries of one metric, joined to runs."""

    name_sought: str
    table: Any

    @property
    def c(self) -> Any:
        return self.table.c


def _joined(asked: Asked) -> _Joined | None:
    """Return the metric that is sorted by first, where only runs that have it can be meant."""
    first = asked.order[0].target
    terms = () if asked.where is None else terms_of(asked.where)
    if not is_by_last(first) or not any(is_of_metric(term, first.name) for term in terms):
        return None
    return _Joined(first.name, SUMMARIES.alias("ordering"))


def in_parts(shelf: Shelf, asked: Asked, total: int) -> bool:
    """Tell whether runs that have the metric they are sorted by should be looked for before those that have not.

    Its index is walked then; where few runs are meant, sorting those is faster.
    """
    metric = shelf.name == "runs" and is_by_last(asked.order[0].target)
    return metric and total > _MANY and _joined(asked) is None


def with_metric(shelf: Shelf, asked: Asked, dialect: Dialect, levels: Levels = _NO_LEVELS) -> Select[Any]:
    """Return the select of what has a number for the metric that is sorted by first."""
    joined = _Joined(asked.order[0].target.name, SUMMARIES.alias("ordering"))
    return _select(_Asker(shelf, dialect, levels, joined), asked)


def without_metric(shelf: Shelf, asked: Asked, dialect: Dialect, levels: Levels = _NO_LEVELS) -> Select[Any]:
    """Return the select of what has none, which comes after all that has."""
    metric = asked.order[0].target.name
    there = exists().where(
        SUMMARIES.c.run == SHELF_TABLES[shelf.name].c.id,
        SUMMARIES.c.key == metric,
        SUMMARIES.c.last.is_not(None),
    )
    return _select(_Asker(shelf, dialect, levels), asked).where(~there)


def selecting(
    shelf: Shelf, asked: Asked, dialect: Dialect, total: int, levels: Levels = _NO_LEVELS
) -> Select[Any]:
    """Return a select of the body and the sort values, one row more than the page holds.

    Parameters
    ----------
    total
        How many records the filter lets through.
    levels
        What runs measured at the steps that are asked for.
    """
    return _select(_Asker(shelf, dialect, levels, _joined(asked)), asked, walked=total > _MANY)


def _select(asker: _Asker, asked: Asked, *, walked: bool = True) -> Select[Any]:
    metric, dialect = asker.metric, asker.dialect
    steps = list(asker.steps(asked.order))
    labelled = [held.label(f"sort_{number}") for number, (held, _) in enumerate(steps)]
    found = select(asker.table.c.body, *labelled).limit(asked.limit + 1)
    if metric is None:
        found = found.select_from(asker.table)
    else:
        found = found.select_from(
            metric.table.join(asker.table, asker.table.c.id == dialect.walked(metric.c.run))
        )
        found = found.where(metric.c.key == metric.name_sought, metric.c.last.is_not(None))
    if asked.where is not None:
        found = found.where(asker.condition(asked.where, walked=metric is not None or walked))
    if asked.after is not None:
        found = found.where(_beyond(steps, asked.after))
    for place, (held, (_, descending)) in enumerate(zip(labelled, steps, strict=True)):
        sorted_by = held.desc() if descending else held.asc()
        # Where nothing can be missing, saying so keeps the database from walking the index.
        found = found.order_by(sorted_by if metric is not None and place == 0 else sorted_by.nulls_last())
    return found


def counting(shelf: Shelf, asked: Asked, dialect: Dialect, levels: Levels = _NO_LEVELS) -> Select[Any]:
    """Return a select of how many records the filter lets through."""
    asker = _Asker(shelf, dialect, levels)
    found = select(func.count()).select_from(asker.table)
    if asked.where is None:
        return found
    listed = asker.count_in_lists(asked.where)
    return found.where(asker.condition(asked.where, walked=False)) if listed is None else listed


def counting_by(
    shelf: Shelf, attribute: str, asked: Asked, dialect: Dialect, levels: Levels = _NO_LEVELS
) -> Select[Any]:
    """Return a select of each text in *attribute*, of how many records have it, and of the newest one's time."""
    asker = _Asker(shelf, dialect, levels)
    held = asker.table.c[column_name(attribute)]
    newest = func.max(asker.table.c[column_name(shelf.time)]) if shelf.time else null()
    found = select(held, func.count(), newest).where(held.is_not(None)).group_by(held).order_by(held)
    return found if asked.where is None else found.where(asker.condition(asked.where, walked=False))


def _beyond(steps: Sequence[Step], marks: Sequence[Any]) -> Clause:
    """Return the clause for what comes after *marks*, in an order that has what is missing last."""
    ways: list[Clause] = []
    level: list[Clause] = []
    for (held, descending), mark in zip(steps, marks, strict=True):
        if mark is not None:
            past = _relation(held, Operator.LESS if descending else Operator.GREATER, mark)
            ways.append(and_(*level, or_(past, held.is_(None))))
        level.append(held.is_(None) if mark is None else _relation(held, Operator.EQUAL, mark))
    return or_(false(), *ways)
