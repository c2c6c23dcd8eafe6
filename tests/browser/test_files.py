"""What a run left behind, looked at from its card: figures are seen and texts are read, in the panel and in an output."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from browser.books import fresh
from browser.conftest import Visit
from browser.lab import Server, Session, notebook

CELLS = [
    "%load_ext jupyter_mlops\nimport jupyter_mlops as mlops",
    """%%track drawn --experiment air
import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
rng = np.random.default_rng(0)
X = rng.normal(size=(300, 4))
y = (X[:, 0] + rng.normal(size=300) > 0).astype(int)
model = LogisticRegression().fit(X, y)
plt.figure(figsize=(5, 3)); plt.plot(X[:, 0]); plt.title("what went in"); plt.show()
print("<b>as printed</b>")
""",
    "mlops.find_runs(mlops.workspace(), \"name = 'drawn'\")[0]",
]


@pytest.fixture
def reader(lab: Server, visit: Visit, own: str) -> Session:
    folder = fresh(lab.folder / own, lambda _ws: None)
    notebook(folder / "work.ipynb", CELLS)
    reader = visit(lab, height=2400)
    reader.open_notebook(f"{folder.name}/work.ipynb")
    reader.run_all()
    expect(reader.page.locator(".jp-OutputArea-output .jmlops-run")).to_have_count(1)
    reader.save()
    return reader


def looks(card: Locator) -> None:
    """The pictures come when the list opens; a text at a press."""
    outputs = card.locator(".jmlops-fold", has_text="outputs").first
    expect(outputs).to_contain_text("1 figure · 4 evaluation files")
    outputs.locator("summary").click()
    for name in (
        "evaluation/train_confusion_matrix.svg",
        "evaluation/train_roc_curve.svg",
        "evaluation/train_precision_recall_curve.svg",
        "figures/figure-1.png",
    ):
        picture = card.get_by_role("img", name=name)
        expect(picture).to_be_visible()
        assert picture.evaluate("one => one.complete && one.naturalWidth") > 200
    card.get_by_role("button", name="Look at stdout.txt").click()
    expect(card.locator(".jmlops-file pre", has_text="<b>as printed</b>")).to_be_visible()
    card.get_by_role("button", name="Close stdout.txt").click()
    expect(card.locator(".jmlops-file pre")).to_have_count(0)


def test_the_files_of_a_run_are_looked_at_in_the_panel(reader: Session) -> None:
    reader.section("runs").get_by_role("button", name="drawn").first.click()
    looks(reader.page.locator(".jp-jmlops-large .jmlops-run[aria-label='Run drawn']"))
    reader.shoot("run-card-files")


def test_the_files_of_a_run_are_looked_at_in_an_output(reader: Session) -> None:
    looks(reader.page.locator(".jp-OutputArea-output .jmlops-run"))
    reader.shoot("run-card-files-output")
