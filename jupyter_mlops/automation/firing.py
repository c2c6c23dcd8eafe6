"""What a turn of the clock does with schedules: each time at which one is due is claimed once.

Any number of processes may do this side by side. What is due is found in a view; what becomes of it is settled in a
write transaction that looks again, so that whoever comes second finds nothing left to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from jupyter_mlops.automation.claiming import (
    OVER,
    claim,
    every,
    finish,
    is_claimed,
    note_missed,
    prune,
    settle_waiting,
)
from jupyter_mlops.automation.moments import Moment, latest, next_fire
from jupyter_mlops.automation.watching import WATCHED, Happening, happening, is_over
from jupyter_mlops.errors import Conflict, MlopsError, NotFound
from jupyter_mlops.jobs.submit import cancel_job
from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.records.query import (
    And,
    Comparison,
    Expression,
    Field,
    Operator,
    Query,
    Scope,
    equal,
    parse_order,
)
from jupyter_mlops.records.schedule import (
    After,
    CatchUp,
    Cron,
    Fire,
    FireStatus,
    Interval,
    JobDefinition,
)
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["Fired", "fire_due"]

_PAGE = 500
_TOGETHER = 50  # schedules in one transaction
MOST_CAUGHT_UP = 100  # times of one schedule that are made up for at once
_LATE = timedelta(minutes=10)  # after so long, a schedule that makes up for nothing takes a time for missed


@dataclass(slots=True)
class Fired:
    """What became of all that was due."""

    submitted: list[str] = field(default_factory=list)  # jobs
    skipped: list[str] = field(default_factory=list)  # one sentence each
    problems: list[str] = field(default_factory=list)

    def note(self, definition: JobDefinition, fires: Sequence[Fire]) -> None:
        """Take in what became of some times of *definition*."""
        for fire in fires:
            if fire.status is FireStatus.STARTED and fire.job is not None:
                self.submitted.append(fire.job)
            elif fire.status is FireStatus.SKIPPED:
                self.skipped.append(f"schedule {definition.name}: {fire.reason}")


def fire_due(ws: Workspace) -> Fired:
    """Close what has ended, start what waited, and claim what is due: by the clock, by what happened, after a job."""
    fired = Fired()
    _close_ended(ws, fired)
    _each(ws, fired, _with_waiting(ws), _start_waiting)
    now = ws.now()
    _fire_clocks(ws, fired, _active(ws, _at_most("due", now)))
    among = Comparison(Field(Scope.ATTRIBUTE, "watches"), Operator.IN, WATCHED)
    _each(ws, fired, _active(ws, among), _look)
    return fired


def _each(
    ws: Workspace,
    fired: Fired,
    definitions: Sequence[JobDefinition],
    act: Callable[[Workspace, JobDefinition], Sequence[Fire]],
) -> None:
    """One schedule's trouble is told, and keeps no other from being looked at."""
    for definition in definitions:
        try:
            fired.note(definition, act(ws, definition))
        except Exception as failure:  # noqa: BLE001  (whatever it is, the others must have their turn)
            fired.problems.append(f"schedule {definition.name}: {_told(failure)}")


def _told(failure: Exception) -> str:
    """Return a failure in words; one that nobody foresaw with its kind, since its words alone may say nothing."""
    return str(failure) if isinstance(failure, MlopsError) else f"{type(failure).__name__}: {failure}"


def _active(ws: Workspace, also: Expression) -> list[JobDefinition]:
    order = parse_order("due, id")
    with ws.store.read() as tx:
        where = And((equal(active=True), also))
        return list(every(tx.definitions, Query(where=where, order=order, limit=_PAGE)))


def _at_most(name: str, moment: datetime) -> Comparison:
    return Comparison(Field(Scope.ATTRIBUTE, name), Operator.LESS_EQUAL, moment.isoformat())


# --- jobs that have ended --------------------------------------------------------------------------------


def _close_ended(ws: Workspace, fired: Fired) -> None:
    for fire, job in _ended(ws):
        try:
            _close(ws, fire, job, fired)
        except Exception as failure:  # noqa: BLE001  (whatever it is, the others must have their turn)
            fired.problems.append(f"the end of job {job.short}: {_told(failure)}")


def _close(ws: Workspace, fire: Fire, job: Job, fired: Fired) -> None:
    with ws.store.write() as tx:
        try:
            kept = tx.fires.get(fire.definition, fire.cause)
        except NotFound:  # removed meanwhile, with its schedule
            return
        if kept.status is not FireStatus.STARTED:
            return
        ended = job.ended or ws.now()
        tx.fires.replace(replace(kept, status=FireStatus.ENDED, ended=ended, outcome=job.status))
        prune(tx, fire.definition)
        _fire_after(ws, tx, fire.definition, job, fired)


def _ended(ws: Workspace) -> list[tuple[Fire, Job]]:
    """Return the fires whose jobs have ended; only jobs that have are read, of however many that are under way."""
    found: list[tuple[Fire, Job]] = []
    ends = tuple(str(status) for status in JobStatus if status.ended)
    over = Comparison(Field(Scope.ATTRIBUTE, "status"), Operator.IN, ends)
    with ws.store.read() as tx:
        started = Query(where=equal(status=str(FireStatus.STARTED)), order=parse_order("due"), limit=_PAGE)
        fires = {fire.job: fire for fire in every(tx.fires, started) if fire.job is not None}
        names = list(fires)
        for first in range(0, len(names), _PAGE):
            among = Comparison(Field(Scope.ATTRIBUTE, "id"), Operator.IN, tuple(names[first : first + _PAGE]))
            jobs = tx.jobs.find(Query(where=And((among, over)), limit=_PAGE))
            found += [(fires[job.id], job) for job in jobs if is_over(job)]
    return found


def _fire_after(ws: Workspace, tx: Transaction, ended: str, job: Job, fired: Fired) -> None:
    """Claim for all schedules that wait for this one, in the transaction that notes its job's end."""
    where = equal(active=True, watches=f"after {ended}")
    for definition in list(every(tx.definitions, Query(where=where, limit=_PAGE))):
        when = definition.when
        since = definition.since or definition.created
        if not isinstance(when, After) or not when.ending.matches(job.status) or (job.ended or since) < since:
            continue
        if not _is_open(definition, ws.now()):
            continue
        told = Happening(f"job {job.id}", f"job {job.short} {job.status}", job.ended or ws.now(), ())
        try:
            fired.note(definition, _claim_happening(ws, tx, definition, told))
        except MlopsError as failure:
            fired.problems.append(f"schedule {definition.name}: {failure}")


def _is_open(definition: JobDefinition, now: datetime) -> bool:
    """Tell whether *now* lies between a schedule's start and its end."""
    start, end = definition.rules.start, definition.rules.end
    return (start is None or now >= start) and (end is None or now < end)


# --- what waits --------------------------------------------------------------------------------------------


def _with_waiting(ws: Workspace) -> list[JobDefinition]:
    where = And((equal(status=str(FireStatus.QUEUED)), _at_most("due", ws.now())))
    with ws.store.read() as tx:
        waiting = every(tx.fires, Query(where=where, order=parse_order("due"), limit=_PAGE))
        names = dict.fromkeys(fire.definition for fire in waiting)
        return [tx.definitions.get(name) for name in names]


def _start_waiting(ws: Workspace, seen: JobDefinition) -> Sequence[Fire]:
    try:
        with ws.store.write() as tx:
            settled, in_the_way = settle_waiting(ws, tx, tx.definitions.get(seen.id))
    except NotFound:  # removed meanwhile
        return ()
    _stop(ws, seen, in_the_way)
    return settled


def _stop(ws: Workspace, definition: JobDefinition, jobs: Sequence[Job]) -> None:
    """Ask jobs to make room; asked again by each turn until they have ended, should this process die here."""
    for job in jobs:
        if not job.cancel and not job.status.ended:
            with suppress(Conflict):
                cancel_job(ws, job.id, reason=f"schedule {definition.name} starts it anew")


# --- the clock ---------------------------------------------------------------------------------------------


def _fire_clocks(ws: Workspace, fired: Fired, definitions: Sequence[JobDefinition]) -> None:
    """Many schedules in one transaction, since a commit costs most; where one fails, each of them has its own."""
    for first in range(0, len(definitions), _TOGETHER):
        some = definitions[first : first + _TOGETHER]
        try:
            with ws.store.write() as tx:
                done = [_fire_clock(ws, tx, definition) for definition in some]
        except Exception:  # noqa: BLE001  (whose it was is found, and told, as each has its own)
            _each(ws, fired, some, _fire_alone)
            continue
        for definition, fires in zip(some, done, strict=True):
            fired.note(definition, fires)


def _fire_alone(ws: Workspace, seen: JobDefinition) -> Sequence[Fire]:
    with ws.store.write() as tx:
        return _fire_clock(ws, tx, seen)


def _fire_clock(ws: Workspace, tx: Transaction, seen: JobDefinition) -> Sequence[Fire]:
    try:
        definition = tx.definitions.get(seen.id)
    except NotFound:  # removed meanwhile
        return ()
    now, when = ws.now(), definition.when
    if not definition.active or definition.due is None or definition.due > now:
        return ()
    return _fire_moments(ws, tx, definition, when, now) if isinstance(when, (Cron, Interval)) else ()


def _fire_moments(
    ws: Workspace, tx: Transaction, definition: JobDefinition, when: Cron | Interval, now: datetime
) -> list[Fire]:
    first, rules = _first(definition, when), definition.rules
    if first is None:
        finish(ws, tx, definition, OVER)
        return []
    if first.due > now:
        tx.definitions.replace(replace(definition, moment=first.at, due=first.due))
        return []
    most = MOST_CAUGHT_UP if rules.catch_up is CatchUp.ALL else 1
    due, following = latest(when, rules, first, now, salt=definition.id, most=most)
    if following is not None:
        definition = replace(definition, moment=following.at, due=following.due)
    fires, moments = _missed(ws, tx, definition, first, due)
    definition, claimed = _claim_moments(ws, tx, definition, moments)
    if following is None and definition.active:
        definition = finish(ws, tx, definition, OVER)
    tx.definitions.replace(definition)
    return fires + claimed


def _missed(
    ws: Workspace, tx: Transaction, definition: JobDefinition, first: Moment, moments: Sequence[Moment]
) -> tuple[list[Fire], Sequence[Moment]]:
    """Note the times that nothing makes up for; return what was noted, and the times that are to be claimed."""
    if not moments:  # the time that was kept is none any more: the data on time zones have changed since
        return [], ()
    now, rules = ws.now(), definition.rules
    if rules.end is not None and now >= rules.end:
        return _pass_over(ws, tx, definition, first, moments[-1], f"missed: {OVER}"), ()
    why = _MISSED[rules.catch_up]
    if rules.catch_up is CatchUp.NONE and moments[-1].due < now - _LATE:
        return _pass_over(ws, tx, definition, first, moments[-1], why), ()
    if first.at < moments[0].at:
        made_up = rules.catch_up is CatchUp.LAST
        return _pass_over(ws, tx, definition, first, moments[0], why, for_good=not made_up), moments
    return [], moments


def _pass_over(
    ws: Workspace, tx: Transaction, definition: JobDefinition, first: Moment, last: Moment, why: str,
    *, for_good: bool = True,
) -> list[Fire]:  # fmt: skip
    if is_claimed(tx, definition.id, first.at.isoformat()):
        return []
    return [note_missed(ws, tx, definition, first=first.at, last=last.at, why=why, for_good=for_good)]


def _claim_moments(
    ws: Workspace, tx: Transaction, definition: JobDefinition, moments: Sequence[Moment]
) -> tuple[JobDefinition, list[Fire]]:
    fires = []
    for moment in moments:
        cause = moment.at.isoformat()
        if not definition.active or is_claimed(tx, definition.id, cause):
            continue
        definition, fire = claim(ws, tx, definition, cause=cause, moment=moment.at, due=moment.due)
        fires.append(fire)
        definition = _counted(ws, tx, definition)
    return definition, fires


_MISSED = {
    CatchUp.NONE: "missed, and not made up for",
    CatchUp.LAST: "missed: the last time makes up for those before it",
    CatchUp.ALL: f"missed: the latest {MOST_CAUGHT_UP} are made up for, those before them are not",
}


def _first(definition: JobDefinition, when: Cron | Interval) -> Moment | None:
    if definition.moment is not None and definition.due is not None:
        return Moment(definition.moment, definition.due)
    # Kept by an earlier version, which worked it out anew at each turn.
    since = definition.since or definition.last_fired or definition.created
    return next_fire(when, definition.rules, since, salt=definition.id)


def _counted(ws: Workspace, tx: Transaction, definition: JobDefinition) -> JobDefinition:
    most = definition.rules.maximum
    if most is None or definition.fired < most or not definition.active:
        return definition
    return finish(ws, tx, definition, f"it ran {most} times" if most > 1 else "it ran once")


# --- what happens ------------------------------------------------------------------------------------------


def _look(ws: Workspace, seen: JobDefinition) -> Sequence[Fire]:
    now, rules = ws.now(), seen.rules
    if rules.start is not None and now < rules.start:
        return ()
    over = rules.end is not None and now >= rules.end
    with ws.store.read() as tx:
        found = None if over else happening(ws, tx, seen)
    if found is None and not over:
        return ()
    with ws.store.write() as tx:
        try:
            definition = tx.definitions.get(seen.id)
        except NotFound:  # removed meanwhile
            return ()
        if not definition.active or definition.seen != seen.seen or definition.when != seen.when:
            return ()
        if found is None:
            finish(ws, tx, definition, OVER)
            return ()
        return _claim_happening(ws, tx, definition, found)


def _claim_happening(
    ws: Workspace, tx: Transaction, definition: JobDefinition, found: Happening
) -> list[Fire]:
    definition = replace(definition, seen=found.seen)
    if not found.cause or is_claimed(tx, definition.id, found.cause):
        tx.definitions.replace(definition)
        return []
    now = ws.now()
    definition, fire = claim(
        ws, tx, definition, cause=found.cause, moment=found.moment, due=now, reason=found.reason
    )
    tx.definitions.replace(definition)
    definition = _counted(ws, tx, definition)
    if found.last and definition.active:
        finish(ws, tx, definition, "the job it waited for has ended")
    return [fire]
