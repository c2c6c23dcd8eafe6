"""What somebody asks of a schedule, read and checked: the one reason for it to be due, and its rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from jupyter_mlops.automation.blackouts import read_blackout
from jupyter_mlops.automation.moments import next_fire
from jupyter_mlops.automation.watching import file_pattern, seen_now, watched
from jupyter_mlops.automation.zones import zone_of
from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.schedule import (
    After,
    Cron,
    Ending,
    Interval,
    JobDefinition,
    OnDataset,
    OnDrift,
    OnFile,
    Rules,
    When,
)
from jupyter_mlops.registry.served import deployment_of
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.store.short_ids import by_id
from jupyter_mlops.workspace import Workspace

__all__ = ["REASONS", "begun", "read_rules", "read_when", "schedule_named"]

REASONS = ("cron", "every", "on_file", "on_dataset", "after", "on_drift")
_SPAN = re.compile(r"(\d{1,9})\s*([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST_JITTER = 86_400.0
_LONGEST = 500  # characters of a pattern or a name


def read_when(
    ws: Workspace,
    order: Mapping[str, Any],
    *,
    timezone: str,
    start: datetime | None,
    among: Mapping[str, str] = MappingProxyType({}),
) -> When:
    """Return when a schedule is due, from the texts of an order.

    Parameters
    ----------
    among
        Schedules that are about to be kept, by name: their ids.

    Raises
    ------
    Invalid
        Not one reason is given, or it cannot be read.
    NotFound
        There is no such deployment, schedule or job.
    """
    given = [name for name in REASONS if order.get(name)]
    if len(given) != 1:
        raise Invalid(
            "a schedule needs one reason to run" + (f"; {' and '.join(given)} are two" if given else ""),
            remedy="Give one of: " + ", ".join(f"--{name.replace('_', '-')}" for name in REASONS) + ".",
        )
    (reason,), text = given, str(order[given[0]]).strip()
    if len(text) > _LONGEST:
        raise Invalid(
            f"{reason} has {len(text)} characters; {_LONGEST} are the most", remedy="Give a shorter one."
        )
    if reason == "cron":
        return Cron(expression=text, timezone=timezone)
    if reason == "every":
        return Interval(seconds=_seconds(text), first=start or ws.now())
    if reason == "on_file":
        return OnFile(pattern=file_pattern(ws.settings, text))
    if reason == "after":
        ending = Ending(order.get("ending") or Ending.SUCCESS)
        return After(schedule=among[text], ending=ending) if text in among else _after(ws, text, ending)
    return OnDataset(dataset=text) if reason == "on_dataset" else OnDrift(deployment=_deployment(ws, text))


def read_rules(rules: Rules) -> Rules:
    """Return *rules* if they can be followed.

    Raises
    ------
    Invalid
        One of them cannot be: it is named.
    """
    zone_of(rules.timezone)
    for text in rules.blackout:
        read_blackout(text)
    if not 0 <= rules.jitter <= _LONGEST_JITTER:
        raise Invalid(
            f"jitter is {rules.jitter:g} seconds; it must lie between 0 and {_LONGEST_JITTER:g}",
            remedy="Give the most seconds by which a start may be put off.",
        )
    if rules.maximum is not None and rules.maximum < 1:
        raise Invalid(
            f"maximum is {rules.maximum}; it must be 1 or more", remedy="Leave it out for no limit."
        )
    if rules.start is not None and rules.end is not None and rules.end <= rules.start:
        raise Invalid(
            f"the end {rules.end.isoformat()} does not come after the start {rules.start.isoformat()}",
            remedy="Give a later end, or none.",
        )
    return rules


def begun(
    ws: Workspace,
    tx: Transaction,
    definition: JobDefinition,
    files: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> JobDefinition:
    """Return a schedule that counts from now on: due next by its clock, and with all that is there already seen.

    Parameters
    ----------
    files
        What ``files_now`` said before the transaction was begun.

    Raises
    ------
    Invalid
        It would never be due.
    """
    now, when = ws.now(), definition.when
    definition = replace(
        definition,
        since=now,
        moment=None,
        due=None,
        done="",
        watches=watched(when),
        seen=seen_now(ws, tx, when, files),
    )
    end, most = definition.rules.end, definition.rules.maximum
    if end is not None and end <= now:
        raise Invalid(f"the end {end.isoformat()} is past", remedy="Give a later end, or none.")
    if most is not None and definition.fired >= most:
        raise Invalid(
            f"schedule {definition.name} has run {definition.fired} times, and {most} are the most",
            remedy=f"Give a higher one: jupyter mlops schedule change {definition.name!r} --maximum N",
        )
    if isinstance(when, After) and when.schedule == definition.id:
        raise Invalid(
            f"schedule {definition.name} after itself would run without end",
            remedy="Give --every for an interval, or the name of another schedule.",
        )
    if not isinstance(when, (Cron, Interval)):
        return definition
    following = next_fire(when, definition.rules, now - timedelta(microseconds=1), salt=definition.id)
    if isinstance(when, Interval) and following is not None and following.at == when.first == now:
        following = next_fire(
            when, definition.rules, now, salt=definition.id
        )  # the first is one interval away
    if following is None:
        raise Invalid("no time at which it is due comes before its end", remedy="Give a later end, or none.")
    return replace(definition, moment=following.at, due=following.due)


def schedule_named(tx: Transaction, schedule: str) -> JobDefinition:
    """Return the schedule with this name or id.

    Raises
    ------
    NotFound
        There is none.
    """
    found = tx.definitions.find(Query(where=equal(name=schedule), limit=1))
    if len(found):
        return found[0]
    try:
        return tx.definitions.get(schedule)
    except NotFound:
        raise NotFound(
            f"there is no schedule {schedule!r}", remedy="jupyter mlops schedule list shows them."
        ) from None


def _seconds(text: str) -> float:
    found = _SPAN.fullmatch(text.lower())
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not 1 <= seconds <= 10 * 366 * 86_400:
        raise Invalid(
            f"{text!r} is no interval",
            remedy="Write a whole number and a unit, from 1s to 3660d: 90s, 15m, 6h, 1d, 2w.",
        )
    return float(seconds)


def _after(ws: Workspace, named: str, ending: Ending) -> After:
    with ws.store.read() as tx:
        try:
            return After(schedule=schedule_named(tx, named).id, ending=ending)
        except NotFound:
            pass
        try:
            return After(job=by_id(tx.jobs, "job", named).id, ending=ending)
        except NotFound:
            raise NotFound(
                f"there is no schedule and no job {named!r}",
                remedy="jupyter mlops schedule list and jupyter mlops jobs show them.",
            ) from None


def _deployment(ws: Workspace, named: str) -> str:
    """Return what a schedule waits for: an alias stays one, whoever serves it; an id is written out."""
    if "@" in named:
        return named
    with ws.store.read() as tx:
        return deployment_of(tx, named).id
