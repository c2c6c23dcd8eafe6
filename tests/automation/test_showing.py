"""A pipeline's steps are shown without running one."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.automation import show_pipeline
from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.jobs import find_jobs
from jupyter_mlops.records.pipeline import PipelineView, StepView
from jupyter_mlops.workspace import Workspace


def test_the_steps_are_those_of_the_file_in_its_order(memory_ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "air.yaml").write_text(
        "steps:\n  - {notebook: books/train.ipynb, needs: [clean]}\n  - {name: clean, notebook: c.ipynb}\n",
        encoding="utf-8",
    )

    assert show_pipeline(memory_ws, str(tmp_path / "air.yaml")) == PipelineView(
        name="air",
        steps=(
            StepView(name="train", notebook="books/train.ipynb", needs=("clean",)),
            StepView(name="clean", notebook="c.ipynb"),
        ),
    )
    assert find_jobs(memory_ws).total == 0


def test_what_is_no_pipeline_is_said_as_when_it_is_run(memory_ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no pipeline 'none\.yaml'"):
        show_pipeline(memory_ws, "none.yaml")
    (tmp_path / "air.yaml").write_text("steps: [{notebook: a.ipynb, needs: a}]", encoding="utf-8")
    with pytest.raises(Invalid, match="in a circle"):
        show_pipeline(memory_ws, str(tmp_path / "air.yaml"))
