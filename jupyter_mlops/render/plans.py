"""What would become of the steps of a pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_mlops.records.report import PipelinePlan, StepProspect
from jupyter_mlops.render.blocks import Block, Column, Table, Title
from jupyter_mlops.render.words import DASH, counted

__all__ = ["plan_blocks"]

_WOULD = {
    StepProspect.RUN: "● runs",
    StepProspect.SKIP: "\u2013 is skipped",
    StepProspect.DEPENDS: "? depends",
    StepProspect.FAIL: "✕ fails",
    StepProspect.BLOCKED: "■ is blocked",
}


def plan_blocks(plan: PipelinePlan) -> Iterator[Block]:
    """A pipeline: of each step what would become of it, and why."""
    run = sum(step.would is StepProspect.RUN for step in plan.steps)
    yield Title(plan.pipeline, aside=f"{run} of {counted(len(plan.steps), 'step')} would run for certain")
    yield Table(
        (Column("Step"), Column("It"), Column("Why"), Column("Notebook"), Column("Last succeeded in")),
        tuple(
            (step.name, _WOULD[step.would], step.why, step.notebook, (step.last or DASH)[-6:])
            for step in plan.steps
        ),
    )
