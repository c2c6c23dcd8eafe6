"""Some jobs at once, waited for by the process that starts them."""

from __future__ import annotations

import sys
from itertools import pairwise

import pytest

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.jobs.crew import Crew, run_attended
from jupyter_mlops.jobs.ending import Ended, claim_job, end_job
from jupyter_mlops.jobs.settle import settle_job
from jupyter_mlops.jobs.submit import cancel_job, find_jobs, prepare_spec, read_job, retry_job
from jupyter_mlops.ledger import history
from jupyter_mlops.records.job import Job, JobOptions, JobStatus
from jupyter_mlops.records.retry import FailureClass
from tests.jobs.running import LIMIT, until


@pytest.mark.kernel
def test_jobs_under_a_roof_that_is_left_are_ended(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    path = write(f"open({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)")
    spec = prepare_spec(place, notebook=str(path), parameters={}, options=JobOptions())

    with pytest.raises(KeyboardInterrupt), Crew(place) as crew:
        job = crew.start(spec)
        until(mark.exists)
        raise KeyboardInterrupt

    ended = read_job(place, job.id)
    assert (ended.status, ended.error.message) == (JobStatus.CANCELLED, "interrupted at the keyboard")


@pytest.fixture
def worker(place, monkeypatch):
    """A worker that ends at once and does nothing: each of its jobs is found lost."""

    def becomes(script: str) -> None:
        python = place.settings.root / "python"
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(python))

    return becomes


def spec_of(place, write, **options):
    return prepare_spec(place, notebook=str(write("1")), parameters={}, options=JobOptions(**options))


def test_a_job_is_tried_again_as_often_as_it_says_and_no_more(place, write, worker) -> None:
    worker("exit 1")

    ended = run_attended(place, spec_of(place, write, retry=("infrastructure=3,wait=0",)))

    assert (ended.status, ended.attempt) == (JobStatus.LOST, 4)
    kinds = [event.kind for event in history(place, ended.id)]
    assert kinds.count("job.lost") == 4
    assert kinds.count("job.submitted") == 1


def test_a_job_whose_worker_never_came_up_is_put_back_twice_and_all_attempts_are_kept(
    place, write, worker
) -> None:
    worker("exit 1")

    ended = run_attended(place, spec_of(place, write))

    assert (ended.attempt, [past.number for past in ended.attempts]) == (3, [1, 2])
    assert {(past.status, past.error.failure) for past in ended.attempts} == {
        (JobStatus.LOST, FailureClass.INFRASTRUCTURE)
    }
    assert (
        ended.attempts[0].ended
        < ended.attempts[1].queued
        <= ended.attempts[1].ended
        < ended.queued
        <= ended.ended
    )


def test_where_the_policy_says_so_a_job_is_tried_once(place, write, worker) -> None:
    worker("exit 1")

    assert run_attended(place, spec_of(place, write, retry=("infrastructure=0",))).attempt == 1


def test_a_job_that_waits_for_another_try_takes_a_place_and_can_be_cancelled(place, write, worker) -> None:
    worker("exit 1")
    with Crew(place) as crew:
        job = crew.start(spec_of(place, write, retry=("infrastructure=1,wait=1000",)))
        while job.id in crew._busy:
            crew._look()
        assert (crew.free, crew.busy, read_job(place, job.id).status) == (False, True, JobStatus.QUEUED)
        cancel_job(place, job.id, reason="not today")
        (ended,) = crew.wait()
    assert (ended.status, ended.error.message, ended.attempt) == (JobStatus.CANCELLED, "not today", 2)


def test_a_try_that_a_clock_took_up_is_waited_for_and_left_alone(place, write, worker) -> None:
    worker("exit 1")
    with Crew(place) as crew:
        job = crew.start(spec_of(place, write, retry=("infrastructure=1,wait=0",)))
        while job.id in crew._busy:
            crew._look()
        taken = claim_job(place, job.id)  # held by a process that lives
        crew._resume()
        for _ in range(3):
            crew._look()
            assert crew._ended == []
        assert read_job(place, job.id) == taken
        end_job(place, job.id, Ended(status=JobStatus.SUCCEEDED))
        (ended,) = crew.wait()
    assert (ended.status, ended.attempt) == (JobStatus.SUCCEEDED, 2)


def test_a_job_that_somebody_tried_again_meanwhile_is_not_taken_for_lost(place, write, worker) -> None:
    worker("exit 1")
    with Crew(place) as crew:
        job = crew.start(spec_of(place, write, retry=("infrastructure=0",)))
        until(crew._busy[job.id].gone)
        settle_job(place, read_job(place, job.id))
        retry_job(place, job.id)
        taken = claim_job(place, job.id)
        crew._look()
        assert crew._ended == []
        assert read_job(place, job.id) == taken
        end_job(place, job.id, Ended(status=JobStatus.SUCCEEDED))
        (ended,) = crew.wait()
    assert ended.status is JobStatus.SUCCEEDED


def test_a_job_that_could_not_begin_is_begun_by_nobody_later(place, write, monkeypatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Crew(place) as crew, pytest.raises(Unavailable, match="no worker process could be started"):
        crew.start(spec_of(place, write))
    (job,) = find_jobs(place)
    assert (job.status, job.error.message) == (JobStatus.CANCELLED, "no worker could be started")


def test_leaving_cancels_a_job_that_waits_for_another_try(place, write, worker) -> None:
    worker("exit 1")
    with Crew(place) as crew:
        job = crew.start(spec_of(place, write, retry=("infrastructure=1,wait=1000",)))
        while job.id in crew._busy:
            crew._look()
    assert read_job(place, job.id).status is JobStatus.CANCELLED


def test_each_change_is_told_once_and_the_last_is_how_it_ended(place, write, worker) -> None:
    worker("exit 1")
    seen: list[Job] = []

    ended = run_attended(place, spec_of(place, write, retry=("infrastructure=0",)), progress=seen.append)

    assert seen[-1] == ended
    assert all(one != other for one, other in pairwise(seen))


def test_a_crew_takes_as_many_jobs_as_it_has_workers(place, write, worker) -> None:
    worker("cat")
    with Crew(place, workers=2) as crew:
        assert (crew.free, crew.busy, crew.wait()) == (True, False, ())
        crew.start(spec_of(place, write, retry=("infrastructure=0",)))
        assert (crew.free, crew.busy) == (True, True)
        crew.start(spec_of(place, write, retry=("infrastructure=0",)))
        assert (crew.free, crew.busy) == (False, True)
        worker("exit 0")
        for handle in crew._busy.values():
            handle.let_go()
        ended: list[Job] = []
        while crew.busy:
            ended += crew.wait()

    assert [job.status for job in ended] == [JobStatus.LOST, JobStatus.LOST]


def test_whoever_leaves_asks_the_jobs_to_stop_and_lets_go_of_those_that_do_not(
    place, write, worker, monkeypatch
) -> None:
    monkeypatch.setattr("jupyter_mlops.jobs.crew._LAST", 0.0)
    worker("cat")
    with pytest.raises(RuntimeError, match="mine"), Crew(place) as crew:
        job = crew.start(spec_of(place, write))
        (handle,) = crew._busy.values()
        raise RuntimeError("mine")

    assert read_job(place, job.id).cancel
    assert handle.gone(LIMIT)
