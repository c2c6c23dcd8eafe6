"""Schedules: when each is due in words, when that is next, and what became of its last job."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from jupyter_mlops.records.schedule import (
    After,
    Cron,
    Ending,
    Fire,
    Interval,
    JobDefinition,
    OnDataset,
    OnDrift,
    OnFile,
    Rules,
    ScheduleView,
    When,
)
from jupyter_mlops.render.blocks import Block, Column, Facts, Line, Table, Title, Tone
from jupyter_mlops.render.parameters import listed
from jupyter_mlops.render.states import state_face
from jupyter_mlops.render.words import DASH, moment, value

__all__ = ["last_job", "rules_in_words", "schedule_blocks", "standing", "view_blocks", "when_in_words"]

_PAUSED = ("■", "paused")
_DONE = ("✓", "done")
_SHOWN_ITEMS = 20
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY_NAMES: Mapping[str, int] = {day[:3].lower(): number for number, day in enumerate(_DAYS[:7])}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTH_NAMES: Mapping[str, int] = {month[:3].lower(): number for number, month in enumerate(_MONTHS, 1)}
_FIELDS = 5


def schedule_blocks(schedule: JobDefinition) -> Iterator[Block]:
    """One schedule."""
    aside = f"{schedule.actor.name} · {moment(schedule.created)}"
    if schedule.active:
        yield Title(schedule.name, aside=aside)
    else:
        sign, state = standing(schedule)
        yield Title(schedule.name, sign=sign, tone=Tone.WARN, state=state, aside=aside)
    spec = schedule.spec
    facts = [("notebook", spec.notebook), ("due", when_in_words(schedule.when))]
    if rules := rules_in_words(schedule.rules):
        facts.append(("rules", rules))
    if schedule.done:
        facts.append(("done", schedule.done))
    if schedule.due is not None:
        facts.append(("next", moment(schedule.due)))
    if schedule.last_job is not None:
        facts.append(("last job", last_job(schedule)))
    if spec.parameters:
        facts.append(("parameters", listed(spec.parameters, _SHOWN_ITEMS)))
    facts.append(("experiment", spec.experiment))
    if spec.register_as:
        facts.append(("registers", spec.register_as))
    yield Facts(tuple(facts))


def view_blocks(view: ScheduleView) -> Iterator[Block]:
    """One schedule, the times to come, and what became of the last ones."""
    yield from schedule_blocks(view.schedule)
    if view.upcoming:
        yield Line("Due next", strong=True)
        for time in view.upcoming:
            yield Line(moment(time))
    if view.fires:
        yield Table(
            (Column("due"), Column("what became of it"), Column("job"), Column("why")),
            tuple(map(_fire_row, view.fires)),
        )


def _fire_row(fire: Fire) -> tuple[str, ...]:
    status = str(fire.outcome or fire.status)
    sign, _ = state_face(status)
    return (
        moment(fire.moment),
        f"{sign} {status.replace('_', ' ')}".strip(),
        "" if fire.job is None else fire.job[-6:],
        value(fire.reason, 80) if fire.reason else "",
    )


def standing(schedule: JobDefinition) -> tuple[str, str]:
    """Return the sign and the word for a schedule that is not active."""
    return _DONE if schedule.done else _PAUSED


def rules_in_words(rules: Rules) -> str:
    """Return the rules that are not as they are by default."""
    usual, said = Rules(), []
    if rules.catch_up != usual.catch_up:
        said.append(f"makes up for {rules.catch_up} of what was missed")
    if rules.overlap != usual.overlap:
        said.append(f"{rules.overlap} while a job is under way")
    if rules.jitter:
        said.append(f"put off by up to {rules.jitter:g} s")
    if rules.blackout:
        said.append(f"not in {', '.join(rules.blackout)} {rules.timezone}")
    if rules.start is not None:
        said.append(f"from {moment(rules.start)}")
    if rules.end is not None:
        said.append(f"until {moment(rules.end)}")
    if rules.maximum is not None:
        said.append(f"{rules.maximum} times at most")
    return "; ".join(said)


def last_job(schedule: JobDefinition) -> str:
    """Return how the schedule's last job stands, which one it is and when it was queued; a dash where there is none."""
    if schedule.last_job is None:
        return DASH
    status = str(schedule.last_status or "gone")
    sign, _ = state_face(status)
    head = f"{sign} {status.replace('_', ' ')}".strip()
    return f"{head} · {schedule.last_job[-6:]} · {moment(schedule.last_fired)}"


def when_in_words(when: When | None) -> str:
    """Return when a schedule is due, as one would say it; a time too odd for words as its five fields."""
    if when is None:
        return DASH
    if isinstance(when, Interval):
        return f"every {_span(int(when.seconds))}"
    if not isinstance(when, Cron):
        return _happening(when)
    fields = when.expression.lower().split()
    said = _said(*fields) if len(fields) == _FIELDS else ""
    return f"{said} {when.timezone}" if said[-3:-2] == ":" else f"{said or when.expression}, {when.timezone}"


def _happening(when: OnFile | OnDataset | After | OnDrift) -> str:
    if isinstance(when, OnFile):
        return f"when {value(when.pattern, 60)} has changed"
    if isinstance(when, OnDataset):
        return f"when {value(when.dataset, 40)} has a new version"
    if isinstance(when, OnDrift):
        name = when.deployment if "@" in when.deployment else when.deployment[-6:]
        return f"when the data of {value(name, 40)} have drifted"
    waited = f"schedule {when.schedule[-6:]}" if when.schedule else f"job {when.job[-6:]}"
    return f"after {waited}, {_ENDINGS[when.ending]}"


_ENDINGS = {
    Ending.SUCCESS: "once it succeeded",
    Ending.FAILURE: "once it failed",
    Ending.ANY: "once it ended",
}
_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


def _span(seconds: int) -> str:
    """Return a number of seconds in the largest unit that it is a whole number of."""
    unit, size = next((unit, size) for unit, size in _UNITS if seconds % size == 0)
    number = seconds // size
    return unit if number == 1 else f"{number} {unit}s"


def _said(minute: str, hour: str, day: str, month: str, weekday: str) -> str:
    """Return the words for five fields, or nothing."""
    on = _days(day, month, weekday)
    if on is None:
        return ""
    if minute.isdigit() and (hours := _whole(hour)):
        at = _and([f"{number:02}:{int(minute):02}" for number in hours])
        return f"{on or 'every day'} at {at}"
    every = _every(minute, hour)
    return ", ".join(filter(None, [every, on])) if every else ""


def _every(minute: str, hour: str) -> str:
    step = re.fullmatch(r"\*(?:/(\d+))?", minute)
    if step is not None and hour == "*":
        return f"every {step[1]} minutes" if int(step[1] or 1) > 1 else "every minute"
    step = re.fullmatch(r"\*(?:/(\d+))?", hour)
    if step is not None and minute.isdigit():
        past = f"at {int(minute)} minutes past"
        return f"every {step[1]} hours {past}" if int(step[1] or 1) > 1 else f"every hour {past}"
    return ""


def _days(day: str, month: str, weekday: str) -> str | None:
    """Return the days meant: empty for all of them, None where they have no words."""
    if day == "*" and month == "*":
        return "" if weekday == "*" else _weekdays(weekday)
    if weekday != "*" or not (day.isdigit() and 1 <= int(day) <= 31):  # noqa: PLR2004
        return None
    if month == "*":
        return f"day {int(day)} of every month"
    number = _MONTH_NAMES.get(month, int(month) if month.isdigit() else 0)
    return f"every {int(day)} {_MONTHS[number - 1]}" if 1 <= number <= len(_MONTHS) else None


def _weekdays(text: str) -> str | None:
    days: list[str] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        ends = [_weekday(first), _weekday(last) if dash else None]
        if ends[0] is None or (dash and ends[1] is None):
            return None
        days.append(f"{_DAYS[ends[0]]} to {_DAYS[ends[1]]}" if ends[1] is not None else f"{_DAYS[ends[0]]}s")
    return _and(days)


def _weekday(text: str) -> int | None:
    number = _DAY_NAMES.get(text, int(text) if text.isdigit() else None)
    return number if number is not None and number < len(_DAYS) else None


def _whole(text: str) -> list[int]:
    """Return the numbers of a list of them; nothing for a field of another kind."""
    parts = text.split(",")
    return [int(part) for part in parts] if all(part.isdigit() for part in parts) else []


def _and(parts: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
