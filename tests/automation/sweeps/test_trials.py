"""The trials of a sweep: found, counted, and compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from jupyter_mlops.automation.sweeps.trials import (
    STOPPED,
    Trials,
    add_trial,
    curve_of,
    is_better,
    trials_of,
    was_stopped,
)
from jupyter_mlops.errors import Conflict
from jupyter_mlops.jobs.ending import Ended, begin_job, claim_job, end_job
from jupyter_mlops.jobs.submit import queue_job
from jupyter_mlops.records.job import JobError, JobSpec, JobStatus
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.source import Source
from jupyter_mlops.records.sweep import Choices, Goal, Span, Sweep
from jupyter_mlops.tracking import log_metrics, start_run

GOAL = Goal(metric="mae", direction=Direction.LOWER)
PLAN = Sweep(axes={"a": Span(low=0, high=9), "b": Choices(values=("x",))}, trials=6, goal=GOAL)


def of_sweep(ws):
    spec = JobSpec(notebook="t.ipynb", content="ab" * 32, sweep=PLAN)
    return queue_job(ws, spec, attended=True)


def trial(ws, clock, sweep, number, status=None, value=None, kind="ValueError"):
    """A trial that has ended so, after two seconds."""
    spec = replace(sweep.spec, sweep=None, parameters={"a": number / 2, "b": "x"})
    job = add_trial(ws, sweep, number, spec)
    if status is None:
        return job
    claim_job(ws, job.id)
    job, run = begin_job(ws, job.id, params={}, source=Source())
    if value is not None:
        log_metrics(ws, run=run.id, metrics={"mae": value})
    clock.advance(2)
    error = None if status is JobStatus.SUCCEEDED else JobError(kind=kind, message="no")
    return end_job(ws, job.id, Ended(status=status, error=error))


def test_trials_are_found_by_their_sweep_and_no_others(ws, clock) -> None:
    sweep, other = of_sweep(ws), of_sweep(ws)
    mine = [trial(ws, clock, sweep, number) for number in range(3)]
    trial(ws, clock, other, 0)

    with ws.store.read() as tx:
        assert [job.id for job in trials_of(tx, sweep.id)] == [job.id for job in mine]


def test_a_sweep_that_is_another_process_s_by_now_gets_no_trial(ws, clock) -> None:
    sweep = of_sweep(ws)

    with pytest.raises(Conflict, match="not this process's any more"):
        trial(ws, clock, replace(sweep, attempt=2), 0)

    with ws.store.read() as tx:
        assert list(trials_of(tx, sweep.id)) == []


def test_a_sweep_is_counted_and_its_best_named(ws, clock) -> None:
    sweep = of_sweep(ws)
    trial(ws, clock, sweep, 0, JobStatus.SUCCEEDED, 3.0)
    best = trial(ws, clock, sweep, 1, JobStatus.SUCCEEDED, 1.0)
    trial(ws, clock, sweep, 2, JobStatus.FAILED, 0.1)
    trial(ws, clock, sweep, 3, JobStatus.CANCELLED, 0.1, STOPPED)
    trial(ws, clock, sweep, 4)
    trials = Trials(ws, PLAN)

    trials.load(sweep.id)
    tally = trials.tally()

    assert (tally.succeeded, tally.failed, tally.stopped, tally.running, tally.remaining) == (2, 1, 1, 0, 2)
    assert (tally.best.job, tally.best.value, tally.best.parameters) == (best.id, 1.0, {"a": 0.5})
    assert tally.left == pytest.approx(2.0)  # two more, two at once, two seconds each


def test_a_trial_that_was_told_to_stop_is_still_to_come(ws, clock) -> None:
    sweep = of_sweep(ws)
    job = trial(ws, clock, sweep, 0, JobStatus.CANCELLED, kind="cancelled")
    trials = Trials(ws, PLAN)

    trials.note(job)

    assert not was_stopped(job)
    assert (trials.tally().failed, trials.tally().remaining) == (0, 6)
    assert trials.unsuccessful() == [job]


def test_samplers_are_told_what_is_known(ws, clock) -> None:
    sweep = of_sweep(ws)
    for number, status in enumerate((JobStatus.SUCCEEDED, JobStatus.FAILED)):
        trial(ws, clock, sweep, number, status, 3.0)
    trial(ws, clock, sweep, 2)
    trial(ws, clock, sweep, 3, JobStatus.CANCELLED, 9.0, STOPPED)
    trials = Trials(ws, PLAN)
    trials.load(sweep.id)

    known = trials.known()

    assert [(k.number, k.values, k.value, k.running) for k in known] == [
        (0, {"a": 0.0, "b": "x"}, 3.0, False),
        (1, {"a": 0.5, "b": "x"}, None, False),
        (2, {"a": 1.0, "b": "x"}, None, True),
        (3, {"a": 1.5, "b": "x"}, 9.0, False),
    ]
    assert trials.best().value == 3.0


@pytest.mark.parametrize(
    ("direction", "value", "than", "better"),
    [
        (Direction.LOWER, 1.0, 2.0, True),
        (Direction.LOWER, 2.0, 2.0, False),
        (Direction.HIGHER, 3.0, 2.0, True),
        (Direction.HIGHER, 1.0, None, True),
        (Direction.HIGHER, float("nan"), None, False),
    ],
)
def test_which_of_two_values_is_better(direction, value, than, better) -> None:
    assert is_better(Goal(metric="m", direction=direction), value, than) is better


def test_the_curve_of_a_trial_is_that_of_the_cell_that_logged_most(ws, clock) -> None:
    sweep = of_sweep(ws)
    job = trial(ws, clock, sweep, 0)
    claim_job(ws, job.id)
    job, run = begin_job(ws, job.id, params={}, source=Source())
    cell = start_run(ws, parent=run.id)
    for step in range(3):
        log_metrics(ws, run=cell.id, metrics={"mae": 9.0 - step}, step=step)
    clock.advance(timedelta(seconds=1).total_seconds())

    with ws.store.read() as tx:
        assert curve_of(tx, job, "mae") == [(0, 9.0), (1, 8.0), (2, 7.0)]
        assert curve_of(tx, job, "r2") == []
