"""Times of the day in a place: none, one or two moments."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from jupyter_mlops.automation.zones import instants, is_changing, right_after, zone_of
from jupyter_mlops.errors import Invalid


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "shown", "moments"),
    [
        ("Europe/Berlin", "2026-01-05T06:00", ["2026-01-05T05:00"]),
        ("Europe/Berlin", "2026-03-29T02:30", []),
        ("Europe/Berlin", "2026-10-25T02:30", ["2026-10-25T00:30", "2026-10-25T01:30"]),
        ("Australia/Lord_Howe", "2026-04-05T01:45", ["2026-04-04T14:45", "2026-04-04T15:15"]),
    ],
)
def test_a_time_means_the_moments_at_which_the_clock_shows_it(zone, shown, moments) -> None:
    found = instants(datetime.fromisoformat(shown), zone_of(zone))
    assert list(found) == [utc(moment) for moment in moments]


@pytest.mark.parametrize(
    ("zone", "shown", "moment"),
    [
        ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29T02:59", "2026-03-29T01:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),  # a day that the islands never had
    ],
)
def test_a_skipped_time_is_followed_by_the_first_that_is_shown(zone, shown, moment) -> None:
    assert right_after(datetime.fromisoformat(shown), zone_of(zone)) == utc(moment)


@pytest.mark.parametrize(("day", "changing"), [(24, True), (25, True), (26, True), (20, False), (30, False)])
def test_days_on_and_beside_a_change_are_told_from_the_others(day, changing) -> None:
    assert is_changing(date(2026, 10, day), zone_of("Europe/Berlin")) is changing


@pytest.mark.parametrize("name", ["Mars/Base", "../etc/passwd", ""])
def test_a_place_that_is_none_is_refused(name) -> None:
    with pytest.raises(Invalid, match="no known time zone"):
        zone_of(name)
