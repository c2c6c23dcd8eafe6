"""Pipelines: the answer first, a picture of the steps, and a list that says the same in words."""

from __future__ import annotations

import re

import pytest

from jupyter_mlops.records.job import JobError
from jupyter_mlops.records.pipeline import PipelineView, StepView
from jupyter_mlops.records.report import PipelineReport, PipelineStep, StepStatus
from jupyter_mlops.render.blocks import Bullets, Flow, Tone
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.pipelines import pipeline_blocks, steps_blocks
from jupyter_mlops.render.text import as_text
from tests.render.records_shown import EVIL

RAN, SKIPPED, FAILED, BLOCKED = StepStatus


def step(name: str, status: StepStatus, why: str = "it is so", *needs: str, **more) -> PipelineStep:
    return PipelineStep(name=name, status=status, why=why, needs=needs, **more)


def report(*steps: PipelineStep, name: str = "air") -> PipelineReport:
    ok = all(one.status in {RAN, SKIPPED} for one in steps)
    return PipelineReport(pipeline=name, ok=ok, steps=steps)


ERROR = JobError(kind="MemoryError", message="too large", remedy="Give it more memory: --memory 16G.")
BROKEN = report(
    step("clean", SKIPPED, "nothing has changed"),
    step("train", FAILED, "MemoryError: too large\nand more", "clean", seconds=93.0, error=ERROR),
    step("report", BLOCKED, "train did not succeed", "clean", "train"),
)


def test_what_failed_comes_first_with_its_remedy_and_every_step_is_told() -> None:
    assert as_text(BROKEN).splitlines() == [
        "✕ air   failed   3 steps",
        "  1 of 3 steps failed; 1 step behind did not run.",
        "  ✕ train: MemoryError: too large",
        "  Give it more memory: --memory 16G.",
        "  Steps",
        "   – clean: skipped · nothing has changed",
        "   ✕ train: failed · 1 min 33 s · MemoryError: too large · after clean",
        "   ■ report: blocked · train did not succeed · after clean, train",
    ]


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ([RAN], "1 step ran."),
        ([RAN, RAN, SKIPPED], "2 steps ran, 1 step had not changed."),
        ([SKIPPED, SKIPPED], "Nothing has changed: no step had to run."),
        ([FAILED, RAN], "1 of 2 steps failed."),
        ([FAILED, BLOCKED, BLOCKED], "1 of 3 steps failed; 2 steps behind did not run."),
    ],
    ids=["ran", "some ran", "none ran", "failed", "blocked"],
)
def test_the_first_line_is_the_answer(statuses: list[StepStatus], said: str) -> None:
    told = report(*(step(str(place), status) for place, status in enumerate(statuses)))

    assert as_text(told).splitlines()[1].strip() == said


def test_the_picture_has_a_box_for_each_step_at_the_places_of_what_it_needs() -> None:
    (flow,) = [block for block in pipeline_blocks(BROKEN) if isinstance(block, Flow)]

    assert flow.title == (
        "air: 1 skipped, 1 failed, 1 blocked, from left to right; the list below says the same in words"
    )
    assert [box.needs for box in flow.boxes] == [(), (0,), (0, 1)]
    assert [(box.sign, box.tone, box.text) for box in flow.boxes] == [
        ("–", Tone.PLAIN, "skipped"),
        ("✕", Tone.BAD, "failed · 1 min 33 s"),
        ("■", Tone.WARN, "blocked"),
    ]
    assert [box.faint for box in flow.boxes] == [False, False, True]
    assert flow.boxes[1].whole == "train: failed · 1 min 33 s · MemoryError: too large"


def test_an_old_report_whose_steps_tell_no_needs_or_others_is_drawn() -> None:
    told = report(step("a", RAN), step("b", RAN, "x", "gone"))
    (flow,) = [block for block in pipeline_blocks(told) if isinstance(block, Flow)]

    assert [box.needs for box in flow.boxes] == [(), ()]
    assert "<svg" in as_html(told)


def test_a_pipeline_that_has_not_run_shows_what_its_steps_are() -> None:
    view = PipelineView(
        name="air",
        steps=(
            StepView(name="train", notebook="books/train.ipynb", needs=("clean",)),
            StepView(name="clean", notebook="clean.ipynb"),
        ),
    )
    (flow,) = [block for block in steps_blocks(view) if isinstance(block, Flow)]

    assert [(box.name, box.text, box.sign, box.needs) for box in flow.boxes] == [
        ("train", "train.ipynb", "", (1,)),
        ("clean", "clean.ipynb", "", ()),
    ]
    assert as_text(view).splitlines() == [
        "air   2 steps",
        "  Steps",
        "   · train: books/train.ipynb · after clean",
        "   · clean: clean.ipynb",
    ]


def test_nothing_is_drawn_of_no_steps() -> None:
    for empty in (report(), PipelineView(name="air")):
        assert "<svg" not in as_html(empty)
        assert "air" in as_text(empty)


@pytest.mark.parametrize("count", [1, 60])
def test_every_step_of_few_and_of_many_is_in_the_picture_and_in_the_list(count: int) -> None:
    steps = [step(f"s{n}", RAN, "x", *([f"s{n - 1}"] if n else [])) for n in range(count)]
    (bullets,) = [block for block in pipeline_blocks(report(*steps)) if isinstance(block, Bullets)]

    assert len(bullets.items) == count
    assert len(re.findall(r"<svg x=", as_html(report(*steps)))) == count


def test_names_from_files_stay_text() -> None:
    for record in (
        report(step(EVIL, FAILED, EVIL, EVIL, error=ERROR), name=EVIL),
        PipelineView(name=EVIL, steps=(StepView(name=EVIL, notebook=EVIL, needs=(EVIL,)),)),
    ):
        assert "<script" not in as_html(record)
        assert "<img" not in as_html(record)
        assert "\x1b" not in as_html(record) + as_text(record)
