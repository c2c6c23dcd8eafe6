"""Runs that a cell opens by ``with mlops.track(...)`` rest on cells too."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.records.run import Grade
from jupyter_mlops.tracking import find_runs, run_cells
from jupyter_mlops.workspace import open_workspace
from tests.magics.kernels import Kernel

pytestmark = pytest.mark.kernel

LOOP = """
for seed in range(3):
    with mlops.track('forest', experiment='air') as run:
        run.log_params(seed=seed)
        run.log_metrics({'mae': alpha + seed})
"""


# The kernel is killed in the end: whoever reads before has everything brought home.
READ = "mlops.find_runs(mlops.workspace())"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def test_a_block_has_the_chain_of_its_cell(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops\nimport jupyter_mlops as mlops", "c1")
        kernel.report(order=["c1", "c2", "c3", "c4"], path="air.ipynb")
        kernel.execute("alpha = 0.5", "c2")
        kernel.execute("unused = 'x'", "c3")
        answer = kernel.execute(LOOP, "c4")
        assert answer.status == "ok", answer
        # Seen by a reader in the same kernel at once, and by others once the kernel is gone.
        answer = kernel.execute("{r.grade.value for r in mlops.find_runs(mlops.workspace())}", "c5")
        assert answer.text == "{'clean'}"
        kernel.execute("alpha = 0.7", "c2")
        kernel.execute(LOOP.replace("forest", "again"), "c4")
        kernel.execute(READ, "c5")
    ws = open_workspace(project, environ={})
    runs = find_runs(ws, "name = 'forest'", order="params.seed")
    assert [run.params for run in runs] == [{"seed": 0}, {"seed": 1}, {"seed": 2}]
    for run in runs:
        assert run.grade is Grade.CLEAN, run.grade_reason
        assert [cell.cell for cell in run_cells(ws, run=run.id)] == ["c1", "c2", "c4"]
        assert run.source.environment is not None
        assert run.last_cell == "c4"
    again = find_runs(ws, "name = 'again'")
    assert {run.grade for run in again} <= {Grade.CLEAN, Grade.REORDERED, Grade.STALE}
    assert "alpha = 0.7" in [cell.source for cell in run_cells(ws, run=again[0].id)]
    ws.store.close()


def test_a_block_inside_a_tracked_cell_is_its_child_and_rests_on_the_same_cells(project):
    inside = LOOP.strip().replace("as run", "as inner").replace("run.", "inner.")
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops\nimport jupyter_mlops as mlops\nalpha = 1.0", "c1")
        kernel.report(order=["c1", "c2", "c3"], path="air.ipynb")
        kernel.execute(f"%%track outer -e air\n{inside}", "c2")
        kernel.execute(READ, "c3")
    ws = open_workspace(project, environ={})
    (outer,) = find_runs(ws, "name = 'outer'")
    inner = find_runs(ws, f"parent = '{outer.id}'")
    assert len(inner) == 3
    for run in inner:
        assert run.grade is outer.grade is Grade.CLEAN, (run.grade_reason, outer.grade_reason)
        assert run_cells(ws, run=run.id) == run_cells(ws, run=outer.id)
    ws.store.close()


def test_a_block_in_a_failing_cell_keeps_its_chain(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops\nimport jupyter_mlops as mlops\nalpha = 1.0", "c1")
        kernel.report(order=["c1", "c2", "c3"], path="air.ipynb")
        answer = kernel.execute(LOOP + "\nraise ValueError('after')", "c2")
        assert answer.status == "error"
        kernel.execute(READ, "c3")
    ws = open_workspace(project, environ={})
    runs = find_runs(ws, "name = 'forest'")
    assert len(runs) == 3
    assert {run.grade for run in runs} == {Grade.CLEAN}, runs[0].grade_reason
    ws.store.close()


def test_after_unloading_a_block_is_a_run_without_a_chain(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops\nimport jupyter_mlops as mlops\nalpha = 1.0", "c1")
        kernel.execute("%unload_ext jupyter_mlops", "c2")
        kernel.execute(LOOP, "c3")
    ws = open_workspace(project, environ={})
    runs = find_runs(ws, "name = 'forest'")
    assert len(runs) == 3
    assert all(run.grade is Grade.UNKNOWN for run in runs)
    ws.store.close()
