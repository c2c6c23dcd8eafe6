"""Whose turn it is: by priority and by how long a job has waited, and only where the machine has room for it.

Whether a job is free still and fits, and its claim, are one transaction, so that many clocks on many machines never take the same
job, and never more jobs than fit. A job's turn is the moment it was queued, put forward by ten minutes for each point of priority: of two jobs the one that
has waited so much longer always comes first, whatever arrives meanwhile. A job that does not fit lets smaller ones pass for five
minutes; then the machine is kept free for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from jupyter_mlops.jobs.machine import Room, needs, room_here
from jupyter_mlops.jobs.steps import take_step
from jupyter_mlops.records.job import UNDER_WAY, Job, JobSpec, JobStatus
from jupyter_mlops.records.query import (
    And,
    Comparison,
    Expression,
    Field,
    Operator,
    Query,
    Scope,
    parse_order,
)
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.tracking.lease import host
from jupyter_mlops.workspace import Workspace

__all__ = ["UNATTENDED", "free_gpus", "held_here", "lacking", "take_next", "why_waiting"]

UNATTENDED = timedelta(seconds=60)  # after so long without an answer, a waiting process is taken for dead
_PATIENCE = timedelta(minutes=5)  # so long smaller jobs may pass one that does not fit
_PAGE = 200
_IN_TURN = parse_order("turn, id")


def take_next(ws: Workspace, *, workers: int) -> Job | None:
    """Claim the job whose turn it is on this machine; None where there is none, or no room.

    Parameters
    ----------
    workers
        How many jobs may be under way on this machine at once.
    """
    whole = room_here(ws.settings)
    while True:
        # Looked for among many where nobody has to wait for it; to look again at the one and to claim it are one.
        with ws.store.read() as tx:
            chosen = _whose_turn(ws, tx, whole, workers)
        if chosen is None:
            return None
        with ws.store.write() as tx:
            job, held = tx.jobs.get(chosen.id), held_here(tx)
            if job.sequence != chosen.sequence:
                continue  # another clock was faster
            if len(held) < workers and not _left(whole, held).lacks(needs(job.spec)):
                return take_step(
                    ws, tx, job, JobStatus.CLAIMED, gpus=free_gpus(whole, held, needs(job.spec).gpus)
                )


def lacking(ws: Workspace, spec: JobSpec) -> str:
    """Return what this machine has too little of at this moment for such a job, in words; empty where it has room."""
    wanted, whole = needs(spec), room_here(ws.settings)
    if too_large := whole.lacks(wanted):
        return too_large
    with ws.store.read() as tx:
        return _left(whole, held_here(tx)).lacks(wanted)


def _whose_turn(ws: Workspace, tx: Transaction, whole: Room, workers: int) -> Job | None:
    held = held_here(tx)
    if len(held) >= workers:
        return None
    free = _left(whole, held)
    for job in _startable(ws, tx):
        wanted = needs(job.spec)
        if whole.lacks(wanted):
            continue  # another machine may have that much
        if not free.lacks(wanted):
            return job
        if ws.now() - job.queued > _PATIENCE:
            return None
    return None


def _startable(ws: Workspace, tx: Transaction) -> Iterator[Job]:
    """Yield the queued jobs that a clock may start, in turn."""
    cursor = None
    while True:
        page = tx.jobs.find(
            Query(where=among([JobStatus.QUEUED]), order=_IN_TURN, limit=_PAGE, cursor=cursor)
        )
        for job in page:
            # A trial is begun by its sweep: where that is not under way, nobody wants it now.
            if (
                not (job.sweep and job.attended)
                and not _waited_for(ws, job)
                and (job.not_before is None or job.not_before <= ws.now())
            ):
                yield job
        cursor = page.cursor
        if cursor is None:
            return


def _waited_for(ws: Workspace, job: Job) -> bool:
    """Tell whether a process waits for *job*, which starts it itself."""
    return job.attended and ws.now() - (job.not_before or job.queued) < UNATTENDED


def held_here(tx: Transaction) -> Sequence[Job]:
    """Return the jobs under way that a process of this machine holds."""
    found = tx.jobs.find(Query(where=among(UNDER_WAY), limit=10_000))
    return [job for job in found if job.lease is not None and job.lease.host == host()]


def _left(whole: Room, held: Sequence[Job]) -> Room:
    for job in held:
        whole -= needs(job.spec)
    return whole


def free_gpus(whole: Room, held: Sequence[Job], wanted: int) -> tuple[int, ...]:
    """Return the numbers of *wanted* accelerators, those first that the fewest jobs have."""
    taken = [number for job in held for number in job.gpus]
    return tuple(sorted(range(whole.gpus), key=lambda number: (taken.count(number), number))[:wanted])


def why_waiting(ws: Workspace, tx: Transaction, job: Job) -> str:
    """Return why a queued job has not begun, in a sentence; empty where it is not queued."""
    if job.status is not JobStatus.QUEUED:
        return ""
    if job.sweep and job.attended:
        return f"Its sweep starts it: jupyter mlops job show {job.sweep[-6:]}."
    if job.not_before is not None and job.not_before > ws.now():
        return f"It is tried again, not before {job.not_before:%Y-%m-%d %H:%M:%S} UTC."
    if _waited_for(ws, job):
        return "The process that waits for it starts it."
    return _why_not_here(ws, tx, job)


def _why_not_here(ws: Workspace, tx: Transaction, job: Job) -> str:
    wanted, whole = needs(job.spec), room_here(ws.settings)
    if lacking := whole.lacks(wanted):
        return f"It needs {lacking.partition(' (')[0]}, more than this machine has for jobs; another machine has to start it."
    ahead = _ahead(tx, job)
    if ahead:
        return f"{ahead:,} job{' is' if ahead == 1 else 's are'} ahead of it."
    if lacking := _left(whole, held_here(tx)).lacks(wanted):
        return f"It waits for {lacking}."
    return "It is next: it starts when a Jupyter server or jupyter mlops scheduler has a worker free."


def _ahead(tx: Transaction, job: Job) -> int:
    if job.turn is None:
        return 0  # queued by an earlier version: it is first
    queued = among([JobStatus.QUEUED])
    earlier = Comparison(Field(Scope.ATTRIBUTE, "turn"), Operator.LESS, job.turn.isoformat())
    return tx.jobs.find(Query(where=And((queued, earlier)), limit=1)).total


def among(statuses: Sequence[JobStatus]) -> Expression:
    """Return the question for jobs in one of these states."""
    return Comparison(
        Field(Scope.ATTRIBUTE, "status"), Operator.IN, tuple(str(status) for status in statuses)
    )
