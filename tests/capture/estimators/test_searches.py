"""Searches: the candidates, the best first, with the score of each split and their times."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from scipy.stats import loguniform
from sklearn.base import BaseEstimator
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import Ridge
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
)
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jupyter_mlops.capture.estimators.searches import MOST_CANDIDATES

ALPHAS = [0.01, 0.1, 1.0, 10.0]


class FirstAndLast(BaseSearchCV):
    """Somebody else's search: it tries the first and the last value."""

    def __init__(self, estimator, values, *, scoring=None, cv=None):
        super().__init__(estimator, scoring=scoring, cv=cv)
        self.values = values

    def _run_search(self, evaluate_candidates):
        evaluate_candidates([{"alpha": self.values[0]}])
        evaluate_candidates([{"alpha": self.values[-1]}])


class Distributed(BaseEstimator):
    """Somebody else's search that shares no class with scikit-learn's, as dask-ml's."""

    def __init__(self, estimator, param_grid, *, cv=None):
        self.estimator = estimator
        self.param_grid = param_grid
        self.cv = cv

    def fit(self, X, y):
        self.own = GridSearchCV(self.estimator, self.param_grid, cv=self.cv).fit(X, y)
        self.cv_results_ = self.own.cv_results_
        for name in ("best_estimator_", "best_params_", "best_score_", "best_index_"):
            setattr(self, name, getattr(self.own, name))
        return self

    def predict(self, X):
        return self.best_estimator_.predict(X)


@pytest.mark.parametrize(
    ("search", "tried"),
    [
        (GridSearchCV(Ridge(), {"alpha": ALPHAS}, cv=3), 4),
        (RandomizedSearchCV(Ridge(), {"alpha": loguniform(0.01, 10)}, n_iter=3, cv=3, random_state=0), 3),
        (FirstAndLast(Ridge(), ALPHAS, cv=3), 2),
        (Distributed(Ridge(), {"alpha": ALPHAS}, cv=3), 4),
    ],
    ids=lambda one: type(one).__name__,
)
def test_every_kind_of_search_tells_its_candidates(heard, diabetes, search, tried):
    search.fit(diabetes[0], diabetes[2])
    (seen,) = heard.fits
    best = seen.candidates[0]
    assert len(seen.candidates) == tried
    assert best.params["alpha"] == search.best_params_["alpha"]
    assert best.params["solver"] == "auto"
    assert best.metrics["cv_score"] == pytest.approx(search.best_score_)
    assert {"cv_score_std", "fit_seconds", "score_seconds", "rank_test_score"} <= best.metrics.keys()
    folds = [search.cv_results_[f"split{n}_test_score"][search.best_index_] for n in range(3)]
    assert best.series["fold_score"] == tuple(enumerate(map(float, folds)))
    assert seen.further["best_estimator"] is search.best_estimator_
    assert seen.metrics["best_cv_score"] == pytest.approx(search.best_score_)
    assert "train_r2" in seen.metrics
    assert seen.params["best_alpha"] == search.best_params_["alpha"]


def test_a_halving_search_tells_how_much_data_each_candidate_had(heard, diabetes):
    search = HalvingGridSearchCV(Ridge(), {"alpha": ALPHAS}, cv=3, factor=2, random_state=0)
    search.fit(diabetes[0], diabetes[2])
    first, *_, last = heard.fits[0].candidates
    assert first.params["iter"] > last.params["iter"] == 0
    assert first.params["n_resources"] > last.params["n_resources"]
    assert first.params["alpha"] == search.best_params_["alpha"]


def test_a_halving_search_of_random_candidates_is_told_likewise(heard, diabetes):
    search = HalvingRandomSearchCV(Ridge(), {"alpha": ALPHAS}, cv=3, factor=2, random_state=0)
    search.fit(diabetes[0], diabetes[2])
    (seen,) = heard.fits
    assert seen.candidates[0].params["alpha"] == search.best_params_["alpha"]
    assert seen.candidates[0].params["n_resources"] > seen.candidates[-1].params["n_resources"]
    assert len(seen.candidates) == min(len(search.cv_results_["params"]), MOST_CANDIDATES)


def test_only_the_best_become_children_and_the_count_is_said(heard, diabetes):
    search = GridSearchCV(Ridge(), {"alpha": np.logspace(-3, 3, 25)}, cv=2).fit(diabetes[0], diabetes[2])
    (seen,) = heard.fits
    ranks = [one.metrics["rank_test_score"] for one in seen.candidates]
    assert len(ranks) == MOST_CANDIDATES
    assert ranks == sorted(ranks)
    assert "25 candidates were tried; the best 10" in heard.notes[0]
    table = list(csv.DictReader(io.StringIO(seen.artifacts["cv_results.csv"].decode())))
    assert len(table) == 25
    assert float(table[search.best_index_]["mean_test_score"]) == pytest.approx(search.best_score_)


def test_several_scores_and_training_scores_are_told_apart(heard, diabetes):
    search = GridSearchCV(
        Ridge(),
        {"alpha": ALPHAS},
        cv=2,
        scoring=["r2", "neg_mean_absolute_error"],
        refit="r2",
        return_train_score=True,
    )
    search.fit(diabetes[0], diabetes[2])
    best = heard.fits[0].candidates[0]
    assert {"cv_r2", "cv_neg_mean_absolute_error", "cv_train_r2"} <= best.metrics.keys()
    assert {"fold_r2", "fold_train_r2"} <= best.series.keys()
    assert best.metrics["rank_test_r2"] == 1


def test_a_search_at_the_end_of_a_pipeline_is_one_too(heard, diabetes):
    pipeline = make_pipeline(StandardScaler(), GridSearchCV(Ridge(), {"alpha": ALPHAS}, cv=2))
    pipeline.fit(diabetes[0], diabetes[2])
    assert len(heard.fits[0].candidates) == 4


def test_a_search_that_does_not_refit_has_no_best_estimator(heard, diabetes):
    GridSearchCV(Ridge(), {"alpha": ALPHAS}, cv=2, refit=False).fit(diabetes[0], diabetes[2])
    assert (len(heard.fits[0].candidates), heard.fits[0].further) == (4, {})
    assert heard.notes == []
