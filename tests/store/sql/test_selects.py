"""Which SQL a question becomes: its shape was chosen by measurement, and must not change by the way."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contracts.samples import point, run
from sqlalchemy import Connection, Select

from jupyter_mlops.records.query import Query, parse_filter, parse_order, query
from jupyter_mlops.records.run import Run, RunInput
from jupyter_mlops.store import open_store
from jupyter_mlops.store.asking import Asked, ask
from jupyter_mlops.store.matching import sort_values
from jupyter_mlops.store.protocol import Store
from jupyter_mlops.store.shelves import SHELVES
from jupyter_mlops.store.sql import selects
from jupyter_mlops.store.sql.selects import counting, in_parts, selecting, with_metric, without_metric
from jupyter_mlops.store.sql.sqlite import Sqlite

RUNS = SHELVES["runs"]
FEW, MANY = 1, selects._MANY + 1
VALUES = (0.5, math.nan, 2.0, None, math.inf, 0.5, -1.0, None, math.nan, 3.0)


def asked(where: str = "", order: str = "", limit: int = 100) -> Asked:
    return ask(RUNS, Query(where=parse_filter(where), order=parse_order(order), limit=limit))


def runs() -> list[Run]:
    """Ten runs: some have a value of ``mae``, some one that is no number, some none."""
    return [
        replace(
            run(f"r{number}", params={"depth": number % 3}, tags={"team": "ab"[number % 2]}),
            inputs=(RunInput(name="X", role="train", digest="aaa", rows=number),) if number else (),
        )
        for number in range(len(VALUES))
    ]


def keep(store: Store) -> None:
    with store.write() as tx:
        for one, value in zip(runs(), VALUES, strict=True):
            tx.runs.add(one)
            if value is not None:
                tx.metrics.append([point(one.id, 1, value), point(one.id, 2, 1.0, "acc")])


@pytest.fixture(scope="module")
def dialect(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    path = Path(tmp_path_factory.mktemp("selects")) / "store.db"
    store = open_store(f"sqlite:///{path}")
    keep(store)
    store.close()
    return Sqlite(path)


@pytest.fixture(scope="module")
def memory() -> Store:
    """The same runs where no SQL is."""
    store = open_store("memory://")
    keep(store)
    return store


@pytest.fixture(scope="module")
def connection(dialect: Sqlite) -> Iterator[Connection]:
    engine = dialect.engine()
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def text(statement: Select[Any]) -> str:
    return " ".join(str(statement).split())


def plan(connection: Connection, statement: Select[Any]) -> str:
    """How SQLite goes about it."""
    compiled = statement.compile(connection, compile_kwargs={"literal_binds": True})
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")
    return "\n".join(str(row[3]) for row in rows)


def found(connection: Connection, statement: Select[Any]) -> list[str]:
    """The ids, which end every order."""
    return [row[-1] for row in connection.execute(statement)]


QUESTIONS = [
    "",
    "id = 'r3'",
    "metrics.mae < 1",
    "not metrics.mae < 1",
    "metrics.mae is null",
    "metrics.mae > 0 and metrics.acc = 1 and params.depth = 2",
    "metrics.mae > 0 and (params.depth = 2 or tags.team = 'a')",
    "not (metrics.mae > 0 and tags.team = 'a')",
    "metrics.mae.max > 1 and not tags.team = 'b'",
    "metrics.mae.max > 0 and archived = false",
    "metrics.mae.min < 2 and metrics.acc.mean = 1 and archived = false",
    "metrics.mae.count > 0",
    "not metrics.mae.mean > 0.5 and archived = false",
    "inputs.rows > 4",
    "inputs.rows is null",
    "experiment = 'air' and metrics.mae != 0.5",
    "not parent = 'r0'",
    "not source.notebook like 'a%' and not ended > '2026-01-01'",
]


@pytest.mark.parametrize("where", QUESTIONS)
@pytest.mark.parametrize(
    "order",
    [
        "",
        "metrics.mae",
        "metrics.mae desc",
        "metrics.mae.max",
        "metrics.mae.mean desc",
        "metrics.mae.min, name desc",
        "metrics.mae.count",
        "params.depth, name desc",
    ],
)
def test_a_question_has_one_answer_whatever_shape_it_is_given(
    dialect: Sqlite, connection: Connection, memory: Store, where: str, order: str
) -> None:
    question = asked(where, order)
    listed = found(connection, selecting(RUNS, question, dialect, FEW))
    walked = found(connection, selecting(RUNS, question, dialect, MANY))
    with memory.read() as tx:
        expected = [one.id for one in tx.runs.find(query(where, order=order))]
    assert listed == walked == expected
    assert connection.execute(counting(RUNS, question, dialect)).scalar_one() == len(listed)
    if order.startswith("metrics"):
        parts = (with_metric(RUNS, question, dialect), without_metric(RUNS, question, dialect))
        assert [*found(connection, parts[0]), *found(connection, parts[1])] == listed


@pytest.mark.parametrize(
    "order", ["metrics.mae", "metrics.mae desc", "metrics.mae.max", "metrics.mae.mean desc"]
)
def test_who_has_a_number_and_who_has_none_are_everybody_each_once(
    dialect: Sqlite, connection: Connection, order: str
) -> None:
    question = asked("", order)
    having = found(connection, with_metric(RUNS, question, dialect))
    lacking = found(connection, without_metric(RUNS, question, dialect))
    numbers = {f"r{n}" for n, value in enumerate(VALUES) if value is not None and not math.isnan(value)}
    assert set(having) == numbers
    assert sorted(having + lacking) == [one.id for one in runs()]


@pytest.mark.parametrize(
    "where", ["metrics.mae > 0", "metrics.mae.max > 0 and metrics.acc > 0 and archived = false"]
)
@pytest.mark.parametrize("order", ["metrics.mae.max", "metrics.mae.mean desc", "metrics.mae.min, id desc"])
def test_what_lies_after_each_record_by_the_index_alone_is_the_rest_of_the_list(
    dialect: Sqlite, connection: Connection, where: str, order: str
) -> None:
    question = asked(where, order)
    rows = list(connection.execute(selecting(RUNS, question, dialect, MANY)))
    assert len(rows) == 5
    for place, row in enumerate(rows):
        rest = replace(question, after=tuple(row[1:]))
        left = found(connection, selecting(RUNS, rest, dialect, MANY))
        assert left == [one[-1] for one in rows[place + 1 :]]
        short = replace(question, limit=place)
        assert found(connection, selecting(RUNS, short, dialect, MANY)) == [
            one[-1] for one in rows[: place + 1]
        ]


@pytest.mark.parametrize("total", [FEW, MANY])
@pytest.mark.parametrize(
    "order", ["id desc", "metrics.mae", "metrics.mae desc", "params.depth desc", "ended"]
)
def test_what_lies_after_each_record_is_the_rest_of_the_list(
    dialect: Sqlite, connection: Connection, order: str, total: int
) -> None:
    question = asked("", order)
    rows = list(connection.execute(selecting(RUNS, question, dialect, total)))
    for place, row in enumerate(rows):
        rest = replace(question, after=tuple(row[1:]))
        assert found(connection, selecting(RUNS, rest, dialect, total)) == [
            one[-1] for one in rows[place + 1 :]
        ]


def test_one_row_more_than_the_page_tells_that_there_is_a_next_one(
    dialect: Sqlite, connection: Connection
) -> None:
    assert len(found(connection, selecting(RUNS, asked(limit=3), dialect, FEW))) == 4


def test_an_orders_values_are_those_that_a_cursor_holds_in_memory_too(
    dialect: Sqlite, connection: Connection
) -> None:
    question = asked("", "params.depth, name desc")
    (row,) = connection.execute(selecting(RUNS, replace(question, limit=0), dialect, FEW))
    assert list(row[1:]) == sort_values(runs()[9], question.order)


# ── shapes ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_one_test_that_lets_few_through_leads_and_others_are_looked_up(dialect: Sqlite) -> None:
    said = text(selecting(RUNS, asked("metrics.mae < 1 and tags.team = 'a'"), dialect, FEW))
    assert "runs.id IN (SELECT metric_summaries.run" in said
    assert "EXISTS (SELECT * FROM run_tags" in said


def test_lists_of_metrics_are_taken_from_one_another_before_a_run_is_looked_at(dialect: Sqlite) -> None:
    said = text(selecting(RUNS, asked("metrics.mae < 1 and metrics.acc > 0"), dialect, FEW))
    assert said.count("runs.id IN (") == 1
    assert "metric_summaries.run IN (SELECT metric_summaries.run" in said


@pytest.mark.parametrize("total", [selects._MANY, selects._MANY + 1])
def test_where_many_are_meant_the_orders_own_index_leads_and_nothing_else_does(
    dialect: Sqlite, total: int
) -> None:
    said = text(selecting(RUNS, asked("metrics.mae < 1", "started desc"), dialect, total))
    assert ("runs.id IN (SELECT" in said) is (total <= selects._MANY)
    assert ("EXISTS (SELECT" in said) is (total > selects._MANY)


@pytest.mark.parametrize(
    "narrow", ["id in ('r1', 'r2')", "experiment = 'air'", "parent = 'r0'", "job = 'j1'"]
)
def test_what_few_records_share_leads_before_any_list(dialect: Sqlite, narrow: str) -> None:
    said = text(selecting(RUNS, asked(f"{narrow} and metrics.mae < 1"), dialect, FEW))
    assert "runs.id IN (SELECT" not in said
    assert "EXISTS (SELECT * FROM metric_summaries" in said
    assert "runs.id IN (SELECT" in text(
        selecting(RUNS, asked("name = 'x' and metrics.mae < 1"), dialect, FEW)
    )


@pytest.mark.parametrize("direction", ["", " desc"])
def test_sorting_by_a_metric_that_is_asked_for_walks_its_index(
    dialect: Sqlite, connection: Connection, direction: str
) -> None:
    steps = plan(
        connection, selecting(RUNS, asked("metrics.mae < 1", f"metrics.mae{direction}"), dialect, MANY)
    )
    assert "INDEX ix_metric_summaries_numbers (key=?" in steps.splitlines()[0]
    assert "TEMP B-TREE FOR ORDER BY" not in steps  # only runs of one value are sorted among themselves
    assert "CORRELATED" not in steps


@pytest.mark.parametrize(
    ("where", "order"),
    [
        ("metrics.mae.max < 1 and archived = false", "metrics.mae.max"),
        ("metrics.mae.mean < 1 and metrics.acc.min > 0", "metrics.mae.mean desc"),
        ("metrics.mae < 1", "metrics.mae.min"),
    ],
)
def test_sorting_by_what_else_a_metric_comes_to_looks_up_the_runs_of_the_page_alone(
    dialect: Sqlite, connection: Connection, where: str, order: str
) -> None:
    steps = plan(connection, selecting(RUNS, asked(where, order), dialect, MANY)).splitlines()
    walked = [step for step in steps if "SEARCH ordering" in step]
    assert walked == ["SEARCH ordering USING COVERING INDEX ix_metric_summaries_numbers (key=?)"] or (
        "COVERING INDEX ix_metric_summaries_numbers (key=? AND last<?)" in walked[0]
    )
    looked_up = [step for step in steps if step.startswith(("SEARCH runs", "SCAN runs"))]
    assert len([step for step in looked_up if "archived" not in step]) == 1
    assert "CORRELATED" not in "".join(steps)


@pytest.mark.parametrize(
    ("where", "order"),
    [
        ("metrics.mae.max < 1", "metrics.mae.max, name"),
        ("metrics.mae.max < 1 and params.depth = 1", "metrics.mae.max"),
        ("metrics.mae.max < 1 and (name = 'x' or archived = false)", "metrics.mae.max"),
    ],
)
def test_where_more_is_asked_of_runs_than_the_index_tells_they_are_joined(
    dialect: Sqlite, where: str, order: str
) -> None:
    said = text(selecting(RUNS, asked(where, order), dialect, MANY))
    assert "JOIN runs ON runs.id = ordering.run" in said
    assert "EXISTS (SELECT * FROM metric_summaries" not in said  # the row that is joined in has it


@pytest.mark.parametrize(
    ("where", "order", "expected"),
    [
        ("", "metrics.mae", True),
        ("params.depth = 1", "metrics.mae desc", True),
        ("metrics.acc > 0", "metrics.mae", True),
        ("metrics.mae > 0 or tags.team = 'a'", "metrics.mae", True),  # a run without it may be meant
        ("not metrics.mae > 0", "metrics.mae", True),
        ("metrics.mae is null", "metrics.mae", True),
        ("metrics.mae.max > 0", "metrics.mae", True),
        ("metrics.mae > 0", "metrics.mae", False),  # only runs that have it: one join is enough
        ("tags.team = 'a' and (name = 'x' and metrics.mae > 0)", "metrics.mae", False),
        ("", "metrics.mae.mean", True),
        ("metrics.mae.max > 0", "metrics.mae.mean", True),
        ("metrics.mae.mean > 0", "metrics.mae.mean", False),
        ("metrics.mae > 0", "metrics.mae.min", False),
        ("metrics.mae.at(1) > 0", "metrics.mae.at(1)", False),  # no index holds it
        ("", "name, metrics.mae", False),
        ("", "params.depth", False),
    ],
)
def test_only_a_list_by_a_metric_that_some_may_not_have_is_looked_for_in_parts(
    where: str, order: str, expected: bool
) -> None:
    assert in_parts(RUNS, asked(where, order), MANY) is expected
    assert not in_parts(RUNS, asked(where, order), selects._MANY)  # few are sorted faster


def test_a_field_with_a_column_of_its_own_is_not_looked_for_in_the_body(dialect: Sqlite) -> None:
    said = text(counting(RUNS, asked("source.notebook = 'a.ipynb' and archived = false"), dialect))
    assert "runs.source_notebook = " in said
    assert "json_extract" not in said
    assert "json_extract" in text(counting(RUNS, asked("source.commit = 'c0ffee'"), dialect))
