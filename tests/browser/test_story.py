"""The README's story with nothing made up: train twice by the command, review in JupyterLab, approve, load.

Its picture of the review, ``readme-review.png``, is the one that the README shows.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect
from review.books import held

from browser.books import fresh, workspace
from browser.conftest import Visit
from browser.lab import KERNEL_IS_READY, SHOTS, Server, Session, served
from browser.test_document import output_of, run_cell
from jupyter_mlops import tracking
from jupyter_mlops.review import find_reviews

OUTPUTS = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .flatMap(cell => cell.model.outputs?.toJSON() ?? [])"""
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture
def annas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """JupyterLab over a folder with the example notebooks, at the desk of somebody called ana."""
    monkeypatch.setenv("LOGNAME", "ana")
    with served(tmp_path) as server:
        shutil.copytree(NOTEBOOKS, server.folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
        yield server


def mlops(server: Server, *words: str) -> str:
    environ = {name: text for name, text in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_mlops", *words],
        cwd=server.folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def train(server: Server, learning_rate: float, max_iter: int) -> None:
    given = ("-p", "learning_rate", str(learning_rate), "-p", "max_iter", str(max_iter))
    mlops(server, "run", "notebooks/train.ipynb", *given, "--register", "pm25")


def test_from_two_trainings_to_an_approved_model(annas: Server, visit: Visit) -> None:
    train(annas, 0.08, 300)
    reader = visit(annas, height=2600, device_scale_factor=1.5)
    reader.open_notebook("notebooks/review.ipynb")
    reader.run_all()
    review = reader.page.locator(".jp-OutputArea-output .jmlops-review")
    expect(review).to_contain_text("No champion yet: better than the simple baseline on 1 of 1 metric.")
    expect(review.get_by_role("columnheader", name="simple baseline")).to_be_visible()
    expect(review.get_by_role("row", name="mae")).to_contain_text("▲ better")
    reader.shoot("review-without-champion")
    review.get_by_role("button", name="Approve").click()
    expect(review.locator(".jmlops-outcome")).to_contain_text("Approved: champion is now pm25:1")

    train(annas, 0.05, 400)
    reader.run_all()
    expect(review).to_contain_text("Better than champion pm25:1 on 3 of 3 metrics")
    expect(review).to_contain_text("learning_rate 0.08 → 0.05")
    expect(review).to_contain_text("asked by ana")
    SHOTS.mkdir(parents=True, exist_ok=True)
    review.screenshot(path=SHOTS / "readme-review.png")

    review.get_by_role("button", name="Approve").click()
    expect(review.locator(".jmlops-outcome")).to_contain_text("champion moved from 1 to 2")
    assert '"version": 2' in mlops(annas, "resolve", "pm25@champion", "--json")
    assert '"ok": true' in mlops(annas, "verify", "--json")
    program = "import jupyter_mlops as mlops; print(mlops.load_model('pm25@champion'))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=annas.folder, capture_output=True, text=True, check=True
    )
    assert "learning_rate=0.05" in loaded.stdout


def test_a_newcomer_follows_the_quickstart_and_presses_approve(lab: Server, visit: Visit, own: str) -> None:
    folder = fresh(lab.folder / own, lambda _ws: None)
    shutil.copytree(NOTEBOOKS, folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
    path = folder / "notebooks/quickstart.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    [asking] = [at for at, cell in enumerate(cells) if "%mlops review open" in cell.source]
    reader = visit(lab, height=1600)
    reader.open_notebook(f"{own}/notebooks/quickstart.ipynb")
    run_up_to(reader, asking)
    review = reader.page.locator(".jp-OutputArea-output .jmlops-review")
    expect(review).to_contain_text("No champion yet: compared with nothing.")
    expect(review.get_by_role("row", name="mae")).to_contain_text("lower is better")
    expect(review.locator(".jmlops-decide")).to_contain_text("approving will set champion to 1")
    review.scroll_into_view_if_needed()
    reader.shoot("quickstart-review")
    review.get_by_label("Comment").fill("my first one")
    review.get_by_role("button", name="Approve").click()
    expect(review.locator(".jmlops-outcome")).to_contain_text("Approved: champion is now wine:1")
    reader.shoot("quickstart-approved")

    # What stands behind would approve where nobody has; here somebody has, and it says so and no more.
    run_cell(reader, asking + 1)
    assert output_of(reader, asking + 1) == "The review is approved\n"
    reader.command("notebook:run-all-below")
    reader.wait(KERNEL_IS_READY)
    nothing_failed_and_the_champion_predicts(reader)
    expect(reader.page.locator(".jp-OutputArea-output").last).to_contain_text("review.approved")
    ws = workspace(folder)
    [kept] = find_reviews(ws).items
    assert (kept.status, [one.comment for one in kept.decisions]) == ("approved", ["my first one"])
    assert held(ws, "wine") == 1
    assert {run.name: run.grade for run in tracking.find_runs(ws).items} == {
        "ridge": "clean",
        "boosting": "clean",
    }
    ws.store.close()


def nothing_failed_and_the_champion_predicts(reader: Session) -> None:
    said = reader.page.evaluate(OUTPUTS)
    assert [one for one in said if one["output_type"] == "error" or one.get("name") == "stderr"] == []
    assert any("array([" in one.get("data", {}).get("text/plain", "") for one in said)


def run_up_to(reader: Session, last: int) -> None:
    """Run the cells one after the other, as somebody does who reads what stands between them."""
    for index in range(last + 1):
        run_cell(reader, index)
