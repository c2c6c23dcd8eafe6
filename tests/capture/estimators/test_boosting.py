"""What the boosting libraries have in common: matrices that know their data, curves, boosters and their files."""

from __future__ import annotations

import json
import sys

import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn import metrics

from jupyter_mlops.capture.estimators import autolog, autolog_off, boosting
from jupyter_mlops.capture.estimators.boosting import (
    cross_validated,
    curves,
    importances,
    model_file,
    observe_matrix,
    observe_predict,
    tell_booster,
)
from jupyter_mlops.capture.estimators.observer import Observer
from jupyter_mlops.capture.estimators.patches import Patches
from jupyter_mlops.capture.estimators.seen import Role
from jupyter_mlops.records.autolog import AutologOptions

TREE = {"max_depth": 2, "objective": "binary:logistic", "nthread": 1}
LEAF = {"num_leaves": 4, "objective": "binary", "verbosity": -1, "num_threads": 1}
LIBRARIES = {
    "xgboost": (xgboost, xgboost.DMatrix, TREE),
    "lightgbm": (lightgbm, lightgbm.Dataset, LEAF),
}
BOTH = pytest.mark.parametrize("library", LIBRARIES)


@pytest.fixture
def observer(sink):
    patches = Patches()
    yield Observer(sink, patches)
    patches.undo()


# ── curves and files ─────────────────────────────────────────────────────────────────────────────────


def test_a_curve_is_named_by_its_data_and_its_metric_and_numbered_from_the_start():
    results = {"valid": {"rmse": [3.0, 2.0], "ndcg@5": [np.float32(0.5)]}, "train": {"rmse": [1]}}
    assert curves(results) == {
        "valid_rmse": ((0, 3.0), (1, 2.0)),
        "valid_ndcg_at_5": ((0, 0.5),),
        "train_rmse": ((0, 1.0),),
    }
    assert {type(value) for points in curves(results).values() for _, value in points} == {float}


def test_an_evaluation_with_its_spread_is_its_mean():
    assert curves({"test": {"auc": [(0.75, 0.01), (0.5, 0.02)]}}) == {"test_auc": ((0, 0.75), (1, 0.5))}


@pytest.mark.parametrize("nothing", [None, {}, {"train": {}}])
def test_a_training_without_evaluations_has_no_curves(nothing):
    assert curves(nothing) == {}


def test_importances_stand_by_their_weight_and_only_the_first_two_hundred():
    names = [f"f{number}" for number in range(300)]
    table = json.loads(importances(names, np.arange(300, dtype=np.float32))["importances.json"])
    assert list(table) == [f"f{number}" for number in range(299, 99, -1)]
    assert importances([], []) == {}
    assert importances({"a": 1.0, "b": 3.0}, [1.0, 3.0]) == {"importances.json": b'{"b":3.0,"a":1.0}'}


def test_a_models_own_file_is_left_with_the_run_and_said_not_to_be_registered(observer, sink):
    assert model_file(observer, "model.json", lambda: b"{}") == {"model.json": b"{}"}
    (note,) = sink.notes
    assert "no safe format" in note
    assert "cannot be registered" in note


def test_a_large_file_is_not_kept_and_its_size_is_said(observer, sink, monkeypatch):
    monkeypatch.setattr(boosting, "_LARGEST_MODEL", 1000)
    assert model_file(observer, "model.json", lambda: b"x" * 1000)
    sink.notes.clear()
    assert model_file(observer, "model.json", lambda: b"x" * 1001) == {}
    assert sink.notes == ["the model's own file model.json has 1,001 bytes and was not kept"]


# ── matrices ─────────────────────────────────────────────────────────────────────────────────────────


class Matrix:
    def __init__(self, data, label=None, *, weight=None):
        if data is None:
            raise ValueError("no data")
        self.shape = np.shape(data)


class Derived(Matrix):
    """It has no constructor of its own."""


def names(observer, matrix):
    return [(one.name, one.role) for one in observer.inputs_behind(matrix)]


def test_a_matrix_knows_its_data_and_target_however_they_were_passed(observer):
    observe_matrix(observer, Matrix)
    features, target = np.eye(3), np.arange(3.0)
    both = [("features", "train"), ("target", "train")]
    assert names(observer, Matrix(features, target)) == both
    assert names(observer, Matrix(label=target, data=features)) == both
    assert names(observer, Matrix(features, label=target, weight=target)) == both
    assert names(observer, Matrix(features)) == both[:1]
    assert names(observer, Derived(features)) == both[:1]


def test_a_class_without_a_constructor_of_its_own_is_left_as_it_is(observer):
    observe_matrix(observer, Derived)
    assert "__init__" not in vars(Derived)


def test_a_matrix_that_cannot_be_made_raises_as_ever(observer, sink):
    observe_matrix(observer, Matrix)
    with pytest.raises(ValueError, match="no data"):
        Matrix(None)
    with pytest.raises(TypeError, match="data"):
        Matrix()
    assert sink.notes == []


def test_a_matrix_made_while_nobody_listens_or_inside_another_call_is_not_known(observer, sink):
    observe_matrix(observer, Matrix)
    features = np.eye(3)
    inside = observer.quietly(Matrix, features)
    sink.listening = False
    unheard = Matrix(features)
    assert [observer.inputs_behind(one) for one in (inside, unheard)] == [(), ()]


# ── boosters ─────────────────────────────────────────────────────────────────────────────────────────


class Booster:
    def predict(self, data, factor=1.0):
        return np.asarray(data)[:, 0] * factor


def test_what_a_booster_predicts_is_known_as_its_own_by_position_and_by_name(observer):
    observe_predict(observer, Booster)
    booster, features = Booster(), np.arange(12.0).reshape(4, 3)
    for result in (booster.predict(features), booster.predict(data=features, factor=2.0)):
        origin = observer.predictions.origin(result, lambda: None)
        assert (origin.known, origin.estimators) == (True, (booster,))
        assert origin.made.data == "features"
        assert origin.made.features() is features
    assert np.array_equal(booster.predict(features, 2.0), features[:, 0] * 2)


def test_what_a_library_predicts_for_itself_is_nobodys(observer):
    observe_predict(observer, Booster)
    result = observer.quietly(Booster().predict, np.eye(3))
    assert observer.predictions.origin(result, lambda: None).made is None


def told(observer, given, **fields):
    booster = Booster()
    tell_booster(observer, booster, given, fields, sys._getframe())
    return booster, observer.sink.fits[-1]


def test_a_booster_is_told_with_its_parameters_and_those_of_its_training(observer):
    booster, seen = told(
        observer,
        {"params": {"eta": np.float32(0.5), "eval_metric": ["auc", "logloss"]}, "num_boost_round": 7},
        seconds=1.5,
    )
    assert seen.estimator is booster
    assert (seen.name, seen.role, seen.kept, seen.seconds) == ("booster", Role.MODEL, False, 1.5)
    assert dict(seen.params) == {"eta": 0.5, "eval_metric": "['auc', 'logloss']", "num_boost_round": 7}


def test_what_the_parameters_say_themselves_is_not_said_otherwise(observer):
    given = {"params": {"num_boost_round": 3}, "num_boost_round": 10, "early_stopping_rounds": None}
    _, seen = told(observer, given)
    assert dict(seen.params) == {"num_boost_round": 3}
    assert given["params"] == {"num_boost_round": 3}
    assert dict(told(observer, {"params": None})[1].params) == {}


def test_what_is_known_better_is_told_in_the_place_of_what_was_supposed(observer):
    _, seen = told(observer, {}, name="xgboost.cv", role=Role.EVALUATION, kind="xgboost.core.Booster")
    assert (seen.name, seen.role, seen.kind) == ("xgboost.cv", Role.EVALUATION, "xgboost.core.Booster")


# ── both libraries ───────────────────────────────────────────────────────────────────────────────────


@BOTH
def test_both_libraries_tell_the_same_things_of_a_training(heard, wine, library):
    module, matrix, params = LIBRARIES[library]
    X_train, X_test, y_train, y_test = wine
    train = matrix(X_train, label=y_train)
    booster = module.train(params, train, 4)
    (seen,) = heard.fits
    assert (seen.estimator, seen.name, seen.role, seen.kept) == (booster, "booster", Role.MODEL, False)
    assert [(one.name, one.role) for one in seen.inputs] == [("X_train", "train"), ("y_train", "train")]
    assert seen.params["num_boost_round"] == 4
    assert set(json.loads(seen.artifacts["importances.json"])) <= set(X_train.columns)
    assert sum(name.startswith(f"model.{library}.") for name in seen.artifacts) == 1
    test = X_test if library == "lightgbm" else matrix(X_test, label=y_test)
    metrics.roc_auc_score(y_test, booster.predict(test))
    assert [(one.name, one.estimator) for one in heard.metrics] == [("roc_auc", booster)]


@BOTH
def test_a_validation_that_fails_fails_as_ever_and_tells_what_it_was_made_with(heard, wine, library):
    module, matrix, _ = LIBRARIES[library]
    train = matrix(wine[0], label=wine[2])
    with pytest.raises(Exception, match="nonsense|Unknown"):
        module.cv(
            {"objective": "nonsense", "verbosity": -1 if library == "lightgbm" else 0}, train, 2, nfold=2
        )
    (seen,) = heard.fits
    assert (seen.role, seen.params["objective"], seen.params["num_boost_round"]) == (
        Role.FAILED,
        "nonsense",
        2,
    )
    assert [item.name for item in seen.inputs] == ["X", "y"]
    assert heard.notes == []


@BOTH
def test_a_training_that_fails_tells_its_parameters_and_both_its_data(heard, wine, library):
    module, matrix, params = LIBRARIES[library]
    train, test = matrix(wine[0], label=wine[2]), matrix(wine[1], label=wine[3])
    valid = (
        {"evals": [(test, "held")]}
        if library == "xgboost"
        else {"valid_sets": [test], "valid_names": ["held"]}
    )
    booster = None
    with pytest.raises(ZeroDivisionError):
        booster = module.train({**params, "seed": 5}, train, 3, **valid, callbacks=[_breaks(module)])
    (seen,) = heard.fits
    assert (seen.role, seen.estimator, seen.error.kind) == (Role.FAILED, None, "ZeroDivisionError")
    assert seen.params["seed"] == 5
    assert [item.role for item in seen.inputs] == ["train", "train", "test", "test"]
    assert booster is None


def _breaks(module):
    """Return a callback that fails in the middle of a training."""
    if module.__name__ == "lightgbm":
        return lambda _round: 1 / 0

    class Breaks(module.callback.TrainingCallback):
        def after_iteration(self, model, epoch, evals_log):
            return 1 / 0

    return Breaks()


@BOTH
def test_a_validation_is_told_as_one_evaluation_and_its_folds_are_not(heard, wine, library):
    module, matrix, params = LIBRARIES[library]
    result = module.cv(params, matrix(wine[0], label=wine[2]), 3, nfold=2)
    (seen,) = heard.fits
    assert (seen.role, seen.name, seen.estimator) == (Role.EVALUATION, f"{library}.cv", None)
    assert {len(points) for points in seen.series.values()} == {3}
    assert len(seen.series) == len(result.keys())
    assert seen.params["num_boost_round"] == 3


@BOTH
def test_a_validation_nobody_listens_to_is_only_the_librarys_own(sink, wine, library):
    module, matrix, params = LIBRARIES[library]
    sink.listening = False
    autolog(sink)
    try:
        result = module.cv(params, matrix(wine[0], label=wine[2]), 2, nfold=2)
    finally:
        autolog_off()
    assert len(result) > 0
    assert (sink.fits, sink.notes) == ([], [])


def test_an_observer_that_fails_leaves_the_users_result_and_a_note(observer, sink):
    def failing(*_):
        raise KeyError("a column that a newer version calls otherwise")

    def cv(params, nfold=3):
        return {"params": params, "nfold": nfold}

    observer.patches.body(
        cv, lambda original: cross_validated(observer, "some.cv", failing, failing, original)
    )
    assert cv({"eta": 1}, nfold=2) == {"params": {"eta": 1}, "nfold": 2}
    assert sink.notes[0].startswith("some.cv could not be observed: KeyError")


def test_what_a_booster_is_asked_about_is_told_by_the_data_behind_the_matrix(heard):
    X = np.arange(80.0).reshape(40, 2)
    new, y = X[:5] + 0.5, (X[:, 0] > 40).astype(int)
    train = xgboost.DMatrix(X, y)
    booster = xgboost.train(TREE, train, 2)
    booster.predict(xgboost.DMatrix(new))
    lightgbm.train(LEAF, lightgbm.Dataset(X, y), 2).predict(new)
    booster.predict(train)
    assert [(one.name, one.role, one.rows) for one in heard.predicted_on[:2]] == [("new", "predict", 5)] * 2
    assert heard.predicted_on[0].digest == heard.predicted_on[1].digest
    assert [seen.training for seen in heard.asked] == [False, False, True]


@pytest.mark.parametrize("kept", [{"chosen": AutologOptions(models=False)}, {"keeping": False}])
def test_where_no_models_are_kept_the_librarys_own_file_is_not_even_written(observer, sink, kept):
    vars(sink).update(kept)
    written = []
    assert model_file(observer, "model.json", lambda: written.append(1) or b"{}") == {}
    assert (written, sink.notes) == ([], [])
