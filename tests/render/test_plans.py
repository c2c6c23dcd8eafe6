"""What would become of the steps of a pipeline, as people see it."""

from __future__ import annotations

from jupyter_mlops.records.report import PipelinePlan, PlannedStep, StepProspect
from jupyter_mlops.render.text import as_text


def test_each_step_is_a_row_with_its_reason() -> None:
    steps = tuple(
        PlannedStep(name=f"step {would}", would=would, why=f"why {would}", notebook="a.ipynb", last=last)
        for would, last in zip(StepProspect, ["run-123456", None, None, None, None], strict=True)
    )
    head, _columns, *rows = as_text(PipelinePlan(pipeline="air", steps=steps)).splitlines()
    assert head == "air   1 of 5 steps would run for certain"
    assert [row.split("  ")[1].strip() for row in rows] == [step.name for step in steps]
    for row, said in zip(rows, ["● runs", "is skipped", "? depends", "✕ fails", "■ is blocked"], strict=True):
        assert said in row
    assert rows[0].endswith("123456")
    assert "why depends" in rows[2]
