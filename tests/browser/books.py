"""What scenarios find in the books when they begin."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from review.books import add_version, set_alias

from jupyter_mlops import tracking
from jupyter_mlops.errors import Conflict
from jupyter_mlops.records.job import CellProgress, Job, JobError, JobSpec, JobStatus
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.run import Grade, Lease, Run
from jupyter_mlops.records.sweep import Best, Choices, Goal, Sampler, Span, Sweep, Tally
from jupyter_mlops.review import decide, find_reviews, open_review
from jupyter_mlops.workspace import Workspace, open_workspace

LONG = "a-run-with-a-name-of-sixty-characters-that-fits-in-no-column"


def workspace(folder: Path) -> Workspace:
    """Open the workspace a scenario has to itself."""
    return open_workspace(folder, start=folder, environ={})


def add_run(
    ws: Workspace, name: str, *, alpha: float = 0.1, mae: float = 41.2, experiment: str = "air/pm25"
) -> Run:
    """A finished run with a curve."""
    run = tracking.start_run(ws, name=name, experiment=experiment, tags={"team": "risk"})
    tracking.log_params(ws, run=run.id, params={"alpha": alpha, "max_iter": 500})
    for step in range(30):
        tracking.log_metrics(ws, run=run.id, metrics={"loss": 1 / (step + 1) + alpha}, step=step)
    tracking.log_metrics(ws, run=run.id, metrics={"mae": mae, "r2": 0.9})
    return tracking.finish_run(ws, run=run.id)


def two_versions(ws: Workspace) -> None:
    """A champion whose cells were run carelessly, and a better version that asks to follow it."""
    add_version(ws, alpha=1.0, metrics={"mae": 42.3, "r2": 0.908}, grade=Grade.STALE)
    set_alias(ws, 1)
    add_version(ws, alpha=0.5, metrics={"mae": 41.2, "r2": 0.912})


def asked(ws: Workspace) -> None:
    """The better version is up for review."""
    two_versions(ws)
    open_review(ws, reference="pm25:2")


def settled(ws: Workspace) -> None:
    """What has come to an end: a review that was approved, one that lapsed, and jobs of every end beside one at work."""
    asked(ws)
    [review] = find_reviews(ws).items
    decide(ws, review.id, "abstain", "somebody else should look")
    decide(ws, review.id, "approve", "looked again")
    changed = add_version(ws, alpha=0.3, metrics={"mae": 41.9, "r2": 0.9})
    lapsing = open_review(ws, reference="pm25:3")
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(changed.run), grade=Grade.STALE, grade_reason="written in later"))
    with pytest.raises(Conflict):
        decide(ws, lapsing.id, "approve")
    for status in (*filter(lambda status: status.ended, JobStatus), JobStatus.RUNNING):
        add_job(ws, status)
    add_sweep(ws)


def add_job(ws: Workspace, status: JobStatus) -> None:
    """A job at its second of three cells, or ended there, by the hand of a machine that is not asked."""
    now = ws.now()
    error = JobError(kind="ValueError", message="the sensor was off", index=1, remedy="Switch it on.")
    job = Job(
        id=ws.new_id(), spec=JobSpec(notebook=f"{status}.ipynb", content="e" * 64), status=status, queued=now,
        started=now, ended=now if status.ended else None, heartbeat=now, followed=True, actor=ws.actor,
        lease=None if status.ended else Lease(host="far", pid=1, process_started=0.0, until=now + timedelta(days=1)),
        error=error if status in {JobStatus.FAILED, JobStatus.LOST, JobStatus.TIMED_OUT} else None,
        progress=CellProgress(index=1, total=3, source="model.fit(X, y)", started=now),
    )  # fmt: skip
    with ws.store.write() as tx:
        tx.jobs.add(job)


def add_sweep(ws: Workspace) -> Job:
    """A sweep that another machine conducts: of its trials one is best, one failed, one was given up, one is at work."""
    now = ws.now()
    lease = Lease(host="far", pid=1, process_started=0.0, until=now + timedelta(days=1))
    plan = Sweep(
        axes={"alpha": Span(low=0.001, high=0.1, log=True), "depth": Choices(values=(4, 8, 16))}, trials=32,
        sampler=Sampler.SOBOL, goal=Goal(metric="mae", direction=Direction.LOWER),
    )  # fmt: skip
    run = tracking.start_run(ws, name="sweep of train")
    spec = JobSpec(notebook="notebooks/train.ipynb", content="e" * 64, name="train", sweep=plan)
    sweep = Job(
        id=ws.new_id(), spec=spec, status=JobStatus.RUNNING, run=run.id, queued=now, started=now, heartbeat=now,
        lease=lease, actor=ws.actor, attended=True,
    )  # fmt: skip
    ends = (
        (JobStatus.SUCCEEDED, 39.8, None),
        (JobStatus.FAILED, None, JobError(kind="MemoryError", message="Unable to allocate 4 GiB", index=5)),
        (JobStatus.CANCELLED, 60.2, JobError(kind="stopped_early", message="given up at step 7")),
        (JobStatus.RUNNING, None, None),
    )
    trials = [_trial(ws, sweep, number, *end) for number, end in enumerate(ends)]
    best = Best(job=trials[0].id, value=39.8, parameters=trials[0].spec.parameters)
    tally = Tally(trials=32, succeeded=1, failed=1, stopped=1, running=1, best=best, left=185.0)
    with ws.store.write() as tx:
        for job in (*trials, replace(sweep, tally=tally)):
            tx.jobs.add(job)
    return sweep


def _trial(
    ws: Workspace, sweep: Job, number: int, status: JobStatus, value: float | None, error: JobError | None
) -> Job:
    run = tracking.start_run(ws, name="train", parent=sweep.run)
    if value is not None:
        tracking.log_metrics(ws, run=run.id, metrics={"mae": value})
    spec = replace(sweep.spec, sweep=None, parameters={"alpha": 0.01 * (number + 1), "depth": 8})
    return replace(
        sweep, id=ws.new_id(), spec=spec, status=status, run=run.id, sweep=sweep.id, trial=number, error=error,
        ended=ws.now() if status.ended else None, lease=None if status.ended else sweep.lease, followed=True,
    )  # fmt: skip


def fresh(folder: Path, fill: Callable[[Workspace], object]) -> Path:
    """Make *folder* with a workspace of its own, filled; return the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ws = workspace(folder)
    fill(ws)
    ws.store.close()
    return folder
