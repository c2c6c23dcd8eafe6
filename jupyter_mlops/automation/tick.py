"""One turn of the clock: settle, submit what is due, start what is queued, follow up what has ended.

Safe to call twice and from many processes at once: every piece of work is claimed inside a write transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from jupyter_mlops.automation.followup import follow_up
from jupyter_mlops.automation.schedules import is_due
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.jobs.launcher import Worker, launch_claimed, wait_until_taken
from jupyter_mlops.jobs.queue import UNATTENDED, take_next
from jupyter_mlops.jobs.retrying import retry_by_policy
from jupyter_mlops.jobs.settle import settle_jobs
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.job import Job, JobDefinition, JobStatus, OnDrift
from jupyter_mlops.records.query import (
    Comparison,
    Field,
    Operator,
    Query,
    Scope,
    equal,
    parse_filter,
    parse_order,
)
from jupyter_mlops.records.report import TickReport
from jupyter_mlops.records.review import Outcome
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["scheduler", "tick"]

_ENDED = [status for status in JobStatus if status.ended]
_MOST = 1_000


def tick(ws: Workspace, *, workers: int = 2) -> TickReport:
    """Do what is due now, and return. Workers that are started outlive this call.

    Parameters
    ----------
    workers
        How many jobs may be under way at once on this workspace.
    """
    ws = ws.acting_as(replace(ws.actor, via=Door.AUTOMATION))
    problems: list[str] = []
    settled = settle_jobs(ws)
    submitted = _submit_due(ws, problems)
    followed, retried = _follow_ended(ws, problems)
    started = _start_queued(ws, workers, problems)
    return TickReport(
        submitted=tuple(submitted),
        started=tuple(started),
        settled=tuple(job.id for job in settled),
        followed=tuple(followed),
        retried=tuple(retried),
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
        if report is not None and done != TickReport():
            report(done)
        until = time.monotonic() + interval
        while time.monotonic() < until and not stop():
            time.sleep(min(0.5, interval))


# --- schedules -----------------------------------------------------------------------------------------


def _submit_due(ws: Workspace, problems: list[str]) -> list[str]:
    with ws.store.read() as tx:
        active = list(tx.definitions.find(Query(where=equal(active=True), limit=_MOST)))
    made = []
    for definition in active:
        try:
            job = _fire(ws, definition)
        except MlopsError as failure:
            problems.append(f"schedule {definition.name}: {failure}")
            continue
        if job is not None:
            made.append(job.id)
    return made


def _fire(ws: Workspace, seen: JobDefinition) -> Job | None:
    """Queue the job of a definition that is due; the look and the note are one transaction, so it fires once."""
    if not _due(ws, seen):
        return None
    with ws.store.write() as tx:
        definition = tx.definitions.get(seen.id)
        if definition.last_fired != seen.last_fired or not definition.active:
            return None
        who = Actor(
            name=definition.actor.name, via=Door.AUTOMATION, authenticated=definition.actor.authenticated
        )
        job = Job(id=ws.new_id(), spec=definition.spec, queued=ws.now(), actor=who)
        tx.definitions.replace(replace(definition, last_fired=ws.now(), last_job=job.id))
        tx.jobs.add(job)
        tx.events.append(
            [
                ws.event(
                    "job.submitted",
                    job.id,
                    notebook=job.spec.notebook,
                    schedule=definition.name,
                    content=job.spec.content,
                )
            ]
        )
    return job


def _due(ws: Workspace, definition: JobDefinition) -> bool:
    if isinstance(definition.when, OnDrift):
        with ws.store.read() as tx:
            return _drifted(tx, definition, definition.when)
    return is_due(definition, ws.now())


def _drifted(tx: Transaction, definition: JobDefinition, when: OnDrift) -> bool:
    """Look at the last report on the deployment (an id, or ``model@alias``); it counts once."""
    model, at, alias = when.deployment.partition("@")
    served = tx.deployments.find(Query(where=equal(model=model, alias=alias), limit=_MOST)) if at else ()
    names = [deployment.id for deployment in served] or [when.deployment]
    among = Comparison(Field(Scope.ATTRIBUTE, "deployment"), Operator.IN, tuple(names))
    found = tx.reports.find(Query(where=among, order=parse_order("ended desc"), limit=1))
    since = definition.last_fired or definition.created
    return len(found) > 0 and found[0].verdict is Outcome.FAILED and found[0].ended > since


# --- jobs ----------------------------------------------------------------------------------------------


def _start_queued(ws: Workspace, workers: int, problems: list[str]) -> list[str]:
    begun: list[Worker] = []
    while (job := take_next(ws, workers=workers)) is not None:
        try:
            begun.append(launch_claimed(ws, job))
        except (
            MlopsError
        ) as failure:  # it was given back; the machine is full, and will be for the next one too
            problems.append(f"job {job.short}: {failure}")
            break
    for worker in begun:
        wait_until_taken(ws, worker)
    return [worker.job for worker in begun]


def _follow_ended(ws: Workspace, problems: list[str]) -> tuple[list[str], list[str]]:
    followed, retried = [], []
    with ws.store.read() as tx:
        where = parse_filter(f"followed = false and status in ({', '.join(repr(str(s)) for s in _ENDED)})")
        ended = [job for job in tx.jobs.find(Query(where=where, limit=_MOST)) if not _attended(ws, job)]
    for job in ended:
        try:
            if retry_by_policy(ws, job) is not None:
                retried.append(job.id)
            elif follow_up(ws, job.id) is not None:
                followed.append(job.id)
        except MlopsError as failure:
            problems.append(f"job {job.short}: {failure}")
    return followed, retried


def _attended(ws: Workspace, job: Job) -> bool:
    """Tell whether a process waits for *job* and will do itself what is next."""
    return job.attended and ws.now() - (job.ended or job.queued) < UNATTENDED
