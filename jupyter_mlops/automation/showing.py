"""A pipeline's steps and what each needs, without running any."""

from __future__ import annotations

from jupyter_mlops.automation.steps import read_pipeline
from jupyter_mlops.records.pipeline import PipelineView, StepView
from jupyter_mlops.workspace import Workspace

__all__ = ["show_pipeline"]


def show_pipeline(ws: Workspace, file: str) -> PipelineView:
    """Show a pipeline's steps, as its file names them; a notebook draws them.

    Parameters
    ----------
    file
        The YAML file with the steps; docs/files.md tells its keys.

    Raises
    ------
    NotFound
        There is no such file.
    Invalid
        It cannot be read, or steps need each other in a circle.
    """
    pipeline = read_pipeline(ws, file)
    return PipelineView(
        name=pipeline.name,
        steps=tuple(
            StepView(name=step.name, notebook=step.notebook, needs=step.needs) for step in pipeline.steps
        ),
    )
