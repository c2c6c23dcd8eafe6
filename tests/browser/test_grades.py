"""The four grades, each made by somebody who runs cells in JupyterLab: what the card says, and what is kept."""

from __future__ import annotations

from playwright.sync_api import expect

from browser.books import fresh, workspace
from browser.conftest import Visit
from browser.lab import Server, Session, notebook, until
from browser.test_document import run_cell
from jupyter_mlops import tracking
from jupyter_mlops.records.run import Run

LOAD, TRACKED = "%load_ext jupyter_mlops", "%%track trial\nrun.log_metrics(score=y)"
CELLS = [LOAD, "x = 1", "y = x + 1", TRACKED]


def opened(lab: Server, visit: Visit, own: str, cells: list[str]) -> Session:
    """A new notebook with a kernel of its own, in a workspace of its own."""
    folder = fresh(lab.folder / own, lambda ws: None)
    notebook(folder / "grade.ipynb", cells)
    reader = visit(lab)
    reader.open_notebook(f"{own}/grade.ipynb")
    return reader


def kept(lab: Server, own: str) -> Run:
    """Return the run as the books have it once the kernel has brought it home."""
    ws = workspace(lab.folder / own)
    [run] = until(lambda: [r for r in tracking.find_runs(ws).items if r.status == "finished"])
    ws.store.close()
    return run


def edit(reader: Session, index: int, text: str) -> None:
    """Write another text into a cell, as typing does: in the page, not in the file."""
    reader.page.evaluate(
        "([index, text]) => { window.jupyterapp.shell.currentWidget.content.widgets[index].model.sharedModel.setSource(text); }",
        [index, text],
    )


def expect_badge(reader: Session, sign: str, said: str) -> None:
    """The card under the tracked cell, which stands last, is settled and says *said* behind its *sign*."""
    card = reader.page.locator(".jp-Notebook .jp-CodeCell").last.locator(".jp-OutputArea-output")
    expect(card).to_contain_text("finished")
    expect(card.get_by_text(said)).to_contain_text(f"{sign} {said}")


def test_run_from_top_to_bottom_is_clean_and_stays_so_whatever_runs_afterwards(
    lab: Server, visit: Visit, own: str
) -> None:
    reader = opened(lab, visit, own, CELLS)
    for index in (0, 1, 2, 3):
        run_cell(reader, index)
    expect_badge(reader, "✓", "clean")
    edit(reader, 1, "x = 5")
    run_cell(reader, 1)
    expect_badge(reader, "✓", "clean")
    run = kept(lab, own)
    assert (run.grade, run.source.rests_on, run.metrics) == ("clean", (2, 3, 4), {"score": 2.0})


def test_run_in_another_order_than_they_stand_is_reordered(lab: Server, visit: Visit, own: str) -> None:
    reader = opened(lab, visit, own, [LOAD, "y = x + 1", "x = 1", TRACKED])
    for index in (0, 2, 1, 3):
        run_cell(reader, index)
    why = "cell 2 ran before cell 3, which stands above it"
    expect_badge(reader, "⚠", f"reordered: {why}")
    run = kept(lab, own)
    assert (run.grade, run.grade_reason, run.source.rests_on) == ("reordered", why, (2, 3, 4))


def test_moved_below_what_rests_on_it_is_reordered_before_anybody_saves(
    lab: Server, visit: Visit, own: str
) -> None:
    reader = opened(lab, visit, own, CELLS)
    for index in (0, 1, 2):
        run_cell(reader, index)
    reader.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.content.model.sharedModel.moveCell(2, 1); }"
    )
    run_cell(reader, 3)
    expect_badge(reader, "⚠", "reordered: cell 2 ran before cell 3, which stands above it")
    assert kept(lab, own).grade == "reordered"


def test_edited_and_run_again_after_its_use_is_stale(lab: Server, visit: Visit, own: str) -> None:
    reader = opened(lab, visit, own, CELLS)
    for index in (0, 1, 2):
        run_cell(reader, index)
    edit(reader, 1, "x = 5")
    for index in (1, 3):
        run_cell(reader, index)
    why = "cell 2 ran again, as 4, after this run had used it"
    expect_badge(reader, "⚠", f"stale: {why}")
    run = kept(lab, own)
    assert (run.grade, run.grade_reason, run.source.rests_on) == ("stale", why, (2, 3, 5))


def test_resting_on_what_ran_before_recording_began_is_unknown(lab: Server, visit: Visit, own: str) -> None:
    reader = opened(lab, visit, own, CELLS)
    for index in (1, 0, 2, 3):
        run_cell(reader, index)
    why = "cell 3 read 'x', and no recorded cell is known to have made it"
    expect_badge(reader, "?", f"unknown: {why}")
    run = kept(lab, own)
    assert (run.grade, run.grade_reason) == ("unknown", why)


def test_everything_run_at_once_in_a_fresh_kernel_is_clean(lab: Server, visit: Visit, own: str) -> None:
    reader = opened(lab, visit, own, CELLS)
    reader.run_all()
    expect_badge(reader, "✓", "clean")
    run = kept(lab, own)
    assert (run.grade, run.source.notebook) == ("clean", "grade.ipynb")


MOVE = "() => { window.jupyterapp.shell.currentWidget.content.model.sharedModel.moveCell(2, 1); }"
TYPE = """texts => {
  const model = window.jupyterapp.shell.currentWidget.content.model.sharedModel;
  texts.forEach(source => model.addCell({ cell_type: 'code', source }));
}"""


def test_the_first_save_in_the_page_settles_that_the_notebook_says_what_ran(
    lab: Server, visit: Visit, own: str
) -> None:
    reader = opened(lab, visit, own, [LOAD, "x = 1"])
    reader.page.evaluate(TYPE, [TRACKED.replace("=y", "=x"), "x"])
    reader.run_all()
    assert kept(lab, own).document == "unknown"
    reader.save()
    run_cell(reader, 3)  # whoever runs something next tells
    assert until(lambda: kept(lab, own).document == "saved")


def test_everything_run_at_once_is_graded_by_the_page_where_cells_were_moved_and_typed_without_saving(
    lab: Server, visit: Visit, own: str
) -> None:
    """All cells are on their way when the first one asks the page, and its answer comes behind them all."""
    reader = opened(lab, visit, own, [LOAD, "y = x + 1", "x = 1"])
    reader.page.evaluate(MOVE)
    reader.page.evaluate(TYPE, ["z = y", TRACKED.replace("=y", "=z")])
    reader.run_all()
    expect_badge(reader, "✓", "clean")
    run = until(lambda: (found := kept(lab, own)).grade == "clean" and found)
    assert (run.source.rests_on, run.metrics) == ((2, 3, 4, 5), {"score": 2.0})
    ws = workspace(lab.folder / own)
    with ws.store.read() as tx:
        assert len(tx.events.read(subject=run.id, kind="run.graded")) == 1
    ws.store.close()
