"""Autolog on real scikit-learn: what is seen, what is left alone, and the way back."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_wine
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier, StackingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jupyter_mlops.capture.estimators import FitSeen, MetricSeen, autolog, autolog_off, is_on

ORIGINAL_MAE = mean_absolute_error


@dataclass
class Heard:
    fits: list[FitSeen] = field(default_factory=list)
    metrics: list[MetricSeen] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    listening: bool = True

    def fit(self, seen: FitSeen) -> None:
        self.fits.append(seen)

    def metric(self, seen: MetricSeen) -> None:
        self.metrics.append(seen)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def wanted(self) -> bool:
        return self.listening

    @property
    def values(self) -> dict[str, float]:
        return {seen.name: seen.value for seen in self.metrics}


@pytest.fixture
def heard():
    sink = Heard()
    autolog(sink)
    yield sink
    autolog_off()


@pytest.fixture(scope="module")
def diabetes():
    return train_test_split(*load_diabetes(return_X_y=True, as_frame=True), random_state=0)


@pytest.fixture(scope="module")
def wine():
    X, y = load_wine(return_X_y=True, as_frame=True)
    return train_test_split(X, (y == 1).astype(int), random_state=0)


def test_a_fit_tells_parameters_metrics_data_and_signature(heard, diabetes):
    X_train, _, y_train, _ = diabetes
    model = Ridge(alpha=0.3).fit(X_train, y_train)
    (seen,) = heard.fits
    assert seen.estimator is model
    assert seen.features is X_train
    assert seen.kind.endswith(".Ridge")
    assert seen.params["alpha"] == 0.3
    assert set(seen.metrics) == {"train_mae", "train_rmse", "train_r2"}
    assert seen.metrics["train_mae"] == pytest.approx(ORIGINAL_MAE(y_train, model.predict(X_train)))
    assert [(one.name, one.role, one.rows) for one in seen.inputs] == [
        ("X_train", "train", len(X_train)),
        ("y_train", "train", len(X_train)),
    ]
    assert [column.name for column in seen.signature.inputs] == list(X_train.columns)
    assert seen.profile.rows == len(X_train)
    assert heard.notes == []


def test_a_classifier_has_probability_metrics(heard, wine):
    X_train, _, y_train, _ = wine
    RandomForestClassifier(n_estimators=5, random_state=0).fit(X_train, y_train)
    assert set(heard.fits[0].metrics) == {
        f"train_{name}" for name in ("accuracy", "precision", "recall", "f1", "log_loss", "roc_auc")
    }


def test_a_pipeline_is_one_fit_with_its_steps_parameters(heard, wine):
    X_train, _, y_train, _ = wine
    pipeline = make_pipeline(
        ColumnTransformer([("scale", StandardScaler(), list(X_train.columns))]), LogisticRegression(C=0.5)
    ).fit(X_train, y_train)
    assert [seen.estimator for seen in heard.fits] == [pipeline]
    assert heard.fits[0].params["logisticregression__C"] == 0.5
    assert heard.fits[0].params["columntransformer__scale__with_mean"] is True
    assert heard.fits[0].params["steps"] == (
        "columntransformer ColumnTransformer, logisticregression LogisticRegression"
    )


def test_fits_inside_a_library_are_not_fits_of_the_user(heard, diabetes):
    X_train, _, y_train, _ = diabetes
    cross_val_score(Ridge(), X_train, y_train, cv=3)
    assert heard.fits == []
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=3).fit(X_train, y_train)
    stack = StackingRegressor([("r", Ridge()), ("l", LinearRegression())]).fit(X_train, y_train)
    assert [seen.estimator for seen in heard.fits] == [search, stack]
    assert heard.fits[0].params["best_alpha"] in {0.1, 1.0}
    assert heard.fits[0].metrics["best_cv_score"] == pytest.approx(search.best_score_)


def test_transformers_alone_are_not_models(heard, diabetes):
    StandardScaler().fit(diabetes[0])
    assert heard.fits == []


def test_a_clusterer_has_no_target(heard, diabetes):
    labels = KMeans(3, n_init=1, random_state=0).fit_predict(diabetes[0])
    assert len(labels) == len(diabetes[0])
    assert [len(seen.inputs) for seen in heard.fits] == [1]
    metrics.silhouette_score(diabetes[0], labels)
    assert heard.notes == []


def test_a_metric_of_a_prediction_is_the_models(heard, diabetes):
    X_train, X_test, y_train, y_test = diabetes
    model = HistGradientBoostingRegressor(max_iter=5).fit(X_train, y_train)
    value = metrics.mean_absolute_error(y_test, model.predict(X_test))
    (seen,) = heard.metrics
    assert (seen.name, seen.value, seen.data) == ("mae", value, "X_test")
    assert seen.estimator is model
    assert [(one.name, one.role) for one in seen.inputs] == [("X_test", "test")]


def test_a_column_of_probabilities_keeps_its_origin(heard, wine):
    X_train, X_test, y_train, y_test = wine
    model = LogisticRegression(max_iter=2000).fit(X_train, y_train)
    metrics.roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])
    metrics.log_loss(y_test, model.predict_proba(X_test).copy())
    metrics.brier_score_loss(y_test, pd.Series(model.predict_proba(X_test)[:, 1].copy()))
    assert list(heard.values) == ["roc_auc", "log_loss", "brier"]
    assert all(seen.estimator is model for seen in heard.metrics)


def test_equal_predictions_of_two_models_are_ambiguous(heard, wine):
    X_train, X_test, y_train, y_test = wine
    first = LogisticRegression(max_iter=2000).fit(X_train, y_train)
    second = LogisticRegression(max_iter=2000).fit(X_train, y_train)
    predicted = first.predict(X_test)
    second_predicted = second.predict(X_test)
    metrics.accuracy_score(y_test, list(predicted))
    assert (heard.metrics[-1].estimator, heard.metrics[-1].candidates) == (None, 2)
    assert "several models" in heard.notes[-1]
    metrics.accuracy_score(y_test, second_predicted)
    assert heard.metrics[-1].estimator is second


def test_a_metric_of_something_else_is_nobodys(heard, diabetes):
    metrics.mean_absolute_error(diabetes[3], np.full(len(diabetes[3]), 100.0))
    assert heard.metrics == []


def test_training_and_further_data_have_names_of_their_own(heard, diabetes):
    X_train, X_test, y_train, y_test = diabetes
    X_late, y_late = X_test[50:].copy(), y_test[50:].copy()
    model = Ridge().fit(X_train, y_train)
    metrics.r2_score(y_train, model.predict(X_train))
    metrics.r2_score(y_test, model.predict(X_test))
    metrics.r2_score(y_late, model.predict(X_late))
    model.score(X_test, y_test)
    assert list(heard.values) == ["train_r2", "r2", "r2_X_late", "score"]


def test_names_imported_before_are_seen_and_given_back(diabetes):
    X_train, X_test, y_train, y_test = diabetes
    names = {"mae": ORIGINAL_MAE, "other": 3}
    sink = Heard()
    autolog(sink, names)
    try:
        assert names["mae"] is not ORIGINAL_MAE
        model = Ridge().fit(X_train, y_train)
        names["mae"](y_test, model.predict(X_test))
    finally:
        autolog_off()
    assert list(sink.values) == ["mae"]
    assert names == {"mae": ORIGINAL_MAE, "other": 3}


def test_off_puts_every_object_back_and_twice_on_doubles_nothing(diabetes):
    watched = [(Ridge, "fit"), (KMeans, "fit_predict"), (RegressorMixin, "score"), (ClassifierMixin, "score")]
    before = [vars(cls).get(name) for cls, name in watched]
    owner = next(cls for cls in GridSearchCV.__mro__ if "predict" in vars(cls))
    descriptor = vars(owner)["predict"]
    inner = descriptor.fn
    hook = vars(BaseEstimator).get("__init_subclass__")
    functions = {name: getattr(metrics, name) for name in metrics.__all__}
    meta_path = list(sys.meta_path)
    sink = Heard()
    autolog(Heard())
    autolog(sink)
    assert is_on()
    Ridge().fit(diabetes[0], diabetes[2])
    assert len(sink.fits) == 1
    assert autolog_off() == ()
    assert not is_on()
    assert all(vars(cls).get(name) is one for (cls, name), one in zip(watched, before, strict=True))
    assert vars(owner)["predict"] is descriptor
    assert descriptor.fn is inner
    assert vars(BaseEstimator).get("__init_subclass__") is hook
    assert all(getattr(metrics, name) is function for name, function in functions.items())
    assert sys.meta_path == meta_path


def test_what_somebody_else_replaced_meanwhile_is_left_alone(diabetes):
    original = vars(Ridge)["fit"]
    autolog(Heard())

    def theirs(self, X, y):
        return original(self, X, y)

    Ridge.fit = theirs
    try:
        assert autolog_off() == ("Ridge.fit",)
        assert vars(Ridge)["fit"] is theirs
    finally:
        Ridge.fit = original


def test_a_class_defined_later_is_seen(heard, diabetes):
    class Halves(RegressorMixin, BaseEstimator):
        def fit(self, X, y):
            self.mean_ = float(np.mean(y)) / 2
            return self

        def predict(self, X):
            return np.full(len(X), self.mean_)

    model = Halves().fit(diabetes[0], diabetes[2])
    assert [seen.estimator for seen in heard.fits] == [model]
    assert "Halves" in heard.fits[0].kind


def test_a_failing_fit_fails_as_ever_and_nothing_is_told(heard, diabetes):
    with pytest.raises(ValueError, match="alpha"):
        Ridge(alpha=-1).fit(diabetes[0], diabetes[2])
    assert heard.fits == []


def test_a_failing_sink_never_reaches_the_user(diabetes):
    class Broken(Heard):
        def fit(self, seen):
            raise RuntimeError("disk full")

    sink = Broken()
    autolog(sink)
    try:
        Ridge().fit(diabetes[0], diabetes[2])
    finally:
        autolog_off()
    assert "disk full" in sink.notes[0]


def test_nothing_is_observed_while_nobody_listens(heard, diabetes):
    heard.listening = False
    Ridge().fit(diabetes[0], diabetes[2])
    assert heard.fits == []


def test_a_slow_prediction_is_skipped_and_said(heard):
    class Slow(RegressorMixin, BaseEstimator):
        def fit(self, X, y):
            return self

        def predict(self, X):
            sum(i * i for i in range(2000 * len(X)))
            return np.zeros(len(X))

    X = np.random.default_rng(0).normal(size=(20_000, 2))
    Slow().fit(X, X[:, 0])
    assert heard.fits[0].metrics == {}
    assert "predicting it again would take" in heard.notes[0]


def test_data_are_not_kept_alive(heard, diabetes):
    import gc
    import weakref

    X = diabetes[0].copy()
    reference = weakref.ref(X)
    model = Ridge().fit(X, diabetes[2])
    model.predict(X)
    heard.fits.clear()  # the sink's own references
    del X
    gc.collect()
    assert reference() is None


def test_a_library_imported_in_the_same_cell_is_seen_and_none_is_imported_for_it():
    script = """
import sys
from jupyter_mlops.capture.estimators import autolog
fits, metrics = [], []
class Sink:
    def fit(self, seen): fits.append(seen)
    def metric(self, seen): metrics.append(seen)
    def note(self, text): print(text)
    def wanted(self): return True
autolog(Sink())
assert not any(name.partition('.')[0] in {'sklearn', 'numpy', 'pandas', 'scipy'} for name in sys.modules)
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
import numpy as np
X = np.arange(20.0).reshape(10, 2)
model = Ridge().fit(X, X[:, 0])
mean_absolute_error(X[:, 0], model.predict(X))
print(len(fits), [m.name for m in metrics])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1 ['train_mae']"
