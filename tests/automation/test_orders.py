"""What is asked of a schedule is read, or refused with the rule, the value and the next step."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from contracts.samples import SPEC

from jupyter_mlops.automation.orders import begun, read_rules, read_when, schedule_named
from jupyter_mlops.automation.watching import files_now
from jupyter_mlops.errors import Forbidden, Invalid, NotFound
from jupyter_mlops.jobs import submit_job
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
)

START = datetime(2026, 2, 1, tzinfo=UTC)


def read(ws, **order):
    return read_when(ws, order, timezone="Europe/Berlin", start=order.pop("start", None))


def schedule(ws, **changes) -> JobDefinition:
    made = JobDefinition(id=ws.new_id(), name="nightly", spec=SPEC, created=ws.now(), actor=ws.actor)
    return replace(made, **changes)


def test_each_kind_of_reason_is_read(ws) -> None:
    kept = schedule(ws)
    with ws.store.write() as tx:
        tx.definitions.add(kept)
    assert read(ws, cron="0 3 * * *") == Cron(expression="0 3 * * *", timezone="Europe/Berlin")
    assert read(ws, every="90 s") == Interval(seconds=90.0, first=ws.now())
    assert read(ws, every="2w", start=START) == Interval(seconds=14 * 86_400.0, first=START)
    assert read(ws, on_file="data/*.csv") == OnFile(pattern="data/*.csv")
    assert read(ws, on_dataset="air") == OnDataset(dataset="air")
    assert read(ws, after="nightly", ending=Ending.ANY) == After(schedule=kept.id, ending=Ending.ANY)
    assert read(ws, on_drift="pm25@champion") == OnDrift(deployment="pm25@champion")


def test_a_job_is_waited_for_by_the_end_of_its_id(place, write) -> None:
    job = submit_job(place, notebook=str(write("1")))
    assert read(place, after=job.id[-8:]) == After(job=job.id)


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({}, "a schedule needs one reason to run"),
        ({"cron": "0 3 * * *", "every": "1h"}, "cron and every are two"),
        ({"every": "soon"}, "'soon' is no interval"),
        ({"every": "0m"}, "'0m' is no interval"),
        ({"every": "9999999w"}, "is no interval"),
        ({"on_file": "x" * 501}, "on_file has 501 characters"),
    ],
)
def test_what_cannot_be_read_is_refused(ws, order, said) -> None:
    with pytest.raises(Invalid, match=said):
        read(ws, **order)


def test_what_is_not_there_cannot_be_waited_for(ws) -> None:
    with pytest.raises(NotFound, match="no schedule and no job 'nothing'"):
        read(ws, after="nothing")
    with ws.store.read() as tx, pytest.raises(NotFound, match="no schedule 'nothing'"):
        schedule_named(tx, "nothing")


def test_a_confined_workspace_watches_nothing_outside_of_it(place) -> None:
    confined = replace(place, settings=replace(place.settings, confined=True))
    for pattern in ("../*.csv", "/etc/passwd", "data/../../x"):
        with pytest.raises(Forbidden):
            read(confined, on_file=pattern)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (Rules(timezone="Mars/Base"), "no known time zone"),
        (Rules(blackout=("night",)), "'night' is no blackout"),
        (Rules(jitter=-1.0), "jitter is -1 seconds"),
        (Rules(jitter=1e6), "jitter is 1e\\+06 seconds"),
        (Rules(jitter=float("nan")), "jitter is nan seconds"),
        (Rules(maximum=0), "maximum is 0"),
        (Rules(start=START, end=START), "does not come after the start"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused(rules, said) -> None:
    with pytest.raises(Invalid, match=said):
        read_rules(rules)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rules": Rules(end=START - timedelta(days=100))}, "is past"),
        ({"rules": Rules(maximum=2), "fired": 2}, "has run 2 times, and 2 are the most"),
        ({"when": Cron(expression="0 3 3 3 *"), "rules": Rules(end=START)}, "no time at which it is due"),
    ],
)
def test_a_schedule_that_would_never_be_due_is_refused(ws, changes, said) -> None:
    with ws.store.read() as tx, pytest.raises(Invalid, match=said):
        begun(ws, tx, schedule(ws, **changes))


def test_what_was_looked_for_before_the_transaction_is_not_looked_for_in_it(place) -> None:
    when = OnFile(pattern="*.csv")
    (place.settings.root / "a.csv").write_text("1")
    files = files_now(place, when)
    (place.settings.root / "b.csv").write_text("2")
    with place.store.read() as tx:
        assert begun(place, tx, schedule(place, when=when), files).seen == files["*.csv"]
        assert len(begun(place, tx, schedule(place, when=when)).seen) == 2


def test_a_schedule_counts_from_now(ws) -> None:
    before = schedule(ws, when=Interval(seconds=60.0, first=ws.now()), done="it ran once", seen=("a",))
    with ws.store.read() as tx:
        made = begun(ws, tx, before)
    assert (made.due, made.since, made.done, made.seen) == (
        ws.now() + timedelta(seconds=60), ws.now(), "", (),
    )  # fmt: skip
