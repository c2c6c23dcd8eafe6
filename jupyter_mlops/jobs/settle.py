"""Jobs whose worker is gone: the next process that looks says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.jobs.ending import end_run
from jupyter_mlops.jobs.failures import classified
from jupyter_mlops.jobs.places import job_folder
from jupyter_mlops.jobs.rescue import rescue_notebook
from jupyter_mlops.jobs.steps import end_step
from jupyter_mlops.records.job import UNDER_WAY, Job, JobError, JobStatus
from jupyter_mlops.records.query import Query, parse_filter
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking.lease import holder_gone
from jupyter_mlops.workspace import Workspace

__all__ = ["settle_job", "settle_jobs"]

_WHERE = parse_filter(f"status in ({', '.join(repr(str(s)) for s in UNDER_WAY)})")
_LOG_TAIL = 2_000  # characters
_PAGE = 1_000
_GO_ON = "It was killed, or its machine went down. What succeeded is kept; jupyter mlops resume {} goes on."
_COMING_UP = timedelta(minutes=5)  # so long a worker may take to come up


def settle_jobs(ws: Workspace) -> tuple[Job, ...]:
    """Mark jobs as lost whose worker process is gone; return them.

    On this machine that is looked up, and what such a job left running is ended. A worker on another machine is
    believed dead when its lease has run out.
    """
    gone, cursor = [], None
    while True:
        with ws.store.read() as tx:
            held = tx.jobs.find(Query(where=_WHERE, limit=_PAGE, cursor=cursor))
        gone += [job for job in held if _abandoned(ws, job)]
        cursor = held.cursor
        if cursor is None:
            return tuple(job for job in (_settle(ws, job) for job in gone) if job is not None)


def settle_job(ws: Workspace, job: Job) -> Job:
    """Mark one job as lost whose worker is known to be gone, and return it as it then stands."""
    lost = _settle(ws, job) if job.status in UNDER_WAY else None
    if lost is not None:
        return lost
    with ws.store.read() as tx:
        return tx.jobs.get(job.id)


def _abandoned(ws: Workspace, job: Job) -> bool:
    if job.lease is None or holder_gone(job.lease, ws.now()):
        return True
    # Its launcher holds a claimed job, and may live on although the worker never came up.
    return job.status is JobStatus.CLAIMED and ws.now() > job.lease.until + _COMING_UP


def _settle(ws: Workspace, seen: Job) -> Job | None:
    """Move one job, unless it has moved by itself since it was looked at."""
    with ws.store.read() as tx:
        now = tx.jobs.get(seen.id)
    if now.status is not seen.status or now.lease != seen.lease:
        return None  # it runs again, maybe: what lies in its folder is not of the worker that is gone
    rescued = rescue_notebook(ws, seen)  # outside of the transaction: it may be large
    with ws.store.write() as tx:
        job = tx.jobs.get(seen.id)
        if job.status is not seen.status or job.lease != seen.lease:
            return None
        error = classified(JobStatus.LOST, _why(ws, job))
        ended = replace(rescued, error=error, progress=job.progress)
        lost = end_step(ws, tx, job, JobStatus.LOST, error=error, notebook=ended.notebook or job.notebook)
        if job.run is not None and tx.runs.get(job.run).status is RunStatus.RUNNING:
            end_run(ws, tx, job.run, ended)
    return lost


def _why(ws: Workspace, job: Job) -> JobError:
    log = _log(ws, job)
    if job.status is JobStatus.CLAIMED:
        last = log.strip().rpartition("\n")[2]
        return JobError(
            kind="lost",
            message=f"the job's worker process did not come up{f': {last}' if last else ''}",
            traceback=log,
            remedy="Look at the end of its log, and try: jupyter mlops doctor.",
        )
    at = job.progress
    where = f" at cell {at.index + 1} of {at.total}" if at and job.status is JobStatus.RUNNING else ""
    return JobError(
        kind="lost",
        message=f"the {'sweep' if job.spec.sweep else 'job'}'s worker process ended without a word{where}",
        cell=at.cell if at else None,
        index=at.index if at else None,
        traceback=log,
        remedy=_GO_ON.format(job.short)
        if job.spec.sweep is not None
        else "It was killed, or its machine went down. Look for a lack of memory, then run it again.",
    )


def _log(ws: Workspace, job: Job) -> str:
    """Return the end of what the worker wrote, where it ran on this machine."""
    try:
        return (job_folder(ws.settings, job.id) / "worker.log").read_text(errors="replace")[-_LOG_TAIL:]
    except (OSError, Unavailable):
        return ""
