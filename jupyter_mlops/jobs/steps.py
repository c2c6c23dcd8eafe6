"""The one place where a job goes from state to state: only where ``JOB_STEPS`` allows it, counted, and told to the ledger.

Whoever moves a job holds a write transaction already; the look and the step are one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from jupyter_mlops.errors import Conflict
from jupyter_mlops.records.job import JOB_STEPS, Attempt, Job, JobError, JobSpec, JobStatus
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.tracking.lease import take_lease
from jupyter_mlops.workspace import Workspace

__all__ = ["add_job", "end_step", "give_back", "requeue", "take_step"]

_FORWARD = timedelta(minutes=10)  # of each point of priority
_REST = timedelta(seconds=30)  # before a job is taken up again that no worker could be started for
_TOLD = {JobStatus.STARTING: "job.started", JobStatus.QUEUED: "job.returned"}


def add_job(ws: Workspace, tx: Transaction, job: Job, **data: Any) -> Job:
    """Add a queued job, and tell the ledger what was submitted."""
    job = replace(job, turn=_turn(job.queued, job.spec))
    tx.jobs.add(job)
    told = {"notebook": job.spec.notebook, **data, "content": job.spec.content}
    tx.events.append([ws.event("job.submitted", job.id, **told)])
    return job


def take_step(ws: Workspace, tx: Transaction, job: Job, to: JobStatus, **changes: Any) -> Job:
    """Move *job*, as the transaction has it, to a state in which a process of ours holds it.

    Raises
    ------
    Conflict
        The job is in a state that does not lead there: somebody else has moved it.
    """
    now = ws.now()
    lease = take_lease(now, ws.settings.lease_seconds)
    return _moved(ws, tx, job, to, heartbeat=now, lease=lease, **changes)


def end_step(ws: Workspace, tx: Transaction, job: Job, to: JobStatus, **changes: Any) -> Job:
    """End *job*; nobody holds it any more.

    Raises
    ------
    Conflict
        It has ended already, or is in a state that does not lead there.
    """
    if job.tally is not None:  # whatever it had begun ends with it
        changes.setdefault("tally", replace(job.tally, running=0, left=None))
    return _moved(ws, tx, job, to, ended=ws.now(), lease=None, **changes)


def give_back(ws: Workspace, tx: Transaction, job: Job, why: str) -> Job:
    """Put a claimed job back into the queue for a while: no worker could be started for it. One that is to stop ends."""
    if job.cancel:
        return end_step(ws, tx, job, JobStatus.CANCELLED)
    later = ws.now() + _REST
    return _moved(
        ws,
        tx,
        job,
        JobStatus.QUEUED,
        told={"why": why},
        lease=None,
        heartbeat=None,
        not_before=later,
        gpus=(),
    )


def requeue(ws: Workspace, tx: Transaction, job: Job, **changes: Any) -> Job:
    """Queue an ended job once more; how the attempt went stays with the job.

    Raises
    ------
    Conflict
        It is under way, or has succeeded.
    """
    if not job.status.ended or job.status is JobStatus.SUCCEEDED:
        raise Conflict(
            f"job {job.short} is {job.status}; only one that did not succeed can be retried",
            remedy="Submit the notebook again for another run of one that succeeded; cancel one that is under way.",
        )
    past = Attempt(
        number=job.attempt,
        status=job.status,
        run=job.run,
        notebook=job.notebook,
        queued=job.queued,
        started=job.started,
        ended=job.ended,
        error=job.error,
        memory=job.spec.memory,
        followed=job.followed,
    )
    again = replace(
        job,
        status=JobStatus.QUEUED,
        sequence=job.sequence + 1,
        attempt=job.attempt + 1,
        attempts=(*job.attempts, past),
        run=None,
        notebook=None,
        queued=ws.now(),
        started=None,
        heartbeat=None,
        ended=None,
        error=None,
        warnings=(),
        progress=None,
        lease=None,
        cancel=False,
        followed=False,
        gpus=(),
        **{"not_before": None, **changes},
    )
    again = replace(again, turn=_turn(again.not_before or again.queued, again.spec))
    tx.jobs.replace(again)
    told = ws.event(
        "job.retried",
        job.id,
        attempt=again.attempt,
        was=str(job.status),
        not_before=again.not_before.isoformat() if again.not_before else None,
    )
    tx.events.append([told])
    return again


def _turn(queued: datetime, spec: JobSpec) -> datetime:
    return queued - spec.priority * _FORWARD


def _moved(
    ws: Workspace,
    tx: Transaction,
    job: Job,
    to: JobStatus,
    *,
    told: dict[str, Any] | None = None,
    **changes: Any,
) -> Job:
    if to not in JOB_STEPS[job.status]:
        raise Conflict(
            f"job {job.short} is {job.status}, and cannot become {to} from there",
            remedy=f"Somebody else has moved it: jupyter mlops job show {job.short}.",
            data={"job": job.id, "status": str(job.status)},
        )
    moved = replace(job, status=to, sequence=job.sequence + 1, **changes)
    tx.jobs.replace(moved)
    error: JobError | None = moved.error if to.ended else None
    said = {
        "was": str(job.status),
        "attempt": moved.attempt,
        "run": moved.run,
        **({"notebook": moved.notebook, "error": error.kind if error else None} if to.ended else {}),
        **(told or {}),
    }
    tx.events.append([ws.event(_TOLD.get(to, f"job.{to}"), job.id, **said)])
    return moved
