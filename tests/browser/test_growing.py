"""The card under a cell that runs: it is there at once, its curve grows, and at the end it is whole. No server has a part in it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from browser.books import fresh
from browser.conftest import Visit
from browser.lab import Server, notebook, until

LOOP = """%%track growing --experiment air
import time
from pathlib import Path
for step in range(60):
    run.log_metric("loss", 1 / (1 + step), step=step)
    while step in (19, 39) and not Path(f"gate-{step}").exists():
        time.sleep(0.02)
"""
CELLS = ["%load_ext jupyter_mlops", LOOP, "print('behind')"]


def points_in(output: Locator) -> int:
    """How many points the curve of a card is drawn through."""
    paths = output.locator("svg path").evaluate_all("all => all.map(one => one.getAttribute('d') || '')")
    return max((len(re.findall(r"[ML]", path)) for path in paths), default=0)


def test_a_card_grows_under_its_cell_while_that_runs(lab: Server, visit: Visit, own: str) -> None:
    folder: Path = fresh(lab.folder / own, lambda _ws: None)
    notebook(folder / "work.ipynb", CELLS)
    reader = visit(lab)
    reader.open_notebook(f"{folder.name}/work.ipynb")
    page = reader.page
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    output = page.locator(".jp-Cell", has_text="%%track growing").locator(".jp-OutputArea-output")
    expect(output).to_contain_text("growing")
    first = until(lambda: points_in(output) >= 20 and points_in(output))
    expect(output).to_contain_text("loss")
    assert "clean" not in output.inner_text()  # nobody can know yet
    reader.shoot("run-card-growing")

    behind = page.locator(".jp-Cell", has_text="print('behind')")
    place = behind.bounding_box()
    (folder / "gate-19").touch()
    second = until(lambda: points_in(output) >= 40 and points_in(output))
    assert first < second
    assert behind.bounding_box() == place  # what is read below it does not move while it is drawn anew
    expect(output).to_have_count(1)  # it is the same output, drawn anew

    (folder / "gate-39").touch()
    expect(page.locator(".jp-OutputArea-output", has_text="behind")).to_be_visible()
    expect(output).to_contain_text("clean")
    assert until(lambda: points_in(output) > second)
    reader.shoot("run-card-grown")
