"""``with mlops.track(...)``: the handle, what is current, and how it ends."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

import jupyter_mlops as mlops
from jupyter_mlops.errors import Invalid, NotFound, Unavailable
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking import (
    current_run,
    find_artifacts,
    find_runs,
    get_run,
    metric_history,
    open_artifact,
    output,
    track,
)
from jupyter_mlops.tracking.active import arm, disarm
from jupyter_mlops.tracking.ended import listen
from jupyter_mlops.tracking.environment import read_environment
from jupyter_mlops.tracking.here import here


def test_the_readme_lines_hold(ws, tmp_path):
    (tmp_path / "report.html").write_text("<p>fine</p>")
    with track("baseline", experiment="air", workspace=ws) as run:
        run.log_params(alpha=0.3)
        run.log_metric("mae", 41.2, step=3)
        run.log_metrics({"mae": 40.9, "r2": 0.91}, step=4)
        run.log_artifact(tmp_path / "report.html")
    page = find_runs(ws, "metrics.mae < 42 and params.alpha > 0.1", order="metrics.mae", limit=10)
    (kept,) = page
    assert (kept.name, kept.metrics["mae"], kept.status, kept.status.value) == (
        "baseline",
        40.9,
        "finished",
        "finished",
    )
    frame = page.to_frame()
    assert frame["metrics.r2"].tolist() == [0.91]
    assert run.metrics["mae"] == 40.9
    assert read_environment(ws, kept.source.environment).packages


def test_steps_count_on_by_themselves(ws):
    with track("loop", workspace=ws) as run:
        for value in (3.0, 2.0, 1.0):
            run.log_metric("loss", value)
        run.log_metric("loss", 0.5, step=10)
        run.log_metric("loss", 0.25)
    assert [(p.step, p.value) for p in metric_history(ws, run=run.id, key="loss")] == [
        (0, 3.0), (1, 2.0), (2, 1.0), (10, 0.5), (11, 0.25),
    ]  # fmt: skip


def test_what_was_said_can_be_read_at_once(ws):
    with track("eager", workspace=ws) as run:
        run.log_metrics(mae=1.0)
        run.log_params(alpha=1)
        assert run.metrics == {"mae": 1.0}
        assert get_run(ws, run.id).params == {"alpha": 1}
        assert run.status is RunStatus.RUNNING


def test_whoever_reads_the_store_in_this_process_sees_what_was_said(ws):
    with track("seen", workspace=ws) as run:
        run.log_metrics(mae=2.0)
        run.log_params(alpha=2)
        with ws.store.read() as tx:
            kept = tx.runs.get(run.id)
        assert (kept.params, kept.metrics) == ({"alpha": 2}, {"mae": 2.0})
        with ws.store.write() as tx, ws.store.read() as nested:  # must not wait for itself
            assert tx.runs.get(run.id).name == nested.runs.get(run.id).name


def test_an_exception_fails_the_run_and_goes_on_outward(ws):
    with pytest.raises(ZeroDivisionError), track("broken", workspace=ws) as run:
        run.log_metric("before", 1)
        1 / 0  # noqa: B018
    kept = get_run(ws, run.id)
    assert (kept.status, kept.error.kind, kept.error.message) == (
        RunStatus.FAILED,
        "ZeroDivisionError",
        "division by zero",
    )
    assert "1 / 0" in kept.error.traceback
    assert kept.metrics == {"before": 1.0}


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (KeyboardInterrupt(), RunStatus.CANCELLED),
        (SystemExit(0), RunStatus.FINISHED),
        (SystemExit("no"), RunStatus.FAILED),
    ],
)
def test_an_interrupt_cancels_and_a_clean_exit_finishes(memory_ws, raised, status):
    with pytest.raises(type(raised)), track("ended", workspace=memory_ws) as run:
        raise raised
    assert get_run(memory_ws, run.id).status is status


def test_a_run_inside_a_run_is_its_child_and_lies_in_the_same_workspace(memory_ws):
    with track("outer", experiment="air", workspace=memory_ws) as outer:
        assert current_run() is outer
        with track("inner") as inner:
            assert current_run() is inner
        assert current_run() is outer
    assert current_run() is None
    kept = get_run(memory_ws, inner.id)
    assert (kept.parent, kept.experiment) == (outer.id, "air")


def test_threads_and_pools_fall_back_to_the_armed_run(memory_ws):
    with track("armed", workspace=memory_ws) as run:
        arm(run)
        try:
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda n: mlops.current_run().log_metric("n", n), range(100)))
            seen = []
            thread = threading.Thread(target=lambda: seen.append(current_run()))
            thread.start()
            thread.join()
            assert seen == [run]
        finally:
            disarm(run)
    assert sorted(p.value for p in metric_history(memory_ws, run=run.id, key="n")) == [
        float(n) for n in range(100)
    ]


def test_a_taken_name_is_never_an_error(ws):
    def once(policy):
        with track("same", workspace=ws, on_rerun=policy) as run:
            run.log_metric("n", 1)
        return run.id

    first = once("fork")
    second = once("fork")
    assert first != second
    assert once("continue") == second
    assert len(metric_history(ws, run=second, key="n")) == 2
    third = once("replace")
    assert third not in {first, second}
    assert get_run(ws, second).archived
    assert get_run(ws, second).tags["replaced_by"] == third
    with track("same", workspace=ws) as outer, track("same", on_rerun="continue") as inner:
        assert inner.id != outer.id  # one that is going on is left alone


def test_a_handle_that_outlives_its_run_still_takes_what_it_is_given(ws):
    with track("late", workspace=ws) as run:
        run.log_metric("a", 1.0)
    run.log_metric("a", 2.0)
    run.log_params(more=True)
    run.tag(seen="yes")
    run.log_artifact(b"x", "late.txt")
    kept = get_run(ws, run.id)
    assert (kept.metrics, kept.params, kept.tags) == ({"a": 2.0}, {"more": True}, {"seen": "yes"})
    assert [a.name for a in find_artifacts(ws, run=run.id)] == ["late.txt", "source/environment.txt"]


def test_outputs_are_kept_as_json(memory_ws):
    with track("outputs", workspace=memory_ws) as run:
        output("n_rows", 41757)
        output("best", {"alpha": 0.1, "names": ["a", "b"]})
        with pytest.raises(Invalid, match="no form in JSON"):
            output("bad", object())
    names = [a.name for a in find_artifacts(memory_ws, run=run.id, folder="outputs")]
    assert names == ["outputs/best.json", "outputs/n_rows.json"]
    assert json.load(open_artifact(memory_ws, run=run.id, name="outputs/best.json"))["alpha"] == 0.1


def test_an_output_outside_a_run_warns_once(recwarn):
    output("n", 1)
    output("n", 2)
    assert sum("kept nowhere" in str(w.message) for w in recwarn) == 1


def test_disabled_takes_everything_and_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_MLOPS_DISABLED", "1")
    with mlops.track("quiet") as run:
        run.log_params(alpha=1)
        run.log_metric("a", 1)
        run.log_metrics(b=2)
        run.log_artifact(b"x", "x.txt")
        run.log_model(object())
        run.output("n", 1)
        run.tag(a="b")
        with pytest.raises(Unavailable):
            _ = run.record
    assert list(tmp_path.iterdir()) == []


def test_a_script_finds_its_workspace_by_itself(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    with mlops.track("found") as run:
        run.log_metric("a", 1)
    assert (tmp_path / ".mlops" / "store.db").exists()
    assert (tmp_path / ".mlops").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / ".mlops" / ".gitignore").read_text() == "*\n"
    run.workspace.store.close()


def test_in_a_job_a_run_is_a_child_of_the_jobs_run(ws, monkeypatch):
    with track("job", workspace=ws) as parent:
        pass
    monkeypatch.setenv("JUPYTER_MLOPS_JOB", "job1")
    monkeypatch.setenv("JUPYTER_MLOPS_RUN", parent.id)
    monkeypatch.setenv("JUPYTER_MLOPS_EXPERIMENT", "nightly")
    with track("cell", workspace=ws) as run:
        pass
    kept = get_run(ws, run.id)
    assert (kept.parent, kept.job, kept.experiment) == (parent.id, "job1", "nightly")


def test_a_block_goes_on_with_the_run_it_resumes_and_says_where_there_is_none(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    with mlops.track("training", experiment="air", tags={"seed": 3}) as run:
        run.log_metric("loss", 3.0)
    with mlops.track(resume=run.id[-6:]) as again:
        again.log_metric("loss", 2.0)
    assert again.id == run.id
    kept = get_run(here(), run.id)
    assert (kept.experiment, kept.tags, kept.metrics) == ("air", {"seed": "3"}, {"loss": 2.0})
    with pytest.raises(NotFound, match="'nobody'"), mlops.track(resume="nobody"):
        raise AssertionError
    assert find_runs(here()).total == 1
    here().store.close()


def test_a_result_that_an_untracked_cell_of_a_job_leaves_is_the_jobs(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    with mlops.track("the job") as job:
        pass
    monkeypatch.setenv("JUPYTER_MLOPS_JOB", "some")
    monkeypatch.setenv("JUPYTER_MLOPS_RUN", job.id)
    mlops.output("n_rows", 41757)
    with open_artifact(here(), run=job.id, name="outputs/n_rows.json") as file:
        assert json.loads(file.read()) == 41757
    with pytest.raises(Invalid, match="no form in JSON"):
        mlops.output("odd", object())
    here().store.close()


@pytest.fixture
def away(sql_ws, monkeypatch):
    """A store and blobs that can be taken away."""
    with track("warm", workspace=sql_ws):
        pass

    def refuse(*_: object) -> None:
        raise Unavailable("away", remedy="wait")

    def take() -> None:
        for side in ("read", "write"):
            monkeypatch.setattr(sql_ws.store, side, refuse)
        monkeypatch.setattr(sql_ws.blobs, "put", refuse)
        monkeypatch.setattr("jupyter_mlops.tracking.environment._kept", {})

    return SimpleNamespace(ws=sql_ws, take=take, back=monkeypatch.undo)


def test_the_end_is_said_also_where_what_surrounds_the_script_cannot_be_kept(away):
    with (
        pytest.warns(UserWarning, match="waits in the journal"),
        track("ends away", workspace=away.ws) as run,
    ):
        run.log_metric("loss", 1.0)
        away.take()
    away.back()
    (kept,) = find_runs(away.ws, "name = 'ends away'")
    assert (kept.status, kept.metrics) == (RunStatus.FINISHED, {"loss": 1.0})
    assert "not all of it could be kept: away" in kept.notes[0]


def test_a_run_that_cannot_be_resumed_now_is_not_taken_for_another(away):
    with track("first", workspace=away.ws) as run:
        pass
    away.take()
    with pytest.raises(Unavailable), track(resume=run.id, workspace=away.ws):
        raise AssertionError("the block is not begun")
    with (
        pytest.warns(UserWarning, match="as a run of its own: continue needs the store"),
        track("first", on_rerun="continue", workspace=away.ws),
    ):
        pass


def test_an_error_in_a_block_that_is_not_recorded_is_the_users_own(away, monkeypatch):
    away.take()
    monkeypatch.setattr(
        "jupyter_mlops.tracking.active.begin_unseen", lambda *_: (_ for _ in ()).throw(OSError("full"))
    )
    with (
        pytest.raises(ValueError, match="mine") as raised,
        pytest.warns(UserWarning, match="this block is not recorded"),
        track("muted", workspace=away.ws),
    ):
        raise ValueError("mine")
    assert raised.value.__context__ is None


def test_in_a_notebook_a_block_begins_at_once_and_an_interrupt_leaves_no_run_behind(away, monkeypatch):
    listen(True)
    try:
        with track("quick", workspace=away.ws) as run:
            assert [one.id for one in find_runs(away.ws, "name = 'quick'")] == [run.id]

        def interrupt(*_: object) -> bool:
            raise KeyboardInterrupt

        monkeypatch.setattr("jupyter_mlops.tracking.live.Live.wait_known", interrupt)
        with pytest.raises(KeyboardInterrupt), track("stopped", workspace=away.ws):
            raise AssertionError("the block is not begun")
        monkeypatch.undo()
        assert find_runs(away.ws, "name = 'stopped'")[0].status is RunStatus.CANCELLED
    finally:
        listen(False)


def test_in_a_notebook_a_store_that_is_away_is_said_once_for_all_blocks(away):
    listen(True)
    try:
        away.take()
        with pytest.warns(UserWarning, match="waits in the journal until its store is back: away") as said:
            for _ in range(3):
                with track("held", workspace=away.ws) as run:
                    run.log_metric("loss", 1.0)
        assert len([one for one in said if issubclass(one.category, UserWarning)]) == 1
        away.back()
        assert find_runs(away.ws, "name = 'held'").total == 3
    finally:
        listen(False)
