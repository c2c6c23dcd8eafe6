"""Schedules: a notebook, when it is due, and by which rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from jupyter_mlops.automation.claiming import drop_waiting
from jupyter_mlops.automation.claiming import every as all_of
from jupyter_mlops.automation.drafting import (
    changed_spec,
    changed_when,
    checked_name,
    drafted,
    given,
    given_up,
    named,
    ordered,
    renewed,
    spec_of,
)
from jupyter_mlops.automation.moments import upcoming
from jupyter_mlops.automation.orders import begun, read_rules, schedule_named
from jupyter_mlops.automation.watching import files_now
from jupyter_mlops.errors import Conflict, Invalid, NotFound
from jupyter_mlops.records.query import Page, Query, equal, parse_order
from jupyter_mlops.records.query import query as read_query
from jupyter_mlops.records.schedule import (
    CatchUp,
    Cron,
    Ending,
    Interval,
    JobDefinition,
    Overlap,
    Rules,
    ScheduleView,
)
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = [
    "add_schedule",
    "change_schedule",
    "find_schedules",
    "keep_schedules",
    "pause_schedule",
    "remove_schedule",
    "resume_schedule",
    "show_schedule",
]

_MOST_SHOWN = 100
_PAGE = 500


def add_schedule(  # noqa: PLR0913  # each is a field of the form a person fills in
    ws: Workspace,
    *,
    name: str,
    notebook: str,
    cron: str = "",
    timezone: str = "UTC",
    every: str = "",
    on_file: str = "",
    on_dataset: str = "",
    after: str = "",
    ending: Ending = Ending.SUCCESS,
    on_drift: str = "",
    catch_up: CatchUp = CatchUp.LAST,
    overlap: Overlap = Overlap.ALLOW,
    jitter: float = 0.0,
    blackout: Sequence[str] = (),
    start: datetime | None = None,
    end: datetime | None = None,
    maximum: int | None = None,
    parameters: Mapping[str, object] | None = None,
    register_as: str | None = None,
    experiment: str = "default",
) -> JobDefinition:
    """Add a schedule: run a notebook by the clock, or when a file, a dataset, a job or live data give reason to.

    Parameters
    ----------
    name
        What it is called; free text, used once.
    notebook
        The notebook's path. What is run is the notebook as it is now.
    cron
        Five fields: minute, hour, day, month, day of the week, as in ``0 6 * * 1``.
    timezone
        The place whose clock counts, for cron and blackouts, as in ``Europe/Berlin``.
    every
        In place of cron: an interval, as in 15m, 6h or 1d; the first time is one interval from now, or the start.
    on_file
        In place of a clock: a path or a glob; due when a file is new or has changed, and is still.
    on_dataset
        In place of a clock: a dataset's name; due when it has a new version.
    after
        In place of a clock: a schedule, due after each of its jobs; or a job, due once.
    ending
        How that job must end.
    on_drift
        In place of a clock: the deployment whose drift makes it due.
    catch_up
        What becomes of the times that were missed while nothing turned.
    overlap
        What becomes of a time at which an earlier job of the schedule has not ended.
    jitter
        Seconds by which a start by the clock is put off at most, so that not all begin at once.
    blackout
        When nothing is started: 22:00-06:00 each day, or 2026-12-24/2026-12-27.
    start
        Not due before this time.
    end
        Not due from this time on.
    maximum
        How many jobs at most; then it is done.
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
    order = {
        "cron": cron, "every": every, "on_file": on_file, "on_dataset": on_dataset, "after": after,
        "ending": ending, "on_drift": on_drift,
    }  # fmt: skip
    rules = Rules(
        catch_up=catch_up,
        overlap=overlap,
        jitter=jitter,
        blackout=tuple(blackout),
        timezone=timezone,
        start=start,
        end=end,
        maximum=maximum,
    )
    spec = spec_of(ws, notebook, parameters or {}, register_as, experiment)
    made = drafted(ws, name, spec, order, rules, {})
    files = files_now(ws, made.when)
    with ws.store.write() as tx:
        if named(tx, made.name) is not None:
            raise Conflict(
                f"a schedule {made.name!r} exists already",
                remedy=f"Choose another name, or change it: jupyter mlops schedule change {made.name!r}",
            )
        made = begun(ws, tx, made, files)
        tx.definitions.add(made)
        tx.events.append([ws.event("schedule.added", made.id, name=made.name, notebook=made.spec.notebook)])
        return _with_outlook(tx, made)


def keep_schedules(ws: Workspace, orders: Sequence[Mapping[str, Any]]) -> tuple[JobDefinition, ...]:
    """Keep schedules, each as ``add_schedule`` takes it; one whose name is kept already takes that one's place.

    All of them are checked first, and all are kept in one transaction: where one is wrong, nothing changes. One
    that takes another's place has its id, is paused if that was, and where its times and rules are the same it
    goes on from where that was; else it counts from now.
    """
    with ws.store.read() as tx:
        found = {name: named(tx, name) for name in (str(order["name"]).strip() for order in orders)}
    among = {name: ws.new_id() if kept is None else kept.id for name, kept in found.items()}
    drafts = [ordered(ws, among, **order) for order in orders]
    names = [draft.name for draft in drafts]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Invalid(f"two schedules are called {twice!r}", remedy="Give one of them another 'name:'.")
    kept, files = [], files_now(ws, *(draft.when for draft in drafts))
    with ws.store.write() as tx:
        for draft in drafts:
            before = named(tx, draft.name)
            if before is None:
                kept.append(begun(ws, tx, draft, files))
                tx.definitions.add(kept[-1])
                told = "schedule.added"
            else:
                kept.append(renewed(ws, tx, before, draft, files))
                tx.definitions.replace(kept[-1])
                told = "schedule.replaced"
            tx.events.append([ws.event(told, kept[-1].id, name=draft.name, notebook=draft.spec.notebook)])
        return tuple(_with_outlook(tx, one) for one in kept)


def change_schedule(  # noqa: PLR0913  # as add_schedule
    ws: Workspace,
    schedule: str,
    *,
    name: str | None = None,
    notebook: str | None = None,
    cron: str | None = None,
    timezone: str | None = None,
    every: str | None = None,
    on_file: str | None = None,
    on_dataset: str | None = None,
    after: str | None = None,
    ending: Ending | None = None,
    on_drift: str | None = None,
    catch_up: CatchUp | None = None,
    overlap: Overlap | None = None,
    jitter: float | None = None,
    blackout: Sequence[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    maximum: int | None = None,
    without: Sequence[str] = (),
    parameters: Mapping[str, object] | None = None,
    register_as: str | None = None,
    experiment: str | None = None,
) -> JobDefinition:
    """Change a schedule; what is not named stays. Where its times change, it counts from now.

    Parameters
    ----------
    schedule
        Its name or id.
    name
        What it is called from now on.
    notebook
        The notebook's path. Given, or with new parameters, the notebook is read anew, and run as it is now.
    cron, every, on_file, on_dataset, after, on_drift
        Another reason to be due, in place of the one it has; each as for ``add``.
    timezone
        The place whose clock counts.
    ending
        How the job it waits for must end.
    catch_up, overlap, jitter, blackout, start, end, maximum
        Another rule, as for ``add``.
    without
        What it gives up: blackout, end, jitter, maximum, start.
    parameters
        Values by name; those that are not named stay, unless a notebook is given.
    register_as
        The model to register under what it logs.
    experiment
        The experiment its runs belong to.

    Raises
    ------
    NotFound
        There is no such schedule.
    Invalid
        A time cannot be read, a value does not fit the notebook, or it would never be due.
    Conflict
        The new name is taken.
    """
    asked = {
        "cron": cron, "every": every, "on_file": on_file, "on_dataset": on_dataset, "after": after,
        "on_drift": on_drift, "ending": ending,
    }  # fmt: skip
    ruled = {
        "catch_up": catch_up, "overlap": overlap, "jitter": jitter, "timezone": timezone, "start": start, "end": end,
        "blackout": None if blackout is None else tuple(blackout), "maximum": maximum,
    }  # fmt: skip
    with ws.store.read() as tx:
        found = schedule_named(tx, schedule)
    spec = changed_spec(ws, found.spec, notebook, parameters, register_as, experiment)
    rules = replace(found.rules, **given(ruled), **given_up(without))
    when = changed_when(ws, found, asked, rules)
    draft = replace(
        found, name=checked_name(name or found.name), spec=spec, when=when, rules=read_rules(rules)
    )
    files = files_now(ws, when)
    with ws.store.write() as tx:
        kept = tx.definitions.get(found.id)
        namesake = named(tx, draft.name)
        if namesake is not None and namesake.id != kept.id:
            raise Conflict(f"a schedule {draft.name!r} exists already", remedy="Choose another name.")
        changed = renewed(ws, tx, kept, draft, files)
        tx.definitions.replace(changed)
        tx.events.append([ws.event("schedule.changed", kept.id, name=draft.name, was=kept.name)])
        return _with_outlook(tx, changed)


def show_schedule(ws: Workspace, schedule: str, *, times: int = 5, fires: int = 10) -> ScheduleView:
    """Show a schedule: when it will be due, and what became of the times it was.

    Parameters
    ----------
    schedule
        Its name or id.
    times
        How many times to come, at most 100.
    fires
        How many past ones, at most 100.
    """
    for what, number in (("times", times), ("fires", fires)):
        if not 0 <= number <= _MOST_SHOWN:
            raise Invalid(
                f"{what} is {number}; it must lie between 0 and {_MOST_SHOWN}", remedy="Give fewer."
            )
    with ws.store.read() as tx:
        found = schedule_named(tx, schedule)
        latest = Query(
            where=equal(definition=found.id), order=parse_order("claimed desc, due desc"), limit=fires or 1
        )
        past = tx.fires.find(latest).items[:fires]
        found = _with_outlook(tx, found)
    return ScheduleView(schedule=found, upcoming=_upcoming(found, times), fires=past)


def find_schedules(
    ws: Workspace, query: str = "", *, limit: int = 100, cursor: str | None = None
) -> Page[JobDefinition]:
    """Find schedules, the newest first, with when each is due next and what became of its last job."""
    with ws.store.read() as tx:
        page = tx.definitions.find(
            read_query(query, limit=limit, cursor=cursor, now=ws.now(), of=JobDefinition)
        )
        return replace(page, items=tuple(_with_outlook(tx, one) for one in page))


def pause_schedule(ws: Workspace, schedule: str) -> JobDefinition:
    """Pause a schedule: it is not due until it is resumed, and what waited is let go.

    Parameters
    ----------
    schedule
        Its name or id.
    """
    with ws.store.write() as tx:
        kept = drop_waiting(ws, tx, schedule_named(tx, schedule), "the schedule was paused")
        paused = replace(kept, active=False, moment=None, due=None)
        tx.definitions.replace(paused)
        tx.events.append([ws.event("schedule.paused", kept.id, name=kept.name)])
        return _with_outlook(tx, paused)


def resume_schedule(ws: Workspace, schedule: str) -> JobDefinition:
    """Resume a paused schedule from now on: what was missed stays missed.

    Parameters
    ----------
    schedule
        Its name or id.

    Raises
    ------
    Invalid
        It is done: its end has come, or it has run as often as it may.
    """
    with ws.store.read() as tx:
        when = schedule_named(tx, schedule).when
    files = files_now(ws, when)
    with ws.store.write() as tx:
        kept = schedule_named(tx, schedule)
        resumed = kept if kept.active else replace(begun(ws, tx, kept, files), active=True)
        tx.definitions.replace(resumed)
        tx.events.append([ws.event("schedule.resumed", kept.id, name=kept.name)])
        return _with_outlook(tx, resumed)


def remove_schedule(ws: Workspace, schedule: str) -> JobDefinition:
    """Remove a schedule and what is remembered of its times; the jobs it made stay.

    Parameters
    ----------
    schedule
        Its name or id.
    """
    with ws.store.write() as tx:
        found = schedule_named(tx, schedule)
        for fire in list(all_of(tx.fires, Query(where=equal(definition=found.id), limit=_PAGE))):
            tx.fires.remove(fire.definition, fire.cause)
        tx.definitions.remove(found.id)
        tx.events.append([ws.event("schedule.removed", found.id, name=found.name)])
    return found


def _with_outlook(tx: Transaction, schedule: JobDefinition) -> JobDefinition:
    """Return *schedule* with what became of its last job."""
    if schedule.last_job is None:
        return schedule
    with suppress(NotFound):
        return replace(schedule, last_status=tx.jobs.get(schedule.last_job).status)
    return schedule


def _upcoming(schedule: JobDefinition, times: int) -> tuple[datetime, ...]:
    when, first = schedule.when, schedule.due
    if not isinstance(when, (Cron, Interval)) or first is None or schedule.moment is None or not times:
        return ()
    if schedule.rules.maximum is not None:
        times = min(times, schedule.rules.maximum - schedule.fired)
    with suppress(Invalid):  # a time zone that this machine does not know
        later = upcoming(when, schedule.rules, schedule.moment, salt=schedule.id, most=times - 1)
        return (first, *(moment.due for moment in later))
    return (first,)
