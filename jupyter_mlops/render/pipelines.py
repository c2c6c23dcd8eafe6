"""Pipelines: a picture of the steps and what each needs, and the same in words; what went wrong comes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from jupyter_mlops.records.pipeline import PipelineView
from jupyter_mlops.records.report import PipelineReport, PipelineStep, StepStatus
from jupyter_mlops.render.blocks import Block, Box, Bullets, Flow, Item, Line, Title
from jupyter_mlops.render.states import state_face
from jupyter_mlops.render.words import counted, duration, first_line

__all__ = ["pipeline_blocks", "steps_blocks"]

_BELOW = "from left to right; the list below says the same in words"


def pipeline_blocks(report: PipelineReport) -> Iterator[Block]:
    """What became of a pipeline's steps."""
    sign, tone = state_face("succeeded" if report.ok else "failed")
    state = "succeeded" if report.ok else "failed"
    yield Title(report.pipeline, sign=sign, tone=tone, state=state, aside=counted(len(report.steps), "step"))
    yield Line(_sentence(report), strong=True)
    for step in report.steps:
        if step.status is StepStatus.FAILED:
            yield Line(f"{step.name}: {first_line(step.why)}", *state_face(step.status))
            if step.error is not None and step.error.remedy:
                yield Line(step.error.remedy)
    if not report.steps:
        return
    places = _places([step.name for step in report.steps])
    boxes = tuple(_box(step, places) for step in report.steps)
    yield Flow(f"{report.pipeline}: {_counts(report)}, {_BELOW}", boxes)
    yield Bullets("Steps", tuple(_item(step) for step in report.steps))


def _sentence(report: PipelineReport) -> str:
    """Answer what somebody wants to know who comes back to it."""
    of = {status: [step.name for step in report.steps if step.status is status] for status in StepStatus}
    ran, failed, blocked = len(of[StepStatus.RAN]), of[StepStatus.FAILED], len(of[StepStatus.BLOCKED])
    if not report.ok:
        waiting = f"; {counted(blocked, 'step')} behind did not run" if blocked else ""
        return f"{len(failed)} of {counted(len(report.steps), 'step')} failed{waiting}."
    if not ran:
        return "Nothing has changed: no step had to run."
    skipped = len(of[StepStatus.SKIPPED])
    return (
        f"{counted(ran, 'step')} ran"
        + (f", {counted(skipped, 'step')} had not changed" if skipped else "")
        + "."
    )


def _counts(report: PipelineReport) -> str:
    statuses = [step.status for step in report.steps]
    return ", ".join(f"{statuses.count(status)} {status}" for status in dict.fromkeys(statuses))


def _places(names: Sequence[str]) -> Mapping[str, int]:
    return {name: place for place, name in enumerate(names)}


def _needed(needs: Sequence[str], places: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(places[need] for need in needs if need in places)


def _box(step: PipelineStep, places: Mapping[str, int]) -> Box:
    sign, tone = state_face(step.status)
    return Box(
        name=step.name,
        text=_became(step),
        whole=_said(step),
        needs=_needed(step.needs, places),
        sign=sign,
        tone=tone,
        faint=step.status is StepStatus.BLOCKED,
    )


def _became(step: PipelineStep) -> str:
    said = str(step.status).replace("_", " ")
    return said if step.seconds is None else f"{said} · {duration(step.seconds)}"


def _said(step: PipelineStep) -> str:
    return f"{step.name}: {_became(step)} · {first_line(step.why)}"


def _item(step: PipelineStep) -> Item:
    return Item(f"{_said(step)}{_behind(step.needs)}", *state_face(step.status))


def _behind(needs: Sequence[str]) -> str:
    return f" · after {', '.join(needs)}" if needs else ""


def steps_blocks(view: PipelineView) -> Iterator[Block]:
    """A pipeline's steps as its file names them."""
    yield Title(view.name, aside=counted(len(view.steps), "step"))
    if not view.steps:
        return
    places = _places([step.name for step in view.steps])
    boxes = (
        Box(
            name=step.name,
            text=PurePosixPath(step.notebook).name,
            whole=f"{step.name}: {step.notebook}",
            needs=_needed(step.needs, places),
        )
        for step in view.steps
    )
    yield Flow(f"{view.name}: {counted(len(view.steps), 'step')} {_BELOW}", tuple(boxes))
    said = (f"{step.name}: {step.notebook}{_behind(step.needs)}" for step in view.steps)
    yield Bullets("Steps", tuple(Item(text) for text in said))
