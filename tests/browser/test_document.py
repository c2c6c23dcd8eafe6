"""The kernel learns the order of the cells from the page, also of a notebook that was never saved like this."""

from __future__ import annotations

import pytest

from browser.books import fresh
from browser.conftest import Visit
from browser.lab import Server, Session, notebook, until

SPY = """
from jupyter_mlops.magics import session_of
told = []
watch = session_of(get_ipython()).document
real = watch._report
watch._report = lambda order, **more: (told.append(list(order)), real(order, **more))[1]
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
