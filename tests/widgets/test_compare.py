"""Runs beside each other on a card: what it carries to the page, and what asking again brings."""

from __future__ import annotations

import re

import pytest

from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.render.text import text_of
from jupyter_mlops.tracking import (
    compare_runs,
    finish_run,
    log_artifact,
    log_metrics,
    log_params,
    rename_run,
    start_run,
)
from jupyter_mlops.widgets import CompareWidget
from jupyter_mlops.widgets.compare import compared
from tests.magics.kernels import Kernel
from tests.widgets.pictures import a_picture


def measured(ws, name: str, *losses: float) -> str:
    run = start_run(ws, name=name).id
    log_params(ws, run=run, params={"alpha": losses[0]})
    for step, loss in enumerate(losses):
        log_metrics(ws, run=run, metrics={"loss": loss}, step=step)
    return run


def refresh(widget: CompareWidget) -> None:
    widget._handle_custom_msg({"action": "refresh"}, [])


def test_a_comparison_carries_its_sentence_its_curves_and_its_pictures(ws):
    runs = [measured(ws, "one", 3.0, 1.0), measured(ws, "two", 4.0, 2.0)]
    for run in runs:
        log_artifact(ws, run=run, content=a_picture(len(run) + runs.index(run)), name="figures/a.png")
    found = compare_runs(ws, runs)
    widget = CompareWidget(found, ws)
    assert decode(RunComparison, widget.record) == found
    assert [[line["name"] for line in picture["series"]] for picture in widget.curves] == [["one", "two"]]
    assert [len(set(row.files)) for row in found.figures] == [2]
    assert set(widget.pictures) == {file.digest for row in found.figures for file in row.files}
    assert widget.still()["text/html"].count("<img") == 2
    assert all(found.headline in body for body in widget.still().values())
    assert widget.still()["text/html"].count("<circle") == 2  # a curve a run ends in a point
    assert "█▁" in widget.still()["text/plain"]
    for run in runs:
        finish_run(ws, run=run)


def test_a_comparison_of_runs_that_were_erased_since_still_says_what_was_compared(ws):
    runs = [finish_run(ws, run=measured(ws, name, 3.0, 1.0)).id for name in ("one", "two")]
    found = compare_runs(ws, runs)
    with ws.store.write() as tx:
        tx.runs.remove(runs[0])
    assert found.headline in text_of(tuple(compared(ws, found)))


def test_asked_again_it_compares_the_same_runs_as_they_are_now(ws):
    runs = [measured(ws, "one", 3.0), measured(ws, "two", 4.0)]
    widget = CompareWidget(compare_runs(ws, runs), ws)
    assert (widget.curves, widget.pictures) == ([], {})
    for run in runs:
        log_metrics(ws, run=run, metrics={"loss": 0.5}, step=1)
        log_artifact(ws, run=run, content=a_picture(len(run) + runs.index(run)), name="figures/a.png")
    rename_run(ws, run=runs[1], name="renamed")
    refresh(widget)
    assert widget.error == ""
    assert [run.id for run in widget.shown.runs] == runs
    assert [line["name"] for line in widget.curves[0]["series"]] == ["one", "renamed"]
    assert (len(widget.pictures), widget.record["runs"][1]["name"]) == (2, "renamed")
    assert not widget.frozen  # runs may go on
    for run in runs:
        finish_run(ws, run=run)


def test_a_run_that_was_removed_meanwhile_is_told_and_the_comparison_stays_whole(ws):
    runs = [measured(ws, "one", 3.0, 1.0), measured(ws, "two", 4.0, 2.0)]
    for run in runs:
        finish_run(ws, run=run)
    widget = CompareWidget(compare_runs(ws, runs), ws)
    before = (widget.record, widget.curves, widget.pictures)
    with ws.store.write() as tx:
        tx.runs.remove(runs[1])
    refresh(widget)
    assert "there is no run" in widget.error
    assert (widget.record, widget.curves, widget.pictures) == before


LOOK = "import random\nimport matplotlib.pyplot as plt\nb = 1\n_ = plt.plot([0, random.random()]); plt.show()"
FIT = (
    "%%track {name}\nc = a + b\n"
    "_ = plt.plot([0, {drawn}]); plt.title('it differs'); plt.show()\n"
    "_ = plt.plot([0, 1]); plt.title('it does not'); plt.show()\n"
    "{{'said': {drawn}}}"
)
SHOW = """
from jupyter_mlops.tracking import compare_runs, find_runs
from jupyter_mlops.tracking.here import here
from jupyter_mlops.widgets import show
runs = {run.name: run.id for run in find_runs(here())}
_ = show(compare_runs(here(), [runs[name] for name in %r]), here())
"""


@pytest.mark.kernel
def test_figures_of_a_real_run_stand_at_their_cells_in_what_a_notebook_saves(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    with Kernel(tmp_path) as kernel:

        def run(cell: str, code: str) -> None:
            answer = kernel.execute(code, cell)
            assert answer.status == "ok", answer.errors

        def shown(*names: str) -> tuple[str, str]:
            answer = kernel.execute(SHOW % (names,))
            assert answer.status == "ok", answer.errors
            kept = answer.displays[-1][2]["data"]
            return kept["text/plain"], kept["text/html"]

        def fit(name: str, drawn: int) -> None:
            run("c4", FIT.format(name=name, drawn=drawn))

        run("c1", "%load_ext jupyter_mlops")
        run("c2", "a = 1")
        run("c3", LOOK)
        fit("one", 1)
        fit("again", 1)
        run("c3", LOOK)
        run("c2", "a = 1")
        fit("two", 2)
        text, html = shown("one", "two")
        again, nothing = shown("one", "again")
    lines = [line.strip() for line in text.splitlines()]
    (figure,) = [line for line in lines if "figures/" in line]
    assert re.fullmatch(
        r"In \[8\] edited, figure differs: figures/figure-1.png  one \S+ kB \| two \S+ kB", figure
    )
    assert {"In [6] moved, figure differs; it was not kept", "In [8] edited, output differs"} <= set(lines)
    assert [line for line in lines if line[0] == "·"] == ["· In [6] moved", "· In [8] edited"]
    assert re.findall(r'<img src="(data:image/\w+;base64),', html) == ["data:image/png;base64"] * 2
    assert "differs:" not in again  # but for its name the cell is the same, and so is all it showed
    assert "<img" not in nothing
