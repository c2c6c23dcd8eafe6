"""LightGBM by both its doors."""

from __future__ import annotations

import inspect
import json

import lightgbm
import numpy as np
from sklearn import metrics

from jupyter_mlops.capture.estimators import autolog, autolog_off
from jupyter_mlops.capture.estimators.seen import Role

PARAMS = {"objective": "binary", "metric": ["auc", "binary_logloss"], "verbosity": -1, "num_threads": 1}


def test_native_training_tells_curves_best_iteration_importances_and_data(heard, wine):
    X_train, X_test, y_train, y_test = wine
    data = lightgbm.Dataset(X_train, y_train)
    valid = lightgbm.Dataset(X_test, label=y_test, reference=data)
    booster = lightgbm.train(
        PARAMS,
        data,
        8,
        valid_sets=[valid],
        valid_names=["valid"],
        callbacks=[lightgbm.early_stopping(2, verbose=False)],
    )
    (seen,) = heard.fits
    assert (seen.estimator, seen.name, seen.kind) == (booster, "booster", "lightgbm.basic.Booster")
    assert set(seen.series) == {"valid_auc", "valid_binary_logloss"}
    assert seen.metrics["best_iteration"] == booster.best_iteration
    assert seen.metrics["best_valid_auc"] == booster.best_score["valid"]["auc"]
    assert [(one.name, one.role) for one in seen.inputs] == [
        ("X_train", "train"), ("y_train", "train"), ("X_test", "test"), ("y_test", "test"),
    ]  # fmt: skip
    assert set(json.loads(seen.artifacts["importances.json"])) == set(X_train.columns)
    back = lightgbm.Booster(model_str=seen.artifacts["model.lightgbm.txt"].decode())
    assert np.array_equal(back.predict(X_test), booster.predict(X_test))
    assert not seen.kept
    metrics.f1_score(y_test, booster.predict(X_test) > 0.4)
    assert (heard.metrics[0].estimator, heard.metrics[0].data) == (booster, "X_test")


def test_the_users_callbacks_are_his_own_list(heard, wine):
    data, mine = lightgbm.Dataset(wine[0], wine[2]), []
    lightgbm.train(PARAMS, data, 2, valid_sets=[data], callbacks=mine)
    assert mine == []
    assert len(heard.fits[0].series["training_auc"]) == 2


def test_cross_validation_is_an_evaluation_with_its_curve(heard, wine):
    result = lightgbm.cv(PARAMS, lightgbm.Dataset(wine[0], wine[2]), 3, nfold=2)
    (seen,) = heard.fits
    assert (seen.role, seen.name) == (Role.EVALUATION, "lightgbm.cv")
    assert [value for _, value in seen.series["valid_auc-mean"]] == result["valid auc-mean"]


def test_an_estimator_is_one_fit_with_what_the_library_knows_beside(heard, wine):
    X_train, X_test, y_train, y_test = wine
    model = lightgbm.LGBMClassifier(n_estimators=4, verbosity=-1, n_jobs=1)
    model.fit(X_train, y_train, eval_set=[(X_test, y_test)])
    (seen,) = heard.fits
    assert seen.estimator is model
    assert len(seen.series["valid_0_binary_logloss"]) == 4
    assert {"train_accuracy", "train_roc_auc"} <= seen.metrics.keys()
    assert {"importances.json", "model.lightgbm.txt"} <= seen.artifacts.keys()


def test_off_puts_everything_back(sink):
    watched = [(lightgbm.Dataset, "__init__"), (lightgbm.Booster, "predict")]
    before = [vars(owner)[name] for owner, name in watched]
    body, signature = lightgbm.train.__code__, inspect.signature(lightgbm.train)
    autolog(sink)
    assert lightgbm.train.__code__ is not body
    assert inspect.signature(lightgbm.train) == signature
    assert autolog_off() == ()
    assert [vars(owner)[name] for owner, name in watched] == before
    assert lightgbm.train.__code__ is body
    assert inspect.signature(lightgbm.train) == signature
