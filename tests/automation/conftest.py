"""Real notebooks in a real workspace, with the machine's own clock: workers are processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from jupyter_mlops.workspace import Workspace, open_workspace

Write = Callable[..., Path]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace in a folder, as people have it."""
    project = tmp_path / "project"
    project.mkdir()
    ws = open_workspace(project, start=project, environ={})
    yield ws
    ws.store.close()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a notebook: its code cells, and in front of them a parameters cell if one is given."""

    def _write(
        *cells: str, parameters: str | None = None, name: str = "train.ipynb", **metadata: object
    ) -> Path:
        notebook = nbformat.v4.new_notebook(metadata=metadata)
        if parameters is not None:
            made = nbformat.v4.new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]})
            notebook.cells.append(made)
        notebook.cells += [nbformat.v4.new_code_cell(text, id=f"cell-{i}") for i, text in enumerate(cells)]
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path

    return _write
