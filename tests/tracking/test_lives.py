"""Runs that went on: a later life never makes an earlier one better, and what all of them rest on is kept and checked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from magics.kernels import Kernel

from jupyter_mlops.records.links import cells_digest
from jupyter_mlops.records.run import EarlierLives, Grade, Run
from jupyter_mlops.records.source import Source
from jupyter_mlops.tracking import find_runs, finish_run, get_run, reopen_run, run_cells, start_run
from jupyter_mlops.tracking.lives import earlier_cells, lives_before, over_lives, source_over_lives
from jupyter_mlops.workspace import Workspace, open_workspace
from tests.contracts.samples import linked_cells

CLEAN, REORDERED, STALE, UNKNOWN = Grade.CLEAN, Grade.REORDERED, Grade.STALE, Grade.UNKNOWN


@pytest.fixture
def run(ws) -> Run:
    return finish_run(ws, run=start_run(ws, name="fit").id)


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        (CLEAN, CLEAN, (CLEAN, "now")),
        (REORDERED, CLEAN, (REORDERED, "before")),
        (CLEAN, STALE, (STALE, "now")),
        (UNKNOWN, STALE, (UNKNOWN, "before")),
        (REORDERED, REORDERED, (REORDERED, "now")),
    ],
)
def test_the_worst_grade_of_all_lives_counts(before, now, found):
    assert over_lives(EarlierLives(grade=before, reason="before"), now, "now") == found


def test_a_run_with_one_life_is_graded_by_it(run):
    assert over_lives(run.earlier, CLEAN, "now") == (CLEAN, "now")
    assert source_over_lives(run, Source(outside=("file a",))) == Source(outside=("file a",))
    assert earlier_cells(run, "session") == ()


def test_of_a_life_that_nobody_graded_nothing_is_known(run):
    assert lives_before(run, ()).grade is UNKNOWN
    assert "not known" in lives_before(run, ()).reason


def test_lives_add_up_over_three_of_them(run):
    second = replace(
        run, earlier=EarlierLives(grade=REORDERED, reason="first"), grade=CLEAN, grade_reason="second"
    )
    assert (lives_before(second, ()).grade, lives_before(second, ()).reason) == (REORDERED, "first")


def test_the_cells_of_each_session_have_a_digest(run):
    cells = linked_cells(3)
    other = [replace(cell, session="other") for cell in cells[:2]]
    found = lives_before(run, [*cells, *other]).cells
    assert found == {cells[0].session: cells_digest(cells), "other": cells_digest(other)}
    numbers = lives_before(run, [*cells, *other]).rests_on
    assert numbers == {cells[0].session: (1, 2, 3), "other": (1, 2)}


def test_what_earlier_lives_touched_outside_the_cells_stays_with_the_run(run):
    earlier = EarlierLives(grade=CLEAN)
    before = replace(run, earlier=earlier, source=Source(outside=("shell",), seeds=("seed(1)",)))
    now = source_over_lives(before, Source(outside=("file a",), seeds=("seed(2)",), session="s"))
    assert (now.outside, now.seeds, now.session) == (("file a", "shell"), ("seed(1)", "seed(2)"), "s")


def test_only_cells_of_the_same_kernel_can_be_judged_together(run):
    went_on = replace(run, earlier=EarlierLives(grade=CLEAN, rests_on={"s": (2, 3), "t": (1,)}))
    assert earlier_cells(went_on, "s") == (2, 3)
    assert earlier_cells(went_on, "t") == (1,)
    assert earlier_cells(went_on, "another") == ()


def test_a_life_that_is_lost_is_not_spoken_for_by_the_one_before(ws, run):
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(run.id), grade=CLEAN, grade_reason="one cell"))
    again = reopen_run(ws, run=run.id)
    assert (again.grade, again.earlier.grade) == (UNKNOWN, CLEAN)
    finish_run(ws, run=run.id)
    assert get_run(ws, run.id).grade is UNKNOWN


LOAD = "%load_ext jupyter_mlops"
TRACK = "%%track fit\nrun.log_metric('m', x)"
BLOCK = "import jupyter_mlops as mlops\nwith mlops.track(resume='fit') as run:\n    run.log_metric('n', 1)"
ORDER = ["load", "track", "x", "more"]


def kept(place) -> tuple[Workspace, Run]:
    ws = open_workspace(place)
    (found,) = find_runs(ws, "name = 'fit'")
    return ws, found


@pytest.mark.parametrize(
    "more", ["%%track --resume fit\nrun.log_metric('n', 1)", "%%track fit --on-rerun continue\npass", BLOCK]
)
def test_a_run_that_ran_out_of_order_stays_so_when_it_goes_on(tmp_path, more):
    with Kernel(tmp_path) as kernel:
        kernel.execute(LOAD, "load")
        kernel.report(order=ORDER)
        kernel.execute("x = 1", "x")
        kernel.execute(TRACK, "track")
        kernel.execute(more, "more")
        kernel.execute("%mlops runs", "show")
    ws, found = kept(tmp_path)
    assert found.grade is REORDERED
    assert "which stands above it" in found.grade_reason
    assert [cell.cell for cell in run_cells(ws, run=found.id)] == ["x", "track", "more"]


def test_a_cell_that_ran_again_for_the_same_run_ran_twice(tmp_path):
    with Kernel(tmp_path) as kernel:
        kernel.execute(LOAD, "load")
        kernel.report(order=["load", "x", "track"])
        kernel.execute("x = 1", "x")
        kernel.execute(TRACK, "track")
        kernel.execute("%%track fit --on-rerun continue\nrun.log_metric('m', x)", "track")
        kernel.execute("%mlops runs", "show")
    _, found = kept(tmp_path)
    assert found.grade is REORDERED
    assert "ran again" in found.grade_reason


def test_each_life_in_a_kernel_of_its_own_may_be_clean(tmp_path):
    for cell in (TRACK, "%%track --resume fit\nrun.log_metric('n', x)"):
        with Kernel(tmp_path) as kernel:
            kernel.execute(LOAD, "load")
            kernel.report(order=["load", "x", "track"])
            kernel.execute("x = 1", "x")
            kernel.execute(cell, "track")
            kernel.execute("%mlops runs", "show")
    ws, found = kept(tmp_path)
    assert (found.grade, found.earlier.grade) == (CLEAN, CLEAN)
    cells = run_cells(ws, run=found.id)
    assert len(cells) == 4
    assert {cell.session for cell in cells} == {found.source.session, *found.earlier.cells}
