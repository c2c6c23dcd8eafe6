"""Sessions played in a real kernel, and the slice of their run executed alone in a fresh one: the same metric comes out.

All slices of the matrix are executed in fresh kernels (``tests/capture/test_slices_in_kernels.py``); here those that a notebook's
user meets every day go the whole way, from cells to kernel, store, slice, rebuilt notebook, and a kernel of its own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.jobs import reproduce_run
from jupyter_mlops.records.report import ReproductionVerdict
from jupyter_mlops.records.run import Grade, Run
from jupyter_mlops.tracking import run_cells
from jupyter_mlops.workspace import open_workspace
from tests.capture.cases import CASES
from tests.capture.cases.case import Case
from tests.magics.kernels import Kernel
from tests.magics.test_kernel import last

pytestmark = pytest.mark.kernel

TAKEN = (
    "another_computation_is_dropped",
    "a_cell_that_adds_counts_each_time_it_ran",
    "edited_and_run_again_after_use_is_stale",
    "run_against_the_order_of_the_document_is_reordered",
    "a_change_through_an_alias_is_kept",
    "a_function_redefined_after_use_is_stale",
    "a_cell_that_failed_without_touching_anything_is_dropped",
    "a_closure_with_a_state_keeps_each_call",
    "every_draw_after_a_seed_counts",
    "a_pipeline_fits_what_it_holds",
)
BY_NAME = {case.name: case for case in CASES}
MEASURE = "\nimport zlib\nrun.log_metric('result', float(zlib.crc32(repr(result).encode())))"


def play(folder: Path, case: Case) -> Run:
    """Run the cells of *case* as a front end sends them; return the run of the last one, which measures what came out."""
    *before, (cell, source) = case.ran
    order = list(case.document)
    with Kernel(folder) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "load")
        for each, text in (*before, (cell, f"%%track last\n{source}{MEASURE}")):
            if each not in order:
                order.append(each)
            kernel.report(order=["load", *order])
            kernel.execute(text, each)
        return last(folder, "last", surroundings=True)


@pytest.mark.parametrize("name", TAKEN)
def test_the_slice_alone_in_a_fresh_kernel_measures_the_same(tmp_path, name):
    case = BY_NAME[name]
    (tmp_path / "pyproject.toml").write_text("")
    run = play(tmp_path, case)
    ws = open_workspace(tmp_path, environ={})
    try:
        kept = [cell.cell for cell in run_cells(ws, run=run.id)]
        assert kept == [step.partition(":")[0] for step in case.kept]
        assert run.grade is case.grade
        found = reproduce_run(ws, run.id)
        assert (found.verdict, found.parts["metric result"]) == (ReproductionVerdict.IDENTICAL, "identical")
    finally:
        ws.store.close()


def test_what_can_only_be_known_from_outside_the_cells_comes_along_and_runs_alone(tmp_path):
    """A star import, a shell line, a script that ``%run`` runs, a text that ``exec`` computes, and a cell deleted after it ran."""
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "other.py").write_text("base = 40\n")
    cells = {
        "star": "from math import *",
        "shell": "!echo 4 > made.txt",
        "gone": "extra = floor(9.7)",
        "ran": "%run other.py",
        "text": "text = 'x = floor(2.5)' + ' + base'",
        "exec": "exec(text)",
        "dropped": "unused = 3",
    }
    with Kernel(tmp_path) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "load")
        kernel.report(order=["load", *cells, "measured"])
        for cell, source in cells.items():
            assert kernel.execute(source, cell).status == "ok"
        kernel.report(order=[cell for cell in ["load", *cells, "measured"] if cell != "gone"])
        result = "result = x + extra + int(open('made.txt').read())"
        kernel.execute(f"%%track last\n{result}{MEASURE}\nrun.log_metric('sum', float(result))", "measured")
        run = last(tmp_path, "last", surroundings=True)
    (tmp_path / "made.txt").unlink()
    ws = open_workspace(tmp_path, environ={})
    try:
        assert run.metrics["sum"] == 55
        kept = [cell.cell for cell in run_cells(ws, run=run.id)]
        assert kept == ["load", *(cell for cell in cells if cell != "dropped"), "measured"]
        assert run.grade is Grade.CLEAN
        found = reproduce_run(ws, run.id)
        assert (found.verdict, found.parts["metric sum"]) == (ReproductionVerdict.IDENTICAL, "identical")
    finally:
        ws.store.close()


def test_what_an_earlier_kernel_left_in_nobodys_cell_is_unknown_and_does_not_run_alone(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    with Kernel(tmp_path) as kernel:
        kernel.execute("x = 3", "gone", store_history=False)
        kernel.execute("%load_ext jupyter_mlops", "load")
        kernel.execute("%%track last\nrun.log_metric('result', float(x))", "c")
        run = last(tmp_path, "last", surroundings=True)
    ws = open_workspace(tmp_path, environ={})
    try:
        assert (run.grade, run.metrics["result"]) == (Grade.UNKNOWN, 3.0)
        found = reproduce_run(ws, run.id)
        assert found.verdict is ReproductionVerdict.DOES_NOT_RUN
        assert "NameError" in " ".join(found.causes)
    finally:
        ws.store.close()
