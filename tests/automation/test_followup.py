"""What follows a job's end, without a kernel: the books are written as a job would have left them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from clocks import Clock
from contracts.samples import SPEC, artifact, run

from jupyter_mlops.automation.followup import Followed, follow_up, job_metrics, job_runs, logged_model
from jupyter_mlops.errors import Invalid, NotFound, Untrusted
from jupyter_mlops.ledger import history
from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.records.run import MetricPoint, Run
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace
from tests.registry.books import logged_run


@pytest.fixture(autouse=True)
def _no_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "jupyter_mlops.registry.versions.admit", lambda ws, manifest: "not asked in this test"
    )


def a_job(ws: Workspace, own: str | None, status: JobStatus = JobStatus.SUCCEEDED, **spec: Any) -> Job:
    job = Job(
        id=ws.new_id(), spec=replace(SPEC, **spec), status=status, run=own, queued=ws.now(), actor=ws.actor
    )
    with ws.store.write() as tx:
        tx.jobs.add(job)
    return job


def a_run(
    ws: Workspace,
    id: str,  # noqa: A002
    *models: str,
    parent: str | None = None,
    notes: tuple[str, ...] = (),
    **metrics: float,
) -> Run:
    made = run(id, parent=parent, started=ws.now(), notes=notes)
    with ws.store.write() as tx:
        tx.runs.add(made)
        for name in models:
            tx.artifacts.add(artifact(id, f"models/{name}/manifest.json"))
        tx.metrics.append(
            [
                MetricPoint(owner=id, sequence=n, key=k, value=v, at=ws.now())
                for n, (k, v) in enumerate(metrics.items(), 1)
            ]
        )
    return made


def chosen(ws: Workspace, job: Job) -> tuple[str, str]:
    def look(tx: Transaction) -> tuple[str, str]:
        found, model = logged_model(tx, job)
        return found.id, model.name

    with ws.store.read() as tx:
        return look(tx)


@pytest.mark.parametrize("status", [s for s in JobStatus if not s.ended])
def test_a_job_that_has_not_ended_is_not_followed_and_may_be_later(
    memory_ws: Workspace, status: JobStatus
) -> None:
    job = a_job(memory_ws, None, status)
    assert follow_up(memory_ws, job.id) is None
    with memory_ws.store.read() as tx:
        assert not tx.jobs.get(job.id).followed


@pytest.mark.parametrize(
    "status", [JobStatus.FAILED, JobStatus.LOST, JobStatus.CANCELLED, JobStatus.TIMED_OUT]
)
def test_a_job_without_success_registers_nothing_and_is_done_with(
    memory_ws: Workspace, status: JobStatus
) -> None:
    a_run(memory_ws, "own", "model")
    job = a_job(memory_ws, "own", status, register_as="pm25")
    assert follow_up(memory_ws, job.id) == Followed()
    assert follow_up(memory_ws, job.id) is None
    assert history(memory_ws, kind="version.registered") == ()


def test_a_job_that_asks_for_nothing_gets_nothing(memory_ws: Workspace) -> None:
    a_run(memory_ws, "own", "model")
    assert follow_up(memory_ws, a_job(memory_ws, "own").id) == Followed()


def test_a_job_that_is_not_there_is_not_found(memory_ws: Workspace) -> None:
    with pytest.raises(NotFound):
        follow_up(memory_ws, "nowhere")


def test_the_model_is_registered_and_its_review_waits_and_the_ledger_says_so(ws: Workspace) -> None:
    own = logged_run(ws)
    job = a_job(ws, own.id, register_as="pm25", review_for="challenger")
    done = follow_up(ws, job.id)
    assert done is not None
    assert done.version is not None
    assert done.review is not None
    assert (done.version.reference, done.version.run) == ("pm25:1", own.id)
    assert (done.review.reference, done.review.alias) == ("pm25:1", "challenger")
    (told,) = history(ws, subject=job.id, kind="job.followed_up")
    assert dict(told.data) == {"version": "pm25:1", "review": done.review.id}
    assert follow_up(ws, job.id) is None


def test_what_follows_is_done_once_however_many_ask(sql_ws: Workspace) -> None:
    job = a_job(sql_ws, logged_run(sql_ws).id, register_as="pm25")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: follow_up(sql_ws, job.id), range(4)))
    assert len([done for done in made if done is not None]) == 1
    assert len(history(sql_ws, kind="version.registered")) == 1
    assert len(history(sql_ws, kind="review.opened")) == 1


def test_a_job_that_logged_no_model_is_told_how_and_the_ledger_keeps_why(memory_ws: Workspace) -> None:
    a_run(memory_ws, "own")
    job = a_job(memory_ws, "own", register_as="pm25")
    with pytest.raises(Invalid, match=r"train\.ipynb logged no model") as refusal:
        follow_up(memory_ws, job.id)
    assert "%%track" in refusal.value.remedy
    assert refusal.value.data == {"job": job.id, "run": "own"}
    (told,) = history(memory_ws, subject=job.id, kind="job.follow_up_failed")
    assert told.data["error"] == "invalid"
    assert follow_up(memory_ws, job.id) is None


def test_a_job_whose_model_could_not_be_kept_is_told_why_and_not_to_do_what_it_did(ws: Workspace) -> None:
    a_run(ws, "own")
    why = "the model was not kept: a lambda cannot be stored safely. Define the function in a module."
    a_run(ws, "cell", parent="own", notes=("something else", why))
    job = a_job(ws, "own", register_as="lam")
    with pytest.raises(Invalid, match="logged no model") as refusal:
        follow_up(ws, job.id)
    assert refusal.value.remedy == f"T{why[1:]}"
    (told,) = history(ws, subject=job.id, kind="job.follow_up_failed")
    assert "Define the function in a module." in str(told.data["message"])


def test_a_model_that_is_refused_is_refused_once_and_written_down(
    memory_ws: Workspace, monkeypatch: Any
) -> None:
    def refuse(ws: Workspace, manifest: object) -> str:
        raise Untrusted("it would run code")

    monkeypatch.setattr("jupyter_mlops.registry.versions.admit", refuse)
    job = a_job(memory_ws, logged_run(memory_ws).id, register_as="pm25")
    with pytest.raises(Untrusted):
        follow_up(memory_ws, job.id)
    assert [e.data["error"] for e in history(memory_ws, subject=job.id, kind="job.follow_up_failed")] == [
        "untrusted"
    ]


def test_a_jobs_runs_are_its_own_and_then_all_below_it_by_their_start(ws: Workspace, clock: Clock) -> None:
    a_run(ws, "own")
    clock.advance(10)
    a_run(ws, "late", parent="own")
    clock.advance(-5)
    a_run(ws, "early", parent="own")
    clock.advance(1)
    a_run(ws, "inside", parent="late")
    a_run(ws, "other", parent="nobody")
    with ws.store.read() as tx:
        assert [r.id for r in job_runs(tx, a_job_of("own"))] == ["own", "early", "inside", "late"]
        assert job_runs(tx, a_job_of(None)) == ()


def a_job_of(own: str | None) -> Job:
    from contracts.samples import ANA, NOON

    return Job(id="j", spec=SPEC, run=own, queued=NOON, actor=ANA)


def test_the_model_of_the_run_that_started_last_counts(ws: Workspace, clock: Clock) -> None:
    a_run(ws, "own", "whole")
    clock.advance(1)
    a_run(ws, "first", "model", parent="own")
    clock.advance(1)
    a_run(ws, "second", "model", parent="own")
    clock.advance(1)
    a_run(ws, "third", parent="own")
    assert chosen(ws, a_job_of("own")) == ("second", "models/model/manifest.json")


def test_a_model_that_somebody_named_counts_before_the_one_autolog_named(memory_ws: Workspace) -> None:
    a_run(memory_ws, "own", "model", "forest", "boosted")
    assert chosen(memory_ws, a_job_of("own")) == ("own", "models/forest/manifest.json")


def test_files_beside_a_manifest_are_no_models(memory_ws: Workspace) -> None:
    a_run(memory_ws, "own")
    with memory_ws.store.write() as tx:
        tx.artifacts.add(artifact("own", "models/model/model.skops"))
        tx.artifacts.add(artifact("own", "manifest.json"))
    with pytest.raises(Invalid, match="no model"):
        chosen(memory_ws, a_job_of("own"))


def test_a_jobs_metrics_are_those_of_its_own_run(ws: Workspace) -> None:
    a_run(ws, "own", mae=9.0, rows=3.0)
    a_run(ws, "first", parent="own", mae=5.0, r2=0.1)
    assert job_metrics(ws, a_job_of("own")) == {"mae": 9.0, "rows": 3.0}
    assert job_metrics(ws, a_job_of(None)) == {}
