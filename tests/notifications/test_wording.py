"""What a message says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from contracts.samples import ANA, SPEC

from jupyter_mlops.notifications.wording import end_text, headline, late_text, short_span, stamp
from jupyter_mlops.records.job import CellProgress, Job, JobError, JobStatus

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
JOB = Job(id="0123456789abcdef", spec=SPEC, status=JobStatus.SUCCEEDED, queued=NOON, actor=ANA)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (3660, "1 h 1 min"), (90_061, "1 d 1 h"), (-5, "0 s")],
)
def test_a_span_is_said_in_its_two_largest_units(seconds, said) -> None:
    assert short_span(seconds) == said


def test_a_moment_is_said_with_its_zone() -> None:
    assert stamp(NOON) == "2026-01-05 12:00 UTC"


def test_the_headline_names_the_job_and_its_schedule() -> None:
    assert headline(JOB, "", "failed") == "train.ipynb failed"
    assert headline(JOB, "nightly", "failed") == "nightly: train.ipynb failed"
    named = replace(JOB, spec=replace(SPEC, name="monthly figures"))
    assert headline(named, "", "failed") == "monthly figures failed"


def test_an_end_says_how_long_it_took_or_why_it_failed() -> None:
    took = replace(JOB, started=NOON, ended=NOON + timedelta(minutes=5), attempt=2)
    what, text = end_text(took)
    assert (what, text.splitlines()) == (
        "succeeded",
        ["It took 5 min.", "This was attempt 2.", "jupyter mlops job show abcdef"],
    )
    failed = replace(JOB, status=JobStatus.LOST, error=JobError(kind="lost", message="x" * 900))
    what, text = end_text(failed)
    assert (what, text.splitlines()[0]) == ("was lost", "x" * 500 + "…")


def test_what_is_late_says_where_it_is() -> None:
    running = replace(JOB, status=JobStatus.RUNNING, progress=CellProgress(index=1, total=4))
    assert late_text(running, NOON, NOON + timedelta(hours=2), "").splitlines() == [
        "It was due 2026-01-05 12:00 UTC, 2 h ago.",
        "Its job is running, at code cell 2 of 4.",
        "jupyter mlops job show abcdef",
    ]
    assert late_text(None, NOON, NOON, "missed").endswith("No job was started: missed.")
