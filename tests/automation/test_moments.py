"""When a schedule is due: held against a walk along every minute, in many places and years."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.automation.moments import due_at, latest, next_fire, upcoming
from jupyter_mlops.automation.zones import zone_of
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.schedule import Cron, Interval, Rules

MINUTE = timedelta(minutes=1)
ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu",
    "Africa/Casablanca", "Pacific/Chatham", "America/Sao_Paulo", "Asia/Tehran", "Europe/Lisbon",
]  # fmt: skip
PLAIN = Rules()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# --- held against a walk ------------------------------------------------------------------------------------


def walked(
    minutes: set[int], hours: set[int], zone: str, start: datetime, days: int, going: bool
) -> list[datetime]:
    """Every minute from *start* on, asked what the clock shows; what it skips is due at the first one it shows then."""
    place, found, told = zone_of(zone), [], set()
    previous = start.astimezone(place).replace(tzinfo=None) - MINUTE
    highest = previous
    for number in range(days * 24 * 60):
        moment = start + number * MINUTE
        shown = moment.astimezone(place).replace(tzinfo=None)
        skipped = [previous + n * MINUTE for n in range(1, int((shown - previous) / MINUTE))]
        missed = any(each > highest and each.hour in hours and each.minute in minutes for each in skipped)
        named = shown.hour in hours and shown.minute in minutes
        if (named and (going or shown not in told)) or (missed and not going):
            found.append(moment)
        if named:
            told.add(shown)
        previous, highest = shown, max(highest, shown)
    return found


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    year=st.integers(1975, 2037),
    day=st.integers(0, 364),
    minutes=st.sets(st.integers(0, 59), min_size=1, max_size=3),
    hours=st.sets(st.integers(0, 23), min_size=1, max_size=4),
    going=st.booleans(),
)
def test_cron_is_due_where_a_walk_along_the_minutes_says_so(zone, year, day, minutes, hours, going) -> None:
    start = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day)
    if start.astimezone(zone_of(zone)).second:
        return  # local mean time: no clock of that day showed whole minutes
    step = 10 if going else None
    expression = f"{'*/10' if going else ','.join(map(str, minutes))} {','.join(map(str, hours))} * * *"
    expected = walked(set(range(0, 60, step)) if step else minutes, hours, zone, start, 3, going)
    when, found, moment = Cron(expression=expression, timezone=zone), [], start - timedelta(microseconds=1)
    while (moment := due_at(when, moment)) < start + timedelta(days=3):
        found.append(moment)

    assert found == expected


CHANGES = [
    ("Europe/Berlin", "2026-03-28"), ("Europe/Berlin", "2026-10-24"), ("America/New_York", "2026-03-07"),
    ("America/New_York", "2026-10-31"), ("Australia/Lord_Howe", "2026-04-04"), ("Australia/Lord_Howe", "2026-10-03"),
    ("America/St_Johns", "2010-11-06"), ("America/St_Johns", "2010-03-13"), ("Pacific/Chatham", "2026-04-04"),
    ("America/Sao_Paulo", "2018-11-03"), ("America/Sao_Paulo", "2018-02-17"), ("Pacific/Apia", "2011-12-29"),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "day"), CHANGES, ids=[f"{zone} {day}" for zone, day in CHANGES])
@pytest.mark.parametrize("going", [True, False], ids=["along", "fixed"])
def test_days_on_which_clocks_are_changed_are_as_the_walk_says(zone, day, going) -> None:
    start = at(f"{day}T00:00+00:00")
    for hours in ({0, 1}, {2}, {1, 2, 3}, {23}, {0, 23}):
        minutes = set(range(0, 60, 10)) if going else {0, 1, 30, 59}
        said = "*/10" if going else "0,1,30,59"
        when = Cron(expression=f"{said} {','.join(map(str, hours))} * * *", timezone=zone)
        found, moment = [], start - timedelta(microseconds=1)
        while (moment := due_at(when, moment)) < start + timedelta(days=3):
            found.append(moment)
        assert found == walked(minutes, hours, zone, start, 3, going), hours


@pytest.mark.parametrize(
    ("expression", "zone", "after", "due"),
    [
        ("0 6 * * mon", "UTC", "2026-01-05T06:00:00+00:00", "2026-01-12T06:00:00+00:00"),
        ("*/15 * * * *", "UTC", "2026-01-05T06:01:30+00:00", "2026-01-05T06:15:00+00:00"),
        ("0 6 * * *", "Europe/Berlin", "2026-07-01T00:00:00+00:00", "2026-07-01T04:00:00+00:00"),
        # the hour that the clock skips in spring: due once the clock goes on
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00+00:00", "2026-03-29T01:00:00+00:00"),
        # the hour that comes twice in autumn: due the first time, and not again within it
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00+00:00", "2026-10-25T00:30:00+00:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00+00:00", "2026-10-26T01:30:00+00:00"),
        ("45 2 * * *", "Europe/Berlin", "2026-10-25T01:30:00+00:00", "2026-10-26T01:45:00+00:00"),
        ("0 0 29 2 *", "UTC", "2026-01-01T00:00:00+00:00", "2028-02-29T00:00:00+00:00"),
        ("0 0 L * *", "UTC", "2026-02-10T00:00:00+00:00", "2026-02-28T00:00:00+00:00"),
        ("0 9 1 1,7 *", "UTC", "2026-01-02T00:00:00+00:00", "2026-07-01T09:00:00+00:00"),
    ],
)
def test_a_clock_is_due_when_its_own_place_says_so(expression, zone, after, due) -> None:
    assert due_at(Cron(expression=expression, timezone=zone), at(after)) == at(due)


@pytest.mark.parametrize(
    ("expression", "zone"),
    [
        ("", "UTC"), ("* * * *", "UTC"), ("* * * * * *", "UTC"), ("61 * * * *", "UTC"), ("0 0 31 2 *", "UTC"),
        ("* * * * *", "Mars/Base"), ("* * * * *", "../etc/passwd"),
    ],
)  # fmt: skip
def test_a_time_that_cannot_be_is_refused(expression, zone) -> None:
    with pytest.raises(Invalid):
        due_at(Cron(expression=expression, timezone=zone), at("2026-01-01T00:00:00+00:00"))


# --- intervals, jitter, limits --------------------------------------------------------------------------------


@given(
    seconds=st.integers(1, 10**7),
    first=st.integers(0, 2**31).map(lambda stamp: datetime.fromtimestamp(stamp, UTC)),
    passed=st.integers(-(10**9), 10**9),
)
def test_an_interval_is_time_that_has_passed(seconds, first, passed) -> None:
    when, after = Interval(seconds=float(seconds), first=first), first + timedelta(seconds=passed)
    due = due_at(when, after)
    assert due > after
    assert (due - first) % timedelta(seconds=seconds) == timedelta()
    assert due == first or due - after <= timedelta(seconds=seconds)


@given(jitter=st.integers(1, 86_400), salt=st.text(max_size=8))
def test_jitter_is_the_same_for_whoever_asks_and_stays_within_its_bound(jitter, salt) -> None:
    when, after = Cron(expression="0 * * * *"), at("2026-01-01T00:30:00+00:00")
    rules = Rules(jitter=float(jitter))
    first = next_fire(when, rules, after, salt=salt)
    assert first == next_fire(when, rules, after, salt=salt)
    assert first is not None
    assert timedelta() <= first.due - first.at < timedelta(seconds=jitter)


def test_jitter_differs_between_schedules_and_times() -> None:
    when, after, rules = Cron(expression="0 * * * *"), at("2026-01-01T00:30:00+00:00"), Rules(jitter=3000.0)
    times = upcoming(when, rules, after, salt="a", most=20) + upcoming(when, rules, after, salt="b", most=20)
    assert len({moment.due - moment.at for moment in times}) > 30


def test_a_schedule_has_a_first_and_a_last_time() -> None:
    rules = Rules(start=at("2026-01-02T00:00:00+00:00"), end=at("2026-01-04T00:00:00+00:00"))
    found = upcoming(Cron(expression="0 0 * * *"), rules, at("2025-01-01T00:00:00+00:00"))
    assert [moment.at.day for moment in found] == [2, 3]
    assert next_fire(Cron(expression="0 0 * * *"), rules, at("2026-01-03T00:00:00+00:00")) is None


def test_what_lies_in_a_blackout_is_left_out_with_its_jitter_considered(monkeypatch) -> None:
    monkeypatch.setattr("jupyter_mlops.automation.moments._MOST_LOOKS", 100)
    rules = Rules(blackout=("22:00-06:00", "2026-01-06/2026-01-06"), jitter=1800.0)
    found = upcoming(
        Cron(expression="*/20 * * * *"), rules, at("2026-01-05T20:50:00+00:00"), salt="b", most=300
    )
    assert all(
        6 <= moment.due.hour < 22 and moment.due.date().isoformat() != "2026-01-06" for moment in found
    )
    assert any(moment.at.hour == 5 for moment in found)  # its jitter takes it out of the night
    with pytest.raises(Invalid, match="lies in a blackout"):
        next_fire(
            Cron(expression="0 3 * * *"), Rules(blackout=("22:00-06:00",)), at("2026-01-05T00:00:00+00:00")
        )
    with pytest.raises(Invalid, match="lies in a blackout"):
        always = Rules(blackout=("00:00-12:00", "12:00-00:00"))
        next_fire(Cron(expression="0 3 * * *"), always, at("2026-01-05T00:00:00+00:00"))


def test_a_time_whose_jitter_puts_it_off_to_the_end_or_later_is_none() -> None:
    when, after = Cron(expression="0 * * * *"), at("2026-01-05T09:30:00+00:00")
    plain = next_fire(when, Rules(jitter=3000.0), after, salt="a")
    assert plain is not None
    assert plain.at < plain.due
    for end, found in ((plain.due, None), (plain.due + MINUTE, plain)):
        assert next_fire(when, Rules(jitter=3000.0, end=end), after, salt="a") == found


@settings(max_examples=40, deadline=None)
@given(
    minutes=st.integers(1, 5_000), most=st.integers(1, 20), jitter=st.sampled_from([0.0, 90.0, 7200.0]),
    expression=st.sampled_from(["*/7 * * * *", "15 */5 * * *", "30 2 * * *"]),
)  # fmt: skip
def test_the_latest_are_those_that_a_walk_from_the_first_finds(minutes, most, jitter, expression) -> None:
    when, rules = Cron(expression=expression, timezone="Europe/Berlin"), Rules(jitter=jitter)
    first = next_fire(when, rules, at("2026-10-23T00:00:00+00:00"), salt="a")
    assert first is not None
    now = first.due + minutes * MINUTE
    every = [first]
    while every[-1].due <= now:
        every.append(next_fire(when, rules, every[-1].at, salt="a"))

    found, following = latest(when, rules, first, now, salt="a", most=most)

    assert list(found) == every[:-1][-most:]
    assert following == every[-1]


def test_moments_only_go_forward() -> None:
    for zone, day in CHANGES:
        found = upcoming(
            Cron(expression="17,43 1,2,3 * * *", timezone=zone), PLAIN, at(f"{day}T00:00+00:00"), most=40
        )
        assert all(earlier.at < later.at for earlier, later in pairwise(found))
