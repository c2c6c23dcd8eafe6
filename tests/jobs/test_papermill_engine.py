"""Our engine under papermill itself, without a job around it."""

from __future__ import annotations

import itertools
from pathlib import Path

import nbformat
import papermill
import pytest
from nbclient.exceptions import DeadKernelError
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError

from jupyter_mlops.jobs import papermill_engine
from jupyter_mlops.jobs.papermill_engine import MlopsEngine, TruthfulManager

pytestmark = pytest.mark.kernel


@pytest.fixture(autouse=True)
def _registered() -> None:
    papermill_engines.register("mlops", MlopsEngine)


def notebook(path: Path, *cells: str, **metadata: object) -> Path:
    made = nbformat.v4.new_notebook(metadata=metadata)
    made.cells = [nbformat.v4.new_code_cell(text, id=f"cell-{i}") for i, text in enumerate(cells)]
    nbformat.write(made, path)
    return path


def statuses(path: Path) -> list[str]:
    return [
        cell.metadata.papermill.status for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"
    ]


def test_papermill_runs_a_notebook_with_our_engine_and_names_its_cells(tmp_path) -> None:
    text = "print(get_ipython().kernel.get_parent()['metadata']['cellId'])"

    papermill.execute_notebook(
        notebook(tmp_path / "in.ipynb", text),
        tmp_path / "out.ipynb",
        engine_name="mlops",
        progress_bar=False,
        kernel_name="python3",
    )

    (cell,) = nbformat.read(tmp_path / "out.ipynb", 4).cells
    assert cell.outputs[0].text == "cell-0\n"


def test_a_notebook_that_names_no_kernel_is_run_with_python(tmp_path) -> None:
    papermill.execute_notebook(
        notebook(tmp_path / "in.ipynb", "1"), tmp_path / "out.ipynb", engine_name="mlops", progress_bar=False
    )

    assert statuses(tmp_path / "out.ipynb") == ["completed"]


@pytest.mark.parametrize(
    ("text", "error"), [("1 / 0", PapermillExecutionError), ("import os; os._exit(1)", DeadKernelError)]
)
def test_what_never_ran_is_not_called_completed(tmp_path, text, error) -> None:
    with pytest.raises(error):
        papermill.execute_notebook(
            notebook(tmp_path / "in.ipynb", "1", text, "3"),
            tmp_path / "out.ipynb",
            engine_name="mlops",
            progress_bar=False,
        )

    written = nbformat.read(tmp_path / "out.ipynb", 4)
    assert statuses(tmp_path / "out.ipynb") == ["completed", "failed", "pending"]
    assert written.metadata.papermill.exception is True


def test_a_notebook_of_many_cells_is_written_a_few_times_and_whole(tmp_path, monkeypatch) -> None:
    written: list[bytes] = []
    original = papermill_engine.write_whole

    def counting(path: Path, content: bytes) -> None:
        written.append(content)
        original(path, content)

    monkeypatch.setattr(papermill_engine, "write_whole", counting)
    source = notebook(tmp_path / "in.ipynb", *["x = 1"] * 50)
    out = tmp_path / "out.ipynb"

    papermill.execute_notebook(source, None, engine_name="mlops", progress_bar=False, document=out)

    for content in written:
        nbformat.validate(nbformat.reads(content.decode(), 4))
    assert len(written) < 50
    assert statuses(out) == ["completed"] * 50


def test_the_name_of_the_notebook_stands_in_its_notes_not_the_notebook_itself(tmp_path) -> None:
    node = nbformat.read(notebook(tmp_path / "in.ipynb", "1"), 4)

    papermill.execute_notebook(
        node,
        None,
        engine_name="mlops",
        progress_bar=False,
        document=tmp_path / "out.ipynb",
        notebook="in.ipynb",
    )

    assert nbformat.read(tmp_path / "out.ipynb", 4).metadata.papermill.input_path == "in.ipynb"


def test_a_slow_disk_is_written_to_less_often(tmp_path, monkeypatch) -> None:
    made = nbformat.v4.new_notebook()
    clock = [100.0]
    monkeypatch.setattr(papermill_engine.time, "monotonic", lambda: clock[0])

    def slow(path: Path, content: bytes) -> None:
        clock[0] += 3.0

    monkeypatch.setattr(papermill_engine, "write_whole", slow)
    manager = TruthfulManager(made, tmp_path / "a.ipynb", progress_bar=False)
    times = []
    for _ in range(200):
        clock[0] += 1.0
        before = clock[0]
        manager.save()
        if clock[0] != before:
            times.append(before)

    assert all(later - earlier >= 30.0 for earlier, later in itertools.pairwise(times))
    assert len(times) >= 5
