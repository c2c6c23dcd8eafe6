"""Runs that differ in their seeds only are one group; anything else keeps them apart."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.run import DocumentState, Grade
from jupyter_mlops.records.trust import RunTrust
from jupyter_mlops.render.text import as_text
from jupyter_mlops.tracking import finish_run, group_runs, log_metrics, log_params, start_run
from jupyter_mlops.workspace import Workspace


def a_run(ws: Workspace, mae: float, **params: object) -> str:
    run = start_run(ws, name="baseline", experiment="air")
    log_params(ws, run=run.id, params=params)
    log_metrics(ws, run=run.id, metrics={"mae": mae})
    return finish_run(ws, run=run.id).id


def test_runs_that_differ_in_their_seed_are_one_group_with_mean_and_spread(ws: Workspace) -> None:
    for seed, mae in enumerate((40.0, 42.0, 44.0)):
        a_run(ws, mae, alpha=0.1, seed=seed)
    a_run(ws, 50.0, alpha=0.3, seed=0)

    large, single = group_runs(ws)

    assert (len(large.runs), dict(large.params)) == (3, {"alpha": 0.1})
    spread = large.metrics["mae"]
    assert (spread.count, spread.mean, spread.deviation) == (3, 42.0, 2.0)
    assert (spread.minimum, spread.maximum) == (40.0, 44.0)
    assert (dict(single.params), single.metrics["mae"].deviation) == ({"alpha": 0.3}, None)


def test_a_group_is_as_good_as_the_worst_of_its_runs(ws: Workspace) -> None:
    runs = [a_run(ws, 40.0, alpha=0.1, seed=seed) for seed in range(3)]
    a_run(ws, 50.0, alpha=0.3, seed=0)
    grades = (Grade.CLEAN, Grade.STALE, Grade.REORDERED)
    with ws.store.write() as tx:
        for run, grade in zip(runs, grades, strict=True):
            kept = tx.runs.get(run)
            tx.runs.replace(
                replace(kept, grade=grade, grade_reason=f"why {grade}", document=DocumentState.SAVED)
            )

    large, single = group_runs(ws)

    assert large.trust == RunTrust(
        grade=Grade.STALE,
        grade_reason=f"of 3 ended runs: 1 stale, 1 reordered, 1 clean; baseline {runs[1][-6:]}: why stale",
        document=DocumentState.SAVED,
    )
    assert single.trust == RunTrust(grade=Grade.UNKNOWN)
    assert group_runs(ws, "grade = 'clean'")[0].trust == RunTrust(
        grade=Grade.CLEAN, grade_reason="why clean", document=DocumentState.SAVED
    )


def test_runs_that_all_go_on_are_not_graded_yet(ws: Workspace) -> None:
    start_run(ws, name="baseline")
    (group,) = group_runs(ws)
    assert group.trust is None


def test_the_seed_of_a_step_inside_a_pipeline_is_one_too(ws: Workspace) -> None:
    a_run(ws, 1.0, model__random_state=1)
    a_run(ws, 2.0, model__random_state=2)
    assert len(group_runs(ws)) == 1


def test_what_they_may_differ_in_can_be_said_and_which_runs_are_meant(ws: Workspace) -> None:
    a_run(ws, 1.0, alpha=0.1, seed=1)
    a_run(ws, 2.0, alpha=0.2, seed=1)
    assert len(group_runs(ws)) == 2
    assert len(group_runs(ws, over=["params.alpha"])) == 1
    assert [dict(group.params) for group in group_runs(ws, "params.alpha > 0.1")] == [{"alpha": 0.2}]


def test_values_that_python_calls_equal_are_kept_apart(ws: Workspace) -> None:
    for value in (1, True):
        a_run(ws, 1.0, alpha=value)
    assert len(group_runs(ws)) == 2


def test_what_is_not_a_number_does_not_count(ws: Workspace) -> None:
    a_run(ws, math.nan, seed=1)
    a_run(ws, 2.0, seed=2)
    (group,) = group_runs(ws)
    assert (group.metrics["mae"].count, group.metrics["mae"].mean) == (1, 2.0)


def test_a_query_that_is_wrong_is_refused_like_any_other(ws: Workspace) -> None:
    with pytest.raises(Invalid, match="column"):
        group_runs(ws, "metrics.mae <")


def test_groups_are_a_table_with_what_tells_them_apart(ws: Workspace) -> None:
    for seed, mae in enumerate((40.0, 44.0)):
        a_run(ws, mae, alpha=0.1, seed=seed)
    a_run(ws, 50.0, alpha=0.3, seed=0)
    title, head, first, _ = as_text(group_runs(ws)).splitlines()
    assert title == "2 groups of 3 runs"
    assert head.split()[:6] == ["run", "experiment", "runs", "worst", "grade", "alpha"]
    assert "42 ± 2.828" in first


def test_metrics_beyond_the_floats_and_parameters_that_are_no_number_keep_no_group_from_its_spread(ws):
    for seed, loss in enumerate((1e308, 1.5e308, 1.7e308)):
        a_run(ws, loss, missing=math.nan, seed=seed)
    (group,) = group_runs(ws)
    assert len(group.runs) == 3
    assert group.metrics["mae"].mean == pytest.approx(1.4e308)
    assert group.metrics["mae"].deviation == math.inf
