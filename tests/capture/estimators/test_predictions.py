"""Whose prediction it is: through columns, slices, copies, choices and thresholds, and never by guessing."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import f1_score as imported_before
from sklearn.tree import DecisionTreeClassifier


@pytest.fixture
def fitted(heard, wine):
    X_train, X_test, y_train, y_test = wine
    model = LogisticRegression(max_iter=200).fit(X_train, y_train)
    return model, X_test, y_test


def whose(heard):
    return heard.metrics[-1].estimator


def test_a_column_of_probabilities_keeps_its_origin(heard, fitted):
    model, X, y = fitted
    metrics.roc_auc_score(y, model.predict_proba(X)[:, 1])
    metrics.log_loss(y, model.predict_proba(X).copy())
    metrics.brier_score_loss(y, pd.Series(model.predict_proba(X)[:, 1].copy()))
    metrics.average_precision_score(y, model.predict_proba(X)[:, 1].astype("float64").tolist())
    assert list(heard.values) == ["roc_auc", "log_loss", "brier", "average_precision"]
    assert all(seen.estimator is model for seen in heard.metrics)


def test_slices_parts_and_reordered_rows_keep_their_origin(heard, fitted):
    model, X, y = fitted
    chances = model.predict_proba(X)
    metrics.roc_auc_score(y[:30], chances[:30, 1])
    metrics.roc_auc_score(y[5:40], chances[5:40, 1].copy())
    chosen = chances[:, 1] > 0.01
    metrics.brier_score_loss(y[chosen], chances[chosen, 1])
    order = np.argsort(y.to_numpy())
    metrics.log_loss(y.to_numpy()[order], chances[order][:, 1])
    assert [seen.estimator for seen in heard.metrics] == [model] * 4


def test_a_threshold_keeps_its_origin(heard, fitted):
    model, X, y = fitted
    chances = model.predict_proba(X)[:, 1]
    metrics.f1_score(y, chances > 0.3)
    metrics.f1_score(y, (chances >= 0.4).astype(int))
    metrics.f1_score(y, np.where(chances < 0.6, 0, 1))
    labels = ["yes" if chance > 0.5 else "no" for chance in chances]
    metrics.accuracy_score(np.where(y, "yes", "no"), labels)
    assert [seen.estimator for seen in heard.metrics] == [model] * 4


def test_the_largest_probability_keeps_its_origin(heard, wine):
    X_train, X_test, y_train, y_test = wine
    names = np.array(["a", "b"])
    model = LogisticRegression(max_iter=200).fit(X_train, names[y_train])
    chances = model.predict_proba(X_test)
    metrics.accuracy_score(y_test, np.argmax(chances, axis=1))
    metrics.accuracy_score(names[y_test], model.classes_[chances.argmax(axis=1)])
    assert [seen.estimator for seen in heard.metrics] == [model] * 2


def test_a_transformed_prediction_keeps_its_origin(heard, diabetes):
    X_train, X_test, y_train, y_test = diabetes
    model = Ridge().fit(X_train, np.log(y_train))
    predicted = np.exp(model.predict(X_test))
    metrics.mean_absolute_error(y_test, predicted)
    metrics.mean_absolute_error(y_test, np.clip(predicted, 100, 200).round())
    assert [seen.estimator for seen in heard.metrics] == [model] * 2


def test_equal_predictions_of_two_models_are_told_apart_by_the_code(heard, wine):
    X_train, X_test, y_train, y_test = wine
    first = LogisticRegression(max_iter=200).fit(X_train, y_train)
    second = LogisticRegression(max_iter=200).fit(X_train, y_train)
    of_first, of_second = first.predict(X_test), second.predict(X_test)
    metrics.accuracy_score(y_test, list(of_first))
    assert whose(heard) is first
    metrics.accuracy_score(y_test, of_second.copy())
    assert whose(heard) is second
    metrics.accuracy_score(y_test, [int(one) for one in first.predict(X_test)])
    assert whose(heard) is first
    assert heard.notes == []


def test_equal_predictions_that_the_code_does_not_tell_apart_are_ambiguous(heard, wine):
    X_train, X_test, y_train, y_test = wine
    models = [LogisticRegression(max_iter=200).fit(X_train, y_train) for _ in range(2)]
    answers = {place: list(model.predict(X_test)) for place, model in enumerate(models)}
    metrics.accuracy_score(y_test, answers[0])
    assert (heard.metrics[-1].estimator, heard.metrics[-1].candidates) == (None, 2)
    assert "several models" in heard.notes[-1]


def test_what_only_looks_like_a_models_prediction_is_nobodys(heard, diabetes):
    X_train, X_test, y_train, y_test = diabetes
    column = ["bmi"]
    LinearRegression().fit(X_train[column], y_train).predict(X_test[column])
    rule = 100 + 1000 * X_test["bmi"].to_numpy()  # rises with the model's prediction, and owes it nothing
    metrics.mean_absolute_error(y_test, rule)
    metrics.mean_absolute_error(y_test, np.full(len(y_test), 100.0))
    assert heard.metrics == []


def test_code_that_cannot_be_read_leaves_a_derived_value_open(heard, fitted):
    model, X, y = fitted
    names = {"chances": model.predict_proba(X)[:, 1], "y": y, "metrics": metrics}
    exec("metrics.f1_score(y, chances > 0.3)", names)
    assert whose(heard) is None
    assert "could not be read" in heard.notes[-1]


def test_the_loops_own_model_is_the_one_that_is_scored(heard, wine):
    X_train, X_test, y_train, y_test = wine
    models = {"a": LogisticRegression(max_iter=200), "b": DecisionTreeClassifier(random_state=0)}
    for model in models.values():
        model.fit(X_train, y_train)
    for model in models.values():
        chances = model.predict_proba(X_test)[:, 1]
        metrics.f1_score(y_test, chances > 0.5)
        assert whose(heard) is model


def test_a_name_imported_before_is_the_same_function_and_is_seen(heard, fitted):
    model, X, y = fitted
    assert imported_before is metrics.f1_score
    imported_before(y, model.predict(X))
    assert whose(heard) is model


def test_a_metric_inside_the_users_own_function_is_seen(heard, fitted):
    model, X, y = fitted

    def evaluate(truth, chances, threshold):
        labels = chances > threshold
        return metrics.f1_score(truth, labels)

    evaluate(y, model.predict_proba(X)[:, 1], 0.4)
    assert whose(heard) is model


def test_a_prediction_that_nobody_keeps_is_not_kept_alive_if_it_is_large(heard, diabetes):
    X_train, _, y_train, _ = diabetes
    model = Ridge().fit(X_train, y_train)
    predicted = model.predict(np.zeros((200_000, X_train.shape[1])))
    gone = weakref.ref(predicted)
    del predicted
    gc.collect()
    assert gone() is None


def test_a_small_prediction_that_is_a_view_of_large_data_keeps_none_of_it_alive(heard):
    class Naive(RegressorMixin, BaseEstimator):
        def fit(self, X, y):
            self.n_ = 1
            return self

        def predict(self, X):
            return X[:, -1]

    data = np.random.default_rng(0).normal(size=(1000, 300))
    model = Naive().fit(data[:20], data[:20, 0])
    predicted, gone = model.predict(data), weakref.ref(data)
    metrics.mean_absolute_error(data[:, 0].copy(), predicted)
    assert whose(heard) is model
    del data, predicted
    heard.fits.clear()
    gc.collect()
    assert gone() is None


def test_a_baseline_is_nobodys_however_many_models_there_are(heard, wine):
    X_train, X_test, y_train, y_test = wine
    for model in (LogisticRegression(max_iter=200), DecisionTreeClassifier(random_state=0)):
        model.fit(X_train, y_train).predict(X_test)
    baseline = np.zeros(len(y_test), dtype=int)
    metrics.accuracy_score(y_test, baseline)
    metrics.accuracy_score(y_test, 1 - baseline)
    assert (heard.metrics, heard.notes) == ([], [])


class Fixed(ClassifierMixin, BaseEstimator):
    """It predicts what it was made with."""

    def __init__(self, answers=()):
        self.answers = answers

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        return self

    def predict(self, X):
        return np.array(self.answers)


@pytest.fixture
def three(heard):
    """Two models, and one that predicts what both together come to."""
    answers = [0, 1, 1, 0, 1], [1, 1, 0, 0, 1], [1, 1, 1, 0, 1]
    X, y = np.eye(5), np.array([0, 1, 1, 0, 1])
    models = [Fixed(one).fit(X, y) for one in answers]
    models[2].predict(X)
    return *models, X, y


def test_a_blend_is_not_the_model_that_happens_to_predict_the_same(heard, three):
    a, b, _, X, y = three
    blend = (a.predict(X) + b.predict(X)) / 2 >= 0.5
    metrics.accuracy_score(y, blend)
    (seen,) = heard.metrics
    assert (seen.estimator, seen.candidates) == (None, 3)
    assert heard.notes == [
        "accuracy = 0.8 may be made of the predictions of several models: Fixed, Fixed, Fixed"
    ]


def test_a_blend_of_predictions_in_a_dictionary_is_not_the_third_models_either(heard, three):
    a, b, _, X, y = three
    answers = {"a": a.predict(X), "b": b.predict(X)}
    metrics.accuracy_score(y, np.maximum(answers["a"], answers["b"]))
    assert (whose(heard), heard.metrics[-1].candidates) == (None, 3)


def test_arguments_the_wrong_way_round_are_no_models_metric(heard, three):
    model, X = three[0], np.eye(5)
    metrics.accuracy_score(model.predict(X), np.array([0, 0, 1, 1, 1]))
    assert (heard.metrics, heard.notes) == ([], [])


def test_a_copy_stays_its_models_when_the_models_name_has_gone_on(heard, three):
    a, b, third, X, y = three
    scored = {}
    for model in (a, third, b):
        scored[model.answers[0], model.answers[2]] = list(model.predict(X))
    for copy, expected in zip(scored.values(), (a, third, b), strict=True):
        metrics.accuracy_score(y, copy)
        assert whose(heard) is expected
    assert heard.notes == []
