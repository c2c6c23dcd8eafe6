"""A search of somebody else's in a tracked block: its trials are runs below the run that searched."""

from __future__ import annotations

import csv
import io

import optuna
import optuna_integration
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

import jupyter_mlops as mlops
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking import find_artifacts, find_runs, get_run, metric_history, open_artifact


@pytest.mark.filterwarnings("ignore")  # it calls itself experimental, and one part of itself old
def test_the_trials_of_optunas_search_are_child_runs(place):
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    space = {"alpha": optuna.distributions.FloatDistribution(0.01, 10.0, log=True)}
    with mlops.track("searched") as run:
        search = optuna_integration.OptunaSearchCV(Ridge(), space, n_trials=5, cv=3, random_state=0).fit(X, y)
    kept = get_run(place, run.id)
    assert (kept.status, kept.params["model"]) == (RunStatus.FINISHED, "OptunaSearchCV")
    assert kept.params["best_alpha"] == search.best_params_["alpha"]
    assert kept.metrics["best_cv_score"] == pytest.approx(search.best_score_)
    children = find_runs(place, f"parent = '{run.id}'", order="metrics.cv_score desc")
    assert len(children) == 5
    assert children[0].params["alpha"] == search.best_params_["alpha"]
    for child in children:
        (trial,) = [one for one in search.trials_ if one.params["alpha"] == child.params["alpha"]]
        said = trial.user_attrs
        assert (child.status, child.params["solver"]) == (RunStatus.FINISHED, "auto")
        folds = [(point.step, point.value) for point in metric_history(place, run=child.id, key="fold_score")]
        assert folds == [(fold, said[f"split{fold}_test_score"]) for fold in range(3)]
        assert child.metrics["cv_score"] == pytest.approx(trial.value)
        assert child.metrics["cv_score_std"] == pytest.approx(said["std_test_score"])
        assert child.metrics["fit_seconds"] == pytest.approx(said["mean_fit_time"])
        assert child.metrics["score_seconds"] == pytest.approx(said["mean_score_time"])
        assert child.metrics["seconds"] == pytest.approx(trial.duration.total_seconds())
    assert "models/best_estimator/manifest.json" in {one.name for one in find_artifacts(place, run=run.id)}
    with open_artifact(place, run=run.id, name="cv_results.csv") as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file)))
    assert [float(row["param_alpha"]) for row in rows] == [one.params["alpha"] for one in search.trials_]
