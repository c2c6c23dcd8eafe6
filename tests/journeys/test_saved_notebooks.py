"""The example notebooks as they are kept: a reader on a code host sees what they show, and nothing of whose machine it was."""

from __future__ import annotations

import getpass
import json
import re
import socket
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
KEPT = sorted((ROOT / "notebooks").glob("*.ipynb"))
# What each is there to show, in the words of its views; all of it in HTML that needs no kernel and no script.
SHOWN = {
    "boosting": (
        "test_mae",
        "best_iteration",
        "booster (failed)",
        "model.xgboost.json",
        "is better by",
        "X_test",
    ),
    "sweep": ("★ best", "5 to 200", "▣▣▣▣", "shown, not wanted", "best of 4: mae"),
    "compare": (
        "is better by",
        "learning_rate",
        "image/png",
        "differs in nothing but time",
        "In [2] moved",
        "figure differs",
        "3 groups",
        "of 9; they differ in",
        "seed np.random.seed",
        "module notebooks/noise.py edited",
    ),
    "income": ("recall_female", "clean"),
    "network": ("loss", "optimizer Adam", "'X_test', 'test', 1625", "torch.manual_seed(0)"),
    "quickstart": ("No champion yet", "wine:1", "review.approved", "clean"),
    "review": ("No champion yet", "simple baseline", "The books are whole"),
    "tracking": (
        "rests on",
        "# %% In [2]",
        "±",
        "learning_rate=0.05",
        "reordered: cell 3 ran again",
        "roc_auc",
        "fold_neg_mean_absolute_error",
        "positive_label",
        "missed.csv",
        "***",
        "archived",
        "stage=baseline",
        "with those below",
        "hooks:",
        "(True, ['alcohol'])",
        "imported {'notebooks/tenfold.py': ",
        "git ",
        "memory_percent",
        "· deleted",
        "stale: cell 2 ran again, as 4, after this run had used it",
        "ZeroDivisionError: float division by zero",
        "In [3]: loss = 1 / rate",
        "orphaned",
        "source/uncommitted.patch",
    ),
    "train": ("hours to learn from", "baseline_mae", "image/png"),
}


@pytest.fixture(params=KEPT, ids=lambda path: path.stem)
def kept(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    return nbformat.read(request.param, 4)


def code_of(document: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in document.cells if cell.cell_type == "code"]


def test_each_is_expected_to_show_something() -> None:
    assert {path.stem for path in KEPT} == set(SHOWN)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_it_shows_what_it_is_there_for(path: Path) -> None:
    said = json.dumps([cell.outputs for cell in code_of(nbformat.read(path, 4))], ensure_ascii=False)
    assert [words for words in SHOWN[path.stem] if words not in said] == []


def test_it_was_run_once_from_top_to_bottom_and_nothing_failed(kept: nbformat.NotebookNode) -> None:
    assert [cell.execution_count for cell in code_of(kept)] == list(range(1, len(code_of(kept)) + 1))
    outputs = [output for cell in code_of(kept) for output in cell.outputs]
    assert [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"] == []


def test_every_tracked_cell_shows_its_run_as_clean_and_of_a_commit(kept: nbformat.NotebookNode) -> None:
    for cell in code_of(kept):
        if cell.source.startswith("%%track"):
            shown = "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)
            assert cell.source.split()[1] in shown
            assert "clean" in shown
            assert re.search(r"git [0-9a-f]{7} on main", shown), cell.source


def test_a_view_needs_neither_script_nor_network_and_has_words_beside_it(kept: nbformat.NotebookNode) -> None:
    for cell in code_of(kept):
        for output in cell.outputs:
            data = output.get("data", {})
            assert "text/html" not in data or "text/plain" in data
            html = data.get("text/html", "")
            assert not re.search(r"<script|<link|<iframe|\bon\w+=|\bsrc=(?![\"']?data:)", html)


def test_nothing_of_the_machine_it_ran_on_stands_in_it(kept: nbformat.NotebookNode) -> None:
    for cell in code_of(kept):
        for output in cell.outputs:
            for kind in [kind for kind in output.get("data", {}) if kind.startswith("image/")]:
                del output["data"][kind]  # any short name occurs in the letters of a picture
    text = json.dumps(kept, ensure_ascii=False)
    names = {socket.gethostname(), str(ROOT), str(Path.home())} - {"", "/", "localhost"}
    if getpass.getuser() not in {"root", "ana"}:  # a word of its own, or who they ran as
        names.add(getpass.getuser())
    assert [name for name in names if re.search(rf"\b{re.escape(name)}\b", text)] == []
    assert not re.search(r"/(?:root|home|tmp|work|Users)/", text)
