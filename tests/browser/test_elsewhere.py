"""Below a base-URL prefix, and in Jupyter Notebook, where there is no Lab shell."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from review.books import held

from browser.books import asked, fresh, workspace
from browser.conftest import Visit
from browser.lab import Session, notebook, served
from browser.test_grades import expect_badge
from browser.test_jobs import form_of
from jupyter_mlops.tracking import find_runs

PARAMETERS = ("alpha: float = 0.3", {"tags": ["parameters"]})
TRACKED = "%%track trial\nrun.log_metrics(score=y)"
# As they stand in the file, y is made above what it is made of; the readers put it right and do not save.
CELLS = [
    "%load_ext jupyter_mlops",
    PARAMETERS,
    "%mlops review show pm25:2",
    "y = x + 1",
    "x = alpha",
    TRACKED,
]


def put_right_and_run(reader: Session) -> None:
    """Move a cell without saving, and run them all: only by what the page itself tells of their order is it clean."""
    reader.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.content.model.sharedModel.moveCell(4, 3); }"
    )
    reader.run_all()
    expect_badge(reader, "✓", "clean")


def start_and_see_it_succeed(reader: Session, path: str, picture: str) -> None:
    """Start the open notebook at *path* from the button's form; the panel and the books tell how it ended."""
    form = form_of(reader)
    expect(form.locator("[name=parameter-alpha]")).to_have_value("0.3")
    form.locator("[name=parameter-alpha]").fill("0.5")
    reader.shoot(picture)
    form.get_by_role("button", name="Start the job").click()
    jobs = reader.page.locator("#jupyter-mlops-section-jobs")
    expect(jobs).to_contain_text("succeeded", timeout=180_000)
    [job] = reader.server.mlops(f"jobs?path={path}")["items"]
    assert (job["spec"]["parameters"], job["status"]) == ({"alpha": 0.5}, "succeeded")


def test_below_a_prefix_cells_are_tracked_a_review_is_decided_and_a_job_succeeds(
    tmp_path: Path, visit: Visit
) -> None:
    with served(tmp_path, base="/hub/user/ana/") as server:
        folder = fresh(server.folder / "prefix", asked)
        notebook(folder / "work.ipynb", CELLS)
        reader = visit(server, height=1600)
        reader.open_notebook("prefix/work.ipynb")
        put_right_and_run(reader)
        alive = reader.page.locator(".jp-OutputArea-output .jmlops-review")
        expect(alive.get_by_role("button", name="Approve")).to_be_enabled()
        reader.shoot("below-a-prefix-notebook")

        reader.section("reviews").get_by_role("button", name="pm25:2 → champion").click()
        review = reader.page.locator(".jp-jmlops-large .jmlops-review")
        review.get_by_role("button", name="Approve").click()
        expect(review.locator(".jmlops-outcome")).to_contain_text("champion moved from 1 to 2")
        reader.shoot("below-a-prefix")
        ws = workspace(folder)
        assert held(ws) == 2
        # Where the hub serves it from is not where it lies in its project.
        assert "work.ipynb" in {run.source.notebook for run in find_runs(ws)}
        ws.store.close()

        reader.page.get_by_role("tab", name="work.ipynb").click()
        start_and_see_it_succeed(reader, "prefix/work.ipynb", "below-a-prefix-run-as-job")


@pytest.fixture
def classic(tmp_path: Path):
    """Jupyter Notebook 7."""
    with served(tmp_path, app="notebook") as server:
        yield server


def test_in_notebook_the_button_the_panel_the_card_and_the_widget_work(classic, visit: Visit) -> None:
    folder = fresh(classic.folder / "nb7", asked)
    notebook(folder / "work.ipynb", CELLS)
    reader = visit(classic, height=1600)
    reader.open_notebook("nb7/work.ipynb")
    put_right_and_run(reader)
    review = reader.page.locator(".jp-OutputArea-output .jmlops-review")
    expect(review.get_by_role("button", name="Approve")).to_be_visible()

    runs = reader.section("runs")
    expect(runs.locator(".jmlops-item")).to_have_count(3)
    reader.shoot("notebook7-panel")
    runs.get_by_role("button", name="baseline").first.click()
    card = reader.page.locator("#jupyter-mlops-panel .jmlops-run")
    expect(card.locator(".jmlops-metrics")).to_contain_text("mae")
    reader.shoot("notebook7-card")
    reader.page.get_by_role("button", name="← Back to the lists").click()
    expect(card).to_have_count(0)
    expect(runs.locator(".jmlops-item").first).to_be_visible()

    review.get_by_role("button", name="Approve").click()
    expect(review.locator(".jmlops-outcome")).to_contain_text("champion moved from 1 to 2")
    ws = workspace(folder)
    assert held(ws) == 2
    ws.store.close()

    start_and_see_it_succeed(reader, "nb7/work.ipynb", "notebook7-run-as-job")
    reader.shoot("notebook7-job-succeeded")
