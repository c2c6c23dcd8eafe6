"""Times in which nothing may be started: each day from one time to another, or from one date to another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from jupyter_mlops.automation.zones import instants, right_after, zone_of
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.schedule import Rules

__all__ = ["blackout_end", "read_blackout"]

_DAILY = re.compile(r"(\d\d:\d\d)\s*-\s*(\d\d:\d\d)")
_DAY = timedelta(days=1)
_MOST = 1_000  # windows that touch each other


@dataclass(frozen=True, slots=True)
class _Daily:
    """Each day; where it ends before it begins, it ends on the next one."""

    begins: time
    ends: time

    def end_at(self, shown: datetime) -> datetime | None:
        """Return when, by the clock, the window that *shown* lies in ends; None outside of it."""
        at, today = shown.time(), datetime.combine(shown.date(), self.ends)
        if self.begins < self.ends:
            return today if self.begins <= at < self.ends else None
        if at >= self.begins:
            return today + _DAY
        return today if at < self.ends else None


@dataclass(frozen=True, slots=True)
class _Dated:
    begins: datetime
    ends: datetime

    def end_at(self, shown: datetime) -> datetime | None:
        """Return when, by the clock, the window that *shown* lies in ends; None outside of it."""
        return self.ends if self.begins <= shown < self.ends else None


@lru_cache(maxsize=1024)
def read_blackout(text: str) -> _Daily | _Dated:
    """Read ``22:00-06:00`` or ``2026-12-24/2026-12-27``.

    Raises
    ------
    Invalid
        It is neither, or it never begins or never ends.
    """
    daily = _DAILY.fullmatch(text.strip())
    try:
        if daily is not None:
            begins, ends = map(time.fromisoformat, daily.groups())
            if begins != ends:
                return _Daily(begins, ends)
        else:
            first, last = (part.strip() for part in text.split("/"))
            dated = _Dated(_begin(first), _end(last))
            if dated.begins < dated.ends:
                return dated
    except ValueError:
        pass
    raise Invalid(
        f"{text!r} is no blackout",
        remedy="Write 22:00-06:00 for each day, or 2026-12-24/2026-12-27 for those days and all between them.",
    )


def _begin(text: str) -> datetime:
    return _plain(datetime.fromisoformat(text))


def _end(text: str) -> datetime:
    moment = _plain(datetime.fromisoformat(text))
    return (
        moment + _DAY if len(text) == len("2026-12-27") else moment
    )  # a day that is named is meant to its end


def _plain(moment: datetime) -> datetime:
    if moment.tzinfo is not None:
        raise ValueError(moment)  # the schedule's own zone counts
    return moment


def blackout_end(rules: Rules, moment: datetime) -> datetime | None:
    """Return when, in UTC, the blackout that *moment* lies in is over, those that follow at once included.

    None where it lies in none. A blackout that never ends is one whose end is returned after a thousand windows.
    """
    if not rules.blackout:
        return None
    zone, windows = zone_of(rules.timezone), [read_blackout(text) for text in rules.blackout]
    found = None
    for _ in range(_MOST):
        later = _end_in(windows, found or moment, zone)
        if later is None:
            break
        found = later
    return found


def _end_in(windows: Iterable[_Daily | _Dated], moment: datetime, zone: ZoneInfo) -> datetime | None:
    shown = moment.astimezone(zone).replace(tzinfo=None)
    ends = [end for window in windows if (end := window.end_at(shown)) is not None]
    if not ends:
        return None
    end = max(ends)
    meant = [each for each in instants(end, zone) if each > moment]
    # Of a time that comes twice the last: a blackout is not left and entered again within an hour.
    later = meant[-1] if meant else right_after(end, zone)
    return later if later > moment else moment.astimezone(UTC) + timedelta(hours=1)
