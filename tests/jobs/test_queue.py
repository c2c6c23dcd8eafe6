"""Whose turn it is, and whether the machine has room."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from clocks import Clock
from contracts.samples import SPEC
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.jobs import get_job
from jupyter_mlops.jobs.ending import claim_job
from jupyter_mlops.jobs.machine import Room
from jupyter_mlops.jobs.queue import free_gpus, held_here, take_next, why_waiting
from jupyter_mlops.jobs.steps import add_job, end_step
from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.workspace import Workspace


def queued(ws: Workspace, name: str = "", job: dict[str, Any] | None = None, **spec: Any) -> Job:
    made = Job(
        id=ws.new_id(), spec=replace(SPEC, name=name, **spec), queued=ws.now(), actor=ws.actor, **(job or {})
    )
    with ws.store.write() as tx:
        return add_job(ws, tx, made)


def taken(ws: Workspace, workers: int = 99) -> list[str]:
    found = []
    while (job := take_next(ws, workers=workers)) is not None:
        found.append(job.spec.name)
    return found


def ended(ws: Workspace, name: str) -> None:
    with ws.store.write() as tx:
        (job,) = [job for job in held_here(tx) if job.spec.name == name]
        end_step(ws, tx, job, JobStatus.SUCCEEDED)


def with_room(ws: Workspace, **room: Any) -> Workspace:
    plenty = {"job_cpus": 4.0, "job_memory": "8GB", "job_gpus": 2}
    return replace(ws, settings=replace(ws.settings, **{**plenty, **room}))


def test_the_first_that_was_queued_is_the_first_that_starts(ws: Workspace, clock: Clock) -> None:
    for name in "abc":
        queued(ws, name)
        clock.advance(1)
    assert taken(ws) == ["a", "b", "c"]


def test_priority_puts_a_job_forward_and_waiting_makes_up_for_it(ws: Workspace, clock: Clock) -> None:
    queued(ws, "old")
    clock.advance(9 * 60)
    queued(ws, "ahead", priority=1)
    queued(ws, "behind", priority=-1)
    queued(ws, "plain")
    clock.advance(2 * 60)
    queued(ws, "too late", priority=1)
    assert taken(ws) == ["ahead", "old", "too late", "plain", "behind"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3_000), st.integers(-3, 3)), min_size=1, max_size=12))
def test_none_that_has_waited_long_enough_is_overtaken(arrivals: list[tuple[int, int]]) -> None:
    """Of two jobs the one that has waited longer by ten minutes for each point of the difference is first."""
    turns = [(at - 600 * priority, at, priority) for at, priority in arrivals]
    for one in turns:
        for two in turns:
            if two[1] - one[1] > 600 * (two[2] - one[2]):
                assert one[0] < two[0]


def test_no_more_are_taken_than_there_are_workers_on_this_machine(ws: Workspace) -> None:
    for name in "abc":
        queued(ws, name)
    elsewhere = queued(ws, "elsewhere")
    held = claim_job(ws, elsewhere.id)
    with ws.store.write() as tx:
        tx.jobs.replace(replace(held, lease=replace(held.lease, host="another machine")))
    assert taken(ws, workers=2) == ["a", "b"]
    ended(ws, "a")
    assert taken(ws, workers=2) == ["c"]


def test_of_many_clocks_each_job_is_taken_by_one_and_no_more_than_fit(sql_ws: Workspace) -> None:
    ws = with_room(sql_ws, job_memory="4GB")
    for number in range(12):
        queued(ws, str(number), memory=10**9)
    with ThreadPoolExecutor(8) as pool:
        found = [job for job in pool.map(lambda _: take_next(ws, workers=99), range(16)) if job]
    assert sorted(job.spec.name for job in found) == ["0", "1", "2", "3"]


def test_what_does_not_fit_lets_smaller_ones_pass_for_five_minutes(ws: Workspace, clock: Clock) -> None:
    ws = with_room(ws)
    queued(ws, "running", cpus=2.0)
    assert taken(ws) == ["running"]
    queued(ws, "large", cpus=4.0)
    clock.advance(1)
    queued(ws, "small", cpus=1.0)
    assert taken(ws) == ["small"]
    clock.advance(5 * 60)
    queued(ws, "late", cpus=1.0)
    assert taken(ws) == []
    ended(ws, "running")
    assert taken(ws) == []
    ended(ws, "small")
    assert taken(ws) == ["large"]
    ended(ws, "large")
    assert taken(ws) == ["late"]


def test_what_never_fits_here_keeps_nothing_waiting(ws: Workspace, clock: Clock) -> None:
    ws = with_room(ws)
    giant = queued(ws, "giant", gpus=3)
    clock.advance(3_600)
    queued(ws, "small")
    assert taken(ws) == ["small"]
    assert get_job(ws, giant.id).waits.startswith("It needs 3 GPUs, more than this machine has")


def test_each_job_gets_accelerators_of_its_own(ws: Workspace) -> None:
    ws = with_room(ws)
    one, two, three = (queued(ws, str(number), gpus=1) for number in range(3))
    assert taken(ws) == ["0", "1"]
    with ws.store.read() as tx:
        assert {tx.jobs.get(job.id).gpus for job in (one, two)} == {(0,), (1,)}
    ended(ws, "0")
    third = take_next(ws, workers=9)
    assert third is not None
    assert (third.id, third.gpus) == (three.id, (0,))


def test_accelerators_that_the_fewest_have_come_first() -> None:
    assert free_gpus(Room(gpus=3), [], 2) == (0, 1)
    assert free_gpus(Room(gpus=2), [], 0) == ()


def test_a_retry_that_waits_and_a_job_that_somebody_waits_for_are_passed_over(
    ws: Workspace, clock: Clock
) -> None:
    later = queued(ws, "later", {"not_before": clock() + timedelta(seconds=30)})
    attended = queued(ws, "attended", {"attended": True})
    assert taken(ws) == []
    assert "not before" in get_job(ws, later.id).waits
    assert get_job(ws, attended.id).waits == "The process that waits for it starts it."
    clock.advance(31)
    assert taken(ws) == ["later"]
    clock.advance(31)
    assert taken(ws) == ["attended"]  # who waited for it must be dead


def test_a_try_that_is_waited_for_is_left_to_who_waits_from_its_time_on(ws: Workspace, clock: Clock) -> None:
    queued(ws, "attended", {"attended": True, "not_before": clock() + timedelta(minutes=5)})
    clock.advance(5 * 60 + 30)
    assert taken(ws) == []
    clock.advance(31)
    assert taken(ws) == ["attended"]


def test_a_job_says_why_it_waits(ws: Workspace, clock: Clock) -> None:
    ws = with_room(ws)
    queued(ws, "running", cpus=3.0)
    taken(ws)
    large = queued(ws, "large", cpus=2.0)
    clock.advance(1)
    second, third = queued(ws, "second"), queued(ws, "third", priority=-1)
    said = [get_job(ws, job.id).waits for job in (large, second, third)]
    assert said == [
        "It waits for 2 processors (1 is free).",
        "1 job is ahead of it.",
        "2 jobs are ahead of it.",
    ]
    ended(ws, "running")
    assert get_job(ws, large.id).waits.startswith("It is next: it starts when")
    with ws.store.read() as tx:
        assert why_waiting(ws, tx, replace(large, status=JobStatus.RUNNING)) == ""


@pytest.mark.parametrize("many", [250])
def test_a_job_behind_a_page_of_others_that_cannot_start_is_found(
    ws: Workspace, clock: Clock, many: int
) -> None:
    for _ in range(many):
        queued(ws, "waits", {"not_before": clock() + timedelta(hours=1)})
    queued(ws, "ready")
    assert taken(ws) == ["ready"]
