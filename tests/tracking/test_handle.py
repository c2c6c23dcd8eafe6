"""The handle: what user code says is kept, whatever it says it with, from wherever, and as long as it likes."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.records.captured import Captured, End
from jupyter_mlops.records.run import Grade, RunInput, RunStatus
from jupyter_mlops.records.source import Source
from jupyter_mlops.tracking import (
    find_artifacts,
    finish_run,
    get_run,
    metric_history,
    open_artifact,
    reopen_run,
    start_run,
)
from jupyter_mlops.tracking.curves import Curves
from jupyter_mlops.tracking.handle import ActiveRun, MutedRun
from jupyter_mlops.tracking.live import find_live


@pytest.fixture
def run(ws):
    begun = start_run(ws, name="baseline", experiment="air")
    handle = ActiveRun(find_live(ws, begun.id))
    yield handle
    if get_run(ws, begun.id).status is RunStatus.RUNNING:
        finish_run(ws, run=begun.id)


def points(ws, run, key: str) -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in metric_history(ws, run=run.id, key=key)]


def test_what_an_end_said_soon_returns_is_what_the_store_will_have(ws, run):
    """The card under a cell is drawn from it, before anybody has told the store."""
    run.log_params(alpha=1, beta="x")
    run.log_params(alpha=2)
    run.log_metric("loss", 0.5)
    run.log_metrics({"mae": 3, "system/cpu_percent": 40.0})
    run.tag(team="risk")
    run.note("looked at twice")
    run.note("looked at twice")
    seen = RunInput(
        name="air.csv", role="read", digest="", kind="file", size=3, note="its digest is not taken yet"
    )
    said = run.end_soon(
        End(
            status=RunStatus.FINISHED,
            at=ws.now(),
            captured=Captured(
                source=Source(notebook="air.ipynb"),
                grade=Grade.CLEAN,
                params={"alpha": 9, "gamma": 3},
                tags={"team": "seen", "kind": "seen"},
                inputs=(seen,),
                notes=("looked at twice", "seen"),
            ),
        )
    )
    assert said == get_run(ws, run.id)
    assert (said.params, said.tags) == (
        {"alpha": 2, "beta": "x", "gamma": 3},
        {"team": "risk", "kind": "seen"},
    )
    assert (said.metrics, said.system) == ({"loss": 0.5, "mae": 3.0}, {"cpu_percent": 40.0})


def test_what_an_end_said_soon_returns_holds_what_the_run_had_before_it_went_on(ws, run):
    run.log_metrics(first=1.0, both=1.0)
    run.log_params(alpha=1)
    finish_run(ws, run=run.id)
    reopen_run(ws, run=run.id)
    again = ActiveRun(find_live(ws, run.id))
    assert set(again.measured) == set()
    again.log_metrics(both=2.0)
    said = again.end_soon(End(status=RunStatus.FINISHED, at=ws.now()))
    assert said == get_run(ws, run.id)
    assert said.metrics == {"first": 1.0, "both": 2.0}


def test_metrics_logged_together_stand_at_one_step_behind_the_furthest_of_them(ws, run):
    run.log_metric("loss", 1.0)
    run.log_metric("loss", 0.9, step=np.int64(10))
    run.log_metrics({"loss": 0.8}, mae=3)
    run.log_metric("mae", 2.5)
    run.log_metric("loss", np.float32(0.5), step=2)
    run.log_metric("loss", 0.25)
    run.log_metrics()  # nothing is nothing
    assert points(ws, run, "loss") == [(0, 1.0), (10, 0.9), (11, 0.8), (2, 0.5), (3, 0.25)]
    assert points(ws, run, "mae") == [(11, 3.0), (12, 2.5)]


@pytest.mark.parametrize(
    ("values", "step", "why"),
    [
        ({"good": 1.0, "bad": "41"}, None, "metric bad"),
        ({"good": 1.0, "": 2.0}, None, "metric name"),
        pytest.param({"good": 1.0, "bad": 10**400}, None, "beyond what a float can hold", id="huge"),
        ({"good": 1.0}, 0.5, "step 0.5 is not a whole number"),
        ({"good": 1.0}, "3", "step '3' is not a whole number"),
    ],
)
def test_of_a_call_that_is_refused_nothing_is_kept_and_counting_goes_on_as_if_it_had_not_been(
    ws, run, values, step, why
):
    with pytest.raises(Invalid, match=why) as refused:
        run.log_metrics(values, step=step)
    assert refused.value.remedy
    assert run.latest == {}
    run.log_metric("good", 2.0)
    with pytest.raises(Invalid, match="not a whole number"):
        run.log_metric("good", 3.0, step=1.5)
    assert points(ws, run, "good") == [(0, 2.0)]


def test_every_point_of_every_thread_is_kept_once(ws, run):
    def log(thread: int) -> None:
        for step in range(500):
            run.log_metric("shared", float(thread), step=step)
            run.log_metrics({f"own{thread}": float(step)})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(log, range(4)))
    shared = metric_history(ws, run=run.id, key="shared")
    assert len({point.sequence for point in shared}) == len(shared) == 2000
    for thread in range(4):
        assert points(ws, run, f"own{thread}") == [(step, float(step)) for step in range(500)]


def test_the_latest_values_are_known_without_the_store_and_drawn_as_they_come(run):
    run.curves = Curves()
    for value in (3.0, 2.0):
        run.log_metric("loss", value)
    run.log_metrics(mae=np.float64(1.5))
    run.log_metric("loss", math.nan)
    assert run.latest.keys() == run.measured == {"loss", "mae"}
    assert (math.isnan(run.latest["loss"]), run.latest["mae"]) == (True, 1.5)
    assert [step for step, _ in run.curves.drawn()["loss"]] == [0, 1, 2]


def test_the_record_is_as_it_stands_at_every_moment(ws, run):
    assert (run.name, run.experiment, run.status, run.grade) == (
        "baseline",
        "air",
        RunStatus.RUNNING,
        Grade.UNKNOWN,
    )
    run.log_param("alpha", 1)
    assert run.params == {"alpha": 1}
    assert run.begun.params == {}
    finish_run(ws, run=run.id, captured=Captured(grade=Grade.CLEAN))
    run.log_param("late", True)
    assert (run.status, run.grade, run.params) == (
        RunStatus.FINISHED,
        Grade.CLEAN,
        {"alpha": 1, "late": True},
    )
    assert repr(run) == f"<run baseline {run.id[-6:]} in air>"


def test_an_output_is_json_under_its_own_name_and_a_new_one_takes_its_place(ws, run):
    run.output("best", {"alpha": 0.1})
    run.output("best", {"path": Path("data/air.csv"), "scores": (1, math.inf)})
    run.output("deep/er", None)
    files = find_artifacts(ws, run=run.id, folder="outputs")
    assert [(file.name, file.media_type) for file in files] == [
        ("outputs/best.json", "application/json"), ("outputs/deep/er.json", "application/json"),
    ]  # fmt: skip
    with open_artifact(ws, run=run.id, name="outputs/best.json") as kept:
        assert json.load(kept) == {"path": "data/air.csv", "scores": [1, "inf"]}


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("rows", object(), "'rows' has no form in JSON"),
        ("array", np.zeros(2), "log files with log_artifact"),
        ("", 1, "the output name"),
        ("../params", 1, "stay inside the run"),
    ],
)
def test_an_output_that_cannot_be_kept_is_refused_with_what_can(ws, run, name, value, why):
    with pytest.raises(Invalid) as refused:
        run.output(name, value)
    assert why in str(refused.value)
    assert find_artifacts(ws, run=run.id).total == 0


def test_a_run_that_is_not_recorded_takes_everything_and_says_so_where_something_is_asked_of_it():
    run = MutedRun("quiet", "air")
    run.log_metric("a", 1.0)
    run.log_metric("a", 1.0, step=3)
    run.log_metrics({"a": 1}, b=2)
    run.log_param("alpha", 1)
    run.log_params({"beta": object()})
    run.tag(team="risk")
    run.note("text")
    run.say({"last_cell": "c1"})
    run.output("best", {"alpha": 1})
    assert run.log_artifact(b"x", "a.txt").name == "a.txt"
    assert run.log_artifact(Path("no/such/file.csv")).name == "file.csv"
    assert run.log_model(object(), "small", register=True).name == "models/small/manifest.json"
    assert (run.id, run.name, run.experiment, run.latest, len(run.measured)) == ("", "quiet", "air", {}, 0)
    for asked in ("record", "workspace", "begun", "status", "grade", "metrics", "params"):
        with pytest.raises(Unavailable, match="nothing is recorded") as refused:
            getattr(run, asked)
        assert "JUPYTER_MLOPS_DISABLED" in refused.value.remedy
