"""Selects of pages and counts: which index leads, and what is taken from it before a run is looked at.

A number of a metric is sorted by in one of three ways. Its last one is in the order of the index: that is walked, and
a page needs only its beginning. What else its points come to is in the index, too, but in no order: all of it is gone
through, and only what makes the page is looked up. Where few runs are meant, those are sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, exists, false, func, null, or_, select

from jupyter_mlops.records.query import Operator
from jupyter_mlops.store.asking import Asked, Test
from jupyter_mlops.store.shelves import Shelf
from jupyter_mlops.store.sql.dialect import Dialect
from jupyter_mlops.store.sql.filters import (
    NO_LEVELS,
    Asker,
    Clause,
    Joined,
    Levels,
    Step,
    number_of,
    relation,
)
from jupyter_mlops.store.sql.tables import SHELF_TABLES, SUMMARIES, column_name
from jupyter_mlops.store.sql.terms import implies_number, is_indexed, is_unarchived, terms_of

__all__ = ["counting", "counting_by", "in_parts", "selecting", "with_metric", "without_metric"]

_MANY = 2_000  # so many matches are soon met when walking the order's index


def _joined(asked: Asked) -> Joined | None:
    """Return the metric that is sorted by first, where only runs that have it can be meant."""
    first = asked.order[0].target
    terms = () if asked.where is None else terms_of(asked.where)
    if not is_indexed(first) or not any(implies_number(term, first) for term in terms):
        return None
    return Joined(first, SUMMARIES.alias("ordering"))


def in_parts(shelf: Shelf, asked: Asked, total: int) -> bool:
    """Tell whether runs that have the metric they are sorted by should be looked for before those that have not.

    Its index is walked then; where few runs are meant, sorting those is faster.
    """
    metric = shelf.name == "runs" and is_indexed(asked.order[0].target)
    return metric and total > _MANY and _joined(asked) is None


def with_metric(shelf: Shelf, asked: Asked, dialect: Dialect, levels: Levels = NO_LEVELS) -> Select[Any]:
    """Return the select of what has a number for the metric that is sorted by first."""
    joined = Joined(asked.order[0].target, SUMMARIES.alias("ordering"))
    return _select(Asker(shelf, dialect, levels, joined), asked)


def without_metric(shelf: Shelf, asked: Asked, dialect: Dialect, levels: Levels = NO_LEVELS) -> Select[Any]:
    """Return the select of what has none, which comes after all that has."""
    metric = asked.order[0].target
    there = exists().where(
        SUMMARIES.c.run == SHELF_TABLES[shelf.name].c.id,
        SUMMARIES.c.key == metric.name,
        number_of(metric.part).is_not(None),
    )
    return _select(Asker(shelf, dialect, levels), asked).where(~there)


def selecting(
    shelf: Shelf, asked: Asked, dialect: Dialect, total: int, levels: Levels = NO_LEVELS
) -> Select[Any]:
    """Return a select of the body and the sort values, one row more than the page holds.

    Parameters
    ----------
    total
        How many records the filter lets through.
    levels
        What runs measured at the steps that are asked for.
    """
    return _select(Asker(shelf, dialect, levels, _joined(asked)), asked, walked=total > _MANY)


def _select(asker: Asker, asked: Asked, *, walked: bool = True) -> Select[Any]:
    metric, dialect = asker.metric, asker.dialect
    if metric is not None and (found := _by_index(asker, metric, asked)) is not None:
        return found
    steps = list(asker.steps(asked.order))
    labelled = [held.label(f"sort_{number}") for number, (held, _) in enumerate(steps)]
    found = select(asker.table.c.body, *labelled).limit(asked.limit + 1)
    if metric is None:
        found = found.select_from(asker.table)
    else:
        run = dialect.walked(metric.table.c.run) if metric.walked else metric.table.c.run
        found = found.select_from(metric.table.join(asker.table, asker.table.c.id == run))
        there = metric.number(metric.sought.part).is_not(None)
        found = found.where(metric.table.c.key == metric.sought.name, there)
        walked = metric.walked
    if asked.where is not None:
        found = found.where(asker.condition(asked.where, walked=walked))
    if asked.after is not None:
        found = found.where(_beyond(steps, asked.after))
    for place, (held, (_, descending)) in enumerate(zip(labelled, steps, strict=True)):
        sorted_by = held.desc() if descending else held.asc()
        # Where nothing can be missing, saying so keeps the database from walking the index.
        found = found.order_by(sorted_by if metric is not None and place == 0 else sorted_by.nulls_last())
    return found


def _by_index(asker: Asker, metric: Joined, asked: Asked) -> Select[Any] | None:
    """Return a select that finds the page in the metric's index; None where more is asked of runs than that tells.

    Only the runs of the page are looked up, however many there are.
    """
    terms = () if asked.where is None else terms_of(asked.where)
    lists = [term for term in terms if isinstance(term, Test) and asker.lists(term)]
    rest = [term for term in terms if term not in lists]
    # Behind the metric the order has nothing but the key.
    if metric.walked or len(asked.order) > 2 or not all(is_unarchived(term) for term in rest):  # noqa: PLR2004
        return None
    run = metric.table.c.run
    steps: list[Step] = list(zip((metric.number(metric.sought.part), run), _ways(asked), strict=True))
    own = [asker.clause(term) for term in lists if asker.is_joined(term)]
    # Out of the planner's sight, which would go through a list and look up each of its runs in no order.
    hidden = asker.dialect.walked(run)
    others = [hidden.in_(asker.runs(term)) for term in lists if not asker.is_joined(term)]
    found = select(run.label("run"), steps[0][0].label("number")).where(
        metric.table.c.key == metric.sought.name, steps[0][0].is_not(None), *own, *others
    )
    if rest:
        found = found.where(run.not_in(asker.put_away()))
    if asked.after is not None:
        found = found.where(_beyond(steps, asked.after))
    found = found.order_by(*(held.desc() if down else held.asc() for held, down in steps))
    page = found.limit(asked.limit + 1).subquery()
    key = asker.table.c.id
    sorted_by = zip((page.c.number, key), _ways(asked), strict=True)
    return (
        select(asker.table.c.body, page.c.number.label("sort_0"), key.label("sort_1"))
        .select_from(page.join(asker.table, key == page.c.run))
        .order_by(*(held.desc() if down else held.asc() for held, down in sorted_by))
    )


def _ways(asked: Asked) -> list[bool]:
    return [step.descending for step in asked.order]


def counting(shelf: Shelf, asked: Asked, dialect: Dialect, levels: Levels = NO_LEVELS) -> Select[Any]:
    """Return a select of how many records the filter lets through."""
    asker = Asker(shelf, dialect, levels)
    found = select(func.count()).select_from(asker.table)
    if asked.where is None:
        return found
    listed = asker.count_in_lists(asked.where)
    return found.where(asker.condition(asked.where, walked=False)) if listed is None else listed


def counting_by(
    shelf: Shelf, attribute: str, asked: Asked, dialect: Dialect, levels: Levels = NO_LEVELS
) -> Select[Any]:
    """Return a select of each text in *attribute*, of how many records have it, and of the newest one's time."""
    asker = Asker(shelf, dialect, levels)
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
            past = relation(held, Operator.LESS if descending else Operator.GREATER, mark)
            ways.append(and_(*level, or_(past, held.is_(None))))
        level.append(held.is_(None) if mark is None else relation(held, Operator.EQUAL, mark))
    return or_(false(), *ways)
