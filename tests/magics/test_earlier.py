"""The cells that a job ran before the extension was loaded: on record as they ended, or not at all."""

from __future__ import annotations

import nbformat
import pytest

from jupyter_mlops.magics.earlier import cells_before
from jupyter_mlops.records.source import CellStatus
from jupyter_mlops.tracking import run_cells
from tests.magics.kernels import Kernel
from tests.magics.test_kernel import last, opened

pytestmark = pytest.mark.kernel

CELLS = {
    "c1": "x = 1",
    "c2": "y = 2\nx / 0\nx = 3",
    "c3": "%load_ext jupyter_mlops",
    "c4": "%%track after\nz = x + y",
}


def document(folder):
    cells = [nbformat.v4.new_code_cell(source, id=cell) for cell, source in CELLS.items()]
    cells[1].metadata["tags"] = ["raises-exception"]
    path = folder / "work.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def kernel_of_a_job(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    path = document(tmp_path)
    with Kernel(tmp_path, JUPYTER_MLOPS_JOB="a-job", JUPYTER_MLOPS_DOCUMENT=str(path)) as kernel:
        yield kernel


def test_one_that_failed_is_on_record_as_failed(kernel_of_a_job, tmp_path):
    for cell, source in CELLS.items():
        kernel_of_a_job.execute(source, cell)
    run = last(tmp_path, "after")
    ws = opened(tmp_path)
    states = {cell.cell: cell.status for cell in run_cells(ws, run=run.id)}
    ws.store.close()
    assert states["c1"] is CellStatus.OK
    assert states["c2"] is CellStatus.ERROR


def test_where_the_kernel_does_not_remember_failures_a_cell_that_may_fail_leaves_nothing_certain(
    tmp_path, monkeypatch
):
    path = document(tmp_path)
    executed = [CELLS["c1"], CELLS["c2"]]
    assert cells_before(path, "c3", executed, set()) == ()  # no job of ours
    monkeypatch.setenv("JUPYTER_MLOPS_JOB", "a-job")
    assert cells_before(path, "c3", executed, None) == ()
    assert [cell.failed for cell in cells_before(path, "c3", executed, {2})] == [False, True]
    assert cells_before(path, "c3", ["x = 1", "something else"], {2}) == ()
