"""What autolog saw, written into its run: beside what the user said, never over it, and never at the price of its end."""

# ruff: noqa: NPY002

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from jupyter_mlops.capture.estimators.seen import FitSeen, MetricSeen, Role
from jupyter_mlops.records.captured import Captured
from jupyter_mlops.records.run import RunInput
from jupyter_mlops.tracking import (
    find_artifacts,
    find_runs,
    finish_run,
    get_run,
    metric_history,
    open_artifact,
    reopen_run,
    start_run,
)
from jupyter_mlops.tracking.handle import ActiveRun
from jupyter_mlops.tracking.harvest import Harvest
from jupyter_mlops.tracking.harvested import with_harvest
from jupyter_mlops.tracking.live import find_live
from jupyter_mlops.tracking.models import kept_models

X = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 2)), columns=["dewp", "temp"])
Y = X.sum(axis=1)
TRAIN = RunInput(name="X", role="train", digest="a" * 64, rows=30)


@pytest.fixture
def run(ws):
    begun = start_run(ws, name="cell", experiment="air")
    handle = ActiveRun(find_live(ws, begun.id))
    handle.harvest = Harvest()
    return handle


def seen(estimator, **more) -> FitSeen:
    kind = f"{type(estimator).__module__}.{type(estimator).__qualname__}"
    return FitSeen(estimator=estimator, features=X[:20], kind=kind, **more)


def ended(ws, run, captured: Captured | None = None):
    """End the run as the cell's end does."""
    return finish_run(ws, run=run.id, captured=with_harvest(run, captured or Captured()))


def files(ws, run) -> set[str]:
    return {file.name for file in find_artifacts(ws, run=run.id)}


def test_what_the_user_logged_under_a_name_is_not_logged_again(ws, run):
    run.log_metric("mae", 1.0)
    run.log_metric("fold_score", 0.5, step=9)
    run.log_params(alpha="mine")
    model = Ridge(alpha=0.5).fit(X, Y)
    run.harvest.fit(
        seen(
            model,
            params={"alpha": 0.5, "tol": 0.1},
            metrics={"mae": 9.0, "r2": 0.9},
            series={"fold_score": ((0, 0.1),)},
        )
    )
    kept = ended(ws, run)
    assert (kept.metrics["mae"], kept.metrics["r2"], kept.metrics["fold_score"]) == (1.0, 0.9, 0.5)
    assert len(metric_history(ws, run=run.id, key="mae")) == 1
    assert (kept.params["alpha"], kept.params["tol"], kept.params["model"]) == ("mine", 0.1, "Ridge")


def test_what_is_of_another_model_gives_way_to_what_the_user_logged_under_its_name(ws, run):
    run.log_metrics(mae=5.0, r2=0.5)
    run.harvest.metric(MetricSeen(name="mae", value=3.0, estimator=Ridge(), model="old"))
    run.harvest.metric(MetricSeen(name="r2", value=0.5, estimator=Ridge(), model="old"))
    kept = ended(ws, run)
    assert kept.metrics == {"mae": 5.0, "mae_old": 3.0, "r2": 0.5}
    assert "mae_old and r2 are of Ridge `old`, whose fit was not seen" in kept.notes
    assert len(metric_history(ws, run=run.id, key="r2")) == 1


def test_what_was_seen_joins_what_was_captured_and_an_estimators_word_wins_over_an_assignment(ws, run):
    run.harvest.fit(seen(Ridge().fit(X, Y), params={"alpha": 1.0}, inputs=(TRAIN,)))
    run.harvest.metric(MetricSeen(name="mae", value=3.0))
    run.harvest.note("predicting again would take long")
    read = RunInput(name="air.csv", role="read", digest="b" * 64, kind="file")
    kept = ended(ws, run, Captured(params={"alpha": 5, "rows": 30}, inputs=(read,), notes=("first",)))
    assert (kept.params["alpha"], kept.params["rows"]) == (1.0, 30)
    assert kept.inputs == (read, TRAIN)
    assert kept.notes == ("first", "predicting again would take long")
    assert kept.metrics["mae"] == 3.0


def test_the_fitted_model_is_kept_with_its_drawing_and_with_rows_that_prove_it(ws, run):
    run.harvest.fit(seen(Ridge().fit(X, Y), artifacts={"coefficients.json": b"{}"}))
    ended(ws, run)
    assert files(ws, run) == {
        "models/model/manifest.json", "models/model/model.skops", "models/model/golden.json", "coefficients.json",
        "estimator.html",
    }  # fmt: skip
    manifest = kept_models(run.id)["model"]
    assert ws.blobs.has(manifest.golden)


def test_a_model_that_cannot_be_kept_safely_costs_a_note_and_not_the_run(ws, run):
    unsafe = make_pipeline(FunctionTransformer(lambda rows: rows * 2), Ridge()).fit(X, Y)
    run.harvest.fit(seen(unsafe, further={"best_estimator": unsafe}, metrics={"train_r2": 0.5}))
    kept = ended(ws, run)
    refusals = [note for note in kept.notes if "was not kept" in note]
    assert [note.partition(" was")[0] for note in refusals] == ["the model", "the best estimator"]
    assert kept.metrics["train_r2"] == 0.5
    assert files(ws, run) == {"estimator.html"}


def test_a_fit_that_says_so_itself_and_one_that_is_no_model_leave_no_model(ws, run):
    run.harvest.fit(seen(Ridge().fit(X, Y), kept=False))
    run.harvest.fit(seen(StandardScaler().fit(X), role=Role.STEP, params={"with_mean": True}))
    kept = ended(ws, run)
    assert files(ws, run) == {"estimator.html"}
    assert kept.params["standardscaler__with_mean"] is True


def test_where_everything_is_watched_numbers_are_kept_and_no_files(ws, run):
    run.harvest = Harvest(keeps=False)
    run.harvest.fit(seen(Ridge().fit(X, Y), metrics={"r2": 0.9}, artifacts={"coefficients.json": b"{}"}))
    kept = ended(ws, run)
    assert (kept.metrics["r2"], files(ws, run), kept_models(run.id)) == (0.9, set(), {})


def test_of_several_models_the_last_is_the_runs_and_the_others_are_its_children(ws, run):
    for alpha in (0.1, 1.0):
        run.harvest.fit(seen(Ridge(alpha=alpha).fit(X, Y), name=f"m{alpha}", params={"alpha": alpha}))
    captured = Captured(params={"rows": 30}, notes=("of the cell",))
    kept = ended(ws, run, captured)
    (child,) = find_runs(ws, f"parent = '{run.id}'")
    assert (kept.params["alpha"], child.params["alpha"], child.name) == (1.0, 0.1, "m0.1")
    assert ("rows" in child.params, child.notes) == (False, ())
    manifest = json.load(open_artifact(ws, run=run.id, name="models/model/manifest.json"))
    assert manifest["params"]["alpha"] == "1.0"


def test_in_a_run_that_goes_on_what_is_seen_now_replaces_what_was_seen_before_but_not_what_is_said(ws, run):
    first = Captured(params={"alpha": 1, "beta": 1, "same": True})
    ended(ws, run, first)
    reopen_run(ws, run=run.id)
    again = ActiveRun(find_live(ws, run.id))
    again.log_params(beta="said")
    kept = ended(ws, again, Captured(params={"alpha": 2, "beta": 2, "same": True}))
    assert kept.params == {"alpha": 2, "beta": "said", "same": True}
    assert kept.notes == (
        "parameter beta was 1 and became 'said'", "parameter alpha was 1 and became 2",
    )  # fmt: skip


def test_a_run_that_nobody_watched_ends_as_it_was_captured(ws, run):
    run.harvest = None
    captured = Captured(params={"alpha": 1})
    assert with_harvest(run, captured) is captured
    finish_run(ws, run=run.id)
    assert get_run(ws, run.id).params == {}


def test_the_rows_that_prove_a_model_leave_the_users_random_numbers_where_they_were(ws, run):
    np.random.seed(5)
    expected = np.random.rand()
    model = DummyClassifier(strategy="stratified").fit(X, Y > 0)
    run.harvest.fit(seen(model))
    np.random.seed(5)
    ended(ws, run)
    assert np.random.rand() == expected
    assert "models/model/manifest.json" in files(ws, run)
