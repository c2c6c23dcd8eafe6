"""One time at which a schedule is due, and what becomes of it: all of it inside one transaction.

To add the fire is to claim it. The job is made in the same transaction, so that a process that dies has either done
both or neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from jupyter_mlops.automation.blackouts import blackout_end
from jupyter_mlops.automation.watching import is_over
from jupyter_mlops.errors import NotFound
from jupyter_mlops.jobs.steps import add_job
from jupyter_mlops.notifications.announcing import announce_missed
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.job import Job
from jupyter_mlops.records.query import Query, equal, parse_order
from jupyter_mlops.records.schedule import Fire, FireStatus, JobDefinition, Overlap
from jupyter_mlops.store.protocol import Collection, Transaction
from jupyter_mlops.workspace import Workspace

__all__ = [
    "OVER",
    "claim",
    "drop_waiting",
    "every",
    "finish",
    "is_claimed",
    "note_missed",
    "prune",
    "settle_waiting",
]

OVER = "its end has come"
_KEPT = 1_000  # fires of a schedule that are remembered
_SPARE = 50  # more than that before any is forgotten: to look for them reads all that are remembered
_MOST_WAITING = 100  # of one schedule
_PAGE = 500


def every(of: Collection[Any], query: Query) -> Iterator[Any]:
    """Yield all that *query* describes, however many."""
    while True:
        page = of.find(query)
        yield from page
        if page.cursor is None:
            return
        query = replace(query, cursor=page.cursor)


def _fires_of(tx: Transaction, definition: str, status: FireStatus, limit: int = _PAGE) -> Sequence[Fire]:
    """Return fires of a schedule that stand so, the earliest due first."""
    order = parse_order("due, moment, cause")
    return tx.fires.find(
        Query(where=equal(definition=definition, status=str(status)), order=order, limit=limit)
    ).items


def is_claimed(tx: Transaction, definition: str, cause: str) -> bool:
    """Tell whether somebody has claimed this already."""
    try:
        tx.fires.get(definition, cause)
    except NotFound:
        return False
    return True


def _running(tx: Transaction, definition: JobDefinition) -> list[Job]:
    """Return the jobs of a schedule that have not ended, its last one included where somebody retried it by hand."""
    names = [fire.job for fire in _fires_of(tx, definition.id, FireStatus.STARTED)]
    jobs = []
    for name in dict.fromkeys((*names, definition.last_job)):
        try:
            job = tx.jobs.get(name or "")
        except NotFound:
            continue
        if not is_over(job):
            jobs.append(job)
    return jobs


def claim(
    ws: Workspace, tx: Transaction, definition: JobDefinition, *, cause: str, moment: datetime, due: datetime,
    reason: str = "",
) -> tuple[JobDefinition, Fire]:  # fmt: skip
    """Claim one time at which *definition* is due, and start its job, let it wait, or skip it by the rules.

    The schedule is kept as it was handed in, with what has changed.

    Raises
    ------
    Conflict
        Somebody has claimed it already.
    """
    fire = Fire(
        definition=definition.id,
        cause=cause,
        status=FireStatus.QUEUED,
        reason=reason,
        moment=moment,
        due=due,
        claimed=ws.now(),
    )
    held = blackout_end(definition.rules, ws.now())
    alone = definition.rules.overlap is not Overlap.ALLOW
    jobs = _running(tx, definition) if alone else []
    waiting = _fires_of(tx, definition.id, FireStatus.QUEUED) if alone or held is not None else ()
    refusal = _refusal(definition, jobs, waiting, ws.now(), held)
    if refusal:
        return _skip(ws, tx, definition, fire, refusal)
    if definition.rules.overlap is Overlap.REPLACE:
        for each in waiting:
            definition = _passed_over(ws, tx, definition, each, "a later one took its place")
        waiting = ()
    definition = replace(definition, fired=definition.fired + 1)
    if held is not None:
        fire = replace(fire, due=held, reason=f"waits for the end of a blackout; {reason}".rstrip("; "))
    elif definition.rules.overlap is Overlap.ALLOW or not (jobs or waiting):
        return _start(ws, tx, definition, fire)
    else:
        fire = replace(fire, reason=f"waits for an earlier job; {reason}".rstrip("; "))
    tx.fires.add(fire)
    tx.definitions.replace(definition)
    return definition, fire


def _refusal(
    definition: JobDefinition,
    jobs: Sequence[Job],
    waiting: Sequence[Fire],
    now: datetime,
    held: datetime | None,
) -> str:
    overlap = definition.rules.overlap
    if _ends_by(definition, held or now):
        return (
            "a blackout lasts until its end" if held is not None and not _ends_by(definition, now) else OVER
        )
    if overlap is Overlap.SKIP and jobs:
        return f"job {jobs[0].short} had not ended"
    if overlap is Overlap.SKIP and waiting:
        return "an earlier one was waiting still"
    if len(waiting) >= _MOST_WAITING and (held is not None or overlap is Overlap.QUEUE):
        return f"{_MOST_WAITING} were waiting already"
    return ""


def _ends_by(definition: JobDefinition, moment: datetime) -> bool:
    """Tell whether a schedule's end has come by *moment*."""
    return definition.rules.end is not None and moment >= definition.rules.end


def _start(
    ws: Workspace, tx: Transaction, definition: JobDefinition, fire: Fire, *, waited: bool = False
) -> tuple[JobDefinition, Fire]:
    """Queue the job of a fire, which is added, or takes the place of the one that waited."""
    made = definition.actor
    who = Actor(name=made.name, via=Door.AUTOMATION, authenticated=made.authenticated)
    job = Job(
        id=ws.new_id(),
        spec=definition.spec,
        queued=ws.now(),
        actor=who,
        schedule=definition.id,
        due=fire.due,
    )
    add_job(ws, tx, job, schedule=definition.name, due=fire.due.isoformat())
    started = replace(fire, status=FireStatus.STARTED, job=job.id)
    if waited:
        tx.fires.replace(started)
    else:
        tx.fires.add(started)
    changed = replace(definition, last_fired=ws.now(), last_job=job.id)
    tx.definitions.replace(changed)
    return changed, started


def _skip(
    ws: Workspace, tx: Transaction, definition: JobDefinition, fire: Fire, why: str
) -> tuple[JobDefinition, Fire]:
    skipped = replace(fire, status=FireStatus.SKIPPED, reason=why)
    tx.fires.add(skipped)
    tx.definitions.replace(definition)
    tx.events.append([_skipped(ws, definition, why, fire.moment)])
    return definition, skipped


def _passed_over(
    ws: Workspace, tx: Transaction, definition: JobDefinition, fire: Fire, why: str
) -> JobDefinition:
    """Let a fire that waited go: it no longer counts towards the maximum."""
    tx.fires.replace(replace(fire, status=FireStatus.SKIPPED, reason=why))
    tx.events.append([_skipped(ws, definition, why, fire.moment)])
    changed = replace(definition, fired=definition.fired - 1)
    tx.definitions.replace(changed)
    return changed


def _skipped(ws: Workspace, definition: JobDefinition, why: str, moment: datetime) -> Any:
    return ws.event(
        "schedule.skipped", definition.id, name=definition.name, reason=why, due=moment.isoformat()
    )


def note_missed(
    ws: Workspace, tx: Transaction, definition: JobDefinition, *, first: datetime, last: datetime, why: str,
    for_good: bool = True,
) -> Fire:  # fmt: skip
    """Keep one line for all the times from *first* to *last* that were missed; *for_good*: no later one makes up for them."""
    fire = Fire(
        definition=definition.id,
        cause=first.isoformat(),
        status=FireStatus.SKIPPED,
        reason=why,
        moment=first,
        due=last,
        claimed=ws.now(),
    )
    tx.fires.add(fire)
    tx.events.append([_skipped(ws, definition, why, first)])
    if for_good:
        announce_missed(ws, tx, definition, fire)
    return fire


def finish(ws: Workspace, tx: Transaction, definition: JobDefinition, why: str) -> JobDefinition:
    """Say that a schedule is never due again, and why; what waits still starts, if it can before the end."""
    done = replace(definition, active=False, moment=None, due=None, done=why)
    tx.definitions.replace(done)
    tx.events.append([ws.event("schedule.done", definition.id, name=definition.name, reason=why)])
    return done


def settle_waiting(ws: Workspace, tx: Transaction, definition: JobDefinition) -> tuple[list[Fire], list[Job]]:
    """Start what waited long enough; return those that started or were skipped, and the jobs to be stopped first."""
    now, settled = ws.now(), []
    if _ends_by(definition, now):
        waiting = _fires_of(tx, definition.id, FireStatus.QUEUED)
        drop_waiting(ws, tx, definition, OVER)
        return [replace(fire, status=FireStatus.SKIPPED, reason=OVER) for fire in waiting], []
    if blackout_end(definition.rules, now) is not None:
        return [], []
    for fire in _fires_of(tx, definition.id, FireStatus.QUEUED):
        if fire.due > now:
            break
        jobs = _running(tx, definition)
        overlap = definition.rules.overlap
        if jobs and overlap is Overlap.SKIP:
            why = f"job {jobs[0].short} had not ended"
            definition = _passed_over(ws, tx, definition, fire, why)
            settled.append(replace(fire, status=FireStatus.SKIPPED, reason=why))
            continue
        if jobs and overlap is not Overlap.ALLOW:
            return settled, jobs if overlap is Overlap.REPLACE else []
        definition, started = _start(ws, tx, definition, fire, waited=True)
        settled.append(started)
    return settled, []


def drop_waiting(ws: Workspace, tx: Transaction, definition: JobDefinition, why: str) -> JobDefinition:
    """Let all that waits go."""
    for fire in _fires_of(tx, definition.id, FireStatus.QUEUED):
        definition = _passed_over(ws, tx, definition, fire, why)
    return definition


def prune(tx: Transaction, definition: str) -> None:
    """Forget all but the latest fires of a schedule; what is forgotten cannot be due again: its clock only goes on."""
    where = equal(definition=definition)
    if tx.fires.find(Query(where=where, limit=1)).total < _KEPT + _SPARE:
        return
    newest = Query(where=where, order=parse_order("claimed desc, cause desc"), limit=_KEPT)
    page = tx.fires.find(newest)
    if page.cursor is None:
        return
    for fire in list(every(tx.fires, replace(newest, cursor=page.cursor))):
        if fire.status in {FireStatus.SKIPPED, FireStatus.ENDED}:
            tx.fires.remove(fire.definition, fire.cause)
