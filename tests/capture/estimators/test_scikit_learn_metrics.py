"""Metric functions, ``score`` and scorers: whose they are, and what they are called."""

from __future__ import annotations

import pytest
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jupyter_mlops.records.autolog import AutologOptions


def test_a_metric_of_a_prediction_is_the_models(heard, diabetes):
    X_train, X_test, y_train, y_test = diabetes
    model = HistGradientBoostingRegressor(max_iter=5).fit(X_train, y_train)
    value = metrics.mean_absolute_error(y_test, model.predict(X_test))
    (seen,) = heard.metrics
    assert (seen.name, seen.value, seen.data) == ("mae", value, "X_test")
    assert seen.estimator is model
    assert [(one.name, one.role) for one in seen.inputs] == [("X_test", "test"), ("y_test", "test")]


def test_training_and_further_data_have_names_of_their_own(heard, diabetes):
    X_train, X_test, y_train, y_test = diabetes
    X_late, y_late = X_test[50:].copy(), y_test[50:].copy()
    model = Ridge().fit(X_train, y_train)
    metrics.r2_score(y_train, model.predict(X_train))
    metrics.r2_score(y_test, model.predict(X_test))
    metrics.r2_score(y_late, model.predict(X_late))
    model.score(X_test, y_test)
    assert list(heard.values) == ["train_r2", "r2", "r2_X_late", "score"]


def test_a_scorer_called_by_the_user_is_a_metric_of_the_estimator_it_was_given(heard, wine):
    X_train, X_test, y_train, y_test = wine
    model = LogisticRegression(max_iter=200).fit(X_train, y_train)
    value = metrics.make_scorer(metrics.fbeta_score, beta=2)(model, X_test, y_test)
    metrics.get_scorer("neg_log_loss")(model, X_test, y_test)
    metrics.check_scoring(model)(model, X_test, y_test)
    assert list(heard.values) == ["fbeta_2", "neg_log_loss", "score"]
    assert heard.values["fbeta_2"] == value
    assert all(seen.estimator is model for seen in heard.metrics)


def test_kinds_of_one_metric_have_names_of_their_own(heard, wine):
    X_train, X_test, y_train, y_test = wine
    predicted = LogisticRegression(max_iter=200).fit(X_train, y_train).predict(X_test)
    metrics.f1_score(y_test, predicted)
    metrics.f1_score(y_test, predicted, average="macro")
    metrics.fbeta_score(y_test, predicted, beta=0.5)
    metrics.precision_recall_fscore_support(y_test, predicted, average="micro")
    assert list(heard.values) == [
        "f1",
        "f1_macro",
        "fbeta_0.5",
        "precision_micro",
        "recall_micro",
        "fbeta_micro",
    ]


@pytest.mark.parametrize(
    ("chosen", "asked", "name"),
    [
        (None, {}, "train_f1_binary"),
        (1, {}, "train_f1"),  # of the same class: one metric
        (0, {}, "train_f1_binary"),
        (0, {"pos_label": 0}, "train_f1"),
        (None, {"average": "macro"}, "train_f1_macro"),
    ],
)
def test_what_is_computed_of_one_class_of_the_training_data_is_told_from_autologs_own(
    heard, wine, chosen, asked, name
):
    X, _, y, _ = wine
    heard.chosen = AutologOptions(positive_label=chosen)
    model = LogisticRegression(max_iter=200).fit(X, y)
    answers = model.predict_proba(X)[:, 1] > 0.99
    value = metrics.f1_score(y, answers, **asked)
    assert heard.values == {name: value}
    metrics.make_scorer(metrics.f1_score, **asked)(model, X, y)
    assert heard.metrics[-1].name == name
    metrics.accuracy_score(y, answers)
    metrics.precision_score(y[:50], model.predict(X[:50]), **asked)
    assert [seen.name for seen in heard.metrics[2:]] == [
        "train_accuracy",
        "precision_macro" if "average" in asked else "precision",
    ]


def test_what_a_part_predicts_counts_for_the_whole_that_was_fitted(heard, diabetes):
    X_train, X_test, y_train, y_test = diabetes
    search = GridSearchCV(make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": [0.1, 1.0]}, cv=2)
    search.fit(X_train, y_train)
    metrics.r2_score(y_test, search.best_estimator_.predict(X_test))
    search.best_estimator_.score(X_test, y_test)
    assert [(seen.name, seen.estimator) for seen in heard.metrics] == [("r2", search), ("score", search)]


def test_a_clustering_is_scored_by_its_labels(heard, diabetes):
    X = diabetes[0]
    model = KMeans(3, n_init=1, random_state=0).fit(X)
    metrics.silhouette_score(X, model.labels_)
    metrics.davies_bouldin_score(X, labels=KMeans(2, n_init=1, random_state=1).fit_predict(X))
    assert list(heard.values) == ["train_silhouette", "train_davies_bouldin"]
    assert heard.metrics[0].estimator is model


def test_functions_that_give_no_number_are_left_alone(heard, wine):
    X_train, X_test, y_train, y_test = wine
    model = LogisticRegression(max_iter=200).fit(X_train, y_train)
    metrics.classification_report(y_test, model.predict(X_test))
    metrics.confusion_matrix(y_test, model.predict(X_test))
    metrics.roc_curve(y_test, model.predict_proba(X_test)[:, 1])
    with pytest.raises(ValueError):  # noqa: PT011
        metrics.f1_score(y_test, model.predict(X_test), average="none of these")
    assert heard.metrics == []
    assert heard.notes == []
