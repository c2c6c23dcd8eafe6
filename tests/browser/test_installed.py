"""The wheel as somebody installs it, beside JupyterLab: its front end and its widgets, seen and clicked."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from review.books import held

from browser.books import asked, fresh, workspace
from browser.conftest import Visit
from browser.lab import notebook, served
from browser.test_review_widget import SENTENCE, SHOW, approve, review_in

pytestmark = pytest.mark.build

CELLS = [*SHOW, "%%track trial\nimport jupyter_mlops\nprint(jupyter_mlops.__file__)"]


def test_a_review_is_decided_in_the_widget_and_the_panel_shows_what_a_cell_tracked(
    beside_lab: Path, tmp_path: Path, visit: Visit
) -> None:
    with served(tmp_path, prefix=beside_lab) as server:
        folder = fresh(server.folder / "wheel", asked)
        notebook(folder / "review.ipynb", CELLS)
        reader = visit(server, height=1600)
        reader.open_notebook("wheel/review.ipynb")
        reader.run_all()
        expect(reader.page.get_by_text(str(beside_lab))).to_be_visible()
        approve(reader)
        expect(review_in(reader.page).locator(".jmlops-outcome")).to_contain_text(SENTENCE)
        runs = reader.section("runs")
        runs.get_by_role("button", name="trial").click()
        expect(reader.page.locator(".jp-jmlops-large .jmlops-run")).to_contain_text("clean")
        reader.shoot("installed-wheel")
        ws = workspace(folder)
        assert held(ws) == 2
        ws.store.close()
