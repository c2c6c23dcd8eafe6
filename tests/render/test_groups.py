"""Groups of runs: each metric as mean and spread, beside the parameters that tell the groups apart."""

from __future__ import annotations

import re

import pytest

from jupyter_mlops import tracking
from jupyter_mlops.records.group import RunGroup, Spread
from jupyter_mlops.records.run import DocumentState, Grade
from jupyter_mlops.records.trust import RunTrust
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.text import as_text
from jupyter_mlops.workspace import Workspace
from tests.render.records_shown import EVIL


def spread(mean: float, deviation: float | None = 0.5) -> Spread:
    return Spread(count=3, mean=mean, deviation=deviation, minimum=0.0, maximum=99.0)


def group(name: str = "baseline", runs: int = 3, **changes: object) -> RunGroup:
    given = {"experiment": "air", "name": name, "runs": tuple(map(str, range(runs)))}
    return RunGroup(**(given | changes))


def table_of(*groups: RunGroup) -> tuple[list[str], list[str]]:
    _, head, *rows = as_text(groups).splitlines()
    return re.split(r" {2,}", head.strip()), rows


def test_a_metric_is_its_mean_and_how_far_the_runs_lie_apart() -> None:
    several = group(metrics={"mae": spread(41.234567, 0.123456), "r2": spread(0.9)})
    alone = group("alone", 1, metrics={"mae": spread(40.0, None)})

    head, (first, second) = table_of(several, alone)

    assert head == ["run", "experiment", "runs", "mae ↓", "r2 ↑"]
    assert re.split(r" {2,}", first.strip()) == ["baseline", "air", "3", "41.23 ± 0.1235", "0.9 ± 0.5"]
    assert re.split(r" {2,}", second.strip()) == ["alone", "air", "1", "40"]
    assert first.index("41.23 ± 0.1235") + len("41.23 ± 0.1235") == second.index("40") + len("40")


def test_four_metrics_are_shown_the_telling_ones_first() -> None:
    names = ("fit_seconds", "train_mae", "train_r2", "mae", "r2", "a_score")
    head, _ = table_of(group(metrics={name: spread(1.0) for name in names}))

    assert head[3:] == ["a_score ↑", "mae ↓", "r2 ↑", "train_mae ↓"]


def test_only_parameters_that_tell_groups_apart_have_a_column() -> None:
    common = {"model": "Ridge", "steps": "[('ridge', Ridge())]", "memory": None}
    head, (first, second) = table_of(
        group(params={"verbose": 0, "alpha": 0.3, **common}),
        group(params={"verbose": 1, "alpha": 0.5, **common}),
    )

    assert head[3:] == ["alpha", "verbose"]
    assert first.split()[3:] == ["0.3", "0"]
    assert second.split()[3:] == ["0.5", "1"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "data/2026/a/rather/long/folder/for/air/train.csv",
            "data/2026/a/rather/long/folder/for/air/test.csv",
        ),
        (0.1234561, 0.1234562),
        (True, 1),
        ("a", None),
    ],
)
def test_two_groups_that_differ_never_look_the_same(first: object, second: object) -> None:
    head, rows = table_of(group(params={"x": first}), group(params={"x": second}))

    assert head[3:] == ["x"]
    assert len(set(rows)) == 2


def test_a_parameter_that_only_some_groups_have_tells_them_apart_where_nothing_else_does() -> None:
    head, rows = table_of(group(params={"alpha": 0.3, "depth": 4}), group(params={"alpha": 0.3}))
    assert head[3:] == ["depth"]
    assert rows[0] != rows[1]

    head, _ = table_of(
        group(params={"a": 1, "b": 1, "c": 1}), group(params={"d": 1, "e": 1, "z": 1}), group(params={"z": 2})
    )
    assert head[3] == "z"
    assert len(head[3:]) == 4


def test_a_long_list_is_cut_and_says_by_how_much() -> None:
    lines = as_text(tuple(group(f"g{n}") for n in range(1130))).splitlines()

    assert lines[0] == "1,130 groups of 3,390 runs"
    assert lines[-1].strip() == "1,030 more rows are not shown"
    assert len(lines) == 103
    assert as_text((group(),)).splitlines()[0] == "1 group of 3 runs"


def test_runs_that_differ_in_their_seed_only_are_one_row(memory_ws: Workspace) -> None:
    for alpha, seed, mae in ((0.3, 1, 40.0), (0.3, 2, 42.0), (0.5, 1, 50.0)):
        run = tracking.start_run(memory_ws, name="baseline", experiment="air")
        tracking.log_params(memory_ws, run=run.id, params={"alpha": alpha, "seed": seed})
        tracking.log_metrics(memory_ws, run=run.id, metrics={"mae": mae})
        tracking.finish_run(memory_ws, run=run.id)

    head, rows = table_of(*tracking.group_runs(memory_ws))

    assert head == ["run", "experiment", "runs", "worst grade", "alpha", "mae ↓"]
    assert [re.split(r" {2,}", row.strip()) for row in rows] == [
        ["baseline", "air", "2", "? unknown", "0.3", "41 ± 1.414"],
        ["baseline", "air", "1", "? unknown", "0.5", "50"],
    ]


def test_the_worst_grade_stands_beside_the_state_of_the_notebook_and_nothing_where_none_is_known() -> None:
    stale = RunTrust(grade=Grade.STALE, grade_reason="why", document=DocumentState.ORPHANED)
    head, rows = table_of(group(trust=stale), group("b", trust=RunTrust(grade=Grade.CLEAN)), group("c"))

    assert head == ["run", "experiment", "runs", "worst grade"]
    assert [re.split(r" {2,}", row.strip())[3:] for row in rows] == [["⚠ stale, orphaned"], ["✓ clean"], []]
    assert table_of(group())[0] == ["run", "experiment", "runs"]


def test_long_names_and_values_leave_room_for_the_figures() -> None:
    long = group("n" * 200, experiment="e" * 200, params={"x": "v" * 200}, metrics={"mae": spread(1.0)})
    lines = as_text((long, group(params={"x": "w" * 200}))).splitlines()

    assert max(map(len, lines)) < 140
    assert "1 ± 0.5" in lines[2]


def test_names_from_user_code_stay_text() -> None:
    hostile = group(EVIL, params={EVIL: EVIL}, experiment=EVIL, metrics={EVIL: spread(1.0)})
    drawn = as_html((hostile, group(params={EVIL: "x"})))

    assert "<script" not in drawn
    assert "<img" not in drawn
    assert "\x1b" not in as_text((hostile, group(params={EVIL: "x"})))
