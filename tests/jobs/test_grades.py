"""The grades that a job's run can have, and those of the cells tracked in it: ``clean`` and ``unknown``.

``reordered`` and ``stale`` cannot come about here. Both need a cell that runs after one which stands below it, or a second
time; a job runs the cells of its document from top to bottom in a fresh kernel, each once and under its own id, and that very
document is where the kernel reads their order. What a cell runs again by itself (``%rerun``, ``run_cell``) is a part of that
cell, which did run once and in its place: run from top to bottom again, the notebook does the same.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.run import Grade, Run
from jupyter_mlops.workspace import Workspace
from tests.jobs.running import run, run_of

pytestmark = pytest.mark.kernel

LOAD = "%load_ext jupyter_mlops"
TRACKED = "%%track last\nrun.log_metric('x', x)"
ENCODED = "import base64\nexec(base64.b64decode('eCA9IDI='))"  # x = 2


def executed(
    place: Workspace, path: Path, **given: object
) -> tuple[Run, dict[str, Run], dict[str, list[str]]]:
    """Run the notebook; return the job's run, and by their names its tracked cells and the cells each rests on."""
    job = run(place, path, **given)
    assert job.status is JobStatus.SUCCEEDED, job.error
    with place.store.read() as tx:
        tracked = {found.name: found for found in tx.runs.find(Query(where=equal(parent=job.run)))}
        cells = {name: [str(c.cell) for c in tx.cells.read(one.id)] for name, one in tracked.items()}
    return run_of(place, job), tracked, cells


def below(count: int) -> list[str]:
    return [f"cell-{number}" for number in range(count)]


def may_fail(path: Path, *indexes: int) -> Path:
    made = nbformat.read(path, 4)
    for index in indexes:
        made.cells[index].metadata["tags"] = ["raises-exception"]
    nbformat.write(made, path)
    return path


def test_cells_of_a_job_are_clean_also_those_that_say_the_same_and_those_behind_injected_values(
    place, write
) -> None:
    path = write(LOAD, "x += 1", "unused = 3", "x += 1", TRACKED, parameters="x: int = 1")

    whole, tracked, cells = executed(place, path, parameters={"x": 5})

    assert (tracked["last"].grade, tracked["last"].metrics) == (Grade.CLEAN, {"x": 7.0})
    assert cells["last"] == ["injected-parameters", "cell-1", "cell-3", "cell-4"]
    assert (whole.grade, whole.grade_reason) == (Grade.CLEAN, f"last: {tracked['last'].grade_reason}")


@pytest.mark.parametrize(
    ("cell", "x", "rests_on"),
    [
        (ENCODED, 2.0, below(4)),
        ("%run strange.py", 3.0, below(4)),
        ("from strange import *", 3.0, ["cell-1", "cell-2", "cell-3"]),
        ("get_ipython().push({'x': 4})", 4.0, below(4)),
        ("%rerun 2", 1.0, below(4)),
        ("get_ipython().run_cell('x = 6', store_history=True)", 6.0, below(4)),
    ],
)
def test_what_a_cell_does_unseen_makes_the_slice_larger_and_the_grade_no_worse(
    place, write, cell, x, rests_on
) -> None:
    """All that can have made the name is on record and ran once, in order; what it was need not be known for that."""
    (place.settings.root / "strange.py").write_text("x = 3\n")

    whole, tracked, cells = executed(place, write(LOAD, "x = 1", cell, TRACKED))

    assert tracked["last"].metrics == {"x": x}
    assert cells["last"] == rests_on
    assert (tracked["last"].grade, whole.grade) == (Grade.CLEAN, Grade.CLEAN)


@pytest.mark.parametrize(
    "module", ["import builtins\nbuiltins.x = 3", "from IPython import get_ipython\nget_ipython().user_ns['x'] = 3"]
)  # fmt: skip
def test_a_name_that_no_cell_made_is_unknown_and_the_worst_cell_grades_the_job(place, write, module) -> None:
    (place.settings.root / "strange.py").write_text(module)
    path = write(LOAD, "%%track first\ny = 1", "import strange", TRACKED)

    whole, tracked, _ = executed(place, path)

    why = "cell 4 read 'x', and no recorded cell is known to have made it"
    assert (tracked["last"].grade, tracked["last"].grade_reason) == (Grade.UNKNOWN, why)
    assert tracked["first"].grade is Grade.CLEAN
    assert (whole.grade, whole.grade_reason) == (Grade.UNKNOWN, f"last: {why}")


def test_a_name_from_a_startup_file_is_unknown(place, write, tmp_path, monkeypatch) -> None:
    startup = tmp_path / "ipython/profile_default/startup"
    startup.mkdir(parents=True)
    (startup / "00-own.py").write_text("x = 3\n")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))

    whole, tracked, _ = executed(place, write(LOAD, "y = 1", TRACKED))

    assert tracked["last"].metrics == {"x": 3.0}
    assert (tracked["last"].grade, whole.grade) == (Grade.UNKNOWN, Grade.UNKNOWN)


@pytest.mark.parametrize("order", [[LOAD, "x = 1", "x = 5\n1 / 0"], ["x = 1", "x = 5\n1 / 0", LOAD]])
def test_what_a_cell_that_may_fail_left_halfway_is_unknown_before_the_extension_was_loaded_too(
    place, write, order
) -> None:
    path = may_fail(write(*order, TRACKED, "%%track alone\nz = 1"), order.index("x = 5\n1 / 0"))

    whole, tracked, _ = executed(place, path)

    assert tracked["last"].grade is Grade.UNKNOWN
    assert tracked["last"].grade_reason.endswith(
        "had failed halfway, and this run rests on what it left behind"
    )
    assert tracked["alone"].grade is Grade.CLEAN
    assert whole.grade is Grade.UNKNOWN


def test_a_job_that_tracks_no_cell_is_clean_whatever_its_cells_do(place, write) -> None:
    """The run is the whole notebook then, and rests on nothing that it did not execute itself."""
    path = may_fail(write("x = 1", "x = 5\n1 / 0", ENCODED, "x"), 1)

    whole, tracked, _ = executed(place, path)

    assert (whole.grade, tracked) == (Grade.CLEAN, {})
    assert whole.source.rests_on == (1, 2, 3, 4)
