"""Notebooks of a folder, run to see whether they still work."""

from __future__ import annotations

import nbformat
import pytest

from jupyter_mlops.automation import check_notebooks
from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.reproduced import ReproductionVerdict
from jupyter_mlops.workspace import open_workspace


def test_a_folder_without_notebooks_is_not_found(ws, tmp_path) -> None:
    with pytest.raises(NotFound):
        check_notebooks(ws, str(tmp_path / "nowhere"))
    with pytest.raises(NotFound):
        check_notebooks(ws, str(tmp_path))


@pytest.mark.kernel
def test_each_notebook_is_run_and_the_failing_one_is_named_with_its_cell(place, write) -> None:
    write("1", name="a.ipynb")
    write("x = 1", "assert x == 2, 'no longer'", name="sub/b.ipynb")
    write("print(needed)", parameters="needed: int", name="c.ipynb")
    write("1 / 0", name=".ipynb_checkpoints/d.ipynb")

    report = check_notebooks(place, str(place.settings.root), workers=2)

    assert (report.passed, report.failed) == (1, 2)
    assert [(one.notebook, one.passed, one.error and one.error.cell) for one in report.notebooks] == [
        ("a.ipynb", True, None),
        ("c.ipynb", False, None),
        ("sub/b.ipynb", False, "cell-1"),
    ]
    passed, refused, failed = report.notebooks
    assert (passed.error, refused.job) == (None, None)
    assert (passed.verdict, failed.verdict) == (None, ReproductionVerdict.DOES_NOT_RUN)
    assert passed.note == "it was saved without outputs: only that it runs was tested"
    assert (refused.error.kind, refused.error.index) == ("Invalid", None)
    assert "must be given" in refused.error.message
    assert (failed.error.kind, failed.error.message, failed.error.index) == (
        "AssertionError",
        "no longer",
        1,
    )


def save_outputs(path, *texts: str) -> None:
    """Save printed text with the cells of a notebook, as if it had been executed."""
    notebook = nbformat.read(path, 4)
    for number, (cell, text) in enumerate(zip(notebook.cells, texts, strict=True), 1):
        cell.execution_count = number
        cell.outputs = [nbformat.v4.new_output("stream", text=text)] if text else []
    nbformat.write(notebook, path)


@pytest.mark.kernel
def test_outputs_are_compared_with_those_that_were_saved(place, write) -> None:
    cells = ("print('began', __import__('datetime').datetime.now())", "print('mae', 2.5)", "x = 1")
    for name, mae in (("a.ipynb", "2.5"), ("b.ipynb", "2.5000001"), ("c.ipynb", "3.5")):
        save_outputs(write(*cells, name=name), "began 2020-01-01 10:00:00.5\n", f"mae {mae}\n", "")

    report = check_notebooks(place, str(place.settings.root), workers=2)

    assert [(str(one.verdict), one.passed) for one in report.notebooks] == [
        ("identical", True),
        ("within_tolerance", True),
        ("differs", False),
    ]
    assert [[str(found) for found in one.outputs] for one in report.notebooks] == [
        [],
        ["cell 2 stdout: was 2.5000001 and is 2.5"],
        ["cell 2 stdout: was 3.5 and is 2.5"],
    ]


@pytest.mark.kernel
def test_a_folder_can_be_run_without_comparing_and_with_masks_of_the_project(place, write) -> None:
    path = write("print('ticket 7')")
    save_outputs(path, "ticket 6\n")
    (place.settings.folder / "config.toml").write_text("output_masks = ['ticket \\d+']")
    masking = open_workspace(place.settings.root, environ={})

    (compared,) = check_notebooks(place, str(path)).notebooks
    (ran,) = check_notebooks(place, str(path), only_run=True).notebooks
    (masked,) = check_notebooks(masking, str(path)).notebooks
    masking.store.close()

    assert (compared.passed, compared.verdict) == (False, ReproductionVerdict.DIFFERS)
    assert (ran.passed, ran.verdict) == (True, None)
    assert (masked.passed, masked.verdict) == (True, ReproductionVerdict.IDENTICAL)


def test_a_tolerance_that_is_none_is_refused_before_anything_runs(ws, tmp_path) -> None:
    with pytest.raises(Invalid, match="tolerance"):
        check_notebooks(ws, str(tmp_path), tolerance=-1.0)


@pytest.mark.kernel
def test_outputs_of_a_session_in_another_order_name_the_hidden_state(place, write) -> None:
    path = write("x = 1", "x = x + 1\nprint(x)", "print(x)")
    save_outputs(path, "", "3\n", "3\n")
    notebook = nbformat.read(path, 4)
    for cell, count in zip(notebook.cells, (1, 4, 3), strict=True):
        cell.execution_count = count  # the second one ran twice, the last time after the third
    nbformat.write(notebook, path)

    (one,) = check_notebooks(place, str(path)).notebooks

    assert (one.verdict, str(one.outputs[0])) == (
        ReproductionVerdict.DIFFERS,
        "cell 2 stdout: was 3 and is 2",
    )
    assert one.note == "its cells were saved in another order than they ran: In [4] stands above In [3]"
