"""Notebooks of a folder, run to see whether they still work."""

from __future__ import annotations

import pytest

from jupyter_mlops.automation import check_notebooks
from jupyter_mlops.errors import NotFound


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
    assert (refused.error.kind, refused.error.index) == ("Invalid", None)
    assert "must be given" in refused.error.message
    assert (failed.error.kind, failed.error.message, failed.error.index) == (
        "AssertionError",
        "no longer",
        1,
    )
