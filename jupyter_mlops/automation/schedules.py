"""Schedules: a notebook, and when it is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jupyter_mlops.errors import Conflict, Invalid, NotFound
from jupyter_mlops.jobs.submit import prepare_spec
from jupyter_mlops.records.job import Cron, JobDefinition, JobOptions, OnDrift
from jupyter_mlops.records.query import Page, Query, equal
from jupyter_mlops.records.query import query as read_query
from jupyter_mlops.registry.served import deployment_of
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = [
    "add_schedule",
    "due_at",
    "find_schedules",
    "is_due",
    "keep_schedules",
    "pause_schedule",
    "remove_schedule",
    "resume_schedule",
]

_FIELDS = 5


def add_schedule(  # noqa: PLR0913  # each is a field of the form a person fills in
    ws: Workspace,
    *,
    name: str,
    notebook: str,
    cron: str = "",
    timezone: str = "UTC",
    on_drift: str = "",
    parameters: Mapping[str, object] | None = None,
    register_as: str | None = None,
    experiment: str = "default",
) -> JobDefinition:
    """Add a schedule: run a notebook when the clock says so, or when live data have drifted.

    Parameters
    ----------
    name
        What it is called; free text, used once.
    notebook
        The notebook's path. What is run is the notebook as it is now.
    cron
        Five fields: minute, hour, day, month, day of the week, as in ``0 6 * * 1``.
    timezone
        The place whose clock counts, as in ``Europe/Berlin``.
    on_drift
        In place of a clock: the deployment whose drift makes it due.
    parameters
        Values by name, checked now.
    register_as
        The model to register under what it logs; a review is then opened.
    experiment
        The experiment its runs belong to.

    Raises
    ------
    Invalid
        The time cannot be read, or a value does not fit the notebook.
    Conflict
        The name is taken.
    """
    made = _drafted(ws, name, notebook, cron, timezone, on_drift, parameters, register_as, experiment)
    with ws.store.write() as tx:
        if _named(tx, made.name) is not None:
            raise Conflict(
                f"a schedule {made.name!r} exists already", remedy="Remove it first, or choose another name."
            )
        tx.definitions.add(made)
        tx.events.append([ws.event("schedule.added", made.id, name=made.name, notebook=made.spec.notebook)])
        return _with_outlook(tx, made)


def keep_schedules(ws: Workspace, orders: Sequence[Mapping[str, Any]]) -> tuple[JobDefinition, ...]:
    """Keep schedules, each as ``add_schedule`` takes it; one whose name is kept already takes that one's place.

    All of them are checked first, and all are kept in one transaction: where one is wrong, nothing changes. One
    that takes another's place has its id, is paused if that was, and counts from when that was due last.
    """
    drafts = [_drafted(ws, **{**_OPTIONAL, **order}) for order in orders]
    names = [draft.name for draft in drafts]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Invalid(f"two schedules are called {twice!r}", remedy="Give one of them another 'name:'.")
    kept = []
    with ws.store.write() as tx:
        for draft in drafts:
            before = _named(tx, draft.name)
            if before is None:
                tx.definitions.add(draft)
                kept.append(draft)
                told = "schedule.added"
            else:
                renewed = replace(
                    draft,
                    id=before.id,
                    active=before.active,
                    last_fired=before.last_fired,
                    last_job=before.last_job,
                    created=before.created,
                )
                tx.definitions.replace(renewed)
                kept.append(renewed)
                told = "schedule.replaced"
            tx.events.append([ws.event(told, kept[-1].id, name=draft.name, notebook=draft.spec.notebook)])
        return tuple(_with_outlook(tx, one) for one in kept)


def _named(tx: Transaction, name: str) -> JobDefinition | None:
    found = tx.definitions.find(Query(where=equal(name=name), limit=1)).items
    return found[0] if found else None


_OPTIONAL: Mapping[str, Any] = {
    "cron": "",
    "timezone": "UTC",
    "on_drift": "",
    "parameters": None,
    "register_as": None,
    "experiment": "default",
}


def _drafted(  # noqa: PLR0913, PLR0917 - the same fields again
    ws: Workspace,
    name: str,
    notebook: str,
    cron: str,
    timezone: str,
    on_drift: str,
    parameters: Mapping[str, object] | None,
    register_as: str | None,
    experiment: str,
) -> JobDefinition:
    if bool(cron) == bool(on_drift):
        raise Invalid(
            "a schedule needs one reason to run", remedy="Give either a cron expression or a deployment."
        )
    when = Cron(expression=cron, timezone=timezone) if cron else OnDrift(deployment=_deployment(ws, on_drift))
    if isinstance(when, Cron):
        due_at(when, ws.now())
    spec = prepare_spec(
        ws, notebook=notebook, parameters=parameters or {}, options=JobOptions(), register_as=register_as
    )
    spec = replace(spec, experiment=experiment)
    return JobDefinition(
        id=ws.new_id(), name=_checked_name(name), spec=spec, when=when, created=ws.now(), actor=ws.actor
    )


def _deployment(ws: Workspace, named: str) -> str:
    """Return what a schedule waits for: an alias stays one, whoever serves it; an id is written out."""
    if "@" in named:
        return named
    with ws.store.read() as tx:
        return deployment_of(tx, named).id


def find_schedules(
    ws: Workspace, query: str = "", *, limit: int = 100, cursor: str | None = None
) -> Page[JobDefinition]:
    """Find schedules, the newest first, with when each is due next and what became of its last job."""
    with ws.store.read() as tx:
        page = tx.definitions.find(
            read_query(query, limit=limit, cursor=cursor, now=ws.now(), of=JobDefinition)
        )
        return replace(page, items=tuple(_with_outlook(tx, one) for one in page))


def _with_outlook(tx: Transaction, schedule: JobDefinition) -> JobDefinition:
    """Return *schedule* with when it is due next, and with what became of its last job."""
    due, status = None, None
    if schedule.active and isinstance(schedule.when, Cron):
        with suppress(Invalid):  # a time zone that this machine does not know
            due = due_at(schedule.when, schedule.last_fired or schedule.created)
    if schedule.last_job is not None:
        with suppress(NotFound):
            status = tx.jobs.get(schedule.last_job).status
    return replace(schedule, due=due, last_status=status)


def pause_schedule(ws: Workspace, schedule: str) -> JobDefinition:
    """Pause a schedule: it is not due until it is resumed.

    Parameters
    ----------
    schedule
        Its name or id.
    """
    return _set_active(ws, schedule, active=False)


def resume_schedule(ws: Workspace, schedule: str) -> JobDefinition:
    """Resume a paused schedule from now on: what was missed stays missed.

    Parameters
    ----------
    schedule
        Its name or id.
    """
    return _set_active(ws, schedule, active=True)


def remove_schedule(ws: Workspace, schedule: str) -> JobDefinition:
    """Remove a schedule; the jobs it made stay.

    Parameters
    ----------
    schedule
        Its name or id.
    """
    found = _find(ws, schedule)
    with ws.store.write() as tx:
        tx.definitions.remove(found.id)
        tx.events.append([ws.event("schedule.removed", found.id, name=found.name)])
    return found


def due_at(when: Cron, after: datetime) -> datetime:
    """Return the first moment after *after* at which *when* is due, in UTC.

    A time that a change of the clock skips is due right after it; one that comes twice is due once.

    Raises
    ------
    Invalid
        The expression or the time zone is wrong, or there is no such moment.
    """
    from cronsim import CronSim, CronSimError

    if len(when.expression.split()) != _FIELDS:
        raise Invalid(
            f"{when.expression!r} is not a cron expression of five fields",
            remedy="Minute, hour, day, month, day of the week: 0 6 * * 1 is Mondays at six.",
        )
    try:
        place = ZoneInfo(when.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as failure:
        raise Invalid(
            f"{when.timezone!r} is no known time zone", remedy="Such as UTC or Europe/Berlin."
        ) from failure
    try:
        return next(CronSim(when.expression, after.astimezone(place))).astimezone(UTC)
    except (CronSimError, StopIteration) as failure:
        raise Invalid(
            f"{when.expression!r} is never due: {failure}",
            remedy="Five fields: minute, hour, day of month, month, day of week; 0 7 * * 1 is Mondays at seven.",
        ) from failure


def is_due(definition: JobDefinition, now: datetime) -> bool:
    """Tell whether a schedule by the clock has come due since it was last fired (or made)."""
    if not definition.active or not isinstance(definition.when, Cron):
        return False
    since = definition.last_fired or definition.created
    return due_at(definition.when, since) <= now


def _set_active(ws: Workspace, schedule: str, *, active: bool) -> JobDefinition:
    found = _find(ws, schedule)
    with ws.store.write() as tx:
        kept = tx.definitions.get(found.id)
        changed = replace(
            kept, active=active, last_fired=ws.now() if active and not kept.active else kept.last_fired
        )
        tx.definitions.replace(changed)
        tx.events.append(
            [ws.event("schedule.resumed" if active else "schedule.paused", kept.id, name=kept.name)]
        )
        return _with_outlook(tx, changed)


def _find(ws: Workspace, schedule: str) -> JobDefinition:
    with ws.store.read() as tx:
        found = tx.definitions.find(Query(where=equal(name=schedule), limit=1))
        if len(found):
            return found[0]
        try:
            return tx.definitions.get(schedule)
        except NotFound:
            raise NotFound(
                f"there is no schedule {schedule!r}", remedy="jupyter mlops schedule list shows them."
            ) from None


def _checked_name(name: str) -> str:
    if not name.strip() or len(name) > 100 or not name.isprintable():  # noqa: PLR2004
        raise Invalid(f"{name[:40]!r} cannot name a schedule", remedy="1 to 100 printable characters can.")
    return name.strip()
