"""How a sweep is told: in a line, in squares, and its trials in a table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.job import Job, JobError, JobSpec, JobStatus
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.report import SweepReport, SweepRow
from jupyter_mlops.records.sweep import Best, Choices, EarlyStop, Goal, Sampler, Span, Sweep, Tally
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.sweeps import (
    axis_in_words,
    job_tally,
    plan_facts,
    sweep_blocks,
    tally_in_words,
)
from jupyter_mlops.render.text import as_text

BEST = Best(job="j1", value=39.81, parameters={"alpha": 0.1, "depth": 8})
TALLY = Tally(trials=32, succeeded=14, failed=1, running=2, best=BEST, left=185.0)
PLAN = Sweep(
    axes={"alpha": Span(low=0.001, high=0.1, log=True), "depth": Choices(values=(4, 8)), "n": Choices(values=(9,))},
    sampler=Sampler.RANDOM, trials=32, seed=7, goal=Goal(metric="mae", direction=Direction.LOWER),
    early_stop=EarlyStop(after=1, among=2),
)  # fmt: skip


@pytest.mark.parametrize(
    ("tally", "told"),
    [
        (TALLY, "14 done · 2 running · 1 failed · 15 to come · about 3 min 5 s left · best mae 39.81 (alpha 0.1 · depth 8)"),
        (Tally(trials=3), "0 done · 3 to come"),
        (Tally(trials=2, succeeded=1, stopped=1), "1 done · 1 stopped early"),
        (Tally(trials=1, succeeded=1, best=Best(job="j", value=2.0)), "1 done · best mae 2"),
    ],
    ids=["all", "none", "stopped", "fixed"],
)  # fmt: skip
def test_how_far_a_sweep_is_in_a_line(tally, told) -> None:
    assert tally_in_words(tally, "mae") == told


@pytest.mark.parametrize(
    ("axis", "told"),
    [
        (Choices(values=(1, "x", None)), "1, x, None"),
        (Choices(values=tuple(range(9))), "0, 1, 2, 3, 4, 5 and 3 more"),
        (Span(low=0.001, high=0.1, log=True), "0.001 to 0.1, by order of magnitude"),
        (Span(low=0, high=1, step=0.25), "0 to 1 in steps of 0.25"),
    ],
    ids=["some", "many", "log", "step"],
)
def test_an_axis_in_words(axis, told) -> None:
    assert axis_in_words(axis) == told


def test_a_plan_says_what_is_drawn_and_how() -> None:
    facts = dict(plan_facts(PLAN))

    assert list(facts) == ["alpha", "depth", "n", "trials", "best is", "given up"]
    assert facts["trials"] == "32, random, seed 7, 2 at once on local"
    assert facts["best is"] == "lower mae"
    assert facts["given up"] == "worse than the median, after 1 value and 2 trials"


def report(*rows: SweepRow, **more) -> SweepReport:
    given = {"job": "s" * 26, "run": "r" * 26, "status": JobStatus.RUNNING, "metric": "mae", "tally": TALLY}
    return SweepReport(**{**given, **more}, rows=rows)


ROWS = (
    SweepRow(number=0, parameters={"alpha": 0.1}, job="j1", run="r1", status=JobStatus.SUCCEEDED, metrics={"mae": 39.81}),
    SweepRow(
        number=1, parameters={"alpha": "<b>"}, job="j2", run="r2", status=JobStatus.FAILED,
        error=JobError(kind="MemoryError", message="<script>no</script>"),
    ),
    SweepRow(
        number=2, parameters={"alpha": 5}, job="j3", run="r3", status=JobStatus.CANCELLED, stopped=True,
        error=JobError(kind="stopped_early", message="given up at step 3"),
    ),
    SweepRow(number=3, parameters={"alpha": 6}, job="j4", run=None, status=JobStatus.RUNNING),
    SweepRow(number=4, parameters={"alpha": 7}, job="j5", run=None, status=JobStatus.QUEUED),
)  # fmt: skip


def test_a_sweep_shows_squares_and_a_row_for_each_trial_with_the_best_marked() -> None:
    text = as_text(report(*ROWS))

    assert "▣✕◩◧▢" in text
    assert (
        "★ best"
        in text.splitlines()[
            next(i for i, line in enumerate(text.splitlines()) if "39.81" in line and "j1" in line)
        ]
    )
    assert "stopped early" in text
    assert "MemoryError" in text
    assert "given up at step 3" in text


def test_what_users_wrote_is_shown_as_text() -> None:
    html = as_html(report(*ROWS))

    assert "<script>no" not in html
    assert "<b>" not in html


def test_a_sweep_that_has_begun_nothing_says_so() -> None:
    assert "No trial has begun." in as_text(report(tally=None, status=JobStatus.QUEUED))


def test_what_came_of_the_best_is_told() -> None:
    error = JobError(kind="Invalid", message="it logged no model")

    assert "registered as version 3" in as_text(report(*ROWS, version=3))
    assert "it logged no model" in as_text(report(*ROWS, follow_up_error=error))


def test_of_very_many_trials_the_first_are_shown() -> None:
    many = [
        SweepRow(number=n, parameters={"a": n}, job=f"j{n}", run=None, status=JobStatus.SUCCEEDED)
        for n in range(300)
    ]

    blocks = list(sweep_blocks(report(*many)))

    assert max(len(getattr(block, "rows", ())) for block in blocks) == 200
    assert "The first 200 of 300." in as_text(report(*many))


def test_a_job_that_is_no_sweep_has_no_tally() -> None:
    job = Job(
        id="j1",
        spec=JobSpec(notebook="t.ipynb", content="ab"),
        queued=datetime(2026, 1, 5, tzinfo=UTC),
        actor=Actor(name="ana", via=Door.SHELL),
    )

    assert job_tally(job) == ""
