"""When a schedule is due by a clock: pure functions of what it says and of a moment.

An expression that begins its minute and its hour with a number means certain times of the day. One that a change of
the clock skips is due right after the change; one that comes twice is due the first time. An expression whose minute
or hour begins with ``*`` goes along with the clock: it is due whenever the clock shows such a time, twice where the
clock shows it twice, and not where it never does. An interval is time that has passed, whatever clocks show.

A time inside a blackout is left out, as if nothing named it: what is said to be due next is what will be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from jupyter_mlops.automation.blackouts import blackout_end
from jupyter_mlops.automation.zones import instants, is_changing, right_after, zone_of
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.schedule import Cron, Interval, Rules

__all__ = ["Moment", "due_at", "latest", "next_fire", "upcoming"]

_FIELDS = 5
_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
_MOST_DAYS = 41 * 366  # a 29 February that is a Monday may be 40 years away
_MOST_LOOKS = 2_000  # blackouts passed over in search of a time outside of all


@dataclass(frozen=True, slots=True)
class Moment:
    """A time at which a schedule is due: by its clock, and with its jitter."""

    at: datetime
    due: datetime


def next_fire(when: Cron | Interval, rules: Rules, after: datetime, *, salt: str = "") -> Moment | None:
    """Return the first time after *after* at which a schedule is due, in UTC; None where there is none any more.

    Parameters
    ----------
    salt
        The schedule's id. Jitter is drawn from it and from the time, so that whoever asks is told the same.

    Raises
    ------
    Invalid
        The expression, the time zone or a blackout cannot be read, or nothing is ever due.
    """
    if rules.start is not None and after < rules.start:
        after = rules.start - _INSTANT
    for _ in range(_MOST_LOOKS):
        at = due_at(when, after)
        if rules.end is not None and at >= rules.end:
            return None
        due = at + _jitter(rules.jitter, at, salt)
        if rules.end is not None and due >= rules.end:
            return None  # those after it are claimed after it, so they would start no sooner
        free = blackout_end(rules, due)
        if free is None:
            return Moment(at, due)
        # Nothing between here and the blackout's end can start outside of it, the longest jitter considered.
        after = max(at, free - timedelta(seconds=rules.jitter) - _INSTANT)
    raise Invalid(
        "every time at which the schedule would be due lies in a blackout",
        remedy="Shorten the blackout, or choose another time.",
    )


def upcoming(
    when: Cron | Interval, rules: Rules, after: datetime, *, salt: str = "", most: int = 5
) -> tuple[Moment, ...]:
    """Return the next *most* times after *after* at which a schedule is due."""
    found: list[Moment] = []
    while len(found) < most:
        following = next_fire(when, rules, found[-1].at if found else after, salt=salt)
        if following is None:
            break
        found.append(following)
    return tuple(found)


def latest(
    when: Cron | Interval, rules: Rules, first: Moment, now: datetime, *, salt: str = "", most: int = 1
) -> tuple[tuple[Moment, ...], Moment | None]:
    """Return the last *most* times from *first* on that have come due by *now*, and the one that is due next.

    Looks backwards in growing steps, so that a long pause of a schedule that is often due costs little.
    """
    width = timedelta(hours=1) + timedelta(seconds=rules.jitter)
    while True:
        begin = max(first.at, now - width) - _INSTANT
        found, following = _between(when, rules, begin, now, salt)
        if len(found) >= most or begin < first.at:
            return tuple(found[-most:]), following
        width *= 4


def _between(
    when: Cron | Interval, rules: Rules, begin: datetime, now: datetime, salt: str
) -> tuple[list[Moment], Moment | None]:
    found: list[Moment] = []
    at = begin
    while True:
        following = next_fire(when, rules, at, salt=salt)
        if following is None or following.due > now:
            return found, following
        found.append(following)
        at = following.at


def due_at(when: Cron | Interval, after: datetime) -> datetime:
    """Return the first moment after *after* at which *when* is due, in UTC, whatever rules the schedule has.

    Raises
    ------
    Invalid
        The expression or the time zone is wrong, or there is no such moment.
    """
    if isinstance(when, Interval):
        step = timedelta(seconds=when.seconds)
        passed = (after - when.first) // step + 1 if after >= when.first else 0
        return (when.first + passed * step).astimezone(UTC)
    fields, zone = _read(when.expression), zone_of(when.timezone)
    day = after.astimezone(zone).date() - _DAY
    for _ in range(_MOST_DAYS):
        found = list(_later(fields, day, zone, after))
        if found:
            # Where a clock is put back across midnight, the next day may begin before this one has ended.
            if is_changing(day, zone):
                found += _later(fields, day + _DAY, zone, after)
            return min(found)
        day = _next_day(fields, day)
    raise _never(when.expression, "no such day comes")


def _jitter(most: float, at: datetime, salt: str) -> timedelta:
    if most <= 0:
        return timedelta()
    drawn = int.from_bytes(
        hashlib.sha256(f"{salt} {at.astimezone(UTC).isoformat()}".encode()).digest()[:6], "big"
    )
    return timedelta(seconds=int(most * drawn / 2**48))


@dataclass(frozen=True, slots=True)
class _Fields:
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: frozenset[int]
    going: bool  # along with the clock; else certain times of the day
    days: Callable[[date], bool]  # tells whether a date matches

    def names(self, day: date) -> bool:
        return day.month in self.months and self.days(day)


@lru_cache(maxsize=4096)
def _read(expression: str) -> _Fields:
    from cronsim import CronSim, CronSimError

    parts = expression.split()
    if len(parts) != _FIELDS:
        raise Invalid(
            f"{expression!r} is not a cron expression of five fields",
            remedy="Minute, hour, day of the month, month, day of the week: 0 6 * * 1 is Mondays at six.",
        )
    try:
        read = CronSim(expression, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as failure:
        raise _never(expression, str(failure)) from failure
    return _Fields(
        minutes=tuple(sorted(read.minutes)),
        hours=tuple(sorted(read.hours)),
        months=frozenset(read.months),
        going=parts[0].startswith("*") or parts[1].startswith("*"),
        days=read.match_day,
    )


def _never(expression: str, why: str) -> Invalid:
    return Invalid(
        f"{expression!r} is never due: {why}",
        remedy="Five fields: minute, hour, day of month, month, day of week; 0 7 * * 1 is Mondays at seven.",
    )


def _next_day(fields: _Fields, day: date) -> date:
    following = day + _DAY
    if following.month in fields.months:
        return following
    return (following.replace(day=1) + 31 * _DAY).replace(day=1)


def _later(fields: _Fields, day: date, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Yield moments of *day* after *after*: all of them where the clock is changed near it, else the first."""
    if not fields.names(day):
        return
    if is_changing(day, zone):
        yield from (moment for moment in _all_of(fields, day, zone) if moment > after)
        return
    shown = after.astimezone(zone).replace(tzinfo=None)
    for hour in fields.hours:
        if datetime.combine(day, time(hour, 59, 59)) < shown.replace(microsecond=0):
            continue
        for minute in fields.minutes:
            if (at := datetime.combine(day, time(hour, minute))) > shown:
                yield at.replace(tzinfo=zone).astimezone(UTC)
                return


def _all_of(fields: _Fields, day: date, zone: ZoneInfo) -> Iterator[datetime]:
    for hour in fields.hours:
        for minute in fields.minutes:
            shown = datetime.combine(day, time(hour, minute))
            meant = instants(shown, zone)
            if not meant and not fields.going:
                yield right_after(shown, zone)
            yield from meant if fields.going else meant[:1]
