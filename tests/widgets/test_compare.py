"""Runs beside each other on a card: what it carries to the page, and what asking again brings."""

from __future__ import annotations

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
        log_artifact(ws, run=run, content=run.encode(), name="figures/a.png")
    found = compare_runs(ws, runs)
    widget = CompareWidget(found, ws)
    assert decode(RunComparison, widget.record) == found
    assert [[line["name"] for line in picture["series"]] for picture in widget.curves] == [["one", "two"]]
    assert [len(picture["images"]) for picture in widget.figures] == [2]
    assert all(found.headline in body for body in widget.still().values())
    assert widget.still()["text/html"].count("<path") == 2  # a curve a run
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
    assert (widget.curves, widget.figures) == ([], [])
    for run in runs:
        log_metrics(ws, run=run, metrics={"loss": 0.5}, step=1)
        log_artifact(ws, run=run, content=run.encode(), name="figures/a.png")
    rename_run(ws, run=runs[1], name="renamed")
    refresh(widget)
    assert widget.error == ""
    assert [run.id for run in widget.shown.runs] == runs
    assert [line["name"] for line in widget.curves[0]["series"]] == ["one", "renamed"]
    assert (len(widget.figures), widget.record["runs"][1]["name"]) == (1, "renamed")
    assert not widget.frozen  # runs may go on
    for run in runs:
        finish_run(ws, run=run)


def test_a_run_that_was_removed_meanwhile_is_told_and_the_comparison_stays_whole(ws):
    runs = [measured(ws, "one", 3.0, 1.0), measured(ws, "two", 4.0, 2.0)]
    for run in runs:
        finish_run(ws, run=run)
    widget = CompareWidget(compare_runs(ws, runs), ws)
    before = (widget.record, widget.curves, widget.figures)
    with ws.store.write() as tx:
        tx.runs.remove(runs[1])
    refresh(widget)
    assert "there is no run" in widget.error
    assert (widget.record, widget.curves, widget.figures) == before
