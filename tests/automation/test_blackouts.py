"""Times in which nothing is started, and when they are over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jupyter_mlops.automation.blackouts import blackout_end, read_blackout
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.schedule import Rules


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("windows", "zone", "moment", "end"),
    [
        ([], "UTC", "2026-01-05T03:00", None),
        (["22:00-06:00"], "UTC", "2026-01-05T03:00", "2026-01-05T06:00"),
        (["22:00-06:00"], "UTC", "2026-01-05T22:00", "2026-01-06T06:00"),
        (["22:00-06:00"], "UTC", "2026-01-05T06:00", None),
        (["22:00-06:00"], "UTC", "2026-01-05T21:59", None),
        (["08:00-18:00"], "Europe/Berlin", "2026-07-01T06:00", "2026-07-01T16:00"),
        (["08:00-18:00"], "Europe/Berlin", "2026-07-01T16:30", None),
        (["2026-12-24/2026-12-26"], "UTC", "2026-12-24T00:00", "2026-12-27T00:00"),
        (["2026-12-24T18:00/2026-12-26T08:00"], "UTC", "2026-12-24T17:59", None),
        (["2026-12-24T18:00/2026-12-26T08:00"], "UTC", "2026-12-25T00:00", "2026-12-26T08:00"),
        # one window leads into the next
        (["2026-12-24/2026-12-24", "00:00-06:00"], "UTC", "2026-12-24T12:00", "2026-12-25T06:00"),
        # the hour that comes twice: over when it is over for good; the hour that is skipped: right after
        (["01:00-02:30"], "Europe/Berlin", "2026-10-24T23:30", "2026-10-25T01:30"),
        (["01:00-02:30"], "Europe/Berlin", "2026-03-29T00:30", "2026-03-29T01:00"),
    ],
)
def test_a_blackout_ends_when_the_clock_of_its_place_says_so(windows, zone, moment, end) -> None:
    rules = Rules(blackout=tuple(windows), timezone=zone)
    assert blackout_end(rules, utc(moment)) == (None if end is None else utc(end))


@pytest.mark.parametrize(
    "text",
    ["", "22-06", "22:00-22:00", "25:00-26:00", "2026-12-27/2026-12-24", "2026-12-24", "a/b/c",
     "2026-12-24T00:00+01:00/2026-12-25T00:00+01:00"],
)  # fmt: skip
def test_what_is_no_blackout_is_refused(text) -> None:
    with pytest.raises(Invalid, match="is no blackout"):
        read_blackout(text)
