"""Autolog and runs: inside ``track``, everywhere, nowhere."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge

import jupyter_mlops as mlops
from jupyter_mlops.capture import estimators
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.autolog import AutologOptions
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking import current_run, find_artifacts, find_runs, get_run, metric_history, track
from jupyter_mlops.tracking.here import here
from jupyter_mlops.tracking.watching import Watch, autolog_state, watch_undone

X = np.arange(60.0).reshape(30, 2)
Y = X.sum(axis=1)


@pytest.fixture
def place(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    yield here()
    watch_undone()
    here().store.close()


def test_nothing_is_watched_until_somebody_asks(place):
    fit = vars(Ridge)["fit"]
    with mlops.track("plain") as run:
        Ridge().fit(X, Y)
    assert get_run(place, run.id).params == {}
    mlops.autolog()
    assert vars(Ridge)["fit"] is not fit
    mlops.autolog(False)
    assert vars(Ridge)["fit"] is fit
    assert not estimators.is_on()
    with pytest.raises(Invalid, match="autolog cannot be 'sometimes'") as refused:
        mlops.autolog("sometimes")
    assert "'tracked'" in refused.value.remedy


def test_inside_track_what_is_fitted_belongs_to_the_run(place):
    mlops.autolog()
    with mlops.track("both") as run:
        DummyRegressor().fit(X, Y)
        model = Ridge(alpha=2.0).fit(X, Y)
        mlops.current_run().log_params(alpha="mine")
        del model
    kept = get_run(place, run.id)
    assert kept.params["alpha"] == "mine"  # what was logged outright wins
    assert kept.params["model"] == "Ridge"
    assert "train_r2" in kept.metrics
    assert {item.role for item in kept.inputs} == {"train"}
    assert "models/model/manifest.json" in {a.name for a in find_artifacts(place, run=run.id)}
    (child,) = find_runs(place, f"parent = '{run.id}'")
    assert child.params["model"] == "DummyRegressor"


def test_everywhere_a_fit_is_a_run_of_its_own_and_its_scores_follow_it(place):
    from sklearn import metrics

    mlops.autolog()
    model = Ridge(alpha=3.0).fit(X, Y)
    assert current_run() is None
    metrics.mean_absolute_error(Y[:5], model.predict(X[:5]))
    (run,) = find_runs(place)
    assert run.name in {"model", "Ridge"}
    assert run.params["alpha"] == 3.0
    assert "mae" in run.metrics


def test_a_model_that_cannot_be_stored_safely_is_a_note_and_the_run_goes_on(place):
    class Own(Ridge):
        pass

    mlops.autolog()
    with mlops.track("own") as run:
        Own().fit(X, Y)
    kept = get_run(place, run.id)
    assert any("the model was not kept" in note for note in kept.notes), kept.notes


def test_data_loaded_in_a_run_are_one_of_its_inputs(place):
    import pandas as pd

    from jupyter_mlops import datasets

    frame = pd.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, 2.5]})
    known = datasets.register_frame(place, name="air", frame=frame)
    with track("reads", workspace=place) as run:
        loaded = mlops.load_data("air")
    assert loaded.equals(frame)
    (item,) = get_run(place, run.id).inputs
    assert (item.name, item.role, item.digest, item.rows) == ("air:1", "read", known.digest, 3)


def test_a_logged_model_has_all_that_a_reviewer_will_ask_for(place):
    import json

    import pandas as pd

    from jupyter_mlops.tracking import open_artifact

    frame = pd.DataFrame(X, columns=["TEMP", "PRES"])
    model = Ridge(alpha=0.5).fit(frame, Y)
    with track("logged", workspace=place) as run:
        artifact = run.log_model(model, "pm25", data=frame)
    manifest = json.load(open_artifact(place, run=run.id, name="models/pm25/manifest.json"))
    assert artifact.name == "models/pm25/manifest.json"
    assert [column["name"] for column in manifest["signature"]["inputs"]] == ["TEMP", "PRES"]
    assert manifest["signature"]["outputs"]
    assert manifest["profile"]["rows"] == 30
    assert manifest["params"]["alpha"] == "0.5"
    assert {"scikit-learn", "skops", "numpy", "pandas"} <= manifest["requirements"].keys()
    assert place.blobs.has(manifest["golden"])
    assert [file["path"] for file in manifest["files"]] == ["model.skops"]


def test_a_score_that_is_also_logged_by_hand_is_one_point(place):
    from sklearn.metrics import mean_absolute_error

    mlops.autolog()
    with mlops.track("once") as run:
        model = Ridge().fit(X, Y)
        held_out = X[:5].copy()
        run.log_metrics({"mae": mean_absolute_error(Y[:5], model.predict(held_out))})
        model.score(held_out, Y[:5])
    assert len(metric_history(place, run=run.id, key="mae")) == 1
    assert "score" in get_run(place, run.id).metrics


def test_a_fit_that_nobody_asked_to_be_recorded_waits_for_no_store(tmp_path):
    code = """
import threading
import numpy as np
from sklearn.linear_model import Ridge
import jupyter_mlops as mlops
from jupyter_mlops.tracking import opening

opened, real = [], opening.open_workspace
def watched(*given, **more):
    opened.append(threading.current_thread())
    return real(*given, **more)
opening.open_workspace = watched

X = np.arange(40.0).reshape(20, 2)
mlops.autolog()
for alpha in (0.5, 1.0):
    model = Ridge(alpha=alpha).fit(X, X.sum(axis=1))
    model.score(X, X.sum(axis=1))
assert threading.main_thread() not in opened, opened
found = mlops.find_runs(mlops.workspace())
assert [run.params["alpha"] for run in found] == [1.0, 0.5], found
assert {"train_r2", "train_score", "fit_seconds"} <= set(found[0].metrics), found[0].metrics
assert {run.status.value for run in found} == {"finished"}
assert all(run.source.environment for run in found)
"""
    (tmp_path / ".mlops").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr


def test_what_describes_a_model_is_only_made_where_the_model_is_kept(place, monkeypatch):
    from jupyter_mlops.capture.estimators import fits

    drawn = []
    real = fits.portrait
    monkeypatch.setattr(fits, "portrait", lambda *given: drawn.append(given[1]) or real(*given))
    mlops.autolog()
    Ridge().fit(X, Y)
    assert drawn == []
    with mlops.track("kept"):
        model = Ridge().fit(X, Y)
    assert drawn == [model]


def test_what_cannot_be_kept_of_a_fit_is_a_note_of_a_run_that_ends(place):
    from sklearn.model_selection import cross_validate

    mlops.autolog()
    cross_validate(Ridge(), X, Y, cv=2, scoring={"mean\nerror": "neg_mean_absolute_error"})
    (kept,) = find_runs(place)
    assert kept.status is RunStatus.FINISHED
    assert any("not all of it could be kept" in note for note in kept.notes), kept.notes


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files cannot be counted here")
@pytest.mark.parametrize("away", [False, True])
def test_a_loop_of_fits_opens_few_files_whatever_the_store_does(tmp_path, away):
    code = f"""
import os, sys
import numpy as np
from sklearn.linear_model import Ridge
import jupyter_mlops as mlops
from jupyter_mlops.errors import Unavailable
from jupyter_mlops.tracking import opening

if {away}:
    def gone(*given, **more):
        raise Unavailable("away", remedy="Wait.")
    opening.open_workspace = gone
X = np.arange(40.0).reshape(20, 2)
Y = X.sum(axis=1)
mlops.autolog()
Ridge().fit(X, Y)
before, most = len(os.listdir("/proc/self/fd")), 0
for number in range(300):
    Ridge(alpha=1 + number).fit(X, Y)
    most = max(most, len(os.listdir("/proc/self/fd")))
assert most - before < 60, (before, most)
if not {away}:
    assert mlops.find_runs(mlops.workspace(), limit=1).total == 301
"""
    (tmp_path / ".mlops").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_a_model_that_was_fitted_outside_runs_is_gone_when_the_user_lets_it_go(place):
    mlops.autolog()
    model = Ridge().fit(X, Y)
    model.score(X, Y)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
    (run,) = find_runs(place)
    assert "train_score" in run.metrics


# ── predictions and options ──────────────────────────────────────────────────────────────────────────


def test_a_prediction_outside_runs_is_recorded_nowhere_and_digests_nothing(place):
    from jupyter_mlops.capture.fingerprint import hashing

    mlops.autolog()
    model, new = Ridge().fit(X, Y), X[:5].copy()
    times = hashing.times
    model.predict(new)
    assert hashing.times == times
    (run,) = find_runs(place)
    assert {item.role for item in run.inputs} == {"train"}


def test_options_hold_in_tracked_blocks_and_outside_until_they_are_said_anew(place):
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    labels = np.where(np.arange(30) % 3 == 0, "rare", "usual")
    mlops.autolog(positive_label="rare", candidates=2, models=False)
    with mlops.track("inside") as run:
        GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0, 10.0]}, cv=2).fit(X, labels)
    kept = get_run(place, run.id)
    assert kept.params["positive_label"] == "rare"
    assert len(find_runs(place, f"parent = '{run.id}'")) == 2
    assert {a.name for a in find_artifacts(place, run=run.id)} >= {"cv_results.csv", "evaluation/train.json"}
    assert not any(a.name.startswith("models/") for a in find_artifacts(place, run=run.id))
    assert kept.notes[0].startswith("3 candidates were tried; the best 2")

    mlops.autolog(train_metrics=False)
    Ridge().fit(X, Y)
    (outside,) = find_runs(place, "name = 'Ridge'")
    assert set(outside.metrics) == {"fit_seconds"}
    mlops.autolog()
    assert autolog_state() == (Watch.EVERYWHERE, AutologOptions())


def test_a_model_that_is_logged_by_hand_where_none_are_kept_has_what_its_fit_told(place):
    import json

    from jupyter_mlops.tracking import open_artifact

    mlops.autolog("tracked", models=False)
    mlops.autolog(models=False)
    with mlops.track("by hand") as run:
        model = Ridge().fit(X, Y)
        run.log_model(model, "pm25")
    manifest = json.load(open_artifact(place, run=run.id, name="models/pm25/manifest.json"))
    assert manifest["profile"]["rows"] == 30
    assert manifest["golden"]
    assert {
        a.name.split("/")[1] for a in find_artifacts(place, run=run.id) if a.name.startswith("models/")
    } == {"pm25"}


def test_what_is_not_said_is_as_the_settings_have_it(place):
    (place.settings.root / ".mlops").mkdir(exist_ok=True)
    (place.settings.root / ".mlops" / "config.toml").write_text(
        "[autolog]\npositive_label = 'rare'\ncandidates = 'all'\n"
    )
    assert autolog_state() == (Watch.TRACKED, AutologOptions(positive_label="rare", candidates="all"))
    mlops.autolog("tracked", candidates=0)
    assert autolog_state()[1] == AutologOptions(positive_label="rare", candidates=0)
    with mlops.track("in a run"):
        assert autolog_state()[1] == AutologOptions(positive_label="rare", candidates=0)
    watch_undone()
    assert autolog_state()[1].candidates == "all"


def test_a_label_out_of_an_array_is_taken_as_python_has_it(place):
    mlops.autolog(positive_label=np.int64(1), candidates=np.int32(3), models=np.bool_(False))
    options = autolog_state()[1]
    assert options == AutologOptions(positive_label=1, candidates=3, models=False)
    assert type(options.positive_label) is int


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"candidates": -1}, "candidates must be a whole number from 0 to 1000 or 'all', not -1"),
        ({"candidates": 2.0}, "autolog.candidates: expected"),
        ({"models": "no"}, "autolog.models: expected boolean, got 'no'"),
        ({"positive_label": object()}, "autolog.positive_label: expected"),
    ],
)
def test_a_wrong_option_is_refused_and_nothing_is_switched(place, wrong, why):
    mlops.autolog("off", candidates=5)
    with pytest.raises(Invalid, match=why) as refused:
        mlops.autolog(**wrong)
    assert refused.value.remedy
    assert autolog_state() == (Watch.OFF, AutologOptions(candidates=5))
    assert not estimators.is_on()
