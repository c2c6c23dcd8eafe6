"""Below a base-URL prefix, and in Jupyter Notebook, where there is no Lab shell."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from review.books import held

from browser.books import asked, fresh, workspace
from browser.conftest import Visit
from browser.lab import notebook, served

PARAMETERS = ("alpha: float = 0.3", {"tags": ["parameters"]})


def test_below_a_prefix_the_panel_reads_and_a_review_is_decided(tmp_path: Path, visit: Visit) -> None:
    with served(tmp_path, base="/hub/user/ana/") as server:
        folder = fresh(server.folder / "prefix", asked)
        notebook(folder / "work.ipynb", [PARAMETERS, "1 + 1"])
        reader = visit(server)
        reader.open_notebook("prefix/work.ipynb", kernel=False)
        reader.section("reviews").get_by_role("button", name="pm25:2 → champion").click()
        review = reader.page.locator(".jp-jmlops-large .jmlops-review")
        review.get_by_role("button", name="Approve").click()
        expect(review.locator(".jmlops-outcome")).to_contain_text("champion moved from 1 to 2")
        reader.shoot("below-a-prefix")
        reader.page.get_by_role("tab", name="work.ipynb").click()
        reader.page.get_by_role("button", name="Run as job").click()
        expect(reader.page.locator("[name=parameter-alpha]")).to_have_value("0.3")
        ws = workspace(folder)
        assert held(ws) == 2
        ws.store.close()


@pytest.fixture
def classic(tmp_path: Path):
    """Jupyter Notebook 7."""
    with served(tmp_path, app="notebook") as server:
        yield server


def test_in_notebook_the_button_the_panel_the_card_and_the_widget_work(classic, visit: Visit) -> None:
    folder = fresh(classic.folder / "nb7", asked)
    notebook(folder / "work.ipynb", ["%load_ext jupyter_mlops", "%mlops review show pm25:2", PARAMETERS])
    reader = visit(classic, height=1600)
    reader.open_notebook("nb7/work.ipynb")
    reader.run_all()
    review = reader.page.locator(".jp-OutputArea-output .jmlops-review")
    expect(review.get_by_role("button", name="Approve")).to_be_visible()

    runs = reader.section("runs")
    expect(runs.locator(".jmlops-item")).to_have_count(2)
    reader.shoot("notebook7-panel")
    runs.get_by_role("button", name="baseline").first.click()
    card = reader.page.locator("#jupyter-mlops-panel .jmlops-run")
    expect(card.locator(".jmlops-metrics")).to_contain_text("mae")
    reader.shoot("notebook7-card")
    reader.page.get_by_role("button", name="← Back to the lists").click()
    expect(card).to_have_count(0)
    expect(runs.locator(".jmlops-item").first).to_be_visible()

    reader.page.get_by_role("button", name="Run as job").click()
    expect(reader.page.locator("[name=parameter-alpha]")).to_have_value("0.3")
    reader.shoot("notebook7-run-as-job")
    reader.page.locator("[name=parameter-alpha]").press("Escape")

    review.get_by_role("button", name="Approve").click()
    expect(review.locator(".jmlops-outcome")).to_contain_text("champion moved from 1 to 2")
    ws = workspace(folder)
    assert held(ws) == 2
    ws.store.close()
