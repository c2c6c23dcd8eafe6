"""Whatever is asked, memory and SQL give the same answer, page by page."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from contracts.samples import NOON, point, run
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.query import (
    And,
    Comparison,
    Expression,
    Field,
    Not,
    Operator,
    Or,
    Order,
    Part,
    Query,
    Scope,
)
from jupyter_mlops.records.run import Grade, Run, RunStatus
from jupyter_mlops.store import open_store
from jupyter_mlops.store.protocol import Store
from jupyter_mlops.store.sql import selects

NAMES = ("base", "base%", "b_se", "Base", "", "ünï", "*?[", "10")
VALUES = (0.1, 1, 2, True, False, "auto", "1", "", None, math.nan, math.inf, -3.5)
TIMES = (None, NOON, NOON + timedelta(microseconds=1), NOON.replace(microsecond=0))


def population() -> list[Run]:
    runs = []
    for number in range(24):
        one = run(
            f"r{number:02}",
            experiment=("air", "water", "Air")[number % 3],
            name=NAMES[number % len(NAMES)],
            status=list(RunStatus)[number % 3],
            grade=list(Grade)[number % 4],
            started=NOON + timedelta(seconds=number // 4),
            ended=TIMES[number % len(TIMES)],
            archived=number % 5 == 0,
            parent="r00" if number % 7 == 1 else None,
            params={
                "a": VALUES[number % len(VALUES)],
                **({"b": VALUES[(number * 5) % len(VALUES)]} if number % 2 else {}),
            },
            tags={"t": NAMES[(number * 3) % len(NAMES)]} if number % 3 else {},
        )
        notebook = ("a.ipynb", None, "b/c.ipynb")[number % 3]
        runs.append(
            replace(one, source=replace(one.source, notebook=notebook, executed=number % 4, commit=notebook))
        )
    return runs


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    folder: Path = tmp_path_factory.mktemp("agreement")
    both = (open_store("memory://"), open_store(f"sqlite:///{folder}/store.db"))
    numbers = (0.5, 1.0, math.nan, math.inf, -math.inf, -2.0, 1.0)
    for store in both:
        with store.write() as tx:
            for number, one in enumerate(population()):
                tx.runs.add(one)
                if number % 4:
                    tx.metrics.append(
                        [
                            point(one.id, 1, numbers[number % 7], "m"),
                            point(one.id, 2, float(number), "n"),
                            point(one.id, 3, numbers[number % 5], "m"),
                        ]
                    )
    yield both
    for store in both:
        store.close()


attributes = st.sampled_from(
    ["id", "experiment", "name", "status", "grade", "started", "ended", "archived", "parent", "source.notebook",
     "source.executed", "source.commit", "actor.name", "lease.pid"]
).map(lambda name: Field(Scope.ATTRIBUTE, name))  # fmt: skip
fields = st.one_of(
    attributes,
    st.sampled_from(["a", "b", "none"]).map(lambda name: Field(Scope.PARAMS, name)),
    st.builds(
        lambda name, part: Field(Scope.METRICS, name, part),
        st.sampled_from(["m", "n", "none"]),
        st.sampled_from([Part.LAST, *Part]).filter(lambda part: part is not Part.BEST),
    ),
    st.sampled_from(["t", "none"]).map(lambda name: Field(Scope.TAGS, name)),
)
texts = st.sampled_from(
    [*NAMES, "auto", "1", "air", "running", "clean", "r05", "a.ipynb", "2026-01-05", NOON.isoformat()]
)
patterns = st.sampled_from(
    ["%", "b%", "%a%", "%e", "b_%", "", "%%", "*%", "%[", "10", "2026%", "ü%", "base%%", "%se"]
)
literals = st.one_of(texts, st.sampled_from([0, 1, 2, 0.1, -3.5, 1e308, -1e308, True, False]))


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    field, operator = draw(fields), draw(st.sampled_from(list(Operator)))
    if operator is Operator.NULL:
        return Comparison(field, operator, None)
    if operator is Operator.LIKE:
        return Comparison(field, operator, draw(patterns))
    if operator is Operator.IN:
        return Comparison(
            field, operator, tuple(draw(st.lists(st.none() | literals, min_size=1, max_size=3)))
        )
    return Comparison(field, operator, draw(literals))


conditions: st.SearchStrategy[Expression] = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: And(tuple(terms))),
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: Or(tuple(terms))),
    ),
    max_leaves=5,
)
orders = st.lists(st.builds(Order, fields, st.booleans()), max_size=2).map(tuple)


def walk(store: Store, asked: Query) -> tuple[list[str], int] | str:
    """Return all ids, page by page, and the total; or the refusal."""
    seen: list[str] = []
    cursor, total = None, -1
    with store.read() as tx:
        for _ in range(30):
            try:
                page = tx.runs.find(replace(asked, cursor=cursor))
            except Invalid as refusal:
                return str(refusal)
            seen += [one.id for one in page]
            total, cursor = page.total, page.cursor
            if cursor is None:
                return seen, total
    raise AssertionError(f"no end of pages: {seen}")


@settings(max_examples=250, deadline=None)
@given(
    where=st.none() | conditions,
    order=orders,
    limit=st.sampled_from([1, 3, 7, 100]),
    many=st.sampled_from([selects._MANY, 0]),
)
def test_memory_and_sql_agree_on_every_question(
    stores: tuple[Store, Store], where: Expression | None, order: tuple[Order, ...], limit: int, many: int
) -> None:
    """*many*: from how many runs on the database is led along an order's index."""
    asked = Query(where=where, order=order, limit=limit)
    with patch.object(selects, "_MANY", many):
        in_memory, in_sql = (walk(store, asked) for store in stores)
    assert in_memory == in_sql
    if not isinstance(in_memory, str):
        assert len(in_memory[0]) == len(set(in_memory[0])) == in_memory[1]


@settings(max_examples=60, deadline=None)
@given(where=conditions)
def test_a_condition_and_its_opposite_share_nothing_and_leave_nobody_out(
    stores: tuple[Store, Store], where: Expression
) -> None:
    for store in stores:
        held, opposite, everybody = (
            walk(store, Query(where=condition, limit=100)) for condition in (where, Not(where), None)
        )
        if isinstance(held, str):
            assert held == opposite
        else:
            assert sorted(held[0] + opposite[0]) == sorted(everybody[0])
