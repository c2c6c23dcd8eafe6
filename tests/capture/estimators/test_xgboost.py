"""XGBoost by both its doors."""

from __future__ import annotations

import inspect
import json

import numpy as np
import pytest
import xgboost
from sklearn import metrics
from xgboost import train as imported_before

from jupyter_mlops.capture.estimators import autolog, autolog_off
from jupyter_mlops.capture.estimators.seen import Role

PARAMS = {"max_depth": 2, "objective": "binary:logistic", "eval_metric": ["logloss", "auc"], "nthread": 1}


@pytest.fixture
def matrices(heard, wine):
    X_train, X_test, y_train, y_test = wine
    return xgboost.DMatrix(X_train, y_train), xgboost.DMatrix(X_test, label=y_test)


def test_native_training_tells_curves_best_iteration_importances_and_data(heard, wine, matrices):
    dtrain, dtest = matrices
    booster = xgboost.train(
        PARAMS,
        dtrain,
        20,
        evals=[(dtrain, "train"), (dtest, "valid")],
        early_stopping_rounds=3,
        verbose_eval=False,
    )
    (seen,) = heard.fits
    assert (seen.estimator, seen.name, seen.kind) == (booster, "booster", "xgboost.core.Booster")
    assert set(seen.series) == {"train_logloss", "train_auc", "valid_logloss", "valid_auc"}
    assert [step for step, _ in seen.series["valid_auc"]] == list(range(booster.num_boosted_rounds()))
    assert seen.metrics["best_iteration"] == booster.best_iteration
    assert seen.metrics["best_valid_auc"] == booster.best_score
    assert "best_score" not in seen.metrics  # less of some metrics is better
    assert (seen.params["max_depth"], seen.params["num_boost_round"]) == (2, 20)
    assert [(one.name, one.role) for one in seen.inputs] == [
        ("X_train", "train"), ("y_train", "train"), ("X_test", "test"), ("y_test", "test"),
    ]  # fmt: skip
    assert set(json.loads(seen.artifacts["importances.json"])) <= set(wine[0].columns)
    back = xgboost.Booster(model_file=bytearray(seen.artifacts["model.xgboost.json"]))
    assert np.array_equal(back.predict(dtest), booster.predict(dtest))
    assert not seen.kept
    assert "cannot be registered" in heard.notes[0]


def test_what_the_user_asked_to_be_filled_is_filled(heard, matrices):
    results = {}
    xgboost.train(
        PARAMS, matrices[0], 3, evals=[(matrices[1], "v")], evals_result=results, verbose_eval=False
    )
    assert len(results["v"]["auc"]) == 3
    assert len(heard.fits[0].series["v_auc"]) == 3


def test_a_boosters_predictions_are_its_own_through_a_threshold(heard, wine, matrices):
    dtrain, dtest = matrices
    booster = xgboost.train(PARAMS, dtrain, 3)
    chances = booster.predict(dtest)
    metrics.roc_auc_score(wine[3], chances)
    metrics.f1_score(wine[3], chances > 0.4)
    metrics.log_loss(wine[2], booster.predict(dtrain))
    assert [(seen.name, seen.estimator) for seen in heard.metrics] == [
        ("roc_auc", booster), ("f1", booster), ("train_log_loss", booster),
    ]  # fmt: skip
    assert {one.name for one in heard.metrics[0].inputs} == {"X_test", "y_test"}


def test_cross_validation_is_an_evaluation_with_its_curve(heard, matrices):
    result = xgboost.cv(PARAMS, matrices[0], 4, nfold=2)
    (seen,) = heard.fits
    assert (seen.role, seen.name) == (Role.EVALUATION, "xgboost.cv")
    assert [value for _, value in seen.series["test-auc-mean"]] == result["test-auc-mean"].tolist()


def test_an_estimator_is_one_fit_with_what_the_library_knows_beside(heard, wine):
    X_train, X_test, y_train, y_test = wine
    model = xgboost.XGBClassifier(n_estimators=5, max_depth=2, n_jobs=1)
    model.fit(X_train, y_train, eval_set=[(X_test, y_test)], verbose=False)
    (seen,) = heard.fits
    assert seen.estimator is model
    assert len(seen.series["validation_0_logloss"]) == 5
    assert {"train_accuracy", "train_roc_auc"} <= seen.metrics.keys()
    assert {"importances.json", "model.xgboost.json", "evaluation/train.json"} <= seen.artifacts.keys()
    assert not seen.kept


def test_off_puts_everything_back(sink):
    watched = [
        (xgboost.DMatrix, "__init__"),
        (xgboost.QuantileDMatrix, "__init__"),
        (xgboost.Booster, "predict"),
    ]
    before = [vars(owner)[name] for owner, name in watched]
    body, signature = xgboost.train.__code__, inspect.signature(xgboost.train)
    autolog(sink)
    assert imported_before is xgboost.train
    assert xgboost.train.__code__ is not body
    assert inspect.signature(xgboost.train) == signature
    assert autolog_off() == ()
    assert [vars(owner)[name] for owner, name in watched] == before
    assert xgboost.train.__code__ is body


def test_what_the_library_still_takes_by_position_is_taken_and_told(heard, matrices):
    dtrain, dtest = matrices
    with pytest.warns(FutureWarning, match="evals"):
        xgboost.train(PARAMS, dtrain, 3, [(dtest, "valid")], verbose_eval=False)
    (seen,) = heard.fits
    assert len(seen.series["valid_auc"]) == 3
    assert {one.role for one in seen.inputs} == {"train", "test"}


def test_linear_boosters_know_no_gain_and_are_told_without(heard, wine, matrices):
    booster = xgboost.train({**PARAMS, "booster": "gblinear"}, matrices[0], 2)
    model = xgboost.XGBClassifier(booster="gblinear", n_estimators=2, n_jobs=1).fit(wine[0], wine[2])
    assert [seen.estimator for seen in heard.fits] == [booster, model]
    assert "coefficients.json" in heard.fits[1].artifacts
    assert not any("no " in note and "no safe format" not in note for note in heard.notes)
