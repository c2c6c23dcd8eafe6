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

import pytest
from playwright.sync_api import expect

from browser.conftest import Visit
from browser.lab import SHOTS, Server, served

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
    first = mlops(annas, "reviews", "status = 'open'", "--json")
    assert "No champion yet" in first
    mlops(annas, "review", "decide", mlops_id(first), "approve")
    train(annas, 0.05, 400)

    reader = visit(annas, height=2600, device_scale_factor=1.5)
    reader.open_notebook("notebooks/review.ipynb")
    reader.run_all()
    review = reader.page.locator(".jp-OutputArea-output .jmlops-review")
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


def mlops_id(found: str) -> str:
    import json

    (review,) = json.loads(found)["items"]
    return str(review["id"])
