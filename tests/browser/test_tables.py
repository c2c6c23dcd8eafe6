"""Runs in a notebook's outputs: ten thousand in a table, many beside each other, and nested in other widgets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from browser.books import LONG, add_run, asked, fresh, workspace
from browser.conftest import Visit
from browser.lab import Server, Session, notebook, until
from jupyter_mlops import tracking
from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.run import Grade, MetricPoint, Run, RunStatus
from jupyter_mlops.workspace import Workspace

MANY = 10_000
LOAD = "%load_ext jupyter_mlops\nimport jupyter_mlops as mlops\nws = mlops.workspace()"


def many(ws: Workspace) -> None:
    """Ten thousand finished runs, the last begun first in the list."""
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    runs, points = [], []
    for number in range(MANY):
        run = Run(
            id=ws.new_id(),
            experiment="air/pm25",
            name=LONG if number == MANY - 1 else f"run-{number}",
            status=RunStatus.FINISHED,
            grade=Grade.CLEAN,
            params={"alpha": number % 7 / 10, "seed": 0, "model": "HistGradientBoostingRegressor"},
            started=begun + timedelta(seconds=number),
            ended=begun + timedelta(seconds=number + 12.4),
            actor=Actor(name="ana"),
        )
        runs.append(run)
        value = 40 + (number * 7919 % MANY) / MANY
        points.append(MetricPoint(owner=run.id, sequence=1, key="mae", value=value, at=run.started))
    with ws.store.write() as tx:
        for run in runs:
            tx.runs.add(run)
        tx.metrics.append(points)


def eight(ws: Workspace) -> None:
    for number in range(8):
        add_run(ws, f"depth-{number}", alpha=0.1 * (number + 1), mae=40 + abs(number - 3) * 0.7)


def reading(
    lab: Server, visit: Visit, own: str, fill: Callable[[Workspace], None], *cells: str, height: int = 1400
) -> Session:
    folder = fresh(lab.folder / own, fill)
    notebook(folder / "work.ipynb", [LOAD, *cells])
    reader = visit(lab, height=height)
    reader.open_notebook(f"{own}/work.ipynb")
    reader.run_all()
    return reader


def outputs(reader: Session, kind: str) -> Locator:
    return reader.page.locator(f".jp-OutputArea-output .jmlops-{kind}")


@pytest.fixture
def table(lab: Server, visit: Visit, own: str) -> tuple[Session, Locator]:
    reader = reading(lab, visit, own, many, "%mlops runs")
    return reader, outputs(reader, "runs")


def test_ten_thousand_runs_are_turned_over_ordered_and_asked_for(table: tuple[Session, Locator]) -> None:
    reader, runs = table
    expect(runs).to_contain_text("1–100 of 10,000 runs")
    expect(runs).to_contain_text("the same in all: experiment air/pm25 · grade clean")
    expect(runs.locator("tbody tr")).to_have_count(100)
    expect(runs.locator("tbody tr").first).to_contain_text(LONG[:20])
    reader.shoot("table-10000")

    runs.get_by_role("button", name="Next page").click()
    expect(runs).to_contain_text("101–200 of 10,000 runs")
    runs.get_by_role("button", name="mae", exact=True).click()
    expect(runs.locator("th[aria-sort=descending]")).to_contain_text("mae")
    expect(runs.locator("tbody tr").first).to_contain_text("41")
    runs.get_by_role("button", name="mae", exact=True).click()
    expect(runs.locator("tbody tr").first).to_contain_text("40.00")
    expect(runs).to_contain_text("1–100 of 10,000 runs")

    field = runs.get_by_label("Filter runs")
    field.fill("metrics.mae < 40.001 and params.alpha > 0.1")
    field.press("Enter")
    expect(runs).not_to_contain_text("of 10,000 runs")
    field.fill("metrics.mae <> 40 or")
    field.press("Enter")
    expect(runs.locator("mark")).to_be_visible()
    expect(runs.get_by_role("alert").first).to_contain_text("expected")
    reader.shoot("table-mistake")


def test_columns_are_chosen_and_runs_compared_tagged_and_archived_in_the_output(
    table: tuple[Session, Locator], lab: Server, own: str
) -> None:
    reader, runs = table
    runs.locator("summary", has_text="Columns").click()
    runs.get_by_label("params.seed").check()
    runs.get_by_label("grade", exact=True).check()
    expect(runs.locator("thead")).to_contain_text("seed")
    runs.get_by_label("Choose run-9997").check()
    runs.get_by_label("Choose run-9998").check()
    runs.get_by_role("button", name="Compare 2").click()
    compared = outputs(reader, "compare")
    expect(compared.locator(".jmlops-headline")).to_contain_text("run-999")
    expect(compared.locator("section", has_text="Parameters")).to_contain_text("alpha")
    reader.shoot("table-compared")
    reader.page.get_by_role("button", name="Close the comparison").click()
    expect(compared).to_have_count(0)

    runs.locator("summary", has_text="Tag").click()
    field = runs.get_by_label("Tag of the chosen runs, as name=value")
    field.fill("kept=yes")
    field.press("Enter")
    ws = workspace(lab.folder / own)
    until(lambda: tracking.find_runs(ws, "tags.kept = 'yes'").total == 2)
    runs.get_by_role("button", name="Archive").click()
    expect(runs).to_contain_text("of 9,998 runs")
    ws.store.close()


def test_many_runs_are_lines_that_are_brushed_and_the_table_follows(
    lab: Server, visit: Visit, own: str
) -> None:
    reader = reading(
        lab, visit, own, eight, "mlops.compare_runs(ws, [run.id for run in mlops.find_runs(ws)])", height=1800
    )
    compare = outputs(reader, "compare")
    expect(compare.locator(".jmlops-headline")).to_contain_text("best")
    expect(compare.locator(".jmlops-strand")).to_have_count(8)
    expect(compare.locator(".jmlops-point")).to_have_count(8)
    expect(compare.locator("tbody tr")).to_have_count(8)
    reader.shoot("compare-many")

    box = compare.locator(".jmlops-brush[data-axis=alpha]").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2
    reader.page.mouse.move(middle, box["y"] + box["height"] - 2)
    reader.page.mouse.down()
    reader.page.mouse.move(middle, box["y"] + box["height"] / 2, steps=4)
    reader.page.mouse.up()
    expect(compare.locator("tbody tr")).to_have_count(4)
    expect(compare.locator(".jmlops-strand-out")).to_have_count(4)
    expect(compare).to_contain_text("4 of 8 runs")
    reader.shoot("compare-many-brushed")
    reader.page.mouse.click(middle, box["y"] + 10)
    expect(compare.locator("tbody tr")).to_have_count(8)

    compare.locator("summary", has_text="type what is kept").click()
    field = compare.get_by_label("mae at most")
    field.fill("40.1")
    field.press("Tab")
    expect(compare.locator("tbody tr")).to_have_count(1)
    compare.get_by_label("Along the bottom").select_option("mae")
    expect(compare.locator(".jmlops-scatter svg")).to_have_attribute("aria-label", "8 runs, loss over mae")


def seeded(ws: Workspace) -> None:
    for seed, mae in ((0, 41.0), (1, 42.0), (2, 40.0)):
        run = tracking.start_run(ws, name="seeded", experiment="air")
        tracking.log_params(ws, run=run.id, params={"alpha": 0.1, "seed": seed})
        tracking.log_metrics(ws, run=run.id, metrics={"mae": mae})
        tracking.finish_run(ws, run=run.id)
    add_run(ws, "other")


def test_runs_are_grouped_over_their_seeds_and_a_group_is_compared(
    lab: Server, visit: Visit, own: str
) -> None:
    reader = reading(lab, visit, own, seeded, "%mlops runs")
    runs = outputs(reader, "runs")
    runs.get_by_label("group by all but the seeds").check()
    expect(runs.locator("tbody tr")).to_have_count(2)
    expect(runs.locator("tbody tr").first).to_contain_text("41 ± 1")
    runs.get_by_label("Choose the runs of seeded").check()
    runs.get_by_role("button", name="Compare 3").click()
    expect(outputs(reader, "compare").locator(".jmlops-headline")).to_contain_text("seeded")
    reader.shoot("table-grouped")


NESTED = """
import ipywidgets
from jupyter_mlops.widgets import widget_for
runs = mlops.find_runs(ws)
boxes = [widget_for(record, ws) for record in (
    runs, runs[0], mlops.compare_runs(ws, [run.id for run in runs][:2]), mlops.show_review(ws, "pm25:2"))]
tab = ipywidgets.Tab([ipywidgets.VBox(boxes[:2]), ipywidgets.HBox([boxes[2]]), ipywidgets.VBox([boxes[3]])])
tab.titles = ("runs", "compare", "review")
tab
"""


def test_each_widget_nests_in_layouts_and_works_there(
    lab: Server, visit: Visit, own: str, tmp_path: Path
) -> None:
    def fill(ws: Workspace) -> None:
        asked(ws)
        eight(ws)

    reader = reading(lab, visit, own, fill, NESTED, height=1600)
    page = reader.page
    tab = page.locator(".jp-OutputArea-output .widget-tab")
    expect(tab.locator(".jmlops-runs tbody tr")).to_have_count(10)
    expect(tab.locator(".jmlops-run .jmlops-metrics")).to_contain_text("mae")
    expect(tab.locator(".jmlops-run .jmlops-chart svg")).to_be_visible()
    field = tab.get_by_label("Filter runs")
    field.fill("metrics.loss > 0")
    field.press("Enter")
    expect(tab.locator(".jmlops-runs tbody tr")).to_have_count(8)
    reader.shoot("nested-runs")
    tab.get_by_role("tab", name="compare").click()
    expect(tab.locator(".jmlops-compare .jmlops-headline")).to_be_visible()
    reader.shoot("nested-compare")
    tab.get_by_role("tab", name="review").click()
    tab.get_by_role("button", name="Approve").click()
    expect(tab.locator(".jmlops-outcome")).to_contain_text("champion moved from 1 to 2")
    reader.shoot("nested-review")
