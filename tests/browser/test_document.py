"""The kernel learns the order of the cells from the page, also of a notebook that was never saved like this."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser.books import fresh, workspace
from browser.conftest import Visit
from browser.lab import Server, Session, notebook, until
from jupyter_mlops import tracking
from jupyter_mlops.records.run import Run

SPY = """
from jupyter_mlops.magics import session_of
told = []
recorder = session_of(get_ipython()).recorder
real = recorder.document
recorder.document = lambda order: (told.append(list(order or [])), real(order))[1]
session_of(get_ipython()).document._report = recorder.document
"""


@pytest.fixture
def reader(lab: Server, visit: Visit, own: str) -> Session:
    folder = fresh(lab.folder / own, lambda ws: None)
    notebook(
        folder / "order.ipynb", ["%load_ext jupyter_mlops", SPY, "x = 1", "x + 1", "print('told', told[-1])"]
    )
    reader = visit(lab)
    reader.open_notebook(f"{folder.name}/order.ipynb")
    return reader


def run_cell(reader: Session, index: int) -> None:
    reader.page.evaluate(
        "index => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = index; }", index
    )
    reader.command("notebook:run-cell")


def output_of(reader: Session, index: int) -> str:
    said: str = reader.page.evaluate(
        """index => window.jupyterapp.shell.currentWidget.content.widgets[index].model.outputs.toJSON()
          .map(output => output.text ?? output.evalue ?? '').join('')""",
        index,
    )
    return said


def test_the_order_is_told_before_a_cell_runs_and_follows_what_is_moved_without_saving(
    reader: Session,
) -> None:
    for index in (0, 1, 4):
        run_cell(reader, index)
    assert output_of(reader, 4) == "told ['cell-0', 'cell-1', 'cell-2', 'cell-3', 'cell-4']\n"
    reader.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.content.model.sharedModel.moveCell(3, 2); }"
    )
    run_cell(reader, 4)
    assert output_of(reader, 4) == "told ['cell-0', 'cell-1', 'cell-3', 'cell-2', 'cell-4']\n"


def test_a_reloaded_page_goes_on_telling(reader: Session) -> None:
    for index in (0, 1):
        run_cell(reader, index)
    reader.save()
    path = reader.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")
    reader.open_notebook(path)
    reader.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.content.model.sharedModel.moveCell(3, 2); }"
    )

    def heard() -> bool:
        run_cell(reader, 4)
        return output_of(reader, 4).startswith("told")

    # The page asks the kernel which comms it left open, and nobody moves a cell and runs one before the answer is there.
    until(heard)
    assert output_of(reader, 4) == "told ['cell-0', 'cell-1', 'cell-3', 'cell-2', 'cell-4']\n"


TRACKED = ["%load_ext jupyter_mlops", "x = 1", "y = x + 1", "%%track trial\nrun.log_metrics(score=y)"]


def graded(lab: Server, visit: Visit, own: str, cells: list[str], order: list[int]) -> str:
    folder = fresh(lab.folder / own, lambda ws: None)
    notebook(folder / "grade.ipynb", cells)
    reader = visit(lab)
    reader.open_notebook(f"{own}/grade.ipynb")
    for index in order:
        run_cell(reader, index)
    return str(trial(folder).grade)


def trial(folder: Path) -> Run:
    ws = workspace(folder)
    [run] = until(lambda: [r for r in tracking.find_runs(ws).items if r.status == "finished"])
    ws.store.close()
    return run


def test_cells_run_top_to_bottom_in_lab_are_graded_clean(lab: Server, visit: Visit, own: str) -> None:
    assert graded(lab, visit, own, TRACKED, [0, 1, 2, 3]) == "clean"


def test_cells_run_in_another_order_in_lab_are_graded_reordered(lab: Server, visit: Visit, own: str) -> None:
    load, first, second, tracked = TRACKED
    assert graded(lab, visit, own, [load, second, first, tracked], [0, 2, 1, 3]) == "reordered"


def test_everything_run_at_once_in_a_fresh_kernel_is_graded_clean(
    lab: Server, visit: Visit, own: str
) -> None:
    folder = fresh(lab.folder / own, lambda ws: None)
    notebook(folder / "all.ipynb", TRACKED)
    reader = visit(lab)
    reader.open_notebook(f"{own}/all.ipynb")
    reader.run_all()
    run = trial(folder)
    assert (run.grade, run.source.notebook) == ("clean", "all.ipynb")
