"""Cross-validation by function: what each fold scored and took."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics, model_selection
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_val_score

from jupyter_mlops.capture.estimators.seen import Role


def test_cross_val_score_tells_every_fold_and_its_times(heard, diabetes):
    X, _, y, _ = diabetes
    model = Ridge(alpha=0.2)
    scores = cross_val_score(model, X, y, cv=4)
    (seen,) = heard.fits
    assert (seen.estimator, seen.role, seen.kept) == (model, Role.EVALUATION, False)
    assert seen.name == "cross_val_score model"
    assert seen.metrics["cv_score"] == pytest.approx(scores.mean())
    assert seen.metrics["cv_score_std"] == pytest.approx(scores.std())
    assert seen.series["fold_score"] == tuple(enumerate(scores.tolist()))
    assert len(seen.series["fold_fit_seconds"]) == 4
    assert seen.params["alpha"] == 0.2
    assert seen.params["validation_cv"] == 4
    assert [(one.name, one.role) for one in seen.inputs] == [("X", "train"), ("y", "train")]
    assert heard.notes == []


def test_cross_validate_tells_each_metric_by_its_name(heard, diabetes):
    X, _, y, _ = diabetes
    found = model_selection.cross_validate(
        Ridge(), X, y, cv=3, scoring=["r2", "neg_mean_absolute_error"], return_train_score=True
    )
    (seen,) = heard.fits
    assert seen.metrics["cv_neg_mean_absolute_error"] == pytest.approx(
        found["test_neg_mean_absolute_error"].mean()
    )
    assert seen.metrics["cv_train_r2"] == pytest.approx(found["train_r2"].mean())
    assert seen.series["fold_r2"] == tuple(enumerate(found["test_r2"].tolist()))
    assert {"cv_fit_seconds", "cv_score_seconds"} <= seen.metrics.keys()


def test_one_named_score_keeps_its_name(heard, diabetes):
    X, _, y, _ = diabetes
    cross_val_score(Ridge(), X, y, cv=2, scoring="r2")
    model_selection.cross_validate(Ridge(), X, y, cv=2, scoring="r2")
    assert all({"cv_r2", "cv_fit_seconds"} <= seen.metrics.keys() for seen in heard.fits)


def test_predictions_of_cross_validation_are_scored_for_their_estimator(heard, wine):
    X, _, y, _ = wine
    model = LogisticRegression(max_iter=200)
    chances = model_selection.cross_val_predict(model, X, y, cv=3, method="predict_proba")
    metrics.roc_auc_score(y, chances[:, 1])
    (seen,) = heard.metrics
    assert (seen.name, seen.estimator) == ("cv_roc_auc", model)


def test_curves_are_kept_as_numbers(heard, diabetes):
    X, _, y, _ = diabetes
    sizes, _, test = model_selection.learning_curve(Ridge(), X, y, cv=3, train_sizes=[0.3, 1.0])
    model_selection.validation_curve(Ridge(), X, y, param_name="alpha", param_range=[0.1, 1.0, 10.0], cv=3)
    learned, varied = heard.fits
    curve = json.loads(learned.artifacts["learning_curve.json"])
    assert curve["train_sizes"] == sizes.tolist()
    assert np.allclose(curve["test_scores"], test)
    assert learned.metrics["cv_score"] == pytest.approx(test[-1].mean())
    assert json.loads(varied.artifacts["validation_curve.json"])["alpha"] == [0.1, 1.0, 10.0]


def test_a_permutation_test_tells_its_chance(heard, wine):
    X, _, y, _ = wine
    score, _, chance = model_selection.permutation_test_score(
        LogisticRegression(max_iter=200), X, y, cv=2, n_permutations=5, random_state=0
    )
    assert (heard.fits[0].metrics["cv_score"], heard.fits[0].metrics["p_value"]) == (score, chance)


def test_the_result_is_what_it_is_without_us_and_errors_are_the_users(heard, diabetes):
    X, _, y, _ = diabetes
    found = model_selection.cross_validate(Ridge(), X, y, cv=2, return_estimator=True)
    assert set(found) == {"fit_time", "score_time", "test_score", "estimator"}
    with pytest.raises(ValueError, match="n_splits"):
        cross_val_score(Ridge(), X[:3], y[:3], cv=5)
    assert [seen.role for seen in heard.fits] == [Role.EVALUATION, Role.FAILED]
