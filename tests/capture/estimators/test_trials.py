"""A search that knows its trials: the table that its candidates are read from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from types import SimpleNamespace

import numpy as np
import optuna
import optuna_integration
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_validate

from jupyter_mlops.capture.estimators.trials import TrialSearch, trials_of

ALPHAS = [1.0, -5.0, 0.01, 10.0]


class TrialState(Enum):
    COMPLETE = 1
    PRUNED = 2
    FAIL = 3


@dataclass
class FrozenTrial:
    """A trial as ``optuna.trial.FrozenTrial`` tells it."""

    number: int
    params: dict
    values: list | None = None
    user_attrs: dict = field(default_factory=dict)
    state: TrialState = TrialState.COMPLETE
    duration: timedelta | None = timedelta(seconds=1.5)

    @property
    def value(self):
        if self.values is not None and len(self.values) > 1:
            raise RuntimeError("This attribute is not available during multi-objective optimization.")
        return self.values[0] if self.values else None


class OptunaSearchCV(BaseEstimator):
    """What ``optuna_integration.OptunaSearchCV`` has after its fit: no scikit-learn search, no ``params`` in its results."""

    def __init__(self, estimator, alphas, cv=3):
        self.estimator = estimator
        self.alphas = alphas
        self.cv = cv

    def fit(self, X, y):
        trials = []
        for number, alpha in enumerate(self.alphas):
            trial = FrozenTrial(number, {"alpha": alpha})
            trials.append(trial)
            if alpha < 0:
                trial.state = TrialState.FAIL
                continue
            scores = cross_validate(clone(self.estimator).set_params(alpha=alpha), X, y, cv=self.cv)
            for split, score in enumerate(scores["test_score"]):
                trial.user_attrs[f"split{split}_test_score"] = score
            for name, values in scores.items():
                trial.user_attrs[f"mean_{name}"] = np.nanmean(values)
                trial.user_attrs[f"std_{name}"] = np.nanstd(values)
            trial.values = [float(np.mean(scores["test_score"]))]
        self.study_ = SimpleNamespace(trials=trials, direction=SimpleNamespace(name="MAXIMIZE"))
        self.best_estimator_ = clone(self.estimator).set_params(**self.best_params_).fit(X, y)
        return self

    @property
    def trials_(self):
        return self.study_.trials

    @property
    def _best(self):
        return max((one for one in self.trials_ if one.values), key=lambda one: one.value)

    @property
    def best_params_(self):
        return self._best.params

    @property
    def best_score_(self):
        return self._best.value

    @property
    def cv_results_(self):
        return {key: [one.user_attrs[key] for one in self.trials_] for key in self.trials_[0].user_attrs}

    def predict(self, X):
        return self.best_estimator_.predict(X)

    def predict_proba(self, X):
        return self.best_estimator_.predict_proba(X)

    def score(self, X, y=None):
        return self.best_estimator_.score(X, y)


def test_trials_are_candidates_the_best_first_with_folds_and_times(heard, diabetes):
    search = OptunaSearchCV(Ridge(), ALPHAS).fit(diabetes[0], diabetes[2])
    (seen,) = heard.fits
    assert seen.candidates[0].params["alpha"] == search.best_params_["alpha"]
    assert seen.candidates[0].metrics["cv_score"] == pytest.approx(search.best_score_)
    scores = [one.metrics["cv_score"] for one in seen.candidates[:3]]
    assert scores == sorted(scores, reverse=True)
    for one in seen.candidates[:3]:
        (trial,) = [trial for trial in search.trials_ if trial.params["alpha"] == one.params["alpha"]]
        folds = [trial.user_attrs[f"split{n}_test_score"] for n in range(3)]
        assert one.series["fold_score"] == tuple(enumerate(folds))
        assert one.metrics["fit_seconds"] == pytest.approx(trial.user_attrs["mean_fit_time"])
        assert one.metrics["seconds"] == 1.5
        assert one.params["solver"] == "auto"
    failed = seen.candidates[3]
    assert failed.params["alpha"] == -5.0
    assert "cv_score" not in failed.metrics
    assert dict(failed.series) == {}
    assert seen.further["best_estimator"] is search.best_estimator_
    assert seen.metrics["best_cv_score"] == pytest.approx(search.best_score_)
    assert "FAIL" in seen.artifacts["cv_results.csv"].decode()
    assert heard.notes == []


@pytest.mark.filterwarnings("ignore")  # it calls itself experimental, and one part of itself old
def test_the_real_search_of_optuna_tells_the_same(heard, diabetes):
    study = optuna.create_study(direction="maximize")
    for alpha in (1.0, 0.01, 10.0, -5.0):
        study.enqueue_trial({"alpha": alpha})
    space = {"alpha": optuna.distributions.FloatDistribution(-10.0, 100.0)}
    search = optuna_integration.OptunaSearchCV(
        Ridge(), space, study=study, n_trials=4, cv=3, return_train_score=True, error_score=np.nan
    )
    search.fit(diabetes[0], diabetes[2])
    (seen,) = heard.fits
    assert [one.params["alpha"] for one in seen.candidates] == [0.01, 1.0, 10.0, -5.0]
    for one in seen.candidates[:3]:
        (trial,) = [trial for trial in search.trials_ if trial.params["alpha"] == one.params["alpha"]]
        said = trial.user_attrs
        assert one.series["fold_score"] == tuple((n, said[f"split{n}_test_score"]) for n in range(3))
        assert one.series["fold_train_score"] == tuple((n, said[f"split{n}_train_score"]) for n in range(3))
        assert one.metrics["cv_score"] == pytest.approx(trial.value)
        assert one.metrics["fit_seconds"] == pytest.approx(said["mean_fit_time"])
        assert one.metrics["seconds"] == pytest.approx(trial.duration.total_seconds())
        assert one.params["solver"] == "auto"
    failed = seen.candidates[3]
    assert "cv_score" not in failed.metrics
    assert dict(failed.series) == {}
    assert seen.params["best_alpha"] == search.best_params_["alpha"] == 0.01
    assert seen.metrics["best_cv_score"] == pytest.approx(search.best_score_)
    assert seen.further["best_estimator"] is search.best_estimator_
    assert heard.notes == []


def test_it_is_measured_on_its_training_data_like_its_best_estimator(heard, diabetes):
    OptunaSearchCV(Ridge(), ALPHAS).fit(diabetes[0], diabetes[2])
    Ridge(alpha=0.01).fit(diabetes[0], diabetes[2])
    search, alone = heard.fits
    assert search.metrics["train_mae"] == alone.metrics["train_mae"]


def table(trials, direction="MAXIMIZE"):
    study = SimpleNamespace(direction=SimpleNamespace(name=direction))
    return TrialSearch(SimpleNamespace(study_=study, estimator=Ridge()), trials).cv_results_


def test_a_study_that_minimizes_has_its_smallest_value_first():
    trials = [FrozenTrial(n, {"a": n}, [value]) for n, value in enumerate([0.5, 0.1, 0.5, 0.9])]
    assert table(trials, "MINIMIZE")["rank_test_score"] == [2, 1, 2, 4]
    assert table(trials)["rank_test_score"] == [2, 4, 2, 1]


def test_what_was_pruned_comes_last_however_well_it_did():
    pruned = FrozenTrial(0, {"a": 0}, [0.99], state=TrialState.PRUNED, duration=None)
    found = table([pruned, FrozenTrial(1, {"a": 1}, [0.5])])
    assert found["rank_test_score"] == [2, 1]
    assert found["seconds"] == [None, 1.5]


def test_several_aims_have_a_value_each_and_no_rank():
    found = table([FrozenTrial(0, {"a": 0}, [0.5, 3.0]), FrozenTrial(1, {"b": 1}, [float("nan"), 2.0])])
    assert found["value_0"] == [0.5, None]
    assert found["value_1"] == [3.0, 2.0]
    assert (found["param_a"], found["param_b"]) == ([0, None], [None, 1])
    assert "rank_test_score" not in found


@pytest.mark.parametrize("trials", [None, [], "text", [1, 2], [SimpleNamespace(params=3)]], ids=repr)
def test_what_only_has_an_attribute_of_that_name_is_no_search(trials):
    assert not trials_of(type("Model", (), {"fit": None, "trials_": trials})())


def test_trials_that_cannot_be_asked_for_are_none():
    assert not trials_of(OptunaSearchCV(Ridge(), ALPHAS))
