"""What a query means before any adapter answers: spans of time, and what a metric's points come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from contracts.samples import NOON, point, run

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.query import Query, equal, query
from jupyter_mlops.records.run import RunError, RunInput
from jupyter_mlops.tracking import find_runs
from jupyter_mlops.workspace import Workspace


def keep(ws: Workspace, *runs: object) -> None:
    with ws.store.write() as tx:
        for one in runs:
            tx.runs.add(one)


def names(ws: Workspace, where: str, order: str = "id") -> list[str]:
    with ws.store.read() as tx:
        return [one.id for one in tx.runs.find(query(where, order=order, now=NOON))]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("started > -7d", ["r1", "r2"]),
        ("started > -2h", ["r1"]),
        ("started < -1w", ["r3"]),
        ("started >= '-90m'", ["r1"]),
        ("not started > -7D", ["r3"]),
        ("started < +1s and started > -60s", ["r1"]),
        ("started in (-3d, -30d)", ["r2", "r3"]),
        ("ended > -1d", []),
    ],
)
def test_a_span_counts_from_the_moment_of_asking(ws: Workspace, where: str, expected: list[str]) -> None:
    keep(
        ws,
        run("r1", started=NOON),
        run("r2", started=NOON - timedelta(days=3)),
        run("r3", started=NOON - timedelta(days=30)),
    )
    assert names(ws, where) == expected


def test_the_verbs_ask_by_the_workspaces_own_clock(ws: Workspace, clock) -> None:
    keep(ws, run("r1", started=clock()))
    assert find_runs(ws, "started > -1d").total == 1
    clock.advance(3 * 86_400)
    assert find_runs(ws, "started > -1d").total == 0


def test_the_pages_of_a_span_belong_together(ws: Workspace, clock) -> None:
    keep(ws, run("r1", started=NOON), run("r2", started=NOON))
    first = find_runs(ws, "started > -9999d", limit=1)
    clock.advance(60)
    second = find_runs(ws, "started > -9999d", limit=1, cursor=first.cursor)
    assert {first[0].id, second[0].id} == {"r1", "r2"}


@pytest.mark.parametrize("where", ["started > -7", "started > -7y", "started > -99999999999w"])
def test_a_span_that_is_none_is_refused_with_one_that_is(ws: Workspace, where: str) -> None:
    with pytest.raises(Invalid) as refusal:
        names(ws, where)
    assert refusal.value.remedy


@pytest.fixture
def curves(ws: Workspace) -> Workspace:
    keep(ws, run("r1"), run("r2"), run("r3"))
    points = {"r1": (3.0, 1.0, 2.0), "r2": (4.0, 5.0)}
    with ws.store.write() as tx:
        for owner, values in points.items():
            for key in ("mae", "auc", "odd", "mae.min"):
                tx.metrics.append(
                    [point(owner, n + 10 * hash_of(key), v, key) for n, v in enumerate(values, 1)]
                )
    return ws


def hash_of(key: str) -> int:
    return ("mae", "auc", "odd", "mae.min").index(key)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("metrics.mae = 2", ["r1"]),
        ("metrics.mae.last = 2", ["r1"]),
        ("metrics.mae.min = 1", ["r1"]),
        ("metrics.mae.max >= 5", ["r2"]),
        ("metrics.mae.mean = 2", ["r1"]),
        ("metrics.mae.mean > 4", ["r2"]),
        ("metrics.mae.count < 3", ["r2"]),
        ("metrics.mae.best < 2", ["r1"]),
        ("metrics.auc.best > 4", ["r2"]),
        ("metrics.mae.min is null", ["r3"]),
        ("metrics.mae.min is not null and not metrics.mae.max > 4", ["r1"]),
        ('metrics."mae.min" = 2', ["r1"]),
        ("metrics.mae.min in (1, 4)", ["r1", "r2"]),
    ],
)
def test_a_metric_is_asked_for_what_its_points_come_to(
    curves: Workspace, where: str, expected: list[str]
) -> None:
    assert names(curves, where) == expected


def test_runs_are_ordered_by_what_points_come_to(curves: Workspace) -> None:
    assert names(curves, "", "metrics.mae.mean desc") == ["r2", "r1", "r3"]
    assert names(curves, "", "metrics.auc.best") == ["r1", "r2", "r3"]


def test_a_metric_whose_name_does_not_say_has_no_best(curves: Workspace) -> None:
    with pytest.raises(Invalid, match="has no best") as refusal:
        names(curves, "metrics.odd.best > 1")
    assert "metrics.odd.min" in refusal.value.remedy


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("inputs.digest = 'aaa'", ["r1", "r2"]),
        ("inputs.digest like 'b%' and inputs.role = 'test'", ["r2"]),
        ("not inputs.digest = 'aaa'", ["r3"]),
        ("inputs.digest != 'aaa'", ["r2"]),
        ("inputs.rows > 10", ["r2"]),
        ("inputs.rows is null", ["r1", "r3"]),
        ("inputs.rows is not null", ["r2"]),
        ("inputs.sampled = true", ["r2"]),
        ("inputs.name in ('X', 'Z')", ["r1", "r2"]),
        ("error.kind = 'ValueError'", ["r3"]),
        ("error is not null", ["r3"]),
    ],
)
def test_runs_are_found_by_what_they_read_and_how_they_ended(
    ws: Workspace, where: str, expected: list[str]
) -> None:
    train = RunInput(name="X", role="train", digest="aaa")
    test = RunInput(name="Y", role="test", digest="bbb", rows=20, sampled=True)
    keep(
        ws,
        replace(run("r1"), inputs=(train,)),
        replace(run("r2"), inputs=(train, test)),
        replace(run("r3"), error=RunError(kind="ValueError", message="no")),
    )
    assert names(ws, where) == expected


def test_several_cannot_be_an_order(ws: Workspace) -> None:
    with pytest.raises(Invalid, match="it is not one value"):
        names(ws, "", "inputs.digest")


@pytest.mark.parametrize(
    ("where", "column", "remedy"),
    [
        ("metrics.mae < 'abc'", 15, "metrics.mae < 42"),
        ("metrics.mae.at(3) in (1, 'b')", 26, "metrics.mae.at(3) = 42"),
        ("status = 'failed' and metrics.\"val loss\" > 'x'", 44, 'metrics."val loss" > 42'),
        ("name = 'r1' or tags.team = 3", 28, "tags.team = '3'"),
        ("foo.bar = 1", 1, "Known: "),
        ("name = 'r1' and not foo.bar = 1", 21, "Known: "),
        ("grade = 'claen'", 9, "Did you mean clean? It is one of clean"),
        ("grade in ('clean', 'stael')", 20, "Did you mean stale?"),
        ("grade = 'purple'", 9, "It is one of clean"),
        ("document = 'savd'", 12, "Did you mean saved? It is one of saved, unsaved, orphaned, unknown"),
        ("name = 'r1' or document in ('unsaved', 'lost')", 40, "It is one of saved, unsaved, orphaned, unknown"),
        ("archived = 'x'", 12, "archived = true"),
        ("started > 'yesterday'", 11, "'2026-01-31'"),
        ("started > 2026-13-01", 11, "'2026-01-31'"),
        ("started in (-3d, -99999999999w)", 18, "a shorter span"),
        ("lease = 3", 1, "lease is null"),
        ("metrics.mae < null", 15, "metrics.mae is null"),
        ("name like 3", 11, "in quotes"),
        ("metrics.mae like '4%'", 1, "in quotes"),
        ("metrics.odd.best > 1", 1, "metrics.odd.min"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_meaning_is_pointed_at_in_its_column(
    ws: Workspace, where: str, column: int, remedy: str
) -> None:
    with pytest.raises(Invalid, match=f"wrong at column {column}: ") as refusal:
        names(ws, where)
    assert refusal.value.data["column"] == column
    assert remedy in refusal.value.remedy


def test_a_mistake_in_an_order_is_pointed_at_too(ws: Workspace) -> None:
    for order in ("name, foo.bar desc", "name, inputs.digest"):
        with pytest.raises(Invalid) as refusal:
            names(ws, "", order)
        assert refusal.value.data["column"] == 7


def test_a_condition_that_is_no_text_has_no_column(ws: Workspace) -> None:
    with pytest.raises(Invalid, match=r"^grade is never 'claen'") as refusal, ws.store.read() as tx:
        tx.runs.find(Query(where=equal(grade="claen")))
    assert "column" not in refusal.value.data


@pytest.mark.parametrize(
    "day", ["2026-01-31", "2026-01-31T00:00", "2026-01-31T00:00:00.000Z", "2026-01-31T01:00:00+01:00"]
)
def test_a_day_needs_no_quotes(ws: Workspace, day: str) -> None:
    midnight = datetime(2026, 1, 31, tzinfo=UTC)
    keep(ws, run("r1", started=midnight), run("r2", started=midnight - timedelta(seconds=1)))
    assert names(ws, f"started >= {day}") == names(ws, f"started >= '{day}'") == ["r1"]
    assert names(ws, f"(started<{day} or started in ({day}))") == ["r1", "r2"]


def test_the_pages_of_a_query_belong_together_however_it_is_spaced(ws: Workspace) -> None:
    keep(ws, run("r1"), run("r2"))
    first = find_runs(ws, "metrics.mae is null", order="id", limit=1)
    second = find_runs(ws, "  metrics.mae   is null", order=" id", limit=1, cursor=first.cursor)
    assert [first[0].id, second[0].id] == ["r1", "r2"]


@pytest.mark.parametrize(
    "text",
    ["started > '0001-01-01T00:00+14:00'", "started < '9999-12-31T23:59-10:00'", f"started > -{'9' * 4400}d"],
)
def test_a_time_that_no_calendar_has_is_refused_with_its_column(ws: Workspace, text: str) -> None:
    with pytest.raises(Invalid, match="column 11"):
        find_runs(ws, text)
