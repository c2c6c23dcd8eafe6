"""A time is claimed with its job in one transaction, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from contracts.samples import SPEC

from jupyter_mlops.automation.claiming import (
    claim,
    drop_waiting,
    finish,
    is_claimed,
    note_missed,
    settle_waiting,
)
from jupyter_mlops.errors import Conflict
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.query import Query
from jupyter_mlops.records.schedule import FireStatus, JobDefinition, Overlap, Rules


@pytest.fixture
def nightly(ws) -> JobDefinition:
    made = JobDefinition(
        id="d1",
        name="nightly",
        spec=SPEC,
        rules=Rules(overlap=Overlap.QUEUE),
        created=ws.now(),
        actor=ws.actor,
    )
    with ws.store.write() as tx:
        tx.definitions.add(made)
    return made


def claimed(ws, tx, definition, cause: str):
    return claim(ws, tx, definition, cause=cause, moment=ws.now(), due=ws.now())


def test_a_claim_makes_the_job_and_counts(ws, nightly) -> None:
    with ws.store.write() as tx:
        after, fire = claimed(ws, tx, nightly, "a")
    with ws.store.read() as tx:
        assert tx.definitions.get("d1") == after
        assert tx.fires.get("d1", "a") == fire
        assert tx.jobs.get(fire.job).spec == nightly.spec
        (told,) = tx.events.read(kind="job.submitted")
    assert (after.fired, after.last_job, fire.status) == (1, fire.job, FireStatus.STARTED)
    assert told.data["schedule"] == "nightly"


def test_a_claim_is_made_once(ws, nightly) -> None:
    with ws.store.write() as tx:
        claimed(ws, tx, nightly, "a")
    with pytest.raises(Conflict, match="already a fire d1/a"), ws.store.write() as tx:
        claimed(ws, tx, replace(nightly, rules=Rules()), "a")
    with ws.store.read() as tx:
        assert is_claimed(tx, "d1", "a")
        assert not is_claimed(tx, "d1", "b")
        assert tx.jobs.find(Query()).total == 1


def test_who_dies_in_the_middle_has_claimed_nothing(ws, nightly) -> None:
    class Killed(BaseException):
        pass

    with pytest.raises(Killed), ws.store.write() as tx:
        claimed(ws, tx, nightly, "a")
        raise Killed
    with ws.store.read() as tx:
        assert (tx.fires.find(Query()).total, tx.jobs.find(Query()).total) == (0, 0)
        assert tx.definitions.get("d1") == nightly
        assert tx.events.head() is None


def test_only_so_many_wait(ws, nightly, monkeypatch) -> None:
    monkeypatch.setattr("jupyter_mlops.automation.claiming._MOST_WAITING", 2)
    with ws.store.write() as tx:
        definition, fires = nightly, []
        for cause in "abcd":
            definition, fire = claimed(ws, tx, definition, cause)
            fires.append(fire)
    assert [fire.status for fire in fires] == ["started", "queued", "queued", "skipped"]
    assert fires[-1].reason == "2 were waiting already"
    assert definition.fired == 3


def test_what_waits_starts_one_by_one_or_is_let_go(ws, nightly) -> None:
    with ws.store.write() as tx:
        definition, first = claimed(ws, tx, nightly, "a")
        for cause in "bc":
            definition, _ = claimed(ws, tx, definition, cause)
        assert settle_waiting(ws, tx, definition) == ([], [])
        tx.jobs.replace(replace(tx.jobs.get(first.job), status=JobStatus.SUCCEEDED, ended=ws.now()))
        ((started,), in_the_way) = settle_waiting(ws, tx, definition)
        assert (started.cause, started.status, in_the_way) == ("b", "started", [])
        assert drop_waiting(ws, tx, definition, "paused").fired == 2
        assert tx.fires.get("d1", "c").reason == "paused"


def test_what_is_passed_over_and_what_is_done_stand_in_the_ledger(ws, nightly) -> None:
    with ws.store.write() as tx:
        note_missed(ws, tx, nightly, first=ws.now(), last=ws.now(), why="missed")
        finish(ws, tx, nightly, "it ran once")
        kept = tx.definitions.get("d1")
        told = [(event.kind, event.data["reason"]) for event in tx.events.read()]
    assert told == [("schedule.skipped", "missed"), ("schedule.done", "it ran once")]
    assert (kept.active, kept.done) == (False, "it ran once")
