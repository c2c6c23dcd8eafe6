"""What a fitted estimator says of itself: parameters as a run keeps them, metrics as scikit-learn defines them."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from jupyter_mlops.capture.estimators.training import (
    input_of,
    parameters,
    plain,
    positive_class,
    training_metrics,
)
from jupyter_mlops.capture.fingerprint import fingerprint

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 3))
THREE = np.repeat(["a", "b", "c"], 30)
WEIGHT = np.arange(1.0, 91.0)


# ── parameters ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (0.5, 0.5),
        ("text", "text"),
        (np.float32(0.5), 0.5),
        (np.float64(0.25), 0.25),
        (np.int64(7), 7),
        (np.bool_(True), True),
        (np.array(3.0), 3.0),
        (np.str_("a"), "a"),
        ([1, 2], "[1, 2]"),
        (("a", 1), "('a', 1)"),
        ({"a": 1}, "{'a': 1}"),
        (Ridge(alpha=2), "Ridge"),
        ([("scale", StandardScaler()), ("ridge", Ridge())], "scale StandardScaler, ridge Ridge"),
        ([("num", StandardScaler(), ["a"]), ("rest", "drop", ["b"])], "num StandardScaler, rest drop"),
        ([], "[]"),
        ([("a",)], "[('a',)]"),
    ],
)
def test_a_parameter_is_kept_as_a_plain_value(value, kept):
    found = plain(value)
    assert found == kept
    assert type(found) is type(kept)


def test_a_long_or_broken_text_is_one_line_of_some_length():
    assert plain("x" * 1000) == "x" * 250
    assert plain(np.arange(10_000)).count("\n") == 0
    assert len(plain(list(range(10_000)))) == 250
    assert plain([("step", "y" * 1000)]).startswith("step yyy")
    assert len(plain([("step", "y" * 1000)])) <= 250


def test_a_pipelines_parameters_are_those_of_all_its_parts():
    pipeline = make_pipeline(ColumnTransformer([("scale", StandardScaler(), [0])]), Ridge(alpha=0.25))
    found = parameters(pipeline)
    assert found["ridge__alpha"] == 0.25
    assert found["columntransformer__scale__with_mean"] is True
    assert found["columntransformer__scale"] == "StandardScaler"
    assert {type(value) for value in found.values()} <= {str, int, float, bool, type(None)}


def test_a_search_has_its_own_parameters_and_those_it_found_best():
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1000.0]}, cv=2).fit(X, X[:, 0])
    found = parameters(search)
    assert found["best_alpha"] == 0.1
    assert found["estimator__alpha"] == 1.0
    assert found["param_grid"] == "{'alpha': [0.1, 1000.0]}"
    assert "best_alpha" not in parameters(GridSearchCV(Ridge(), {"alpha": [0.1]}))


# ── data ─────────────────────────────────────────────────────────────────────────────────────────────


def test_data_are_called_as_they_are_where_they_were_passed_from():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    seen = input_of(frame, "train", sys._getframe(), "X")
    assert (seen.name, seen.role, seen.rows, seen.kind) == ("frame", "train", 2, "frame")
    assert (seen.digest, seen.columns) == (fingerprint(frame).digest, fingerprint(frame).columns)
    nameless, nobody = (
        input_of(frame.copy(), "test", sys._getframe(), "X"),
        input_of(frame, "test", None, "y"),
    )
    assert (nameless.name, nobody.name) == ("X", "y")


@pytest.mark.parametrize(
    ("data", "rows"), [(object(), None), (pd.DataFrame({"a": [object(), 1]}), 2), (iter([1, 2]), None)]
)
def test_what_has_no_exact_form_stays_an_input_and_says_why_it_has_no_digest(data, rows):
    record = input_of(data, "train", None, "X")
    assert (record.name, record.role, record.digest, record.rows) == ("X", "train", "", rows)
    assert f"a {type(data).__name__} like this has no exact digest" in record.note
    assert not record.is_awaited


@pytest.mark.parametrize(
    ("data", "columns", "width"),
    [
        (np.zeros((20, 2)), ["0", "1"], None),
        (np.zeros((20, 300)), [], 300),
        (np.zeros((20, 2), dtype=object), [], 2),
        (scipy.sparse.csr_matrix(np.eye(20, 7)), [], 7),
        (np.array([[object(), 1]] * 20), [], 2),
        (np.zeros(20), [], None),
        (np.zeros((20, 2, 2)), [], None),
        (pd.DataFrame({"a": range(20)}), ["a"], None),
    ],
)
def test_a_table_says_how_many_columns_it_has_whether_or_not_they_have_digests(data, columns, width):
    record = input_of(data, "train", None, "X")
    assert (record.rows, list(record.columns), record.width) == (20, columns, width)


def test_where_there_are_no_data_there_is_no_record():
    assert input_of(None, "train", None, "X") is None


# ── metrics ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
def test_a_regressors_metrics_are_scikit_learns_with_the_weights_of_the_fit(weight):
    target = X[:, 0] + RNG.normal(size=90)
    model = LinearRegression().fit(X, target, sample_weight=weight)
    found, pictures = training_metrics(model, X, target, weight)
    predicted = model.predict(X)
    assert found == {
        "train_mae": pytest.approx(metrics.mean_absolute_error(target, predicted, sample_weight=weight)),
        "train_mse": pytest.approx(metrics.mean_squared_error(target, predicted, sample_weight=weight)),
        "train_rmse": pytest.approx(metrics.root_mean_squared_error(target, predicted, sample_weight=weight)),
        "train_r2": pytest.approx(metrics.r2_score(target, predicted, sample_weight=weight)),
    }
    assert {type(value) for value in found.values()} == {float}
    assert pictures == {}


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
def test_a_classifiers_metrics_are_weighted_over_its_classes(weight):
    model = LogisticRegression().fit(X, THREE, sample_weight=weight)
    found, pictures = training_metrics(model, X, THREE, weight)
    predicted, chances = model.predict(X), model.predict_proba(X)
    f1 = metrics.f1_score(THREE, predicted, average="weighted", sample_weight=weight)
    assert found["train_f1"] == pytest.approx(f1)
    assert found["train_accuracy"] == pytest.approx(model.score(X, THREE, sample_weight=weight))
    assert found["train_log_loss"] == pytest.approx(metrics.log_loss(THREE, chances, sample_weight=weight))
    ovo = metrics.roc_auc_score(THREE, chances, average="weighted", multi_class="ovo")
    assert found["train_roc_auc"] == pytest.approx(ovo)
    assert pictures["classes"] == ["a", "b", "c"]
    assert sum(map(sum, pictures["confusion_matrix"])) == 90
    assert "roc_curve" not in pictures  # a curve is of two classes


def test_two_classes_have_curves_of_the_second_with_both_their_ends():
    target = np.where(X[:, 0] + RNG.normal(size=90) > 0, "yes", "no")
    model = LogisticRegression().fit(X, target)
    found, pictures = training_metrics(model, X, target)
    chances = model.predict_proba(X)[:, 1]
    assert found["train_roc_auc"] == pytest.approx(metrics.roc_auc_score(target == "yes", chances))
    assert (pictures["roc_curve"][0], pictures["roc_curve"][-1]) == ([0.0, 0.0], [1.0, 1.0])
    assert metrics.auc(*np.array(pictures["roc_curve"]).T) == pytest.approx(found["train_roc_auc"], abs=1e-4)
    assert pictures["precision_recall_curve"][-1] == [0.0, 1.0]
    assert pictures["classes"] == ["no", "yes"]


def test_a_long_curve_is_thinned():
    features = RNG.normal(size=(3000, 1))
    target = (features[:, 0] + RNG.normal(size=3000) > 0).astype(int)
    _, pictures = training_metrics(LogisticRegression().fit(features, target), features, target)
    assert len(pictures["roc_curve"]) <= 100
    assert len(pictures["precision_recall_curve"]) <= 100
    assert pictures["roc_curve"][-1] == [1.0, 1.0]


def test_without_probabilities_there_is_neither_loss_nor_curve():
    found, pictures = training_metrics(LinearSVC().fit(X, THREE), X, THREE)
    assert set(found) == {"train_accuracy", "train_precision", "train_recall", "train_f1"}
    assert "confusion_matrix" in pictures


def test_several_labels_at_once_have_the_metrics_that_are_defined_for_them():
    target = (X > 0).astype(int)
    for model in (RandomForestClassifier(5, random_state=0), KNeighborsClassifier(3)):
        found, pictures = training_metrics(model.fit(X, target), X, target)
        assert set(found) == {"train_accuracy", "train_precision", "train_recall", "train_f1"}
        assert pictures == {}


@pytest.mark.parametrize(("count", "kept"), [(50, True), (51, False)])
def test_a_confusion_matrix_of_very_many_classes_is_not_kept(count, kept):
    target = np.arange(2 * count) % count
    features = target.reshape(-1, 1)
    _, pictures = training_metrics(KNeighborsClassifier(1).fit(features, target), features, target)
    assert ("confusion_matrix" in pictures) is kept


def test_a_class_that_is_never_predicted_is_warned_of_nowhere(recwarn):
    found, _ = training_metrics(DummyClassifier().fit(X, THREE), X, THREE)
    assert found["train_precision"] < 0.2
    assert [str(one.message) for one in recwarn] == []


def test_who_has_neither_target_nor_score_has_no_metrics():
    clusters = KMeans(2, n_init=1, random_state=0).fit(X)
    assert training_metrics(clusters, X, None)[0] == {"train_score": pytest.approx(clusters.score(X))}
    assert training_metrics(StandardScaler().fit(X), X, None) == ({}, {})


@pytest.mark.parametrize("positive", ["a", "b", "c"])
@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("classes", [2, 3])
def test_with_a_positive_class_what_is_of_one_class_is_of_that_one(positive, weight, classes):
    third = {"a": "c", "b": "a", "c": "b"}[positive]
    rows = np.ones(90, dtype=bool) if classes == 3 else np.not_equal(THREE, third)
    features, target = X[rows], THREE[rows]
    weight = None if weight is None else weight[rows]
    model = LogisticRegression().fit(features, target)
    found, pictures = training_metrics(model, features, target, weight, positive=positive)
    of_it, answers = target == positive, model.predict(features) == positive
    chance = model.predict_proba(features)[:, list(model.classes_).index(positive)]
    more = {"sample_weight": weight}
    assert found["train_precision"] == pytest.approx(metrics.precision_score(of_it, answers, **more))
    assert found["train_recall"] == pytest.approx(metrics.recall_score(of_it, answers, **more))
    assert found["train_f1"] == pytest.approx(metrics.f1_score(of_it, answers, **more))
    assert found["train_roc_auc"] == pytest.approx(metrics.roc_auc_score(of_it, chance, **more))
    false, true, _ = metrics.roc_curve(of_it, chance)
    assert pictures["roc_curve"] == [
        [pytest.approx(x, abs=1e-5), pytest.approx(y, abs=1e-5)] for x, y in zip(false, true, strict=True)
    ]
    assert found["train_accuracy"] == training_metrics(model, features, target, weight)[0]["train_accuracy"]


@pytest.mark.parametrize(
    ("target", "label", "found"),
    [
        (THREE, "b", "b"),
        (THREE, "d", None),
        (THREE, None, None),
        (np.repeat(["0", "1"], 45), 1, "1"),  # as a command line reads it
        (np.repeat([0, 1], 45), "1", 1),
        (np.repeat([0, 1], 45), 0, 0),
        (np.repeat([False, True], 45), True, True),
    ],
)
def test_a_label_names_a_class_as_the_classifier_has_it(target, label, found):
    assert positive_class(LogisticRegression().fit(X, target), label) == found


def test_only_a_classifier_of_one_target_has_a_positive_class():
    assert positive_class(Ridge().fit(X, X[:, 0]), 1) is None
    assert positive_class(RandomForestClassifier(3).fit(X, (X > 0).astype(int)), 1) is None
