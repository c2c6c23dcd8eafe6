"""What to run, and one execution of it."""

from __future__ import annotations

from contracts.records import RecordContract
from contracts.samples import ANA, NOON, SPEC

from jupyter_mlops.records import job
from jupyter_mlops.records.job import JOB_STEPS, Job, JobStatus
from tests.records.steps import check_steps, reachable


class TestRecords(RecordContract):
    module = job
    required = {
        "JobSpec": "notebook content",
        "JobOptions": "",
        "CellProgress": "index total",
        "JobError": "kind message",
        "Attempt": "number status queued",
        "Job": "id spec queued actor",
    }


def test_every_state_of_a_job_is_come_to_from_the_queue() -> None:
    check_steps(JOB_STEPS, JobStatus.QUEUED)


def test_a_job_has_ended_where_only_a_retry_moves_it() -> None:
    assert {status for status in JobStatus if status.ended} == {
        JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.TIMED_OUT, JobStatus.LOST
    }  # fmt: skip


def test_success_is_never_taken_back() -> None:
    assert reachable(JOB_STEPS, JobStatus.SUCCEEDED) == {JobStatus.SUCCEEDED}


def test_a_job_succeeds_only_after_somebody_claimed_it() -> None:
    unclaimed = {s: f - {JobStatus.CLAIMED} for s, f in JOB_STEPS.items()}
    assert reachable(unclaimed, JobStatus.QUEUED) == {JobStatus.QUEUED, JobStatus.CANCELLED}


def test_nothing_goes_back_but_to_the_queue() -> None:
    order = [JobStatus.QUEUED, JobStatus.CLAIMED, JobStatus.STARTING, JobStatus.RUNNING]
    for place, status in enumerate(order):
        assert JOB_STEPS[status].isdisjoint(order[min(place, 1) : place + 1])
    assert {status for status in JobStatus if JobStatus.QUEUED in JOB_STEPS[status]} == {
        JobStatus.CLAIMED, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.TIMED_OUT, JobStatus.LOST
    }  # fmt: skip


def test_a_job_is_told_from_its_neighbours_by_the_tail_of_its_id() -> None:
    first, second = (
        Job(id=f"01jq{number:022d}", spec=SPEC, queued=NOON, actor=ANA) for number in (123456, 123457)
    )
    assert (first.short, second.short) == ("123456", "123457")
    assert Job(id="ab", spec=SPEC, queued=NOON, actor=ANA).short == "ab"
