"""A finished fit, told: whatever an estimator cannot do or will not say, its fit is known all the same."""

from __future__ import annotations

import json
import sys
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.cluster import DBSCAN
from sklearn.ensemble import IsolationForest, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import Lasso, LogisticRegression, Ridge
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KernelDensity, LocalOutlierFactor
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import LabelSpreading, SelfTrainingClassifier
from sklearn.svm import SVC, SVR, LinearSVC

from jupyter_mlops.capture.estimators import _state
from jupyter_mlops.capture.estimators.fits import diagram, inputs_of, kind_of, role_of
from jupyter_mlops.capture.estimators.seen import Role
from jupyter_mlops.records.autolog import AutologOptions

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)
UNLABELLED = np.where(np.arange(60) % 3, Y, -1)
NAMES = ["wind", "dewp", "temp"]
FRAME = pd.DataFrame(X, columns=NAMES)


class Constant(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        self.value_ = float(np.mean(y))
        return self

    def predict(self, X):
        return np.full(len(X), self.value_)


class Judged(BaseEstimator):
    """It answers, and has a score that nobody can ask for without a target."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.zeros(len(X))

    def score(self, X, y):
        return 1.0


class Refusing(ClassifierMixin, BaseEstimator):
    """It was fitted, and answers nothing."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        raise RuntimeError("not on these data")


class Loud(Constant):
    def predict(self, X):
        warnings.warn("this is about our own prediction", UserWarning, stacklevel=2)
        return super().predict(X)


class Ordered(BaseEstimator, TransformerMixin):
    def fit(self, documents):
        return self


# ── what an estimator is ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("estimator", "role"),
    [
        (Ridge(), Role.MODEL),
        (DBSCAN(), Role.MODEL),
        (LocalOutlierFactor(), Role.MODEL),  # answers only while it is fitted
        (KernelDensity(), Role.MODEL),
        (GaussianMixture(), Role.MODEL),
        (StandardScaler(), Role.STEP),
        (FeatureUnion([("scale", StandardScaler())]), Role.STEP),
        (make_pipeline(StandardScaler()), Role.STEP),
        (make_pipeline(StandardScaler(), Ridge()), Role.MODEL),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_answers_is_a_model_and_what_leads_there_a_step(estimator, role):
    assert role_of(estimator) is role


def test_a_search_is_a_model_also_where_it_does_not_refit():
    search = GridSearchCV(Ridge(), {"alpha": [1]}, cv=2, refit=False)
    assert role_of(search.fit(X, Y)) is Role.MODEL


def test_a_kind_is_where_the_class_can_be_found():
    assert kind_of(Ridge()) == "sklearn.linear_model._ridge.Ridge"
    assert kind_of(Judged()).endswith(".Judged")


def test_records_of_the_data_are_of_what_has_an_exact_form():
    frame = sys._getframe()
    assert [(one.name, one.role) for one in inputs_of(FRAME, Y, frame)] == [
        ("FRAME", "train"),
        ("Y", "train"),
    ]
    assert [one.name for one in inputs_of(X, None, frame)] == ["X"]
    (odd,) = inputs_of(object(), None, frame)
    assert (odd.name, odd.digest, odd.kind) == ("X", "", "object")
    assert inputs_of(None, None, frame) == ()


# ── fits that say less ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("estimator", "target", "reason"),
    [
        (RandomForestClassifier(3), np.c_[np.arange(60) % 3, np.arange(60) % 4], "multiclass-multioutput"),
        (SelfTrainingClassifier(LogisticRegression()), UNLABELLED, "ValueError"),
        (LabelSpreading(), UNLABELLED, "ValueError"),
        (Judged(), Y, "TypeError"),
        (Refusing(), Y, "RuntimeError: not on these data"),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, BaseEstimator) else "",
)
def test_a_fit_whose_training_data_cannot_be_scored_is_told_without(heard, estimator, target, reason):
    estimator.fit(X, target)
    (seen,) = heard.fits
    assert seen.estimator is estimator
    assert seen.metrics == {}
    assert len(seen.inputs) == 2
    assert seen.profile.rows == 60
    (note,) = heard.notes
    assert note.startswith(f"no metrics on the training data of {type(estimator).__name__}: ")
    assert reason in note
    assert len(note) <= 300


class Taking(BaseEstimator):
    """It takes anything."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return [0]


ODD = {
    "generator": lambda: (row for row in X),
    "dict": lambda: {"a": X[:, 0], "b": X[:, 1]},
    "ragged list": lambda: [[1], [1, 2]] * 30,
    "records": lambda: np.rec.fromarrays([X[:, 0], X[:, 1]], names="a,b"),
    "lazy frame": lambda: pl.DataFrame(X).lazy(),
    "table": lambda: pa.table({"a": X[:, 0]}),
    "memory": lambda: memoryview(X),
}


@pytest.mark.parametrize("kind", ODD)
def test_a_fit_on_data_of_a_form_that_nobody_foresaw_is_told_and_a_note_says_what_is_missing(heard, kind):
    model = Taking().fit(ODD[kind](), Y)
    (seen,) = heard.fits
    assert (seen.estimator, len(seen.inputs)) == (model, 2)
    assert any(note.startswith("no signature and no profile of Taking: ") for note in heard.notes)


def test_parameters_that_cannot_be_told_cost_a_note_and_nothing_else(heard):
    class Forgetful(Constant):
        def __init__(self, alpha=1):
            pass

    Forgetful().fit(X, Y)
    (seen,) = heard.fits
    assert (seen.params, "train_r2" in seen.metrics) == ({}, True)
    assert heard.notes[0].startswith("no parameters of Forgetful: AttributeError")


def test_a_fit_on_many_rows_of_any_sparse_form_has_its_metrics(heard):
    many = RNG.normal(size=(600, 3))
    for form in (sparse.coo_matrix, sparse.coo_array, sparse.csc_matrix):
        Ridge(solver="sag").fit(form(many), many[:, 0])
        assert "train_r2" in heard.fits[-1].metrics
    assert heard.notes == []


def pipe():
    return make_pipeline(StandardScaler(), Ridge())


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (Ridge(), "sample_weight"),
        (pipe(), "ridge__sample_weight"),
        (make_pipeline(StandardScaler(), pipe()), "pipeline__ridge__sample_weight"),
        (GridSearchCV(Ridge(), {"alpha": [1.0]}, cv=2), "sample_weight"),
        (GridSearchCV(pipe(), {"ridge__alpha": [1.0]}, cv=2), "ridge__sample_weight"),
    ],
    ids=["model", "pipeline", "pipeline of a pipeline", "search", "search of a pipeline"],
)
def test_weights_count_in_the_metrics_under_whatever_name_they_were_given(heard, model, name):
    weight, target = np.arange(1.0, 61.0), X[:, 0] ** 3
    model.fit(X, target, **{name: weight})
    expected = np.average(np.abs(target - model.predict(X)), weights=weight)
    assert heard.fits[0].metrics["train_mae"] == pytest.approx(expected)


class Sought(BaseEstimator):
    """A search of a third party: it has a ``predict``, whether it has found somebody to ask or not."""

    def __init__(self, refit=True):
        self.refit = refit

    def fit(self, X, y):
        self.cv_results_ = {"params": [{"alpha": 1.0}], "mean_test_score": [0.5], "rank_test_score": [1]}
        self.estimator = Ridge()
        if self.refit:
            self.best_estimator_ = Ridge().fit(X, y)
        return self

    def predict(self, X):
        return self.best_estimator_.predict(X)


@pytest.mark.parametrize("refit", [True, False])
def test_a_search_that_has_nobody_to_ask_is_not_asked(heard, refit):
    Sought(refit=refit).fit(X, X[:, 0])
    (seen,) = heard.fits
    assert (len(seen.candidates), seen.kept, "train_r2" in seen.metrics) == (1, refit, refit)
    assert heard.notes == []


@pytest.mark.parametrize("scoring", ["r2", ["r2", "neg_mean_absolute_error"]], ids=["one", "several"])
def test_a_search_that_does_not_refit_is_told_with_its_candidates(heard, scoring):
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=2, refit=False, scoring=scoring).fit(X, X[:, 0])
    (seen,) = heard.fits
    assert (seen.estimator, len(seen.candidates), seen.kept) == (search, 2, False)
    assert "cv_results.csv" in seen.artifacts
    assert heard.notes == []


@pytest.mark.parametrize("model", [SVC(kernel="linear"), SVR(kernel="linear"), LinearSVC(), Lasso()])
def test_a_fit_on_sparse_data_has_its_coefficients(heard, model):
    model.fit(sparse.csr_matrix(X), Y)
    (seen,) = heard.fits
    coefficients = json.loads(seen.artifacts["coefficients.json"])
    dense = model.coef_.toarray() if hasattr(model.coef_, "toarray") else model.coef_
    assert coefficients == {str(place): value for place, value in enumerate(np.ravel(dense).tolist())}
    assert heard.notes == []


def test_coefficients_of_each_class_are_no_one_table(heard):
    three = np.arange(60) % 3
    for model, data in ((LogisticRegression(), X), (SVC(kernel="linear"), sparse.csr_matrix(X))):
        model.fit(data, three)
        assert "coefficients.json" not in heard.fits[-1].artifacts
    assert heard.notes == []


def test_what_our_own_prediction_warns_of_the_user_never_hears(heard):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Loud().fit(X, Y)
    assert "train_mae" in heard.fits[0].metrics


def test_an_estimator_may_call_its_data_as_it_likes(heard):
    Ordered().fit(documents=FRAME)
    (seen,) = heard.fits
    assert [(one.name, one.role) for one in seen.inputs] == [("FRAME", "train")]


# ── files beside a fit ───────────────────────────────────────────────────────────────────────────────


def test_coefficients_are_called_by_their_columns_and_stand_by_their_weight(heard):
    Ridge(alpha=1e-6).fit(FRAME, 2 * FRAME["temp"] - 5 * FRAME["wind"] + 0.1 * FRAME["dewp"])
    table = json.loads(heard.fits[0].artifacts["coefficients.json"])
    assert list(table) == ["wind", "temp", "dewp"]
    assert table["wind"] == pytest.approx(-5, abs=0.01)


def test_a_pipelines_importances_are_its_last_steps_and_have_no_names_it_never_saw(heard):
    make_pipeline(StandardScaler(), RandomForestRegressor(3, random_state=0)).fit(FRAME, FRAME["temp"])
    make_pipeline(StandardScaler().set_output(transform="pandas"), Ridge()).fit(FRAME, FRAME["temp"])
    importances = json.loads(heard.fits[0].artifacts["importances.json"])
    assert set(importances) == {"0", "1", "2"}
    assert next(iter(importances)) == "2"
    assert set(json.loads(heard.fits[1].artifacts["coefficients.json"])) == set(NAMES)


def test_of_very_many_features_the_weightiest_are_kept(heard):
    wide = RNG.normal(size=(20, 500))
    model = Ridge().fit(wide, wide[:, 7])
    table = json.loads(heard.fits[0].artifacts["coefficients.json"])
    assert len(table) == 200
    assert next(iter(table)) == "7"
    left = np.delete(np.abs(model.coef_), [int(name) for name in table])
    assert min(abs(value) for value in table.values()) >= left.max()


def test_a_drawing_is_only_of_what_can_draw_itself():
    assert diagram(object()) is None
    assert b"Ridge" in diagram(Ridge())
    assert diagram(Ridge()) == diagram(Ridge())


class Property(Refusing):
    @property
    def feature_importances_(self):
        raise RuntimeError("not in this mode")


def test_importances_that_cannot_be_told_cost_a_note_and_nothing_else(heard):
    Property().fit(FRAME, Y)
    (seen,) = heard.fits
    assert seen.profile.rows == 60
    assert heard.notes[0] == "no importances of Property: RuntimeError: not in this mode"


def test_the_importances_of_a_forest_are_computed_once(heard, monkeypatch):
    asked, real = [], RandomForestClassifier.feature_importances_
    counting = property(lambda self: asked.append(1) or real.__get__(self))
    monkeypatch.setattr(RandomForestClassifier, "feature_importances_", counting)
    RandomForestClassifier(3).fit(X, Y)
    assert "importances.json" in heard.fits[0].artifacts
    assert asked == [1]


def test_a_describer_that_fails_costs_a_note_and_nothing_else(heard):
    def failing(estimator):
        raise KeyError("of a newer version")

    _state.observer.describers["sklearn"] = failing
    Ridge().fit(X, Y)
    (seen,) = heard.fits
    assert "train_r2" in seen.metrics
    assert seen.kept
    assert heard.notes == ["no description of Ridge: KeyError: 'of a newer version'"]


# ── the portrait of the data ─────────────────────────────────────────────────────────────────────────


def test_the_same_data_are_drawn_once_and_other_data_anew(heard):
    for alpha in (0.1, 1.0):
        Ridge(alpha=alpha).fit(FRAME, Y)
    Ridge().fit(FRAME * 2, Y)
    first, second, third = (seen.profile for seen in heard.fits)
    assert first is second
    assert third is not first
    assert third != first


def test_data_without_a_digest_are_not_taken_for_others_with_the_same_target(heard):
    for scale in (1.0, 100.0):
        data = pd.DataFrame({"a": X[:, 0] * scale, "thing": [object() for _ in range(60)]})
        Constant().fit(data, Y)
    first, second = (seen.profile for seen in heard.fits)
    assert [[bool(one.digest) for one in seen.inputs] for seen in heard.fits] == [[False, True]] * 2
    assert first.columns[0].maximum != second.columns[0].maximum


def test_many_numbers_are_drawn_from_rows_spread_evenly_and_that_is_said(heard):
    rows, width = 10_000, 100
    data = np.zeros((rows, width))
    data[-1] = 7.0
    IsolationForest(n_estimators=2, random_state=0).fit(data)
    profile = heard.fits[0].profile
    assert profile.rows == rows
    assert profile.columns[0].maximum == 7.0  # the last row is among them
    (note,) = [one for one in heard.notes if "profile" in one]
    assert f"of {rows:,} rows, spread evenly" in note


def test_a_model_that_answers_nothing_has_a_signature_of_what_goes_in(heard):
    Refusing().fit(FRAME, Y)
    (seen,) = heard.fits
    assert [column.name for column in seen.signature.inputs] == NAMES
    assert seen.signature.outputs == ()


# ── options ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("chosen", "told"), [(0, 0), (3, 3), ("all", 14)])
def test_as_many_candidates_of_a_search_are_told_as_were_asked_for(heard, chosen, told):
    heard.chosen = AutologOptions(candidates=chosen)
    GridSearchCV(Ridge(), {"alpha": list(range(1, 15))}, cv=2).fit(X, Y)
    (seen,) = heard.fits
    assert len(seen.candidates) == told
    assert "cv_results.csv" in seen.artifacts
    assert [note for note in heard.notes if "candidates" in note] == (
        ["14 candidates were tried; the best 3 are child runs, all are in cv_results.csv"]
        if told == 3
        else []
    )


def test_without_training_metrics_no_model_is_asked_again_and_the_rest_is_told(heard):
    heard.chosen = AutologOptions(train_metrics=False, positive_label=1)
    Refusing().fit(FRAME, Y)  # it would raise, and a note would say so
    GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2).fit(FRAME, Y)
    refusing, search = heard.fits
    assert refusing.metrics == {}
    assert set(search.metrics) == {"best_cv_score"}
    assert "positive_label" not in search.params
    assert search.profile is not None
    assert heard.notes == []


def test_the_class_that_metrics_are_of_is_a_parameter_of_the_fit_and_one_that_is_none_is_noted(heard):
    heard.chosen = AutologOptions(positive_label=0)
    LogisticRegression().fit(X, Y)
    LogisticRegression().fit(X, np.where(Y, "yes", "no"))
    Ridge().fit(X, Y)
    first, second, third = heard.fits
    assert first.params["positive_label"] == 0
    assert "positive_label" not in second.params
    assert "positive_label" not in third.params
    (note,) = heard.notes
    assert note == (
        "positive_label 0 is no class of this LogisticRegression (no, yes): its metrics are weighted over all classes"
    )
