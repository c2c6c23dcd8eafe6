"""The notebook of an executor that names none, known by its cells: one, or nothing is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from jupyter_mlops.magics import unnamed
from jupyter_mlops.magics.unnamed import search
from jupyter_mlops.records.run import DocumentState, Grade
from jupyter_mlops.tracking import find_runs
from jupyter_mlops.workspace import open_workspace
from tests.magics.kernels import Kernel

LOAD, X, TRACKED, LAST = (
    "%load_ext jupyter_mlops",
    "x = 1",
    "%%track last\nrun.log_metric('x', float(x))",
    "y = x",
)
CELLS = (LOAD, X, TRACKED, LAST)
GIVEN = "# Parameters\nx = 5\n"


def save(path: Path, *texts: str, tags: dict[int, str] | None = None, **papermill: object) -> Path:
    """Write a notebook; *papermill* is what its metadata say of it, ``running`` the cell that runs."""
    cells = [nbformat.v4.new_code_cell(text) for text in texts]
    for at, tag in (tags or {}).items():
        cells[at].metadata["tags"] = [tag]
    running = papermill.pop("running", None)
    if running is not None:
        cells[running].metadata["papermill"] = {"status": "running"}
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells.insert(0, nbformat.v4.new_markdown_cell("# A title"))
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(
        nbformat.v4.new_notebook(
            cells=cells, metadata={**metadata, **({"papermill": papermill} if papermill else {})}
        ),
        path,
    )
    return path.resolve()


def found(folder: Path, *texts: str, known: Path | None = None) -> unnamed.Search:
    seen = search(texts, [folder], known=known)
    for text in texts:
        seen.ran(text)
    return seen


def test_it_is_the_one_whose_cells_are_all_that_ran_in_their_order_and_from_the_top(tmp_path):
    path = save(tmp_path / "deep" / "er" / "in.ipynb", LOAD, "", X, TRACKED, LAST, tags={3: "skip-execution"})
    save(tmp_path / "other.ipynb", LOAD, "x = 2", TRACKED)
    save(tmp_path / ".ipynb_checkpoints" / "in.ipynb", LOAD, X, LAST)
    (tmp_path / "broken.ipynb").write_text('{"cells": [{"source": "%load_ext jupyter_mlops\\nx = 1"}]}')
    seen = found(tmp_path, LOAD)
    assert seen.notebook is None
    seen.ran(f"{X}\n")
    assert (seen.notebook, seen.file, seen.given) == (path, path, False)
    seen.ran(LAST)
    assert seen.notebook == path
    seen.ran("z = 0")  # it has no such cell
    assert (seen.notebook, seen.file) == (None, None)


@pytest.mark.parametrize(
    "texts",
    [(X, LOAD), (LOAD, TRACKED), (LOAD, X, X), (LOAD, "x  = 1"), (*CELLS, "z = 0"), (TRACKED,)],
    ids=["another order", "one left out", "one twice", "another text", "one more", "not from the top"],
)
def test_a_notebook_that_holds_other_cells_is_not_it(tmp_path, texts):
    save(tmp_path / "in.ipynb", *CELLS)
    assert found(tmp_path, *texts).notebook is None


def test_of_two_nothing_is_said_until_a_cell_tells_them_apart(tmp_path):
    save(tmp_path / "a.ipynb", LOAD, X, LAST)
    path = save(tmp_path / "b.ipynb", *CELLS)
    seen = found(tmp_path, LOAD, X)
    assert (seen.notebook, seen.file) == (None, None)
    seen.ran(TRACKED)
    assert (seen.notebook, seen.file) == (path, path)


def test_the_one_that_the_environment_names_is_it_where_it_holds_the_cells(tmp_path):
    save(tmp_path / "a" / "in.ipynb", *CELLS)
    known = save(tmp_path / "b" / "in.ipynb", *CELLS)
    assert found(tmp_path, LOAD, X, known=known).notebook == known
    caller = save(tmp_path / "b" / "in.ipynb", LOAD, "papermill.execute_notebook(...)")
    assert found(tmp_path, LOAD, X, known=caller).notebook == (tmp_path / "a" / "in.ipynb").resolve()


def test_papermills_values_are_known_behind_the_parameters_and_on_top_and_nowhere_else(tmp_path):
    path = save(tmp_path / "in.ipynb", *CELLS, tags={1: "parameters"})
    seen = found(tmp_path, LOAD, X, GIVEN)
    assert (seen.notebook, seen.given) == (path, True)
    seen.ran(TRACKED)
    assert (seen.notebook, seen.given) == (path, False)
    assert found(tmp_path, GIVEN, *CELLS).notebook is None
    save(path, *CELLS)
    assert found(tmp_path, GIVEN, *CELLS).notebook == path
    assert found(tmp_path, LOAD, X, GIVEN).notebook is None


def test_an_output_that_papermill_is_writing_names_its_input_whatever_else_holds_the_cells(tmp_path):
    path = save(tmp_path / "notebooks" / "in.ipynb", *CELLS)
    save(tmp_path / "twin.ipynb", *CELLS)
    said = {"input_path": "notebooks/in.ipynb", "output_path": "out/in.ipynb", "start_time": "2026-01-01"}
    cells = (LOAD, X, GIVEN, TRACKED)
    output = save(tmp_path / "out" / "in.ipynb", *cells, tags={2: "injected-parameters"}, running=0, **said)
    seen = found(tmp_path, LOAD)
    assert (seen.notebook, seen.file) == (path, output)
    seen.ran(X)
    seen.ran(GIVEN)
    assert (seen.notebook, seen.file, seen.given) == (path, output, True)
    save(path, "edited = 'meanwhile'")
    assert found(tmp_path, LOAD, X).notebook == path
    os.utime(output, (1, 1))  # it was left behind by one that was killed
    assert found(tmp_path, LOAD, X, GIVEN).notebook == output


def test_an_output_that_is_done_counts_for_its_input(tmp_path):
    path = save(tmp_path / "in.ipynb", *CELLS)
    said = {"output_path": str(tmp_path / "out.ipynb"), "start_time": "2026-01-01", "end_time": "2026-01-01"}
    output = save(tmp_path / "out.ipynb", *CELLS, input_path="in.ipynb", **said)
    assert found(tmp_path, LOAD, X).notebook == path
    save(path, LOAD, "x = 2")
    assert found(tmp_path, LOAD, X).notebook == output
    save(tmp_path / "out.ipynb", *CELLS, input_path="s3://bucket/in.ipynb", **said)
    assert found(tmp_path, LOAD, X).notebook == output


@pytest.mark.parametrize(
    ("bound", "value"), [("_MOST_NOTEBOOKS", 1), ("_MOST_FOLDERS", 1), ("_LARGEST", 10), ("_SECONDS", -1)]
)
def test_where_not_everything_could_be_looked_at_there_might_be_another(tmp_path, monkeypatch, bound, value):
    save(tmp_path / "in.ipynb", *CELLS)
    save(tmp_path / "more" / "other.ipynb", "1")
    assert found(tmp_path, LOAD, X).notebook is not None
    monkeypatch.setattr(unnamed, bound, value)
    assert found(tmp_path, LOAD, X).notebook is None


PAPERMILL = """
import papermill
papermill.execute_notebook(
    "notebooks/in.ipynb", "out/in.ipynb", parameters={"x": 5}, progress_bar=False, kernel_name="python3"
)
"""
NBCLIENT = """
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read("notebooks/in.ipynb", 4)
NotebookClient(notebook).execute()
"""
EDITED = """
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read("notebooks/in.ipynb", 4)
notebook.cells[2].source = "x = 7"
NotebookClient(notebook).execute()
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name in ("JPY_SESSION_NAME", "JUPYTER_MLOPS_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "out").mkdir()
    save(tmp_path / "notebooks" / "in.ipynb", *CELLS, tags={1: "parameters"})
    save(tmp_path / "notebooks" / "other.ipynb", LOAD, "import numpy")
    return tmp_path


def ran(project: Path, script: str) -> tuple:
    (project / "script.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return told(project)


def told(project: Path) -> tuple:
    ws = open_workspace(project, environ={})
    try:
        (run,) = find_runs(ws, "name = 'last'")
        return run.metrics["x"], run.source.notebook, run.document, run.grade
    finally:
        ws.store.close()


@pytest.mark.kernel
@pytest.mark.parametrize(("script", "x"), [(PAPERMILL, 5.0), (NBCLIENT, 1.0)], ids=["papermill", "nbclient"])
def test_a_script_that_executes_a_notebook_leaves_a_run_that_knows_it_and_is_clean(project, script, x):
    assert ran(project, script) == (x, "notebooks/in.ipynb", DocumentState.SAVED, Grade.CLEAN)


@pytest.mark.kernel
def test_papermill_is_believed_where_two_notebooks_hold_the_cells_and_nbclient_says_nothing(project):
    save(project / "notebooks" / "twin.ipynb", *CELLS, tags={1: "parameters"})
    assert ran(project, PAPERMILL) == (5.0, "notebooks/in.ipynb", DocumentState.SAVED, Grade.CLEAN)
    (project / "out" / "in.ipynb").unlink()
    (project / ".mlops").rename(project / ".before")
    assert ran(project, NBCLIENT)[1:] == (None, DocumentState.UNKNOWN, Grade.UNKNOWN)


@pytest.mark.kernel
def test_cells_that_a_script_has_changed_are_of_no_notebook(project):
    assert ran(project, EDITED) == (7.0, None, DocumentState.UNKNOWN, Grade.UNKNOWN)


@pytest.mark.kernel
def test_a_notebook_edited_while_papermill_is_at_it_is_not_said_to_hold_what_ran(project):
    path = project / "notebooks" / "in.ipynb"
    edit = f"import pathlib\np = pathlib.Path({str(path)!r})\np.write_text(p.read_text().replace('float(x)', '2.0'))"
    save(path, LOAD, X, edit, TRACKED, tags={1: "parameters"})
    assert ran(project, PAPERMILL) == (5.0, "notebooks/in.ipynb", DocumentState.UNKNOWN, Grade.CLEAN)


@pytest.mark.kernel
def test_who_types_the_cells_of_a_notebook_at_a_console_is_not_that_notebook(project):
    with Kernel(project) as kernel:
        for text in CELLS:
            content = {"code": text, "silent": False, "store_history": True, "allow_stdin": True}
            message = kernel.client.session.msg("execute_request", content)
            kernel.client.shell_channel.send(message)
            assert kernel.answer(message["header"]["msg_id"]).status == "ok"
        kernel.execute("import jupyter_mlops as m; m.find_runs(m.workspace())")
    assert told(project) == (1.0, None, DocumentState.UNKNOWN, Grade.UNKNOWN)


@pytest.mark.kernel
def test_a_program_whose_kernel_has_forgotten_what_ran_before_is_not_taken_to_begin_at_the_top(project):
    with Kernel(project) as kernel:
        kernel.execute("x = 100")
        kernel.execute("%reset -f in")
        kernel.execute("get_ipython().history_manager.input_hist_raw[:] = ['']")
        for text in CELLS:
            assert kernel.execute(text).status == "ok"
        kernel.execute("import jupyter_mlops as m; m.find_runs(m.workspace())")
    assert told(project) == (1.0, None, DocumentState.UNKNOWN, Grade.UNKNOWN)


@pytest.mark.kernel
def test_where_the_extension_comes_with_the_kernel_the_notebook_is_known_from_its_second_cell_on(
    project, monkeypatch
):
    profile = project / ".ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text(
        "c.InteractiveShellApp.extensions = ['jupyter_mlops']\n"
    )
    monkeypatch.setenv("IPYTHONDIR", str(project / ".ipython"))
    settle = (
        "import threading\nfrom jupyter_mlops.tracking.pulse import in_background\ndone = threading.Event()\n"
        "in_background(done.set)\nassert done.wait(60)"
    )
    save(project / "notebooks" / "in.ipynb", settle, X, TRACKED)
    assert ran(project, NBCLIENT) == (1.0, "notebooks/in.ipynb", DocumentState.SAVED, Grade.CLEAN)


def test_a_file_of_another_shape_is_no_candidate(tmp_path):
    for number, content in enumerate(([], {"cells": [1]}, {"cells": [], "metadata": []}, {"cells": {}}, 3)):
        (tmp_path / f"{number}.ipynb").write_text(json.dumps({"of": LOAD, "it": content}))
        (tmp_path / f"{number}b.ipynb").write_text(json.dumps(content))
    assert found(tmp_path, LOAD).notebook is None
