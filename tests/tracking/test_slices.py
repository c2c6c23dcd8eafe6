"""A run's slice, written down and run again."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from jupyter_mlops.records.captured import Captured
from jupyter_mlops.records.run import DocumentState, Grade, Run
from jupyter_mlops.records.slice import SliceForm
from jupyter_mlops.records.source import CellStatus, Source
from jupyter_mlops.tracking.finding import find_runs
from jupyter_mlops.tracking.runs import finish_run, start_run
from jupyter_mlops.tracking.slices import slice_run
from jupyter_mlops.workspace import Workspace
from tests.capture.sessions import Session

CELLS = [
    ("a", "%matplotlib inline\nimport json\nname = 'made'"),
    ("b", "!echo 4 > {name}.txt"),
    ("c", "%%bash\necho 5 >> made.txt"),
    ("d", "lines = !cat {name}.txt"),
    ("e", "print('looked at', lines)"),
    ("f", "async def some(n):\n    return n\nx = await some(3)"),
    ("g", "%%track base -e air\nresult = sum(map(int, lines)) + x\nprint(json.dumps({'result': result}))"),
]


def run_resting_on(
    ws: Workspace,
    cells: list[tuple[str, str]],
    document: DocumentState = DocumentState.UNKNOWN,
    **source: object,
) -> Run:
    """Return an ended run of the last of *cells*, which were only read, not executed."""
    session = Session([cell for cell, _ in cells])
    for count, (cell, text) in enumerate(cells, 1):
        session.recorder.document(session.document)
        session.recorder.started(text, cell=cell, count=count)
        session.recorder.ended("ok")
    cut = session.slice()
    run = start_run(ws, name="base")
    seen = Source(notebook="air.ipynb", executed=len(cells), outside=cut.outside, **source)  # type: ignore[arg-type]
    captured = Captured(
        cells=cut.cells, grade=cut.grade, grade_reason=cut.reason, document=document, source=seen
    )
    return finish_run(ws, run=run.id, captured=captured)


def test_the_script_runs_and_gives_what_the_run_gave(memory_ws, tmp_path) -> None:
    run = run_resting_on(memory_ws, CELLS)
    text = slice_run(memory_ws, run.id, to=SliceForm.SCRIPT).text
    assert "looked at" not in text
    script = tmp_path / "slice.py"
    script.write_text(text)
    done = subprocess.run(
        [sys.executable, script.name], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, '{"result": 12}\n', "")


@pytest.mark.kernel
def test_the_notebook_runs_with_its_magics_and_gives_what_the_run_gave(
    memory_ws, tmp_path, monkeypatch
) -> None:
    run = run_resting_on(memory_ws, CELLS)
    text = slice_run(memory_ws, run.id, to=SliceForm.NOTEBOOK).text
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert sources == ["%load_ext jupyter_mlops", *(source for name, source in CELLS if name != "e")]
    monkeypatch.setenv("JUPYTER_MLOPS_DISABLED", "1")
    root = str(Path(__file__).parents[2])
    monkeypatch.setenv("PYTHONPATH", root)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert notebook.cells[-1].outputs[0]["text"] == '{"result": 12}\n'


def test_the_header_says_which_run_it_was_and_what_lies_outside(memory_ws) -> None:
    run = run_resting_on(
        memory_ws,
        CELLS,
        python="3.12.1",
        environment="abcdef0123456789",
        commit="c0ffee",
        dirty=("a.py",),
        modules={"b.py": "1", "a.py": "2"},
        module_notes={"a.py": "edited after its import"},
    )
    for form in SliceForm:
        text = slice_run(memory_ws, run.id, to=form).text
        head = json.loads(text)["cells"][0]["source"] if form is SliceForm.NOTEBOOK else text
        for said in (
            run.short,
            f"{Grade.CLEAN}: the 6 cells this run rests on ran once each, from top to bottom",
            "6 of 7 executed cells of air.ipynb",
            "also rests on, outside the cells: files, the shell: echo 4 > {name}.txt",
            "Python 3.12.1, environment abcdef012345",
            "git commit c0ffee, with uncommitted changes",
            "imported files of the project: a.py (edited after its import), b.py",
        ):
            assert said in head, form


def test_the_state_of_the_notebook_is_said_where_it_is_known(memory_ws) -> None:
    assert "in the notebook when" not in slice_run(memory_ws, run_resting_on(memory_ws, CELLS).id).text
    run = run_resting_on(memory_ws, CELLS, DocumentState.UNSAVED)
    told = slice_run(memory_ws, run.id)
    assert told.document is DocumentState.UNSAVED
    assert "# what ran was not in the notebook when it was saved\n" in told.text


def test_secrets_left_out_are_named(memory_ws) -> None:
    run = run_resting_on(memory_ws, [("a", "api_key = 'hunter2hunter2'"), ("b", "result = api_key")])
    assert "secrets were left out of cell 1" in slice_run(memory_ws, run.id).text


def test_a_cell_that_failed_does_not_stop_the_notebook_unless_it_is_the_run(memory_ws) -> None:
    run = run_resting_on(memory_ws, [("a", "x = 1"), ("b", "y = x"), ("c", "result = y")])
    cells = list(slice_run(memory_ws, run.id).cells)
    other = start_run(memory_ws, name="failed")
    failed = [replace(cell, status=CellStatus.ERROR) for cell in cells]
    finish_run(memory_ws, run=other.id, captured=Captured(cells=tuple(failed), source=Source()))
    cut = slice_run(memory_ws, other.id, to=SliceForm.NOTEBOOK).text
    tags = [cell["metadata"].get("tags") for cell in json.loads(cut)["cells"][1:]]
    assert tags == [["raises-exception"], ["raises-exception"], None]
    assert "cell 1, cell 2 had failed" in slice_run(memory_ws, other.id, to=SliceForm.SCRIPT).text


def test_runs_are_found_by_their_grade(ws) -> None:
    stale = start_run(ws, name="stale")
    finish_run(ws, run=stale.id, captured=Captured(grade=Grade.STALE, grade_reason="cell 4 ran again"))
    clean = start_run(ws, name="clean")
    finish_run(ws, run=clean.id, captured=Captured(grade=Grade.CLEAN))
    assert [run.id for run in find_runs(ws, "grade = 'stale'").items] == [stale.id]
    assert [run.id for run in find_runs(ws, "grade in ('clean', 'unknown')").items] == [clean.id]
