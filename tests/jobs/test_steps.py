"""The one place where a job goes from state to state."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from clocks import Clock
from contracts.samples import SPEC, run

from jupyter_mlops.errors import Conflict
from jupyter_mlops.jobs.steps import add_job, end_step, give_back, requeue, take_step
from jupyter_mlops.ledger import history
from jupyter_mlops.records.job import JOB_STEPS, Job, JobError, JobStatus
from jupyter_mlops.workspace import Workspace

HELD = (JobStatus.CLAIMED, JobStatus.STARTING, JobStatus.RUNNING)


def added(ws: Workspace, **changes: Any) -> Job:
    job = Job(**{"id": ws.new_id(), "spec": SPEC, "queued": ws.now(), "actor": ws.actor, **changes})
    with ws.store.write() as tx:
        return add_job(ws, tx, job)


def kept(ws: Workspace, job: Job) -> Job:
    with ws.store.read() as tx:
        return tx.jobs.get(job.id)


def test_a_job_on_its_way_is_counted_held_and_told_to_the_ledger(ws: Workspace, clock: Clock) -> None:
    job = added(ws)
    sequence = [job.sequence]
    for status in HELD:
        clock.advance(1)
        with ws.store.write() as tx:
            job = take_step(ws, tx, job, status)
        sequence.append(job.sequence)
        assert (job.status, job.heartbeat, job.lease is None) == (status, clock(), False)
        assert kept(ws, job) == job
    with ws.store.write() as tx:
        job = end_step(ws, tx, job, JobStatus.FAILED, error=JobError(kind="E", message="no"))
    assert (job.lease, job.ended, kept(ws, job)) == (None, clock(), job)
    assert [*sequence, job.sequence] == [0, 1, 2, 3, 4]
    told = [(event.kind, event.data.get("was")) for event in history(ws, subject=job.id)]
    assert told == [
        ("job.submitted", None),
        ("job.claimed", "queued"),
        ("job.started", "claimed"),
        ("job.running", "starting"),
        ("job.failed", "running"),
    ]


@pytest.mark.parametrize(
    ("status", "to"),
    [
        (s, t)
        for s, t in itertools.product(JobStatus, JobStatus)
        if t not in JOB_STEPS[s] and not (s.ended and t is JobStatus.QUEUED)
    ],
)
def test_no_step_is_taken_that_is_not_allowed_and_nothing_changes(
    memory_ws: Workspace, status: JobStatus, to: JobStatus
) -> None:
    job = added(memory_ws, status=status)
    move = take_step if to in HELD or to is JobStatus.QUEUED else end_step
    with pytest.raises(Conflict, match=f"is {status}, and cannot become {to}"), memory_ws.store.write() as tx:
        move(memory_ws, tx, job, to)
    assert kept(memory_ws, job) == job
    assert [event.kind for event in history(memory_ws)] == ["job.submitted"]


def test_a_claimed_job_whose_worker_could_not_be_started_is_given_back(ws: Workspace) -> None:
    job = added(ws)
    with ws.store.write() as tx:
        back = give_back(ws, tx, take_step(ws, tx, job, JobStatus.CLAIMED), "no process could be made")
    assert (back.status, back.lease, back.heartbeat, back.attempt, back.sequence) == (
        JobStatus.QUEUED, None, None, 1, 2
    )  # fmt: skip
    assert back.not_before == ws.now() + timedelta(seconds=30)  # what was missing is not there again at once
    told = history(ws, subject=job.id)[-1]
    assert (told.kind, told.data["why"]) == ("job.returned", "no process could be made")


def test_a_claimed_job_that_is_to_stop_is_not_given_back_but_ended(ws: Workspace) -> None:
    job = added(ws, cancel=True)
    with ws.store.write() as tx:
        back = give_back(ws, tx, take_step(ws, tx, job, JobStatus.CLAIMED), "no process could be made")
    assert (back.status, back.ended) == (JobStatus.CANCELLED, ws.now())


def test_an_attempt_that_is_tried_again_stays_with_the_job(ws: Workspace, clock: Clock) -> None:
    made = run(ws.new_id(), started=ws.now())
    job = added(ws, status=JobStatus.RUNNING, run=made.id, started=ws.now(), notebook="ab" * 32, sequence=3)
    with ws.store.write() as tx:
        tx.runs.add(made)
        clock.advance(5)
        failed = end_step(ws, tx, job, JobStatus.FAILED, error=JobError(kind="E", message="no"))
        clock.advance(5)
        again = requeue(ws, tx, failed)
    (past,) = again.attempts
    assert (past.number, past.status, past.run, past.notebook, past.error) == (
        1, JobStatus.FAILED, made.id, "ab" * 32, failed.error
    )  # fmt: skip
    assert (past.started, past.ended) == (failed.started, failed.ended)
    assert (again.attempt, again.run, again.notebook, again.error, again.ended) == (2, None, None, None, None)
    assert (again.sequence, again.queued, kept(ws, again)) == (5, clock(), again)


@pytest.mark.parametrize("status", [JobStatus.QUEUED, *HELD, JobStatus.SUCCEEDED])
def test_what_is_under_way_or_has_succeeded_is_not_tried_again(
    memory_ws: Workspace, status: JobStatus
) -> None:
    job = added(memory_ws, status=status)
    with pytest.raises(Conflict, match=f"is {status}; only one"), memory_ws.store.write() as tx:
        requeue(memory_ws, tx, job)
