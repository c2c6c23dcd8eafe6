"""Schedules: when they are due in words, when that is next, and what became of the last job."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.automation import add_schedule, find_schedules, pause_schedule
from jupyter_mlops.automation.tick import tick
from jupyter_mlops.records.job import JobSpec, JobStatus
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.schedule import (
    After,
    CatchUp,
    Cron,
    Ending,
    Fire,
    FireStatus,
    Interval,
    JobDefinition,
    OnDataset,
    OnDrift,
    OnFile,
    Overlap,
    Rules,
    ScheduleView,
)
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.schedules import last_job, rules_in_words, when_in_words
from jupyter_mlops.render.text import as_text
from tests.render.records_shown import ANA, AT


def a_schedule(name: str = "weekly", **changes: object) -> JobDefinition:
    spec = JobSpec(notebook="notebooks/train.ipynb", content="0" * 64)
    when = Cron(expression="0 6 * * mon", timezone="Europe/Berlin")
    made = JobDefinition(id="s" * 26, name=name, spec=spec, when=when, created=AT, actor=ANA)
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("0 6 * * 1", "Mondays at 06:00 UTC"),
        ("0 6 * * MON", "Mondays at 06:00 UTC"),
        ("0 6 * * 0", "Sundays at 06:00 UTC"),
        ("0 6 * * 7", "Sundays at 06:00 UTC"),
        ("30 18 * * mon-fri", "Monday to Friday at 18:30 UTC"),
        ("5 6,18 * * 1,3,5", "Mondays, Wednesdays and Fridays at 06:05 and 18:05 UTC"),
        ("0 3 * * *", "every day at 03:00 UTC"),
        ("0 3 1 * *", "day 1 of every month at 03:00 UTC"),
        ("0 3 24 12 *", "every 24 December at 03:00 UTC"),
        ("0 3 24 dec *", "every 24 December at 03:00 UTC"),
        ("* * * * *", "every minute, UTC"),
        ("*/15 * * * *", "every 15 minutes, UTC"),
        ("*/15 * * * 1-5", "every 15 minutes, Monday to Friday, UTC"),
        ("20 * * * *", "every hour at 20 minutes past, UTC"),
        ("0 */4 * * *", "every 4 hours at 0 minutes past, UTC"),
        # What has no plain words is shown as it was given.
        ("0 6 1-7 * 1", "0 6 1-7 * 1, UTC"),
        ("0 6 * * 1#2", "0 6 * * 1#2, UTC"),
        ("0 6 l * *", "0 6 l * *, UTC"),
        ("0-30 6 * * *", "0-30 6 * * *, UTC"),
        ("0 6 * 1-3 *", "0 6 * 1-3 *, UTC"),
        ("0 6 1 13 *", "0 6 1 13 *, UTC"),
        ("0 6 32 * *", "0 6 32 * *, UTC"),
    ],
)
def test_a_clock_is_told_as_one_would_say_it(expression: str, said: str) -> None:
    assert when_in_words(Cron(expression=expression)) == said


@given(st.text(alphabet="0123456789*/,-# montuelL", max_size=24))
def test_any_text_in_place_of_five_fields_has_some_words(expression: str) -> None:
    assert when_in_words(Cron(expression=expression, timezone="UTC")).endswith("UTC")


def test_drift_is_told_by_the_deployment_it_is_watched_at() -> None:
    assert when_in_words(OnDrift(deployment="pm25@champion")) == "when the data of pm25@champion have drifted"
    assert "345678 have" in when_in_words(OnDrift(deployment="01" * 10 + "345678"))


def test_a_list_tells_of_each_when_it_is_next_and_how_its_last_job_ended() -> None:
    ran = a_schedule(
        due=AT + timedelta(days=7),
        last_job="j" * 20 + "a1b2c3",
        last_fired=AT,
        last_status=JobStatus.TIMED_OUT,
    )
    rests = a_schedule("nightly", active=False, when=Cron(expression="0 3 * * *"))
    title, head, first, second = as_text(Page(items=(ran, rests), total=2)).splitlines()

    assert title == "2 schedules"
    assert head.split() == ["schedule", "notebook", "when", "next", "last", "job", "state"]
    assert (
        "Mondays at 06:00 Europe/Berlin  2026-01-12 09:00 UTC  ✕ timed out · a1b2c3 · 2026-01-05 09:00 UTC"
        in first
    )
    assert second.split()[:2] == ["nightly", "train.ipynb"]
    assert second.rstrip().endswith("■ paused")
    for said in ("Mondays at 06:00 Europe/Berlin", "a1b2c3", "■ paused"):
        assert said in as_html((ran, rests))


def test_columns_in_which_nothing_stands_are_left_out() -> None:
    _, head, _ = as_text((a_schedule(),)).splitlines()

    assert head.split() == ["schedule", "notebook", "when"]


def test_one_schedule_says_what_it_runs_and_that_it_rests() -> None:
    spec = replace(a_schedule().spec, parameters={"alpha": 0.3}, register_as="pm25")
    text = as_text(a_schedule(active=False, spec=spec))

    assert text.startswith("■ weekly   paused")
    for said in ("due         Mondays at 06:00 Europe/Berlin", "alpha 0.3", "registers   pm25"):
        assert said in text
    assert "next" not in text


def test_a_job_that_is_gone_is_called_so() -> None:
    assert last_job(a_schedule(last_job="j" * 26, last_fired=AT)).startswith("gone")


def test_what_the_books_say_of_a_schedule_is_what_is_shown(ws, tmp_path, clock) -> None:
    (tmp_path / "n.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    add_schedule(
        ws, name="daily", notebook=str(tmp_path / "n.ipynb"), cron="30 9 * * *"
    )  # the clock says 9:00
    clock.advance(3600)

    (job,) = tick(ws, workers=0).submitted
    text = as_text(find_schedules(ws))

    assert (
        f"every day at 09:30 UTC  2026-01-06 09:30 UTC  ○ queued · {job[-6:]} · 2026-01-05 10:00 UTC" in text
    )
    pause_schedule(ws, "daily")
    assert "2026-01-06" not in as_text(find_schedules(ws))


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (Interval(seconds=5400.0, first=AT), "every 90 minutes"),
        (Interval(seconds=86_400.0, first=AT), "every day"),
        (Interval(seconds=7.0, first=AT), "every 7 seconds"),
        (OnFile(pattern="data/*.csv"), "when data/*.csv has changed"),
        (OnDataset(dataset="air"), "when air has a new version"),
        (After(schedule="a" * 26), "after schedule aaaaaa, once it succeeded"),
        (After(job="b" * 26, ending=Ending.ANY), "after job bbbbbb, once it ended"),
    ],
)
def test_what_is_waited_for_is_told_in_words(when, said) -> None:
    assert when_in_words(when) == said


def test_rules_are_told_where_they_are_not_the_usual_ones() -> None:
    assert rules_in_words(Rules()) == ""
    said = rules_in_words(
        Rules(
            catch_up=CatchUp.ALL, overlap=Overlap.SKIP, jitter=60.0, blackout=("22:00-06:00",), start=AT,
            end=AT + timedelta(days=1), maximum=3,
        )
    )  # fmt: skip
    assert said.startswith(
        "makes up for all of what was missed; skip while a job is under way; put off by up to 60 s"
    )
    assert "not in 22:00-06:00 UTC" in said
    assert said.endswith("3 times at most")


def test_a_schedule_is_shown_with_what_is_due_next_and_why_a_time_was_skipped() -> None:
    fire = Fire(
        definition="s" * 26, cause="a", status=FireStatus.SKIPPED, reason="<b> had not ended", moment=AT, due=AT, claimed=AT
    )  # fmt: skip
    done = replace(
        fire, cause="b", status=FireStatus.ENDED, outcome=JobStatus.FAILED, job="j" * 26, reason=""
    )
    view = ScheduleView(
        schedule=a_schedule(done="it ran once", active=False), upcoming=(AT,), fires=(fire, done)
    )
    text, html = as_text(view), as_html(view)
    for word in ("Due next", "skipped", "had not ended", "failed", "jjjjjj", "it ran once", "done"):
        assert word in text
        assert word in html
    assert "<b> had" not in html
