"""Runs: begun, ended, found."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from jupyter_mlops.errors import Conflict, Invalid, NotFound
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.captured import Captured
from jupyter_mlops.records.run import Grade, RunStatus
from jupyter_mlops.tracking import (
    find_artifacts,
    find_runs,
    finish_run,
    get_run,
    log_artifact,
    log_metrics,
    log_params,
    metric_history,
    open_artifact,
    reopen_run,
    start_run,
    track,
)


def test_a_run_that_began_is_kept_and_held_by_this_process(ws):
    run = start_run(ws, name="baseline", experiment="air/pm25")
    kept = get_run(ws, run.id)
    assert (kept.name, kept.experiment, kept.status) == ("baseline", "air/pm25", RunStatus.RUNNING)
    assert kept.lease is not None
    finish_run(ws, run=run.id)


def test_a_run_ends_with_all_that_was_said(ws):
    run = start_run(ws, name="baseline")
    log_params(ws, run=run.id, params={"alpha": 0.3, "deep": True, "depth": 4, "kind": "tree"})
    for step in range(5):
        log_metrics(ws, run=run.id, metrics={"mae": 10.0 - step, "r2": step / 10}, step=step)
    log_artifact(ws, run=run.id, content=b"<p>hi</p>", name="reports/a.html")
    ended = finish_run(ws, run=run.id, captured=Captured(grade=Grade.CLEAN, notes=("seen",)))
    assert ended.status is RunStatus.FINISHED
    assert ended.lease is None
    assert ended.metrics == {"mae": 6.0, "r2": 0.4}
    assert ended.params == {"alpha": 0.3, "deep": True, "depth": 4, "kind": "tree"}
    assert ended.grade is Grade.CLEAN
    history = metric_history(ws, run=run.id, key="mae")
    assert [(p.step, p.value) for p in history] == [(s, 10.0 - s) for s in range(5)]
    (artifact,) = find_artifacts(ws, run=run.id, folder="reports")
    assert (artifact.name, artifact.media_type, artifact.size) == ("reports/a.html", "text/html", 9)
    assert open_artifact(ws, run=run.id, name="reports/a.html").read() == b"<p>hi</p>"
    with ws.store.read() as tx:
        assert [e.kind for e in tx.events.read(subject=run.id)] == ["run.started", "run.finished"]


def test_what_the_user_logged_wins_over_what_was_seen(ws):
    run = start_run(ws)
    log_params(ws, run=run.id, params={"alpha": 1})
    ended = finish_run(ws, run=run.id, captured=Captured(params={"alpha": 2, "beta": 3}))
    assert ended.params == {"alpha": 1, "beta": 3}


def test_a_parameter_that_changes_is_noted(ws):
    run = start_run(ws)
    log_params(ws, run=run.id, params={"alpha": 1})
    log_params(ws, run=run.id, params={"alpha": 2})
    ended = finish_run(ws, run=run.id)
    assert ended.params == {"alpha": 2}
    assert ended.notes == ("parameter alpha was 1 and became 2",)


def test_a_run_ends_once(ws):
    run = start_run(ws)
    finish_run(ws, run=run.id)
    with pytest.raises(Conflict, match="is finished"):
        finish_run(ws, run=run.id, status=RunStatus.FAILED)


def test_a_continued_run_numbers_its_points_on(ws):
    run = start_run(ws)
    log_metrics(ws, run=run.id, metrics={"a": 1.0, "b": 2.0})
    finish_run(ws, run=run.id)
    assert reopen_run(ws, run=run.id).status is RunStatus.RUNNING
    log_metrics(ws, run=run.id, metrics={"a": 3.0}, step=1)
    finish_run(ws, run=run.id)
    assert [(p.sequence, p.value) for p in metric_history(ws, run=run.id, key="a")] == [(1, 1.0), (3, 3.0)]


def test_a_point_logged_after_the_end_is_kept_too(ws):
    run = start_run(ws)
    log_metrics(ws, run=run.id, metrics={"a": 1.0})
    finish_run(ws, run=run.id)
    assert log_metrics(ws, run=run.id, metrics={"a": 2.0}, step=9).metrics["a"] == 2.0
    assert len(metric_history(ws, run=run.id, key="a")) == 2


def test_a_run_begun_through_the_server_is_held_by_nobody(ws):
    served = ws.acting_as(Actor(name="ana", via=Door.SERVER))
    run = start_run(served)
    assert run.lease is None
    for step in range(3):
        log_metrics(served, run=run.id, metrics={"loss": float(step)}, step=step)
    assert [p.value for p in metric_history(served, run=run.id, key="loss")] == [0.0, 1.0, 2.0]


def test_numpy_scalars_and_numbers_that_are_not_finite_are_kept(ws):
    run = start_run(ws)
    log_metrics(
        ws, run=run.id, metrics={"a": np.float32(1.5), "b": math.nan, "c": -math.inf, "d": np.array([2])[0]}
    )
    log_params(ws, run=run.id, params={"n": np.int64(3), "shape": (1, 2), "x": np.float64(0.5)})
    ended = finish_run(ws, run=run.id)
    assert ended.metrics["a"] == 1.5
    assert math.isnan(ended.metrics["b"])
    assert ended.metrics["c"] == -math.inf
    assert ended.params == {"n": 3, "shape": "(1, 2)", "x": 0.5}
    assert type(ended.params["n"]) is int


@pytest.mark.parametrize("value", ["41", None, [1, 2], {"a": 1}, 1j])
def test_what_is_no_number_is_no_metric(ws, value):
    run = start_run(ws)
    with pytest.raises(Invalid, match="metric mae"):
        log_metrics(ws, run=run.id, metrics={"mae": value})
    finish_run(ws, run=run.id)


def test_a_run_is_found_by_the_end_of_its_id(ws):
    first, second = start_run(ws, name="one"), start_run(ws, name="two")
    assert get_run(ws, second.id[-6:]).name == "two"
    with pytest.raises(NotFound):
        get_run(ws, second.id[-3:])
    with pytest.raises(NotFound):
        get_run(ws, "zzzzzz")
    with pytest.raises(Invalid, match="2 runs end in '0000'"):
        clash = replace(ws, new_id=iter(["x" * 22 + "0000", "y" * 22 + "0000"]).__next__)
        for _ in range(2):
            finish_run(ws, run=start_run(clash).id)
        get_run(ws, "0000")
    for run in (first, second):
        finish_run(ws, run=run.id)


def test_runs_are_found_by_what_they_measured(ws, clock):
    for alpha, mae in ((0.1, 40.0), (0.2, 41.0), (0.3, 43.0)):
        run = start_run(ws, name=f"a{alpha}", experiment="air")
        log_params(ws, run=run.id, params={"alpha": alpha})
        log_metrics(ws, run=run.id, metrics={"mae": mae})
        finish_run(ws, run=run.id)
        clock.advance(60)
    page = find_runs(ws, "metrics.mae < 42 and params.alpha > 0.05", order="metrics.mae desc")
    assert [r.name for r in page] == ["a0.2", "a0.1"]
    assert find_runs(ws).items[0].name == "a0.3"


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 201])
def test_a_name_nobody_could_read_is_refused(ws, name):
    with pytest.raises(Invalid):
        start_run(ws, name="fine", experiment=name)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../a", "a/../b", "a//b", "", "a\\b", "c:/x", "a/", "./a", "a\n"]
)
def test_a_file_name_that_leads_out_of_the_run_is_refused(memory_ws, name):
    run = start_run(memory_ws)
    with pytest.raises(Invalid, match="file name"):
        log_artifact(memory_ws, run=run.id, content=b"x", name=name)
    finish_run(memory_ws, run=run.id)


def test_a_symbolic_link_is_no_artifact(memory_ws, tmp_path):
    run = start_run(memory_ws)
    (tmp_path / "real.txt").write_text("x")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    with pytest.raises(Invalid, match="symbolic link"):
        log_artifact(memory_ws, run=run.id, content=tmp_path / "link.txt")
    with pytest.raises(Invalid, match="folder"):
        log_artifact(memory_ws, run=run.id, content=tmp_path)
    with pytest.raises(NotFound):
        log_artifact(memory_ws, run=run.id, content=tmp_path / "none")
    assert log_artifact(memory_ws, run=run.id, content=tmp_path / "real.txt").name == "real.txt"
    finish_run(memory_ws, run=run.id)


def test_a_long_curve_comes_thinned_out_where_it_is_asked_so(ws):
    with track("long", experiment="air", workspace=ws) as run:
        for step in range(3000):
            run.log_metric("loss", 9.0 if step == 1777 else 1 / (step + 1))
    thin = metric_history(ws, run=run.id, key="loss", most=100)
    assert len(thin) <= 100
    assert (thin[0].step, thin[-1].step) == (0, 2999)
    assert 1777 in {point.step for point in thin}
