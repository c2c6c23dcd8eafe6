"""One turn of the clock: settle, submit what is due, start what is queued, follow up what has ended, tell of it.

Safe to call twice and from many processes at once: every piece of work is claimed inside a write transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from jupyter_mlops.automation.firing import fire_due
from jupyter_mlops.automation.followup import follow_up
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.jobs.launcher import Worker, launch_claimed, wait_until_taken
from jupyter_mlops.jobs.queue import UNATTENDED, take_next
from jupyter_mlops.jobs.retrying import retry_by_policy
from jupyter_mlops.jobs.settle import settle_jobs
from jupyter_mlops.notifications.announcing import announce_late
from jupyter_mlops.notifications.delivery import Delivered, deliver
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.records.query import (
    Query,
    parse_filter,
    parse_order,
)
from jupyter_mlops.records.report import TickReport
from jupyter_mlops.workspace import Workspace

__all__ = ["scheduler", "tick"]

_ENDED = [status for status in JobStatus if status.ended]
_UNFOLLOWED = parse_filter(f"followed = false and status in ({', '.join(repr(str(s)) for s in _ENDED)})")
_OLDEST = parse_order("queued, id")
_PAGE = 500


def tick(ws: Workspace, *, workers: int = 2) -> TickReport:
    """Do what is due now, and return. Workers that are started outlive this call.

    Parameters
    ----------
    workers
        How many jobs may be under way at once on this workspace.
    """
    ws = ws.acting_as(replace(ws.actor, via=Door.AUTOMATION))
    settled = settle_jobs(ws)
    fired = fire_due(ws)
    problems = fired.problems
    followed, retried = _follow_ended(ws, problems)
    started = _start_queued(ws, workers, problems)
    told = _tell(ws, problems)
    return TickReport(
        submitted=tuple(fired.submitted),
        skipped=tuple(fired.skipped),
        started=tuple(started),
        settled=tuple(job.id for job in settled),
        followed=tuple(followed),
        retried=tuple(retried),
        notified=tuple(told),
        problems=tuple(problems),
    )


def scheduler(
    ws: Workspace,
    *,
    interval: float = 5.0,
    workers: int = 2,
    stop: Callable[[], bool] = lambda: False,
    report: Callable[[TickReport], None] | None = None,
) -> None:
    """Turn the clock until *stop* says so. Needs no Jupyter server; many may run on one workspace.

    Parameters
    ----------
    interval
        Seconds between two turns.
    workers
        How many jobs may be under way at once.
    stop
        Asked about twice a second.
    report
        Called with each turn that did something.
    """
    while not stop():
        try:
            done = tick(ws, workers=workers)
        except MlopsError as failure:  # the store is away: the next turn tries again
            done = TickReport(problems=(str(failure),))
        except Exception as failure:  # noqa: BLE001  (the clock must not stop)
            done = TickReport(problems=(f"the turn broke off: {type(failure).__name__}: {failure}",))
        if report is not None and done != TickReport():
            report(done)
        until = time.monotonic() + interval
        while time.monotonic() < until and not stop():
            time.sleep(min(0.5, interval))


# --- jobs ----------------------------------------------------------------------------------------------


def _start_queued(ws: Workspace, workers: int, problems: list[str]) -> list[str]:
    begun: list[Worker] = []
    while (job := take_next(ws, workers=workers)) is not None:
        try:
            begun.append(launch_claimed(ws, job))
        except MlopsError as failure:
            # It was given back; what the machine has too little of, the next one would miss as well.
            problems.append(f"job {job.short}: {failure}")
            break
    for worker in begun:
        wait_until_taken(ws, worker)
    return [worker.job for worker in begun]


def _follow_ended(ws: Workspace, problems: list[str]) -> tuple[list[str], list[str]]:
    followed, retried = [], []
    for job in _unfollowed(ws):
        try:
            # The trials of a sweep are tried again by who conducts it.
            if not job.sweep and retry_by_policy(ws, job) is not None:
                retried.append(job.id)
            elif follow_up(ws, job.id, sequence=job.sequence) is not None:
                followed.append(job.id)
        except MlopsError as failure:
            problems.append(f"job {job.short}: {failure}")
    return followed, retried


def _unfollowed(ws: Workspace) -> list[Job]:
    """Return the jobs that have ended and whose end has been followed by nothing yet, the oldest first."""
    found: list[Job] = []
    cursor = None
    while True:
        with ws.store.read() as tx:
            page = tx.jobs.find(Query(where=_UNFOLLOWED, order=_OLDEST, limit=_PAGE, cursor=cursor))
        found += [job for job in page if not _attended(ws, job)]
        cursor = page.cursor
        if cursor is None:
            return found


def _tell(ws: Workspace, problems: list[str]) -> list[str]:
    """Send messages at the end of the turn: a receiver that is slow keeps no job from starting."""
    done = Delivered()
    for act in (lambda: announce_late(ws), lambda: deliver(ws, into=done)):
        try:
            act()
        except Exception as failure:  # noqa: BLE001  (whatever it is, the turn has done its work)
            problems.append(f"notifications: {type(failure).__name__}: {failure}")
    problems += done.problems
    return done.sent


def _attended(ws: Workspace, job: Job) -> bool:
    """Tell whether a process waits for *job* and will do itself what is next."""
    return job.attended and ws.now() - (job.ended or job.queued) < UNATTENDED
