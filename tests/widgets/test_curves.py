"""Metrics over their steps: which are curves, which lie over one another, and what lies between thinned-out points."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from jupyter_mlops.records.run import MetricPoint, Run
from jupyter_mlops.tracking import compare_runs, find_runs, finish_run, get_run, start_run
from jupyter_mlops.widgets import CompareWidget, RunsWidget, RunWidget
from jupyter_mlops.widgets.curves import curves_of, overlaid


def measured(ws, name: str, **metrics: float | list[float]) -> Run:
    """An ended run with a curve for each list of values, and one value for each number."""
    run = finish_run(ws, run=start_run(ws, name=name).id)
    curves = {key: values if isinstance(values, list) else [values] for key, values in metrics.items()}
    logged = [
        (key.replace("__", "/"), step, value)
        for key, values in curves.items()
        for step, value in enumerate(values)
    ]
    points = [
        MetricPoint(owner=run.id, sequence=number, key=key, value=value, step=step, at=ws.now())
        for number, (key, step, value) in enumerate(logged, 1)
    ]
    with ws.store.write() as tx:
        tx.metrics.append(points)
    return get_run(ws, run.id)


def pictures(ws, *runs: Run):
    return overlaid(ws, compare_runs(ws, [run.id for run in runs]))


def drawn(curve) -> list[tuple[int, object]]:
    return [(point["step"], point["value"]) for point in curve["points"]]


def lines(picture) -> list[str]:
    return [line["name"] for line in picture["series"]]


def test_what_was_logged_once_is_no_curve_and_the_others_come_by_name(ws):
    run = measured(ws, "one", val_loss=[2.0, 1.0], mae=41.0, loss=[3.0, 2.0, 1.0])
    assert [(curve["name"], drawn(curve)) for curve in curves_of(ws, run)] == [
        ("loss", [(0, 3.0), (1, 2.0), (2, 1.0)]), ("val_loss", [(0, 2.0), (1, 1.0)]),
    ]  # fmt: skip
    assert curves_of(ws, measured(ws, "none")) == []


def test_what_is_not_a_number_is_said_in_words_as_on_the_wire(ws):
    run = measured(ws, "gaps", loss=[math.nan, 2.0, math.inf, -math.inf])
    (curve,) = curves_of(ws, run)
    assert drawn(curve) == [(0, "nan"), (1, 2.0), (2, "inf"), (3, "-inf")]
    json.dumps(curve, allow_nan=False)


def asked(ws, widget, **question) -> list[object]:
    """What the front end hears when it asks for the points of a stretch."""
    heard: list[object] = []
    widget.send = heard.append
    widget._handle_custom_msg({"action": "points", **question}, [])
    assert (widget.busy, widget.error) == (False, "")
    return heard


def test_the_real_points_between_those_of_a_long_curve_are_said_to_whoever_looks_closely(ws):
    values = [math.sin(step / 500) for step in range(20_000)]
    run = measured(ws, "long", loss=values)
    widget = RunWidget(run, ws)
    (curve,) = widget.curves
    assert len(curve["points"]) <= 400

    stretch = {"number": 3, "run": run.id, "key": "loss", "after": 5_000, "before": 5_301, "most": 400}
    (said,) = asked(ws, widget, **stretch)
    assert said["answer"] == 3
    assert drawn(said) == [(step, values[step]) for step in range(5_000, 5_300)]

    (said,) = asked(ws, widget, number=4, run=run.id, key="loss", most=10**9)
    assert 400 < len(said["points"]) <= 2_000
    assert drawn(said)[-1] == (19_999, values[-1])


@pytest.mark.parametrize("question", [{}, {"run": "nobody", "key": "loss"}, {"run": ["a"], "after": "x"}])
def test_a_stretch_of_a_curve_that_is_not_there_is_answered_all_the_same(ws, question):
    widget = RunWidget(measured(ws, "one", loss=[1.0, 2.0]), ws)
    (said,) = asked(ws, widget, number=1, **question)
    assert (said["answer"], "points" in said) == (1, False)
    assert "no run" in said["error"]


@pytest.mark.parametrize("action", ["points", "look", "experiments"])
def test_what_nobody_foresaw_is_answered_at_once_as_well_and_logged(ws, caplog, action):
    run = measured(ws, "one", loss=[1.0, 2.0])
    widget = RunsWidget(find_runs(ws), ws) if action == "experiments" else RunWidget(run, ws)
    heard: list[object] = []
    widget.send = heard.append

    class Torn:
        def read(self):
            raise OSError("the disk is gone")

    widget._ws = replace(ws, store=Torn())
    widget._handle_custom_msg(
        {"action": action, "number": 5, "run": run.id, "key": "loss", "name": "a.txt"}, []
    )
    assert heard == [{"answer": 5, "error": "OSError: the disk is gone"}]
    assert (widget.error, widget.busy) == ("OSError: the disk is gone", False)
    (logged,) = caplog.records
    assert logged.exc_info


def test_each_widget_with_curves_can_be_asked(ws):
    runs = [measured(ws, name, loss=[2.0, 1.0]) for name in ("one", "two")]
    for widget in (RunsWidget(find_runs(ws), ws), CompareWidget(compare_runs(ws, [r.id for r in runs]), ws)):
        (said,) = asked(ws, widget, number=7, run=runs[0].id, key="loss")
        assert drawn(said) == [(0, 2.0), (1, 1.0)]


def test_how_busy_the_machine_was_takes_no_room_from_what_was_measured(ws):
    busy = {
        f"system__{name}": [1.0, 2.0]
        for name in ("cpu", "disk", "gpu", "memory", "net", "rss", "sent", "swap")
    }
    run = measured(ws, "long", loss=[2.0, 1.0], val_loss=[3.0, 2.0], **busy)
    assert [curve["name"] for curve in curves_of(ws, run)] == ["loss", "val_loss"]


def test_no_more_curves_are_drawn_than_a_card_has_room_for(ws):
    run = measured(ws, "many", **{f"m{number}": [1.0, 2.0] for number in range(10)})
    assert [curve["name"] for curve in curves_of(ws, run)] == [f"m{number}" for number in range(8)]


def test_a_picture_needs_two_runs_with_a_curve_and_has_a_line_for_each_run_in_their_order(ws):
    one = measured(ws, "one", loss=[3.0, 1.0], alone=[1.0, 2.0])
    once = measured(ws, "once", loss=2.0, mae=4.0)
    two = measured(ws, "two", loss=[4.0, 2.0], mae=5.0)
    (picture,) = pictures(ws, two, once, one)
    assert (picture["name"], lines(picture)) == ("loss", ["two", "once", "one"])
    assert [[value for _, value in drawn(line)] for line in picture["series"]] == [[4.0, 2.0], [], [3.0, 1.0]]
    assert [line["run"] for line in picture["series"]] == [two.id, once.id, one.id]


@pytest.mark.parametrize(
    ("metric", "values", "drawn"),
    [
        ("mae", [5.0, 1.0, 4.0, 2.0, 3.0, 9.0, 8.0], ["r0", "r1", "r2", "r3", "r4"]),
        ("r2", [0.5, 0.1, 0.4, 0.2, 0.3, 0.9, 0.8], ["r0", "r2", "r4", "r5", "r6"]),
        ("mae", [math.nan, 1.0, -math.inf, 2.0, 3.0, 4.0, 5.0], ["r1", "r3", "r4", "r5", "r6"]),
        ("unheard_of", [7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0], ["r0", "r1", "r2", "r3", "r4"]),
    ],
)
def test_of_more_runs_than_can_be_told_apart_the_best_are_drawn_in_the_order_of_the_comparison(
    ws, metric, values, drawn
):
    runs = [measured(ws, f"r{n}", curve=[1.0, 2.0], **{metric: value}) for n, value in enumerate(values)]
    (picture,) = pictures(ws, *runs)
    assert (picture["name"], lines(picture)) == ("curve", drawn)


def test_a_run_that_never_logged_what_the_runs_are_judged_by_is_the_last_to_be_drawn(ws):
    runs = [measured(ws, "unjudged", curve=[1.0, 2.0])]
    runs += [measured(ws, f"r{n}", curve=[1.0, 2.0], mae=float(n)) for n in range(5)]
    (picture,) = pictures(ws, *runs)
    assert lines(picture) == ["r0", "r1", "r2", "r3", "r4"]
