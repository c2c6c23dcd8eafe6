"""Autolog on real scikit-learn: which fits are seen, what they say, and that everything works as before."""

from __future__ import annotations

import functools
import inspect
import pickle
import tracemalloc

import numpy as np
import pytest
from sklearn import metrics
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.cluster import DBSCAN, KMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingRegressor, RandomForestClassifier, StackingRegressor
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.manifold import Isomap
from sklearn.metrics import mean_absolute_error
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils.estimator_checks import check_estimator

from jupyter_mlops.capture.estimators import digested
from jupyter_mlops.capture.estimators.fits import diagram
from jupyter_mlops.capture.estimators.seen import Role
from jupyter_mlops.capture.fingerprint import fingerprint, hashing

ORIGINAL_MAE = mean_absolute_error
original_fit = Ridge.fit


def test_a_fit_tells_parameters_metrics_data_and_signature(heard, diabetes):
    X_train, _, y_train, _ = diabetes
    model = Ridge(alpha=0.3).fit(X_train, y_train)
    (seen,) = heard.fits
    assert seen.estimator is model
    assert len(seen.features) == 20
    assert seen.kind.endswith(".Ridge")
    assert seen.params["alpha"] == 0.3
    assert set(seen.metrics) == {"train_mae", "train_mse", "train_rmse", "train_r2"}
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


def test_a_clusterer_has_no_target(heard, diabetes):
    labels = KMeans(3, n_init=1, random_state=0).fit_predict(diabetes[0])
    assert len(labels) == len(diabetes[0])
    assert [len(seen.inputs) for seen in heard.fits] == [1]
    metrics.silhouette_score(diabetes[0], labels)
    assert heard.notes == []


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


def test_a_failing_fit_fails_as_ever_and_no_model_is_told(heard, diabetes):
    with pytest.raises(ValueError, match="alpha"):
        Ridge(alpha=-1).fit(diabetes[0], diabetes[2])
    assert [(seen.role, seen.estimator) for seen in heard.fits] == [(Role.FAILED, None)]


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


class Inner(RegressorMixin, BaseEstimator):
    """A user's own estimator that fits another one inside."""

    def fit(self, X, y):
        self.inner_ = Ridge().fit(X, y)
        return self

    def predict(self, X):
        return self.inner_.predict(X)


def test_fits_inside_a_library_are_not_fits_of_the_user(heard, diabetes):
    X_train, _, y_train, _ = diabetes
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=3).fit(X_train, y_train)
    stack = StackingRegressor([("r", Ridge()), ("l", LinearRegression())]).fit(X_train, y_train)
    bagging = BaggingRegressor(Inner(), 3, random_state=0).fit(X_train, y_train)
    assert [seen.estimator for seen in heard.fits] == [search, stack, bagging]


def test_a_fit_in_a_workers_thread_is_the_libraries_and_one_in_the_users_thread_is_his(heard, diabetes):
    from joblib import Parallel, delayed, parallel_config

    X_train, _, y_train, _ = diabetes
    with parallel_config("threading", n_jobs=2):
        bagging = BaggingRegressor(Inner(), 4, n_jobs=2, random_state=0).fit(X_train, y_train)
        assert [seen.estimator for seen in heard.fits] == [bagging]

        def train(alpha):
            return Ridge(alpha=alpha).fit(X_train, y_train)

        Parallel()(delayed(train)(alpha) for alpha in (0.1, 0.2))
    assert sorted(seen.params["alpha"] for seen in heard.fits[1:]) == [0.1, 0.2]


def test_fits_in_worker_processes_work_and_are_not_seen(heard, wine):
    from joblib import parallel_config

    X_train, _, y_train, _ = wine
    scorer = metrics.make_scorer(metrics.fbeta_score, beta=2)
    with parallel_config("loky", n_jobs=2):
        search = GridSearchCV(LinearSVC(), {"C": [0.1, 1.0]}, cv=2, scoring=scorer).fit(X_train, y_train)
    assert [seen.estimator for seen in heard.fits] == [search]
    assert heard.notes == []


@pytest.mark.parametrize(
    "step", [StandardScaler(), PCA(2), Isomap(n_components=2), FeatureUnion([("p", PCA(1))])]
)
def test_a_transformer_is_a_step_and_no_model(heard, diabetes, step):
    step.fit_transform(diabetes[0])
    (seen,) = heard.fits
    assert (seen.role, seen.features) == (Role.STEP, None)
    assert [(one.name, one.role) for one in seen.inputs] == [("X", "train")]


@pytest.mark.parametrize("model", [KMeans(2, n_init=1), DBSCAN(), GaussianMixture(), KernelDensity()])
def test_a_clusterer_or_a_density_is_a_model(heard, diabetes, model):
    model.fit(diabetes[0])
    assert [seen.role for seen in heard.fits] == [Role.MODEL]
    assert ("train_score" in heard.fits[0].metrics) == hasattr(model, "score")


def test_sample_weights_count_in_the_metrics_on_the_training_data(heard, diabetes):
    X_train, _, y_train, _ = diabetes
    weight = np.arange(1.0, len(X_train) + 1)
    model = Ridge().fit(X_train, y_train, sample_weight=weight)
    expected = ORIGINAL_MAE(y_train, model.predict(X_train), sample_weight=weight)
    assert heard.fits[0].metrics["train_mae"] == pytest.approx(expected)


def test_a_classifiers_fit_keeps_its_confusion_matrix_curves_and_coefficients(heard, wine):
    import json

    X_train, _, y_train, _ = wine
    LogisticRegression(max_iter=200).fit(X_train, y_train)
    files = {name: json.loads(content) for name, content in heard.fits[0].artifacts.items() if "json" in name}
    matrix = files["evaluation/train.json"]["confusion_matrix"]
    assert sum(map(sum, matrix)) == len(X_train)
    assert files["evaluation/train.json"]["roc_curve"][-1] == [1.0, 1.0]
    assert set(files["coefficients.json"]) == set(X_train.columns)


@pytest.mark.parametrize(
    "estimator",
    [LogisticRegression(), DecisionTreeRegressor(), GaussianNB(), StandardScaler(), DBSCAN()],
    ids=lambda one: type(one).__name__,
)
def test_scikit_learns_own_checks_pass_while_it_is_on(heard, estimator):
    check_estimator(estimator, on_skip=None)  # among them: clone, pickle, signatures, partial_fit


def test_clone_pickle_signature_and_type_work_while_it_is_on(heard, wine):
    X_train, _, y_train, _ = wine
    model = LogisticRegression(C=0.25, max_iter=200).fit(X_train, y_train)
    assert clone(model).C == 0.25
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict(X_train), model.predict(X_train))
    assert pickle.loads(pickle.dumps(metrics.fbeta_score)) is metrics.fbeta_score
    pickle.loads(pickle.dumps(metrics.make_scorer(metrics.fbeta_score, beta=2)))
    pickle.loads(pickle.dumps(metrics.get_scorer("accuracy")))
    assert isinstance(model, (ClassifierMixin, BaseEstimator))
    assert list(inspect.signature(LogisticRegression.fit).parameters)[:3] == ["self", "X", "y"]
    assert list(inspect.signature(metrics.accuracy_score).parameters)[:2] == ["y_true", "y_pred"]
    assert LogisticRegression.fit.__doc__.lstrip().startswith("Fit the model")


def test_the_drawing_of_equal_estimators_is_an_equal_file(heard, diabetes):
    for _ in range(2):
        make_pipeline(StandardScaler(), Ridge()).fit(diabetes[0], diabetes[2])
    first, second = (diagram(seen.estimator) for seen in heard.fits)
    assert first == second
    assert b"StandardScaler" in first


def test_sparse_data_and_lists_are_fitted_on_like_any_other(heard):
    from scipy import sparse

    X, y = make_classification(60, 5, random_state=0)
    for data in (sparse.csr_matrix(X), sparse.coo_array(X), X.tolist()):
        LogisticRegression().fit(data, y)
    assert [len(seen.inputs) for seen in heard.fits] == [2, 2, 2]
    assert heard.notes == []


# ── what models are asked about ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba", "decision_function"])
@pytest.mark.parametrize(
    "make",
    [
        lambda: LogisticRegression(max_iter=200),
        lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)),
        lambda: GridSearchCV(LogisticRegression(max_iter=200), {"C": [0.1, 1.0]}, cv=2),
    ],
    ids=["model", "pipeline", "search"],
)
def test_the_data_a_model_is_asked_about_are_told_as_they_were_at_the_call(heard, wine, make, method):
    X_train, X_test, y_train, _ = wine
    model, new = make().fit(X_train, y_train), X_test.copy()
    before = fingerprint(new).digest
    getattr(model, method)(new)
    new.iloc[3, 1] = 99.0
    (record,) = heard.predicted_on
    assert (record.name, record.role, record.digest) == ("new", "predict", before)
    getattr(model, method)(new)
    assert heard.predicted_on[1].digest == fingerprint(new).digest != before


def test_many_models_asked_about_the_same_large_data_digest_them_once(heard, wine, monkeypatch):
    monkeypatch.setattr(digested, "LARGE", 1)
    X_train, X_test, y_train, y_test = wine
    models = [LogisticRegression(C=c, max_iter=200).fit(X_train, y_train) for c in (0.1, 1.0, 10.0)]
    times = hashing.times
    for model in models:
        model.predict(X_test)
        model.predict_proba(X_test)
        model.score(X_test, y_test)
    assert hashing.times == times + 2  # features and truth
    assert [seen.known for seen in heard.asked] == [False] + [True] * 5


def test_a_prediction_of_the_training_data_says_so(heard, wine):
    X_train, _, y_train, _ = wine
    model = LogisticRegression(max_iter=200).fit(X_train, y_train)
    model.predict(X_train)
    model.predict(X_train.copy())
    assert [seen.training for seen in heard.asked] == [True, False]
    KMeans(2, n_init=1).fit_predict(X_train)
    assert len(heard.asked) == 2  # its fit tells of them


def test_the_steps_of_a_fit_are_no_answers_and_a_clusterer_and_a_loaded_transformer_answer(heard, wine):
    X_train, X_test, *_ = wine
    scaler = StandardScaler().fit(X_train)
    scaler.transform(X_test)
    assert heard.asked == []
    pickle.loads(pickle.dumps(scaler)).transform(X_test)
    KMeans(2, n_init=1).fit(X_train).transform(X_test)
    assert [(seen.role, seen.data) for seen in heard.asked] == [
        (Role.STEP, "X_test"),
        (Role.MODEL, "X_test"),
    ]
    make_pipeline(StandardScaler(), KMeans(2, n_init=1)).fit(X_train).predict(X_test)
    assert len(heard.asked) == 3  # and not its scaler's


def test_a_prediction_within_a_library_and_one_that_nobody_hears_of_are_not_told(heard, wine):
    X_train, X_test, y_train, y_test = wine
    model = LogisticRegression(max_iter=200).fit(X_train, y_train)
    permutation_importance(model, X_test, y_test, n_repeats=1)
    times, heard.listening = hashing.times, False
    model.predict(X_test)
    assert (heard.asked, hashing.times) == ([], times)


# ── a user's own classes ─────────────────────────────────────────────────────────────────────────────

OWN = """
import warnings
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

class Own(ClassifierMixin, BaseEstimator):
    def __init__(self, c=0.0):
        self.c = c
    def fit(self, X, y):
        warnings.warn("old", DeprecationWarning, stacklevel=2)
        self.classes_ = np.unique(y)
        return self
    partial_fit = fit
    def predict(self, X):
        warnings.warn("old", DeprecationWarning, stacklevel=2)
        return (X[:, 0] > self.c).astype(int)
    def score(self, X, y):
        warnings.warn("old", DeprecationWarning, stacklevel=2)
        return 0.5
"""


@pytest.fixture
def own(heard):
    """A class of the notebook: no other process can import it."""
    names = {"__name__": "__main__"}
    exec(OWN, names)
    return names["Own"]


@pytest.mark.filterwarnings("ignore:old")
def test_a_class_of_the_notebook_goes_to_worker_processes_and_comes_back(heard, own):
    from joblib import parallel_config

    X, y = make_classification(60, 3, n_informative=2, n_redundant=0, random_state=0)
    with parallel_config("loky", n_jobs=2):
        search = GridSearchCV(own(), {"c": [0.0, 1.0]}, cv=3, scoring="accuracy", error_score="raise").fit(
            X, y
        )
    assert [seen.estimator for seen in heard.fits] == [search]
    assert type(search.best_estimator_) is own
    assert heard.notes == []


def test_a_class_of_the_notebook_is_deaf_in_another_process(own):
    import subprocess
    import sys

    import cloudpickle

    code = """
import pickle, sys
model = pickle.load(sys.stdin.buffer)
print(model.fit([[1.0]], [1]).classes_, type(model).fit.__closure__ is not None)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], input=cloudpickle.dumps(own()), capture_output=True, check=True
    )
    assert done.stdout.split() == [b"[1]", b"True"]


@pytest.mark.parametrize("listening", [True, False])
def test_a_warning_out_of_the_users_own_method_points_to_the_line_that_called_it(heard, own, listening):
    import sys
    import warnings

    X, y, model = np.eye(3), np.array([0, 1, 1]), own()
    heard.listening = listening
    for name, given in {"fit": (X, y), "partial_fit": (X, y), "predict": (X,), "score": (X, y)}.items():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            line = sys._getframe().f_lineno + 1
            getattr(model, name)(*given)
        assert {(one.filename, one.lineno) for one in caught} == {(__file__, line)}
    assert heard.notes == []


def test_a_fit_that_a_decorator_gives_a_further_argument_works_and_is_told(heard, diabetes):
    def talkative(method):
        @functools.wraps(method)
        def fit(self, X, y, verbose=False):
            return method(self, X, y)

        return fit

    class Decorated(Inner):
        fit = talkative(Inner.fit)

    X_train, _, y_train, _ = diabetes
    model = Decorated().fit(X_train, y_train, verbose=True)
    (seen,) = heard.fits
    assert seen.estimator is model
    assert [one.name for one in seen.inputs] == ["X_train", "y_train"]


def test_a_fit_that_hands_on_whatever_it_is_given_is_told_like_any_other(heard, diabetes):
    class Handing(Ridge):
        def fit(self, *args, **kwargs):
            return super().fit(*args, **kwargs)

    X_train, _, y_train, _ = diabetes
    weight = np.arange(1.0, len(X_train) + 1)
    model = Handing().fit(X_train, y_train, sample_weight=weight)
    Handing().fit(X_train, y=y_train)
    assert [[one.name for one in seen.inputs] for seen in heard.fits] == [["X_train", "y_train"]] * 2
    expected = ORIGINAL_MAE(y_train, model.predict(X_train), sample_weight=weight)
    assert heard.fits[0].metrics["train_mae"] == pytest.approx(expected)
    assert heard.notes == []


def test_no_copy_of_the_data_is_made_for_a_fit_that_is_seen(heard):
    X = np.random.default_rng(0).normal(size=(100_000, 64))  # 51 MB
    y = X[:, 0]
    peaks = []
    for fit in (original_fit, Ridge.fit):
        model = Ridge(solver="cholesky")
        tracemalloc.start()
        fit(model, X, y)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert len(heard.fits) == 1
    assert peaks[1] - peaks[0] < 0.05 * X.nbytes
