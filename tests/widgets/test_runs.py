"""Runs in a notebook output: a card, and a table that can be asked again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from review.books import add_version

from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.run import MetricPoint, Run, RunError, RunStatus
from jupyter_mlops.tracking import (
    compare_runs,
    find_runs,
    finish_run,
    get_run,
    log_artifact,
    log_metrics,
    log_params,
    start_run,
)
from jupyter_mlops.widgets import CompareWidget, RunsWidget, RunWidget, widget_for
from jupyter_mlops.workspace import Workspace
from tests.widgets.pictures import a_picture


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
    assert len(curve["points"]) <= 400
    assert (curve["points"][0], curve["points"][-1]) == (
        {"sequence": 10, "step": 0, "value": "nan"},
        {"sequence": 1010, "step": 1000, "value": 999.0},
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


def test_as_many_runs_as_there_are_are_turned_over_page_by_page(ws: Workspace) -> None:
    for number in range(7):
        add_version(ws, alpha=float(number + 1))
    widget = RunsWidget(find_runs(ws, limit=3), ws)
    seen = [[item["id"] for item in widget.record["items"]]]
    while widget.record["cursor"]:
        widget._handle_custom_msg({"action": "find", "query": "", "cursor": widget.record["cursor"]}, [])
        assert widget.error == ""
        seen.append([item["id"] for item in widget.record["items"]])

    assert [len(page) for page in seen] == [3, 3, 1]
    assert len({run for page in seen for run in page}) == 7
    assert widget.record["total"] == 7


def test_with_the_rows_comes_how_many_stand_before_them_and_where_the_page_before_begins(
    ws: Workspace,
) -> None:
    for _ in range(5):
        start_run(ws, name="one")
    widget = RunsWidget(find_runs(ws, limit=2), ws)
    asked = {"action": "find", "query": ""}

    def at(cursor: str) -> tuple[int, str, int]:
        widget._handle_custom_msg({**asked, "cursor": cursor}, [])
        return widget.before, widget.back, len(widget.record["items"])

    second = widget.record["cursor"]
    assert at(second) == (2, "", 2)
    assert at(second) == (2, "", 2)  # a second click on the same button
    third = widget.record["cursor"]
    widget._handle_custom_msg({"action": "compare", "runs": []}, [])
    widget._handle_custom_msg({**asked, "query": "mae <<", "cursor": ""}, [])
    assert widget.before == 2
    assert at(third) == (4, second, 1)
    widget._handle_custom_msg({"action": "refresh"}, [])
    assert (widget.before, widget.back) == (4, second)
    assert at(widget.back) == (2, "", 2)
    assert at(widget.back) == (0, "", 2)


def test_a_table_carries_no_columns_of_inputs_and_no_tracebacks(ws: Workspace) -> None:
    version = add_version(ws)
    with ws.store.write() as tx:
        failed = RunError(kind="ValueError", message="no", traceback="a long story")
        tx.runs.replace(replace(tx.runs.get(version.run), error=failed))
    (row,) = RunsWidget(find_runs(ws), ws).record["items"]

    assert get_run(ws, version.run).inputs[0].columns
    assert not any(item["columns"] for item in row["inputs"])
    assert (row["error"]["message"], row["error"]["traceback"]) == ("no", "")


def test_chosen_runs_are_compared_tagged_and_archived_from_the_table(ws: Workspace) -> None:
    first, second = add_version(ws, alpha=1.0), add_version(ws, alpha=0.5)
    widget = RunsWidget(find_runs(ws), ws)
    both = [first.run, second.run]
    widget._handle_custom_msg({"action": "compare", "runs": both}, [])
    assert [run["id"] for run in widget.compared["runs"]] == both
    widget._handle_custom_msg({"action": "compare", "runs": []}, [])
    assert widget.compared == {}

    widget._handle_custom_msg({"action": "tag", "runs": both, "tags": {"team": "risk"}}, [])
    assert [row["tags"] for row in widget.record["items"]] == [{"team": "risk"}] * 2
    widget._handle_custom_msg({"action": "archive", "runs": [first.run]}, [])
    assert (widget.record["total"], widget.error) == (1, "")
    widget._handle_custom_msg({"action": "find", "query": "", "archived": True}, [])
    assert (widget.record["total"], widget.archived) == (2, True)


@pytest.mark.parametrize(
    "content",
    [
        {"action": "compare"}, {"action": "compare", "runs": "all"}, {"action": "compare", "runs": [1, 2]},
        {"action": "compare", "runs": ["nobody"]}, {"action": "tag", "runs": []}, {"action": "tag", "runs": [], "tags": "x"},
        {"action": "archive", "runs": ["x"] * 1001},
    ],
)  # fmt: skip
def test_a_message_that_makes_no_sense_is_answered_with_an_error(ws: Workspace, content: object) -> None:
    add_version(ws)
    widget = RunsWidget(find_runs(ws), ws)
    widget._handle_custom_msg(content, [])

    assert widget.error
    assert not widget.busy
    assert widget.compared == {}


def test_a_comparison_has_a_widget_with_the_curves_the_runs_share(ws: Workspace) -> None:
    first, second = add_version(ws, alpha=1.0), add_version(ws, alpha=0.5)
    points = [
        MetricPoint(owner=str(run), sequence=n + 10, key="mae", value=float(n), step=n, at=ws.now())
        for run in (first.run, second.run)
        for n in range(3)
    ]
    with ws.store.write() as tx:
        tx.metrics.append(points)
    widget = widget_for(compare_runs(ws, [str(first.run), str(second.run)]), ws)

    assert isinstance(widget, CompareWidget)
    (picture,) = [picture for picture in widget.curves if picture["name"] == "mae"]
    assert [line["name"] for line in picture["series"]] == ["baseline", "baseline"]
    assert all(len(line["points"]) > 2 for line in picture["series"])
    widget._handle_custom_msg({"action": "refresh"}, [])
    assert widget.error == ""
    assert widget.shown.headline in widget.still()["text/html"]


def test_pictures_that_differ_stand_beside_each_other_and_those_that_do_not_stay_away(ws: Workspace) -> None:
    first, second = add_version(ws, alpha=1.0), add_version(ws, alpha=0.5)
    for run, other in ((first.run, a_picture(3)), (second.run, a_picture(4))):
        for name, content in (("figures/residuals.png", other), ("figures/map.png", a_picture(5))):
            log_artifact(ws, run=str(run), name=name, content=content)
    widget = CompareWidget(compare_runs(ws, [str(first.run), str(second.run)]), ws)

    (row,) = widget.record["figures"]
    assert row["name"] == "figures/residuals.png"
    shown = [widget.pictures[file["digest"]] for file in row["files"]]
    assert [image.partition(",")[0] for image in shown] == ["data:image/png;base64"] * 2
    assert len(set(shown)) == len(widget.pictures) == 2


def descending(ws: Workspace, name: str, steps: int) -> Run:
    run = start_run(ws, name=name)
    for step in range(steps):
        log_metrics(ws, run=run.id, metrics={"loss": 1 / (step + 1)}, step=step)
    log_metrics(ws, run=run.id, metrics={"mae": 3.0})
    return finish_run(ws, run=run.id)


def test_a_run_has_its_curve_in_the_live_table_and_in_both_twins(ws: Workspace) -> None:
    short, long, none = (descending(ws, name, steps) for name, steps in (("a", 2), ("b", 100), ("c", 0)))
    widget = RunsWidget(find_runs(ws), ws)

    assert {spark["run"]: (spark["key"], spark["count"]) for spark in widget.sparks} == {
        short.id: ("loss", 2), long.id: ("loss", 100),
    }  # fmt: skip
    text, html = widget.still()["text/plain"], widget.still()["text/html"]
    assert {line.split()[1]: line.split()[-1] for line in text.splitlines()[-3:]} == {
        "a": "█▁",
        "b": "█▂▂▁▁▁▁▁▁▁▁▁",
        "c": "3",
    }
    assert text.splitlines()[-4].endswith("curve: loss")
    assert html.count("<svg") == 2
    assert "loss 1 → 0.01 in 100 points" in html

    widget._handle_custom_msg({"action": "find", "query": "name = 'c'"}, [])
    assert widget.sparks == []
    widget._handle_custom_msg({"action": "find", "query": f"id = '{long.id}'"}, [])
    assert [spark["run"] for spark in widget.sparks] == [long.id]
    assert none.id not in str(widget.sparks)


def test_a_run_that_is_removed_while_the_table_is_made_costs_no_more_than_its_curve(ws: Workspace) -> None:
    page = find_runs(ws, "name = 'a'") if descending(ws, "a", 3) else None
    assert page is not None
    with ws.store.write() as tx:
        tx.runs.remove(page[0].id)
    widget = RunsWidget(page, ws)

    assert (widget.sparks, widget.record["total"], widget.error) == ([], 1, "")


def test_runs_that_differ_in_their_seeds_only_are_taken_together_in_the_table(ws: Workspace) -> None:
    for seed, mae in ((0, 41.0), (1, 42.0)):
        run = start_run(ws, name="seeded")
        log_params(ws, run=run.id, params={"alpha": 0.1, "seed": seed})
        log_metrics(ws, run=run.id, metrics={"mae": mae})
    widget = RunsWidget(find_runs(ws), ws)
    widget._handle_custom_msg({"action": "group", "query": ""}, [])

    (group,) = widget.groups
    assert (len(group["runs"]), group["metrics"]["mae"]["mean"]) == (2, 41.5)


def test_runs_are_taken_together_over_the_parameter_that_a_reader_chooses(ws: Workspace) -> None:
    for alpha, mae in ((0.1, 41.0), (0.2, 43.0)):
        run = start_run(ws, name="swept")
        log_params(ws, run=run.id, params={"alpha": alpha, "seed": 1})
        log_metrics(ws, run=run.id, metrics={"mae": mae})
    widget = RunsWidget(find_runs(ws), ws)
    assert widget.grouped_over is None
    widget._handle_custom_msg({"action": "group", "query": "", "over": ""}, [])
    assert (len(widget.groups), widget.grouped_over, widget.grouped_query) == (2, "", "")
    widget._handle_custom_msg({"action": "group", "query": "mae <<", "over": "alpha"}, [])
    assert (len(widget.groups), widget.grouped_over, widget.grouped_query) == (2, "", "")
    widget._handle_custom_msg({"action": "group", "query": "name = 'swept'", "over": "alpha"}, [])
    assert (widget.grouped_over, widget.grouped_query) == ("alpha", "name = 'swept'")
    (group,) = widget.groups
    assert (len(group["runs"]), group["params"]) == (2, {"seed": 1})


def test_the_experiments_are_said_to_whoever_opens_their_list(ws: Workspace) -> None:
    start_run(ws, name="one", experiment="air/pm25")
    widget, heard = RunsWidget(find_runs(ws), ws), []
    widget.send = heard.append
    widget._handle_custom_msg({"action": "experiments", "number": 4}, [])
    (said,) = heard
    assert said["answer"] == 4
    assert [(one["name"], one["below"]) for one in said["experiments"]] == [("air", 1), ("air/pm25", 1)]
