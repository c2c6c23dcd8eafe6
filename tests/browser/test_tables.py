"""Runs in a notebook's outputs: ten thousand in a table, many beside each other, and nested in other widgets."""

from __future__ import annotations

import re
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
        if number % 9:  # some runs have no curve
            points += curve(run, 12, lambda step: 1 / (step + 1))
    with ws.store.write() as tx:
        for run in runs:
            tx.runs.add(run)
        tx.metrics.append(points)


def curve(run: Run, steps: int, value: Callable[[int], float]) -> list[MetricPoint]:
    return [
        MetricPoint(owner=run.id, sequence=step + 2, key="loss", value=value(step), step=step, at=run.started)
        for step in range(steps)
    ]


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
    expect(runs.locator("thead th").last).to_have_text("curve: loss")
    expect(runs.locator("tbody .jmlops-spark")).to_have_count(88)  # every ninth has none
    expect(runs.locator("tbody .jmlops-spark").first).to_have_attribute(
        "aria-label", "loss over 12 points: from 1 to 0.08333333333333333, between 0.08333333333333333 and 1"
    )
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


POINTS = 200_000


def long_curves(ws: Workspace) -> None:
    """Two runs of one name whose curves have more points than anybody draws: only one in a thousand is 1."""
    for offset in (0, 100):
        run = tracking.start_run(ws, name=LONG, experiment="air")
        with ws.store.write() as tx:
            tx.metrics.append(curve(run, POINTS, lambda step, offset=offset: float(step % 1000 == offset)))
        tracking.finish_run(ws, run=run.id)


def drag(reader: Session, picture: Locator, start: float, end: float) -> None:
    """Draw over a picture, from one share of its width to another."""
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    places = [box["x"] + box["width"] * share for share in (start, end)]
    reader.page.mouse.move(places[0], box["y"] + 60)
    reader.page.mouse.down()
    reader.page.mouse.move(places[1], box["y"] + 60, steps=4)
    reader.page.mouse.up()


def span_of(picture: Locator) -> tuple[int, int]:
    """The steps a picture says it goes from and to."""
    texts = picture.locator(".jmlops-tick").all_text_contents()[-2:]
    first, last = (int(re.sub("[^0-9]", "", text.partition(".")[0])) for text in texts)
    return first, last


def seen_of(picture: Locator) -> int:
    """How many points a picture says that it shows."""
    said = re.search(r"loss over (\d+) points", picture.get_attribute("aria-label") or "")
    assert said
    return int(said[1])


def test_a_long_curve_that_is_drawn_over_shows_the_points_that_were_left_out(
    lab: Server, visit: Visit, own: str
) -> None:
    reader = reading(lab, visit, own, long_curves, "runs = mlops.find_runs(ws)", "%mlops show {runs[0].id}")
    run = outputs(reader, "run")
    picture = run.locator(".jmlops-picture")
    expect(picture).to_have_attribute("aria-label", re.compile(r"loss over [34]\d\d points"))
    drag(reader, picture, 0.4, 0.41)
    box = picture.bounding_box()
    assert box is not None
    reader.page.mouse.move(box["x"] + 250, box["y"] + 60)
    expect(run.locator(".jmlops-reading")).to_contain_text("loss")
    reader.shoot("curve-drawn-over")
    reader.page.mouse.move(0, 0)
    for _ in range(4):
        reader.page.keyboard.press("+")
    first, last = span_of(picture)
    assert last - first < POINTS / 500
    until(lambda: abs(seen_of(picture) - (last - first)) <= 2)  # a point a step, as they were logged

    cells = reader.page.locator(".jp-Notebook .jp-Cell").count()
    for key in ("ArrowRight", "ArrowLeft", "Shift+ArrowRight", "-", "Escape", "Escape"):
        reader.page.keyboard.press(key)
    expect(picture).to_be_focused()
    expect(picture).to_have_attribute("aria-label", re.compile(r"loss over [34]\d\d points"))
    assert reader.page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_a_curve_in_the_panel_is_looked_at_closely_as_well(lab: Server, visit: Visit, own: str) -> None:
    reader = reading(lab, visit, own, long_curves)
    reader.command("jupyter-mlops:show-table")
    table = reader.page.locator("[id^='jupyter-mlops-table-'] .jmlops-runs")
    expect(table.locator("tbody .jmlops-spark")).to_have_count(2)
    table.locator("tbody .jmlops-link").first.click()
    picture = reader.page.locator(".jp-jmlops-large .jmlops-run .jmlops-picture")
    drag(reader, picture, 0.4, 0.42)
    first, last = span_of(picture)
    assert last - first < POINTS / 10
    until(lambda: seen_of(picture) > 200)
    picture.dblclick()
    expect(picture.locator(".jmlops-tick").last).to_have_text("199,999")
    reader.shoot("curve-in-the-panel")


def test_the_numbers_of_a_picture_are_copied_as_far_as_they_are_seen(
    lab: Server, visit: Visit, own: str
) -> None:
    folder = fresh(lab.folder / own, eight)
    notebook(folder / "work.ipynb", [LOAD, "%mlops show {mlops.find_runs(ws)[0].id}"])
    reader = visit(lab, permissions=["clipboard-read", "clipboard-write"])
    reader.open_notebook(f"{own}/work.ipynb")
    reader.run_all()
    run = outputs(reader, "run")
    picture = run.locator(".jmlops-picture")
    picture.focus()
    reader.page.keyboard.press("+")
    run.get_by_role("button", name="Copy the data").click()
    expect(run).to_contain_text("copied 14 lines")
    rows = [line.split("\t") for line in reader.page.evaluate("navigator.clipboard.readText()").split("\n")]
    assert rows[0] == ["name", "step", "value"]
    assert [row[:2] for row in rows[1:]] == [["loss", str(step)] for step in range(8, 22)]
    assert float(rows[1][2]) == pytest.approx(1 / 9 + 0.8)

    reader.page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not here')); }"
    )
    run.get_by_role("button", name="Copy the data").click()
    expect(run.locator("textarea")).to_be_focused()
    chosen = "e => e.value.slice(e.selectionStart, e.selectionEnd).split('\\n').length"
    assert run.locator("textarea").evaluate(chosen) == 15
    reader.shoot("curve-copied-by-hand")
    reader.page.keyboard.press("Escape")
    expect(run.locator("textarea")).to_have_count(0)


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
    runs.get_by_label("Group:").select_option("over seeds")
    expect(runs.locator("tbody tr")).to_have_count(2)
    expect(runs.locator("tbody tr").first).to_contain_text("41 ± 1")
    runs.locator("summary", has_text="Experiments").click()
    expect(runs.get_by_role("list", name="Experiments").get_by_role("button")).to_have_count(2)
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
