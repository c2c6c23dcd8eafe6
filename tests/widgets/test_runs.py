"""Runs in a notebook output: a card, and a table that can be asked again."""

from __future__ import annotations

from dataclasses import replace

from review.books import add_version

from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.run import MetricPoint, Run, RunStatus
from jupyter_mlops.tracking import find_runs, get_run
from jupyter_mlops.widgets import RunsWidget, RunWidget, widget_for
from jupyter_mlops.workspace import Workspace


def test_a_run_has_a_card_that_can_be_read_again(ws: Workspace) -> None:
    version = add_version(ws)
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(version.run), status=RunStatus.RUNNING))
    widget = widget_for(get_run(ws, version.run), ws)
    assert isinstance(widget, RunWidget)
    assert not widget.frozen

    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(version.run), status=RunStatus.FINISHED))
    widget._handle_custom_msg({"action": "refresh"}, [])

    assert decode(Run, widget.record).status is RunStatus.FINISHED
    assert widget.frozen


def test_a_card_draws_what_was_logged_more_than_once_thinned_out(ws: Workspace) -> None:
    version = add_version(ws)
    values = [float("nan"), *(float(n) for n in range(1_000))]
    points = [
        MetricPoint(owner=str(version.run), sequence=n + 10, key="loss", value=value, step=n, at=ws.now())
        for n, value in enumerate(values)
    ]
    with ws.store.write() as tx:
        tx.metrics.append(points)
    (curve,) = RunWidget(get_run(ws, version.run), ws).curves

    assert curve["name"] == "loss"
    assert len(curve["points"]) <= 401
    assert (curve["points"][0], curve["points"][-1]) == (
        {"step": 1, "value": 0.0},
        {"step": 1000, "value": 999.0},
    )


def test_a_table_of_runs_is_asked_again_with_a_query(ws: Workspace) -> None:
    add_version(ws, metrics={"mae": 41.0})
    add_version(ws, alpha=0.1, metrics={"mae": 39.0})
    widget = widget_for(find_runs(ws), ws)
    assert isinstance(widget, RunsWidget)
    assert widget.record["total"] == 2

    widget._handle_custom_msg({"action": "find", "query": "metrics.mae < 40", "order": "metrics.mae"}, [])

    assert (widget.record["total"], widget.query, widget.error) == (1, "metrics.mae < 40", "")


def test_a_mistake_in_a_query_is_shown_at_its_column_and_the_table_stays(ws: Workspace) -> None:
    add_version(ws)
    widget = widget_for(find_runs(ws), ws)
    widget._handle_custom_msg({"action": "find", "query": "metrics.mae <"}, [])

    assert (widget.problem["column"], widget.record["total"], widget.query) == (14, 1, "")
    assert "column 14" in widget.error

    widget._handle_custom_msg({"action": "find", "query": ""}, [])
    assert (widget.problem, widget.error) == ({}, "")


def test_an_empty_page_needs_no_widget(ws: Workspace) -> None:
    assert widget_for(find_runs(ws), ws) is None
