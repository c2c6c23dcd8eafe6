"""One turn of the clock: each piece of work is done once, however many clocks turn."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from jupyter_mlops.automation import add_schedule, scheduler, tick
from jupyter_mlops.jobs import find_jobs, get_job, submit_job
from jupyter_mlops.jobs.ending import claim_job
from jupyter_mlops.jobs.retrying import retry_by_policy
from jupyter_mlops.jobs.submit import queue_job, read_job
from jupyter_mlops.notifications import add_subscription
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.deployment import Deployment
from jupyter_mlops.records.drift import DriftReport
from jupyter_mlops.records.job import JobError, JobOptions, JobStatus
from jupyter_mlops.records.report import TickReport
from jupyter_mlops.records.review import Outcome
from tests.jobs.running import until
from tests.notifications.receiving import received


@pytest.fixture
def timed(place, clock):
    """The workspace in a folder, with a clock that moves when told to."""
    return replace(place, now=clock)


def together(act, times: int = 4) -> list:
    """Do something in several threads at once."""
    found, gate = [], threading.Barrier(times)

    def once() -> None:
        gate.wait()
        found.append(act())

    threads = [threading.Thread(target=once) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_nothing_due_is_nothing_done(ws) -> None:
    assert tick(ws) == TickReport()


def test_a_schedule_fires_once_a_time_however_many_clocks_turn(timed, write, clock) -> None:
    made = add_schedule(
        timed, name="half past", notebook=str(write("1")), cron="30 * * * *", register_as="pm25"
    )
    clock.advance(30 * 60)

    reports = together(lambda: tick(timed, workers=0))
    later = tick(timed, workers=0)
    clock.advance(60 * 60)
    next_hour = tick(timed, workers=0)

    (first,) = [job for report in reports for job in report.submitted]
    job = read_job(timed, first)
    assert (job.status, job.spec, job.actor.via) == (JobStatus.QUEUED, made.spec, Door.AUTOMATION)
    assert later.submitted == ()
    assert len(next_hour.submitted) == 1


def test_what_was_missed_is_made_up_for_once(timed, write, clock) -> None:
    add_schedule(timed, name="hourly", notebook=str(write("1")), cron="0 * * * *")
    clock.advance(10 * 3600)

    assert [len(tick(timed, workers=0).submitted) for _ in range(3)] == [1, 0, 0]


def test_drift_makes_an_order_due_once_a_report(timed, write, clock) -> None:
    add_schedule(timed, name="on drift", notebook=str(write("1")), on_drift="pm25@champion")
    deployment = Deployment(id="d1", model="pm25", alias="champion", version=1, started=timed.now())

    def report(number: int, verdict: Outcome) -> None:
        clock.advance(60)
        with timed.store.write() as tx:
            made = DriftReport(
                id=f"r{number}",
                deployment="d1",
                model="pm25",
                version=1,
                started=timed.now(),
                ended=timed.now(),
                rows=9,
                verdict=verdict,
            )
            tx.reports.add(made)

    with timed.store.write() as tx:
        tx.deployments.add(deployment)
    fired = []
    for number, verdict in enumerate((Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.FAILED)):
        report(number, verdict)
        clock.advance(60)
        fired.append([len(tick(timed, workers=0).submitted) for _ in range(2)])

    assert fired == [[0, 0], [1, 0], [0, 0], [1, 0]]


def test_a_schedule_that_cannot_run_is_a_problem_told_and_keeps_no_other_from_running(
    timed, write, clock
) -> None:
    bad = add_schedule(timed, name="bad", notebook=str(write("1")), cron="0 * * * *")
    add_schedule(timed, name="good", notebook=str(write("1")), cron="0 * * * *")
    with timed.store.write() as tx:
        tx.definitions.replace(replace(bad, when=replace(bad.when, timezone="Mars/Base")))
    clock.advance(3600)

    done = tick(timed, workers=0)

    assert len(done.submitted) == 1
    assert "Mars/Base" in done.problems[0]


@pytest.mark.kernel
def test_queued_jobs_run_at_most_so_many_at_once_the_oldest_first(place, write, tmp_path) -> None:
    go = tmp_path / "go"
    path = write(f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.02)")
    jobs = [submit_job(place, notebook=str(path)) for _ in range(3)]

    first = tick(place, workers=2)
    second = tick(place, workers=2)
    waiting = get_job(place, jobs[2].id).status
    go.touch()
    until(lambda: get_job(place, jobs[2].id).status.ended, lambda: tick(place, workers=2))

    assert first.started == (jobs[0].id, jobs[1].id)
    assert second.started == ()
    assert waiting is JobStatus.QUEUED
    until(lambda: all(job.status.ended for job in find_jobs(place)), lambda: tick(place))
    assert [job.status for job in find_jobs(place)] == [JobStatus.SUCCEEDED] * 3


@pytest.mark.kernel
def test_many_clocks_start_a_job_once(place, write) -> None:
    job = submit_job(place, notebook=str(write("1")))

    reports = together(lambda: tick(place), times=3)

    assert [j for report in reports for j in report.started] == [job.id]
    until(lambda: get_job(place, job.id).status.ended, lambda: tick(place))
    assert get_job(place, job.id).status is JobStatus.SUCCEEDED


@pytest.mark.kernel
def test_a_failed_job_is_tried_again_and_then_followed_up(place, write) -> None:
    job = submit_job(place, notebook=str(write("1 / 0")), options=JobOptions(retry=("notebook=1,wait=0",)))

    reports = []
    until(lambda: get_job(place, job.id).followed, lambda: reports.append(tick(place)))

    assert [r.retried for r in reports if r.retried] == [(job.id,)]
    assert (get_job(place, job.id).status, get_job(place, job.id).attempt) == (JobStatus.FAILED, 2)


@pytest.mark.kernel
def test_a_failure_is_told_once_no_try_is_left_and_then_that_it_works_again(place, write, tmp_path) -> None:
    switch = tmp_path / "broken"
    switch.touch()
    notebook = write(f"import os\nassert not os.path.exists({str(switch)!r}), 'broken still'")
    with received() as receiver:
        add_subscription(place, "team", webhook=receiver.address, on=["success", "failure", "recovered"])
        told = []
        for options in (JobOptions(retry=("notebook=1,wait=0",)), JobOptions()):
            job = submit_job(place, notebook=str(notebook), options=options)
            expected = JobStatus.FAILED if switch.exists() else JobStatus.SUCCEEDED
            until(lambda key=job.id: get_job(place, key).followed, lambda: told.extend(tick(place).notified))
            assert get_job(place, job.id).status is expected
            switch.unlink(missing_ok=True)
        told.extend(tick(place).notified)
    assert [(got["occasion"], got["job"]) for got in receiver.got] == [
        ("failure", find_jobs(place)[1].id), ("recovered", find_jobs(place)[0].id)
    ]  # fmt: skip
    assert "broken still" in receiver.got[0]["text"]
    assert told == [got["id"] for got in receiver.got]


def test_a_job_whose_holder_is_gone_is_found_lost_by_the_next_turn(timed, write, clock) -> None:
    job = submit_job(timed, notebook=str(write("1")))
    held = claim_job(timed, job.id)
    with timed.store.write() as tx:
        tx.jobs.replace(replace(held, lease=replace(held.lease, host="elsewhere")))

    early = tick(timed, workers=0)
    clock.advance(timed.settings.lease_seconds + 1)
    late = tick(timed, workers=0)

    assert early.settled == ()
    assert (late.settled, late.retried) == ((job.id,), (job.id,))
    again = get_job(timed, job.id)  # its worker had executed nothing
    assert (again.status, again.attempts[0].status, again.attempts[0].error.kind) == (
        JobStatus.QUEUED,
        JobStatus.LOST,
        "lost",
    )


def test_a_job_that_waits_for_another_try_is_started_when_its_time_has_come(timed, write, clock) -> None:
    job = submit_job(timed, notebook=str(write("1")), options=JobOptions(kernel="nosuch"))
    with timed.store.write() as tx:
        tx.jobs.replace(replace(job, not_before=clock() + timedelta(seconds=30)))

    early = tick(timed)
    clock.advance(31)
    late = tick(timed)

    assert (early.started, late.started) == ((), (job.id,))
    until(lambda: get_job(timed, job.id).status.ended)


def test_an_attended_job_is_left_alone_until_who_waits_must_be_dead(timed, write, clock) -> None:
    spec = submit_job(timed, notebook=str(write("1"))).spec
    job = queue_job(timed, spec, attended=True)
    with timed.store.write() as tx:
        tx.jobs.replace(replace(tx.jobs.get(job.id), status=JobStatus.CANCELLED, ended=timed.now()))

    early = tick(timed, workers=0)
    clock.advance(61)
    late = tick(timed, workers=0)

    assert early.followed == ()
    assert late.followed == (job.id,)


def test_a_turn_that_fails_in_a_way_nobody_foresaw_is_told_and_the_next_one_turns(ws, monkeypatch) -> None:
    turns = iter([IndexError("no such thing"), TickReport(submitted=("j1",))])

    def turn(*_args, **_more):
        done = next(turns)
        if isinstance(done, Exception):
            raise done
        return done

    monkeypatch.setattr(sys.modules["jupyter_mlops.automation.tick"], "tick", turn)
    reports: list[TickReport] = []

    scheduler(ws, interval=0.01, stop=lambda: len(reports) > 1, report=reports.append)

    assert reports == [
        TickReport(problems=("the turn broke off: IndexError: no such thing",)),
        TickReport(submitted=("j1",)),
    ]


def test_an_end_that_came_since_the_ended_were_read_is_left_to_the_next_turn(
    timed, write, clock, monkeypatch
) -> None:
    job = submit_job(timed, notebook=str(write("1")), options=JobOptions(retry=("notebook=2,wait=0",)))
    turning = sys.modules["jupyter_mlops.automation.tick"]

    def fail() -> None:
        with timed.store.write() as tx:
            kept, error = tx.jobs.get(job.id), JobError(kind="ValueError", message="no")
            ended = replace(
                kept, status=JobStatus.FAILED, error=error, ended=clock(), sequence=kept.sequence + 1
            )
            tx.jobs.replace(ended)

    unfollowed = turning._unfollowed

    def read_before_another_clock_turns(ws):
        seen = unfollowed(ws)
        assert retry_by_policy(timed, seen[0]) is not None
        fail()
        return seen

    fail()
    with monkeypatch.context() as patched:
        patched.setattr(turning, "_unfollowed", read_before_another_clock_turns)
        late = tick(timed, workers=0)
    following = tick(timed, workers=0)

    assert (late.followed, late.retried) == ((), ())
    assert following.retried == (job.id,)


def test_the_scheduler_turns_until_it_is_told_to_stop(timed, write, clock) -> None:
    add_schedule(timed, name="hourly", notebook=str(write("1")), cron="0 * * * *")
    clock.advance(3600)
    reports: list[TickReport] = []

    scheduler(timed, interval=0.01, workers=0, stop=lambda: len(reports) > 0, report=reports.append)

    assert [len(r.submitted) for r in reports] == [1]
