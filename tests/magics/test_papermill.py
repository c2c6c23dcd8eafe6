"""Papermill as it comes, without our engine: the three properties that made us arm a cell instead of nesting it, and grades.

Papermill names no cell and no document; its output does, and so may somebody else. A fresh kernel runs the notebook from top to
bottom, so that no grade but ``clean`` (the document is known) and ``unknown`` (it is not) can come about.
"""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

from jupyter_mlops.records.run import DocumentState, Grade, Run, RunStatus
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.tracking import find_runs, run_cells
from jupyter_mlops.tracking.environment import read_environment
from jupyter_mlops.workspace import open_workspace

pytestmark = pytest.mark.kernel


def execute(
    folder: Path,
    *sources: str,
    minor: int = 5,
    parameters: dict[str, object] | None = None,
    tells: bool = True,
) -> nbformat.NotebookNode:
    """Run the cells with papermill; with *parameters*, the first one is what they are injected behind.

    Where it *tells* nothing it writes its output only when all is over.
    """
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    if parameters:
        notebook.cells[0].metadata["tags"] = ["parameters"]
    (folder / "pyproject.toml").write_text("")
    write(notebook, folder / "in.ipynb", minor)
    try:
        papermill.execute_notebook(
            str(folder / "in.ipynb"),
            str(folder / "out.ipynb"),
            cwd=str(folder),
            progress_bar=False,
            parameters=parameters,
            request_save_on_cell_execute=tells,
        )
    except PapermillExecutionError as failure:
        executed = nbformat.read(folder / "out.ipynb", as_version=4)
        executed.failure = failure
        return executed
    return nbformat.read(folder / "out.ipynb", as_version=4)


def write(notebook: nbformat.NotebookNode, path: Path, minor: int) -> None:
    """Write the file as format 4.*minor* has it: before 4.5 its cells have no ids."""
    data = json.loads(nbformat.writes(notebook))
    data["nbformat_minor"] = minor
    for cell in data["cells"]:
        if minor < 5:
            del cell["id"]
    path.write_text(json.dumps(data), encoding="utf-8")
    nbformat.validate(nbformat.read(path, as_version=nbformat.NO_CONVERT))


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


CHAIN = (
    "from jupyter_mlops.magics import session_of\n"
    "chain = session_of(get_ipython()).recorder.chain\n"
    "print([c.cell for c in chain], [c.count for c in chain], [c.position for c in chain])\n"
    "print(all(below.previous == above.digest for above, below in zip(chain, chain[1:])))"
)
TWINS = ("x = 1", "%load_ext jupyter_mlops", "x += 1", "unused = 0", "x += 1")
TRACKED = "%%track last\nrun.log_metric('x', x)"


def tracked(folder: Path) -> tuple[Run, list[CellExecution]]:
    ws = open_workspace(folder, environ={})
    (run,) = find_runs(ws)
    cells = run_cells(ws, run=run.id)
    ws.store.close()
    return run, list(cells)


def said(notebook: nbformat.NotebookNode) -> list[str]:
    return "".join(o.get("text", "") for o in code_cells(notebook)[-1].outputs).splitlines()


@pytest.mark.parametrize("minor", [4, 5], ids=["without cell ids", "with cell ids"])
def test_where_nobody_names_the_document_chain_and_slice_are_right_and_the_grade_is_unknown(
    tmp_path, monkeypatch, minor
):
    """Two notebooks hold these cells."""
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    _, load, *below = TWINS
    cells = (load, "x = 1", *below, TRACKED, CHAIN)
    twin = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    write(twin, tmp_path / "twin.ipynb", minor)
    executed = execute(tmp_path, *cells, minor=minor, tells=False)
    run, cells = tracked(tmp_path)
    assert said(executed) == [f"{[None] * 6} [1, 2, 3, 4, 5, 6] {[None] * 6}", "True"]
    assert [cell.source for cell in cells] == ["x = 1", "x += 1", "x += 1", TRACKED]
    assert (run.metrics, run.source.rests_on, run.source.executed) == ({"x": 3.0}, (2, 3, 5, 6), 6)
    why = "where cell 2 stands in the notebook is not known"
    assert (run.grade, run.grade_reason) == (Grade.UNKNOWN, why)


@pytest.mark.parametrize("minor", [4, 5], ids=["without cell ids", "with cell ids"])
def test_where_the_document_is_named_its_cells_are_known_by_their_text_and_their_order(
    tmp_path, monkeypatch, minor
):
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "in.ipynb"))
    _, load, *below = TWINS
    executed = execute(tmp_path, load, "x = 1", *below, TRACKED, CHAIN, minor=minor)
    run, cells = tracked(tmp_path)
    assert said(executed) == [f"{[None] * 6} [1, 2, 3, 4, 5, 6] [0, 1, 2, 3, 4, 5]", "True"]
    assert [cell.position for cell in cells] == [1, 2, 4, 5]
    why = "the 4 cells this run rests on ran once each, from top to bottom"
    assert (run.grade, run.grade_reason) == (Grade.CLEAN, why)


def test_what_ran_before_the_extension_was_loaded_is_missed_and_never_clean(tmp_path, monkeypatch):
    """Only our own engine vouches for it: a job runs each cell above once, and papermill might have been told otherwise."""
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "in.ipynb"))
    execute(tmp_path, *TWINS, TRACKED, "%%track alone\ny = 1", minor=4)
    ws = open_workspace(tmp_path, environ={})
    found = {run.name: (run.grade, run.grade_reason) for run in find_runs(ws)}
    ws.store.close()
    why = "cell 3 read 'x', and no recorded cell is known to have made it"
    assert found["last"] == (Grade.UNKNOWN, why)
    assert found["alone"][0] is Grade.CLEAN


@pytest.mark.parametrize("tells", [True, False], ids=["with an output", "without"])
@pytest.mark.parametrize("rests_on", ["x", "1"])
def test_injected_values_stand_where_papermills_output_has_them_and_else_nowhere(
    tmp_path, monkeypatch, rests_on, tells
):
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "in.ipynb"))
    sources = ("%load_ext jupyter_mlops\nx = 1", f"y = {rests_on}", "%%track last\nz = y")
    execute(tmp_path, *sources, minor=4, parameters={"x": 5}, tells=tells)
    run, cells = tracked(tmp_path)
    grade = Grade.CLEAN if tells or rests_on == "1" else Grade.UNKNOWN
    assert (run.grade, cells[-1].position, run.source.notebook) == (grade, 3 if tells else 2, "in.ipynb")
    assert run.document is DocumentState.SAVED


def test_a_notebook_that_calls_papermill_is_not_the_one_that_papermill_executes(tmp_path, monkeypatch):
    """Papermill called in a notebook hands on the name of that one."""
    caller = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in ("%load_ext jupyter_mlops", "papermill ...")]
    )
    write(caller, tmp_path / "caller.ipynb", 4)
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "caller.ipynb"))
    execute(tmp_path, "%load_ext jupyter_mlops", "x = 1", TRACKED, minor=4)
    run, cells = tracked(tmp_path)
    assert [cell.source for cell in cells] == ["x = 1", TRACKED]
    assert (run.source.notebook, run.grade) == ("in.ipynb", Grade.CLEAN)


def test_another_document_than_the_one_that_runs_proves_nothing(tmp_path, monkeypatch):
    """The caller's name is inherited, and what runs lies in no file."""
    caller = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in ("%load_ext jupyter_mlops", "papermill ...")]
    )
    write(caller, tmp_path / "caller.ipynb", 4)
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "caller.ipynb"))
    (tmp_path / "elsewhere").mkdir()
    made = execute(tmp_path / "elsewhere", "1")
    made.cells = [nbformat.v4.new_code_cell(text) for text in ("%load_ext jupyter_mlops", "x = 1", TRACKED)]
    papermill.execute_notebook(made, None, cwd=str(tmp_path), progress_bar=False)
    run, cells = tracked(tmp_path)
    assert [cell.source for cell in cells] == ["x = 1", TRACKED]
    assert (run.grade, run.document) == (Grade.UNKNOWN, DocumentState.UNKNOWN)
