"""Whether an ended job is tried again by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from clocks import START, Clock
from contracts.samples import ANA, SPEC

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.retrying import next_try, read_rules, retry_by_policy
from jupyter_mlops.records.job import Attempt, Job, JobError, JobStatus
from jupyter_mlops.records.retry import FailureClass, RetryRule
from jupyter_mlops.workspace import Workspace

MEMORY, NOTEBOOK = FailureClass.OUT_OF_MEMORY, FailureClass.NOTEBOOK


def failed(failure: FailureClass, *rules: str, status: JobStatus = JobStatus.FAILED, **changes: Any) -> Job:
    spec = replace(SPEC, retry=read_rules(rules), **changes.pop("spec", {}))
    error = JobError(kind="x", message="x", failure=failure)
    given = {"run": "r1", "ended": START, "error": error, **changes}
    return Job(id="j1", spec=spec, queued=START, actor=ANA, status=status, **given)


def past(*classes: FailureClass) -> tuple[Attempt, ...]:
    return tuple(
        Attempt(
            number=n, status=JobStatus.FAILED, queued=START, error=JobError(kind="x", message="", failure=c)
        )
        for n, c in enumerate(classes, start=1)
    )


def test_a_rule_is_read_as_it_is_written() -> None:
    assert read_rules(
        ["out_of_memory=2,wait=30,memory=1.5", " timeout = 1 , factor=1, longest=5 ", "notebook"]
    ) == (
        RetryRule(failure=MEMORY, times=2, wait=30.0, memory=1.5),
        RetryRule(failure=FailureClass.TIMEOUT, times=1, factor=1.0, longest=5.0),
        RetryRule(failure=NOTEBOOK, times=1),
    )


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (["lunch=1"], "'lunch' is no class of failure"),
        (["timeout=1.5"], "times is '1.5'"),
        (["timeout=101"], "a whole number from 0 to 100"),
        (["timeout=-1"], "times is '-1'"),
        (["timeout=1,wait=ages"], "wait is 'ages'"),
        (["timeout=1,wait="], "wait is ''"),
        (["timeout=1,factor=0.5"], "a number from 1 to 100"),
        (["timeout=1,pause=3"], "'pause' says nothing here"),
        (["timeout=1,memory=2"], "more memory does not help against timeout"),
        (["timeout=1", "timeout=2"], "two retry rules are for timeout"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused(texts: list[str], says: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_rules(texts)
    assert says in refusal.value.message
    assert refusal.value.remedy


@pytest.mark.parametrize("failure", list(FailureClass))
def test_each_class_is_counted_by_itself_and_waits_longer_each_time(failure: FailureClass) -> None:
    rules = [f"{each}=2,wait=10" for each in FailureClass]
    others = tuple(each for each in FailureClass if each is not failure) * 3
    for before, wait in enumerate((10, 20)):
        found = next_try(failed(failure, *rules, attempts=past(*others, *[failure] * before)))
        assert found is not None
        assert found.at == START + timedelta(seconds=wait)
    assert next_try(failed(failure, *rules, attempts=past(*others, failure, failure))) is None


def test_a_rule_of_its_own_wins_over_retries_for_all() -> None:
    assert next_try(failed(NOTEBOOK, "timeout=5", spec={"retries": 1})) is not None
    assert next_try(failed(NOTEBOOK, "notebook=0", spec={"retries": 1})) is None
    assert next_try(failed(NOTEBOOK)) is None


def test_what_ran_out_of_memory_is_given_more_where_its_policy_says_so() -> None:
    rule, limit = "out_of_memory=3,memory=1.5", {"memory": 1_000}
    more = next_try(failed(MEMORY, rule, spec=limit))
    assert more is not None
    assert more.memory == 1_500
    same = next_try(failed(MEMORY, "out_of_memory=3", spec=limit))
    assert same is not None
    assert same.memory == 1_000
    unlimited = next_try(failed(MEMORY, rule))
    assert unlimited is not None
    assert unlimited.memory is None


@pytest.mark.parametrize(
    "status", [s for s in JobStatus if s not in {JobStatus.FAILED, JobStatus.TIMED_OUT, JobStatus.LOST}]
)
def test_only_what_failed_is_tried_again(status: JobStatus) -> None:
    ended = START if status.ended else None
    asked = {"error": JobError(kind="cancelled", message="")}
    assert next_try(failed(NOTEBOOK, "notebook=5", status=status, ended=ended, **asked)) is None


def test_a_worker_that_the_system_told_to_end_is_tried_again_where_its_policy_says_so() -> None:
    told = {"status": JobStatus.CANCELLED}
    assert next_try(failed(FailureClass.INFRASTRUCTURE, "infrastructure=1", **told)) is not None
    assert next_try(failed(FailureClass.INFRASTRUCTURE, **told)) is None


def test_what_somebody_wanted_to_stop_is_not_tried_again() -> None:
    assert next_try(failed(NOTEBOOK, "notebook=5", cancel=True)) is None


def test_a_job_that_never_began_is_put_back_twice() -> None:
    lost = {"status": JobStatus.LOST, "run": None}
    infrastructure = FailureClass.INFRASTRUCTURE
    assert next_try(failed(infrastructure, **lost)) is not None
    assert next_try(failed(infrastructure, **lost, attempts=past(infrastructure, infrastructure))) is None
    assert next_try(failed(infrastructure, "infrastructure=0", **lost)) is None
    assert next_try(failed(infrastructure, status=JobStatus.LOST, started=START)) is None


def test_of_many_that_look_one_queues_the_job_again(sql_ws: Workspace) -> None:
    job = failed(MEMORY, "out_of_memory=5,wait=60,memory=2", spec={"memory": 2**30}, ended=sql_ws.now())
    with sql_ws.store.write() as tx:
        tx.jobs.add(job)
    with ThreadPoolExecutor(6) as pool:
        (again,) = filter(None, pool.map(lambda _: retry_by_policy(sql_ws, job), range(6)))
    assert (again.attempt, again.spec.memory) == (2, 2**31)
    assert (again.not_before, again.attempts[0].memory) == (sql_ws.now() + timedelta(seconds=60), 2**30)
    with sql_ws.store.read() as tx:
        assert tx.jobs.get(job.id) == again


def test_what_was_followed_up_already_is_left_alone(ws: Workspace, clock: Clock) -> None:
    job = failed(NOTEBOOK, "notebook=5", ended=clock())
    with ws.store.write() as tx:
        tx.jobs.add(replace(job, followed=True))
    assert retry_by_policy(ws, job) is None
