"""A sweep to its end: what fails, what is given up, what is cut short, and how it goes on."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from datetime import timedelta

import psutil
import pytest

from jupyter_mlops.automation import resume_sweep, submit_sweep, sweep_notebook, sweep_trials, tick
from jupyter_mlops.automation.sweeps.conducting import conduct
from jupyter_mlops.automation.sweeps.trials import add_trial
from jupyter_mlops.errors import Conflict, Invalid, Unavailable
from jupyter_mlops.jobs.ending import claim_job
from jupyter_mlops.jobs.launcher import launch
from jupyter_mlops.jobs.queue import take_next
from jupyter_mlops.jobs.steps import end_step
from jupyter_mlops.jobs.submit import cancel_job, find_jobs, get_job, read_job, retry_job, submit_job
from jupyter_mlops.ledger import history
from jupyter_mlops.records.job import UNDER_WAY, JobOptions, JobStatus
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.records.sweep import SweepOptions
from jupyter_mlops.tracking import find_runs
from tests.jobs.running import until

TRACK = "import jupyter_mlops as mlops\nwith mlops.track('fit') as run: run.log_metric('score', 1 / a)"
SLOW = """
import time
import jupyter_mlops as mlops
with mlops.track('fit') as run:
    for step in range(400):
        run.log_metric('mae', a + 1 / (step + 1), step=step)
        time.sleep(0 if a < 5 else 0.1)
"""


@pytest.mark.kernel
def test_a_sweep_runs_every_combination_under_one_run_and_goes_on_past_a_failure(place, write) -> None:
    path, seen = write(TRACK, parameters="a = 1"), []

    report = sweep_notebook(
        place,
        notebook=str(path),
        parameters={"a": "1,0,2"},
        experiment="air",
        sweep=SweepOptions(metric="score"),
        progress=seen.append,
    )

    assert [(row.parameters["a"], row.status) for row in report.rows] == [
        (1, JobStatus.SUCCEEDED),
        (0, JobStatus.FAILED),
        (2, JobStatus.SUCCEEDED),
    ]
    assert [row.value for row in report.rows] == [1.0, None, 0.5]
    assert [row.error and row.error.kind for row in report.rows] == [None, "ZeroDivisionError", None]
    assert (report.status, report.tally.succeeded, report.tally.failed) == (JobStatus.FAILED, 2, 1)
    assert report.tally.best.parameters == {"a": 1}
    with place.store.read() as tx:
        parent = tx.runs.get(report.run)
        children = [tx.runs.get(row.run) for row in report.rows]
    assert (parent.status, parent.experiment, parent.job) == (RunStatus.FAILED, "air", report.job)
    assert parent.metrics == {"score": 1.0}
    assert {child.parent for child in children} == {report.run}
    assert {job.id for job in seen} == {report.job, *(row.job for row in report.rows)}

    # What failed is tried again, and only that; its run stands under the same run.
    path.write_text("")  # as submitted is as it is run
    again = resume_sweep(place, report.job)

    attempts = {row.number: read_job(place, row.job).attempt for row in again.rows}
    assert attempts == {0: 1, 1: 2, 2: 1}
    assert (again.run, again.tally.failed) == (report.run, 1)
    assert find_runs(place, f"parent = '{report.run}' and status = 'failed'").total == 2


@pytest.mark.kernel
def test_a_trial_that_is_worse_than_the_median_is_given_up(place, write) -> None:
    report = sweep_notebook(
        place,
        notebook=str(write(SLOW, parameters="a = 1.0")),
        parameters={"a": "1,2,9"},
        sweep=SweepOptions(metric="mae", early_stop=True, early_stop_after=3, early_stop_among=2),
    )

    assert [row.stopped for row in report.rows] == [False, False, True]
    assert (report.status, report.tally.stopped, report.tally.best.parameters) == (
        JobStatus.SUCCEEDED,
        1,
        {"a": 1.0},
    )
    assert "given up at step" in report.rows[2].error.message
    assert read_job(place, report.rows[2].job).error.kind == "stopped_early"


@pytest.mark.kernel
def test_a_sweep_that_is_interrupted_ends_after_its_trials(place, write) -> None:
    def stop(job) -> None:
        if job.status is JobStatus.RUNNING and job.sweep:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep_notebook(
            place,
            notebook=str(write("import time; time.sleep(60)", parameters="a = 1")),
            parameters={"a": "1,2"},
            progress=stop,
        )

    (parent,) = find_runs(place, "name like 'sweep of %'")
    assert parent.status is RunStatus.CANCELLED
    jobs = find_jobs(place)
    assert {job.status for job in jobs} == {JobStatus.CANCELLED}
    (sweep,) = (job for job in jobs if job.spec.sweep is not None)
    assert sweep.error.message == "interrupted at the keyboard"
    assert max(job.ended for job in jobs) == sweep.ended


@pytest.mark.kernel
def test_a_conductor_that_is_killed_leaves_nothing_running_and_the_next_goes_on(
    place, write, tmp_path
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    hold = tmp_path / "hold"
    hold.touch()
    code = f"""
import pathlib, time
pathlib.Path({str(marks)!r}, f"{{a}}").touch()
while a > 0 and pathlib.Path({str(hold)!r}).exists():
    time.sleep(0.05)
"""
    job = submit_sweep(
        place,
        notebook=str(write(code, parameters="a = 1")),
        parameters={"a": "0,1,2"},
        sweep=SweepOptions(workers=2),
    )
    worker = launch(place, job.id)
    until(lambda: {each.name for each in marks.iterdir()} == {"0", "1", "2"})
    until(lambda: sweep_trials(place, job.id).rows[0].status is JobStatus.SUCCEEDED)
    below = psutil.Process(worker.process.pid).children(recursive=True)

    os.kill(worker.process.pid, signal.SIGKILL)
    worker.process.wait()

    lost = get_job(place, job.id)
    assert (lost.status, lost.tally.running) == (JobStatus.LOST, 0)
    assert "resume" in lost.error.remedy
    with place.store.read() as tx:
        assert tx.runs.get(lost.run).status is RunStatus.LOST

    def let_end(job) -> None:
        if job.sweep and job.attempt == 2 and job.status is JobStatus.RUNNING:
            hold.unlink(missing_ok=True)

    # At once: the trials of the one that was killed are ending only now.
    report = resume_sweep(place, job.id, progress=let_end)

    until(lambda: not [each for each in below if each.is_running() and each.status() != "zombie"])
    assert report.status is JobStatus.SUCCEEDED
    assert [row.status for row in report.rows] == [JobStatus.SUCCEEDED] * 3
    attempts = [read_job(place, row.job).attempt for row in report.rows]
    assert (attempts[0], max(attempts)) == (1, 2)
    assert report.run == lost.run
    assert [event.kind for event in history(place, report.run)].count("run.continued") == 1


@pytest.mark.kernel
def test_a_sweep_that_the_clock_has_begun_is_cancelled_with_its_trials(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    code = f"import pathlib, time\npathlib.Path({str(mark)!r}).touch()\ntime.sleep(100)"
    job = submit_sweep(place, notebook=str(write(code, parameters="a = 1")), parameters={"a": "1,2,3"})
    assert tick(place).started == (job.id,)
    until(mark.exists)

    cancel_job(place, job.id, reason="enough")

    until(lambda: get_job(place, job.id).status is JobStatus.CANCELLED)
    ended = get_job(place, job.id)
    assert ended.error.message == "enough"
    report = sweep_trials(place, job.id)
    assert {row.status for row in report.rows} == {JobStatus.CANCELLED}
    assert (len(report.rows), report.tally.remaining) == (2, 3)


@pytest.mark.kernel
def test_what_failed_is_tried_again_by_no_more_workers_than_there_are(place, write, tmp_path) -> None:
    mend = tmp_path / "mended"
    path = write(f"import pathlib\nassert pathlib.Path({str(mend)!r}).exists()", parameters="a = 1")
    report = sweep_notebook(
        place, notebook=str(path), parameters={"a": "1,2,3"}, sweep=SweepOptions(workers=1)
    )
    assert report.tally.failed == 3
    mend.touch()
    under_way, most = set(), []

    def count(job) -> None:
        if job.sweep:
            (under_way.add if job.status in UNDER_WAY else under_way.discard)(job.id)
            most.append(len(under_way))

    again = resume_sweep(place, report.job, progress=count)

    assert (again.status, again.tally.succeeded, max(most)) == (JobStatus.SUCCEEDED, 3, 1)


def test_no_clock_begins_the_trial_of_a_sweep_that_is_not_under_way(place, write, monkeypatch) -> None:
    job = submit_sweep(place, notebook=str(write("1", parameters="a = 1")), parameters={"a": "1"})
    claimed = claim_job(place, job.id)
    trial = add_trial(place, claimed, 0, replace(job.spec, sweep=None, parameters={"a": 1}))
    with place.store.write() as tx:
        tx.jobs.replace(replace(trial, queued=trial.queued - timedelta(hours=1)))
        end_step(place, tx, tx.jobs.get(job.id), JobStatus.LOST)

    assert take_next(place, workers=9) is None
    assert "Its sweep starts it" in get_job(place, trial.id).waits
    with place.store.write() as tx:
        end_step(place, tx, tx.jobs.get(trial.id), JobStatus.CANCELLED)
    assert retry_job(place, trial.id).attended is False  # somebody wants this one
    assert take_next(place, workers=9).id == trial.id


def test_a_sampler_that_is_not_to_be_had_is_said_and_nothing_begins(place, write, monkeypatch) -> None:
    job = submit_sweep(place, notebook=str(write("1", parameters="a = 1")), parameters={"a": "1"})

    def refuse(plan):
        raise Unavailable("Optuna is not installed", remedy="Install it.")

    monkeypatch.setattr("jupyter_mlops.automation.sweeps.conducting.open_proposer", refuse)

    ended = conduct(place, job.id)

    assert (ended.status, ended.error.message, ended.run) == (
        JobStatus.FAILED,
        "Optuna is not installed",
        None,
    )
    assert find_runs(place).total == 0


def test_a_fault_of_ours_is_recorded_as_what_it_is(place, write, monkeypatch) -> None:
    job = submit_sweep(place, notebook=str(write("1", parameters="a = 1")), parameters={"a": "1"})

    class Broken:
        def propose(self, number, known):
            raise RuntimeError("no such axis")

    monkeypatch.setattr("jupyter_mlops.automation.sweeps.conducting.open_proposer", lambda plan: Broken())

    with pytest.raises(RuntimeError):
        conduct(place, job.id)

    ended = read_job(place, job.id)
    assert (ended.status, ended.error.kind, ended.error.message) == (
        JobStatus.FAILED,
        "RuntimeError",
        "no such axis",
    )
    with place.store.read() as tx:
        assert tx.runs.get(ended.run).status is RunStatus.FAILED


@pytest.mark.kernel
def test_a_store_that_is_away_for_a_while_breaks_off_no_sweep(place, write, monkeypatch) -> None:
    read, away = type(place.store).read, []

    def sometimes(self):
        if threading.current_thread() is threading.main_thread() and away and away.pop():
            raise Unavailable("the store is away", remedy="Wait.")
        return read(self)

    monkeypatch.setattr(type(place.store), "read", sometimes)

    def note(job) -> None:
        if job.status is JobStatus.RUNNING and job.sweep and not note.done:
            note.done = True
            away.extend([True] * 3)

    note.done = False

    report = sweep_notebook(
        place,
        notebook=str(write("import time; time.sleep(1)", parameters="a = 1")),
        parameters={"a": "1,2"},
        progress=note,
    )

    assert note.done
    assert away == []
    assert (report.status, report.tally.succeeded) == (JobStatus.SUCCEEDED, 2)


def test_trials_that_no_machine_here_could_run_are_refused(place, write) -> None:
    report = sweep_notebook(
        place,
        notebook=str(write("1", parameters="a = 1")),
        parameters={"a": "1,2"},
        options=JobOptions(gpus=64),
    )

    assert (report.status, report.rows) == (JobStatus.FAILED, ())
    assert "each trial takes 64" in read_job(place, report.job).error.message


def test_what_is_no_sweep_is_not_conducted(place, write) -> None:
    job = submit_job(place, notebook=str(write("1")))

    with pytest.raises(Invalid, match="it is no sweep"):
        conduct(place, job.id)


def test_a_sweep_that_somebody_else_has_is_left_to_them(place, write) -> None:
    job = submit_sweep(place, notebook=str(write("1", parameters="a = 1")), parameters={"a": "1"})
    with place.store.write() as tx:
        tx.jobs.replace(replace(job, status=JobStatus.RUNNING, sequence=3))

    with pytest.raises(Conflict):
        conduct(place, job.id)


@pytest.mark.parametrize("direction", list(Direction), ids=str)
def test_the_direction_of_the_metric_is_kept_with_the_plan(place, write, direction) -> None:
    job = submit_sweep(
        place,
        notebook=str(write("1", parameters="a = 1")),
        parameters={"a": "1"},
        sweep=SweepOptions(metric="odd", direction=direction),
    )

    assert read_job(place, job.id).spec.sweep.goal.direction is direction
