"""The card of a run, in the panel and as a widget: how it differs, where it failed, what it rests on and left behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from browser.books import fresh
from browser.conftest import Visit
from browser.lab import Server, Session, notebook

MODEL = """%%track again --experiment air
import pandas as pd
from sklearn.linear_model import Ridge
model = Ridge(alpha=alpha).fit(pd.DataFrame({{"a": [0.0, 1.0, 2.0], "b": [1.0, 0.0, 1.0]}}), [0.0, 1.0, 2.0])
run.log_model(model)
run.log_metrics(mae={mae}, r2={r2})
run.log_artifact(b"seen", "figures/seen.png")
"""
CELLS = [
    "%load_ext jupyter_mlops\nimport jupyter_mlops as mlops\nmlops.autolog(False)",
    "alpha = 0.3",
    MODEL.format(mae=42.0, r2=0.9),
    MODEL.format(mae=41.2, r2=0.8),
    (
        "%%track broken --experiment air\ntable = {'a': alpha}\ntable['<b>never</b>']",
        {"tags": ["raises-exception"]},
    ),
    "ws = mlops.workspace()\nmlops.find_runs(ws, \"name = 'again'\")[0]",
    "mlops.find_runs(ws, \"name = 'broken'\")[0]",
]


@pytest.fixture
def folder(lab: Server, own: str) -> Path:
    folder = fresh(lab.folder / own, lambda _ws: None)
    notebook(folder / "work.ipynb", CELLS)
    return folder


@pytest.fixture
def reader(lab: Server, visit: Visit, folder: Path) -> Session:
    """Everything has run, and the notebook is saved."""
    reader = visit(lab, height=2400)
    reader.open_notebook(f"{folder.name}/work.ipynb")
    reader.run_all()
    expect(reader.page.locator(".jp-OutputArea-output .jmlops-run")).to_have_count(2)
    reader.save()
    return reader


def card_of(reader: Session, name: str) -> Locator:
    """Open the card of the latest run of that name in the panel."""
    reader.section("runs").get_by_role("button", name=name).first.click()
    return reader.page.locator(f".jp-jmlops-large .jmlops-run[aria-label='Run {name}']")


def says_it_all(card: Locator) -> None:
    """The second run, in the words of the sketch."""
    metrics = card.locator(".jmlops-metrics")
    expect(metrics.locator("div", has_text="mae ↓")).to_contain_text("−0.8 ▲ better")
    expect(metrics.locator("div", has_text="r2 ↑")).to_contain_text("−0.1 ▼ worse")
    expect(card).to_contain_text("compared with the run before, ")
    expect(card).to_contain_text("rests on In [2], [4]")
    expect(card).to_contain_text("outputs 1 figure")
    expect(card).to_contain_text("model skops")
    expect(card).to_contain_text(", 2 columns")


def says_where_it_failed(card: Locator) -> None:
    failure = card.locator(".jmlops-failure")
    expect(failure).to_contain_text("KeyError: '<b>never</b>'")
    expect(failure).to_contain_text("line 3 of In [5]: table['<b>never</b>']")
    expect(failure.locator("b")).to_have_count(0)


def test_a_run_says_how_it_differs_from_the_one_before_and_what_it_rests_on(reader: Session) -> None:
    page = reader.page
    says_it_all(page.locator(".jp-OutputArea-output .jmlops-run").first)
    still = page.locator(".jp-OutputArea-output", has_text="compared with").first
    expect(still).to_contain_text("−0.8 ▲ better")
    expect(still).to_contain_text("In [2], [4]")
    card = card_of(reader, "again")
    says_it_all(card)
    reader.shoot("run-card-compared")


def test_a_run_is_compared_from_its_card_with_the_one_before_or_with_another(reader: Session) -> None:
    card = card_of(reader, "again")
    card.get_by_label("More").click()
    card.locator("summary", has_text="Compare with").click()
    expect(card.get_by_label("Run to compare again with").locator("option")).to_have_count(2)
    reader.shoot("run-card-more")
    reader.page.keyboard.press("Escape")
    expect(card.get_by_role("button", name="Archive")).to_be_hidden()
    card.get_by_role("button", name="Compare", exact=True).click()
    row = reader.page.locator(".jmlops-compare").get_by_role("row", name="mae")
    expect(row).to_contain_text("−0.8")
    expect(row).to_contain_text("better")


def test_a_failed_run_quotes_the_line_and_opens_the_notebook_at_its_cell(
    reader: Session, folder: Path
) -> None:
    page = reader.page
    says_where_it_failed(page.locator(".jp-OutputArea-output .jmlops-run").nth(1))
    broken = card_of(reader, "broken")
    says_where_it_failed(broken)
    reader.shoot("run-card-failed")
    broken.get_by_role("button", name="Open at In [5]").click()
    cell = page.locator(".jp-NotebookPanel:visible .jp-Cell", has_text="%%track broken")
    expect(cell).to_be_in_viewport()

    (folder / "work.ipynb").rename(folder / "moved.ipynb")
    broken = card_of(reader, "broken")
    broken.get_by_role("button", name="work.ipynb").click()
    expect(broken.get_by_role("alert")).to_contain_text("The notebook work.ipynb is not among the files")
