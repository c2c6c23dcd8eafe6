"""The three properties that made us arm a cell instead of nesting it, under papermill as it comes."""

from __future__ import annotations

from pathlib import Path

import nbformat
import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking import find_runs
from jupyter_mlops.tracking.environment import read_environment
from jupyter_mlops.workspace import open_workspace

pytestmark = pytest.mark.kernel


def execute(folder: Path, *sources: str) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    (folder / "pyproject.toml").write_text("")
    nbformat.write(notebook, folder / "in.ipynb")
    try:
        papermill.execute_notebook(
            str(folder / "in.ipynb"), str(folder / "out.ipynb"), cwd=str(folder), progress_bar=False
        )
    except PapermillExecutionError as failure:
        executed = nbformat.read(folder / "out.ipynb", as_version=4)
        executed.failure = failure
        return executed
    return nbformat.read(folder / "out.ipynb", as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tracebacks(notebook: nbformat.NotebookNode) -> list:
    return [
        output for cell in code_cells(notebook) for output in cell.outputs if output.output_type == "error"
    ]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")


def test_a_failing_tracked_cell_stops_the_job_at_that_cell_with_one_traceback(tmp_path):
    executed = execute(
        tmp_path,
        "%load_ext jupyter_mlops",
        "%%track broken\nvalue = 1\nvalue / 0",
        "print('must not run')",
    )
    assert executed.failure.ename == "ZeroDivisionError"
    failing, after = code_cells(executed)[1:]
    assert len(tracebacks(executed)) == 1
    assert failing.outputs[-1].output_type == "error"
    assert (after.execution_count, after.outputs) == (None, [])
    ws = open_workspace(tmp_path, environ={})
    (run,) = find_runs(ws)
    assert (run.name, run.status, run.error.kind) == ("broken", RunStatus.FAILED, "ZeroDivisionError")
    ws.store.close()


def test_a_wrong_track_line_stops_the_job_at_that_cell_with_one_traceback(tmp_path):
    executed = execute(
        tmp_path,
        "%load_ext jupyter_mlops",
        "%%track one two\nprint('must not run')",
        "print('nor this')",
    )
    assert executed.failure.ename == "UsageError"
    wrong, after = code_cells(executed)[1:]
    shown = [o for o in wrong.outputs if "must not run" in o.get("text", "")]
    assert shown == []
    assert len(tracebacks(executed)) == 1
    assert after.execution_count is None


def test_top_level_await_displays_and_history_stay_as_they_are(tmp_path):
    executed = execute(
        tmp_path,
        "%load_ext jupyter_mlops",
        "%%track waiting\nimport asyncio\nasync def give():\n    await asyncio.sleep(0)\n    return 42\nawait give()",
        "(Out[2], In[2].strip().splitlines()[0], _i2.splitlines()[0])",
    )
    tracked, after = code_cells(executed)[1:]
    assert [o.data["text/plain"] for o in tracked.outputs if o.output_type == "execute_result"] == ["42"]
    assert after.outputs[0].data["text/plain"] == "(42, 'import asyncio', '%%track waiting')"
    card = tracked.outputs[0].data
    assert "finished" in card["text/plain"]  # updated in place: the saved notebook tells the end
    assert "<script" not in card["text/html"]
    ws = open_workspace(tmp_path, environ={})
    assert find_runs(ws)[0].status is RunStatus.FINISHED
    ws.store.close()


def test_a_short_job_carries_its_surroundings_though_its_kernel_ends_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("AIR_STATION", "north")
    monkeypatch.setenv("AIR_TOKEN", "hush")
    monkeypatch.setenv("AIR_OTHER", "not allowed")
    (tmp_path / ".mlops").mkdir(mode=0o700)
    (tmp_path / ".mlops" / "config.toml").write_text('environment_variables = ["AIR_STATION", "AIR_TOKEN"]\n')
    (tmp_path / "own_part.py").write_text("x = 1\n")
    execute(
        tmp_path,
        "%load_ext jupyter_mlops",
        "%%track short\nimport random, own_part\nrandom.seed(7)",
    )
    ws = open_workspace(tmp_path, environ={})
    (run,) = find_runs(ws)
    assert run.status is RunStatus.FINISHED
    taken = read_environment(ws, run.source.environment)
    assert taken is not None
    assert taken.processor
    assert "ipykernel" in taken.packages
    assert run.source.python
    assert run.source.seeds == ("random.seed(7)",)
    assert run.source.variables == {"AIR_STATION": "north", "AIR_TOKEN": "***"}
    assert set(run.source.modules) == {"own_part.py"}
    ws.store.close()
