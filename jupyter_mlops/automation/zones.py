"""Times of the day in a place, and the moments they mean: also where its clock is put forward or back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jupyter_mlops.errors import Invalid

__all__ = ["instants", "is_changing", "right_after", "zone_of"]

_DAY = timedelta(days=1)


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone called *name*.

    Raises
    ------
    Invalid
        This machine knows none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as failure:
        raise Invalid(f"{name!r} is no known time zone", remedy="Such as UTC or Europe/Berlin.") from failure


def instants(shown: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the moments, in UTC, at which the clock of *zone* shows a time without an offset: none, one or two."""
    found = []
    for fold in (0, 1):
        moment = shown.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == shown and moment not in found:
            found.append(moment)
    return tuple(sorted(found))


def right_after(shown: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment at which the clock skips the time *shown*: the first that it shows after the gap."""
    low, high = sorted(shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


@lru_cache(maxsize=4096)
def is_changing(day: date, zone: ZoneInfo) -> bool:
    """Tell whether the clock of *zone* is put forward or back on *day*, or right before or after it."""
    start = datetime.combine(day, time()).replace(tzinfo=UTC) - _DAY
    offsets = {(start + timedelta(hours=hours)).astimezone(zone).utcoffset() for hours in range(0, 73, 3)}
    return len(offsets) > 1
