"""What raises leaves what it was made with, and what writes into its data has them digested before."""

from __future__ import annotations

import gc
import time
import traceback
import weakref
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from jupyter_mlops.capture.estimators.attempts import writes_in_place
from jupyter_mlops.capture.estimators.fits import inputs_of
from jupyter_mlops.capture.estimators.seen import Role

NOTHING = np.array([[np.nan], [1.0], [2.0]])
TARGET = [0, 1, 1]


class Refuses(BaseEstimator):
    """An estimator of the user's that raises what it is told to."""

    def __init__(self, failure=None):
        self.failure = failure

    def fit(self, X, y=None):
        raise self.failure

    def predict(self, X):
        return X


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def numbers(rows: int = 60, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(5, 2, size=(rows, 3))


def digests(seen) -> list[str]:
    return [one.digest for one in seen.inputs]


def test_a_fit_that_raises_leaves_its_parameters_and_its_data(heard):
    model = LogisticRegression(C=0.5)
    with pytest.raises(ValueError, match="NaN"):
        model.fit(NOTHING, TARGET)
    (seen,) = heard.fits
    assert seen.role is Role.FAILED
    assert (seen.name, seen.params["C"], seen.kind.rpartition(".")[2]) == ("model", 0.5, "LogisticRegression")
    assert [(one.name, one.role, one.rows) for one in seen.inputs] == [
        ("NOTHING", "train", 3),
        ("TARGET", "train", 3),
    ]
    assert all(digests(seen))
    assert seen.error.kind == "ValueError"
    assert "NaN" in seen.error.message
    assert seen.seconds > 0
    assert (seen.metrics, seen.estimator, seen.features, seen.kept) == ({}, None, None, False)


def test_the_users_exception_is_the_very_one_with_no_line_of_ours_in_it(heard):
    failure = RuntimeError("as it was")
    with pytest.raises(RuntimeError) as caught:
        Refuses(failure).fit(NOTHING)
    assert caught.value is failure
    names = [frame.name for frame in traceback.extract_tb(failure.__traceback__)]
    assert "__exit__" not in names
    assert failure.__context__ is None
    assert len(heard.fits) == 1


@pytest.mark.parametrize("call", ["fit", "partial_fit", "fails", "writes"])
def test_data_and_model_are_gone_at_once_when_the_user_lets_them_go(heard, call):
    heard.keeping = False  # what a sink keeps is its own affair
    data = numbers()
    model = {
        "fit": Ridge(),
        "partial_fit": SGDClassifier(),
        "fails": Ridge(alpha=-1),
        "writes": LinearRegression(copy_X=False),
    }[call]
    gone = [weakref.ref(data), weakref.ref(model)]
    gc.collect()
    gc.disable()  # a cycle would wait for a collection, and gigabytes with it
    try:
        with suppress(ValueError):
            if call == "partial_fit":
                model.partial_fit(data, np.arange(60) % 2, classes=[0, 1])
            else:
                model.fit(data, data[:, 0])
        assert len(heard.fits) == 1
        heard.fits.clear()
        del data, model
        assert [one() for one in gone] == [None, None]
    finally:
        gc.enable()


class Slotted:
    __slots__ = ()

    def get_params(self, deep=True):
        return {}


class Lazy:
    """What stands for something that is not there yet: every question loads it."""

    def __getattr__(self, name: str):
        raise RuntimeError(name)


def test_whatever_an_estimator_holds_its_calls_are_its_own(heard):
    model = Ridge()
    vars(model).update({"lazy": Lazy(), "copy_of": np.array([False, True])})
    model.fit(numbers(), numbers()[:, 0])
    model.predict(numbers())
    assert len(heard.fits) == 1
    assert heard.notes == []
    vars(model)[7] = False  # no name at all
    assert not writes_in_place(model)
    model.part = Slotted()  # it has no dictionary to look through
    assert not writes_in_place(model)
    model.scaler = StandardScaler(copy=np.False_)
    assert writes_in_place(model)
    assert not writes_in_place(Lazy())


def test_the_look_at_an_estimator_does_not_go_through_what_it_has_learned_or_holds():
    class Asked(list):
        def __iter__(self):
            raise AssertionError

    model = Ridge()
    vars(model).update(estimators_=Asked([StandardScaler(copy=False)]), rows=Asked([1]), nested=[(1, 2)] * 9)
    assert not writes_in_place(model)
    model.steps = [(str(place), StandardScaler(copy=place != 3)) for place in range(5)]
    assert writes_in_place(model)


def test_who_interrupts_a_fit_does_not_wait_for_digests(heard):
    with pytest.raises(KeyboardInterrupt):
        Refuses(KeyboardInterrupt()).fit(NOTHING)
    (seen,) = heard.fits
    assert (seen.error.kind, seen.inputs) == ("KeyboardInterrupt", ())
    with pytest.raises(SystemExit):  # it ends the program: nobody asks why
        Refuses(SystemExit(1)).fit(NOTHING)
    assert len(heard.fits) == 1


def test_a_failure_that_cannot_say_what_it_is_is_known_by_its_kind(heard):
    with pytest.raises(Unspeakable):
        Refuses(Unspeakable()).fit(NOTHING)
    (seen,) = heard.fits
    assert (seen.error.kind, seen.error.message) == ("Unspeakable", "")


def test_of_nested_estimators_the_users_own_call_is_told_once(heard):
    grid = GridSearchCV(
        make_pipeline(StandardScaler(), Refuses(ValueError("inner"))),
        {"refuses__failure": [ValueError("a")]},
        cv=2,
        scoring="accuracy",
    )
    with pytest.raises(ValueError, match="fits failed"):
        grid.fit(numbers(), np.arange(60) % 2)
    (seen,) = heard.fits
    assert (seen.name, seen.role) == ("grid", Role.FAILED)
    assert "estimator__standardscaler" in seen.params


def test_a_transformer_that_raises_is_known_to_have_been_a_step(heard):
    with pytest.raises(ValueError, match="Expected 2D"):
        StandardScaler().fit([1.0, 2.0])
    (seen,) = heard.fits
    assert (seen.role, seen.attempted, seen.error.kind) == (Role.FAILED, Role.STEP, "ValueError")


def test_large_data_are_not_digested_for_a_fit_that_failed_at_once(heard, monkeypatch):
    monkeypatch.setattr("jupyter_mlops.capture.estimators.attempts._RATE", 1e3)
    frame = pd.DataFrame(numbers(), columns=list("abc"))
    for data in (frame, frame["a"], numbers()):
        with pytest.raises(ValueError, match="no"):
            Refuses(ValueError("no")).fit(data)
    found = [seen.inputs[0] for seen in heard.fits]
    assert [(one.digest, one.rows) for one in found] == [("", 60)] * 3
    assert found[0].note == "not digested: it would have taken about 1.4 s, and the fit failed at once"
    with pytest.raises(ValueError, match="no"):
        Refuses(ValueError("no")).fit([[1.0]])  # nobody knows how large it is
    assert heard.fits[-1].inputs[0].digest


def test_when_it_was_is_before_our_own_work(heard, monkeypatch):
    def slow(*given):
        time.sleep(0.2)
        return inputs_of(*given)

    monkeypatch.setattr("jupyter_mlops.capture.estimators.attempts.inputs_of", slow)
    begun = time.time()
    with pytest.raises(ValueError, match="no"):
        Refuses(ValueError("no")).fit(numbers())
    assert heard.fits[0].ended - begun < 0.2


def test_a_call_without_what_every_call_needs_is_not_told(heard):
    with pytest.raises(TypeError):
        cross_val_score(scoring="accuracy")
    assert (heard.fits, heard.notes) == ([], [])


def test_data_that_cannot_be_digested_cost_a_note_and_the_failure_is_told(heard, monkeypatch):
    def fails(*_given):
        raise TypeError("strange data")

    monkeypatch.setattr("jupyter_mlops.capture.estimators.attempts.inputs_of", fails)
    with pytest.raises(ValueError, match="NaN"):
        LogisticRegression(C=0.5).fit(NOTHING, TARGET)
    (seen,) = heard.fits
    assert (seen.role, seen.params["C"], seen.inputs) == (Role.FAILED, 0.5, ())
    assert heard.notes == ["no data of LogisticRegression: TypeError: strange data"]


def test_what_is_too_deep_to_be_looked_at_may_write():
    deep = StandardScaler()
    for _ in range(4):
        deep = make_pipeline(deep)
    assert not writes_in_place(deep)
    assert writes_in_place(make_pipeline(make_pipeline(deep)))


def test_an_interrupted_training_that_ends_the_program_is_an_interrupted_one(heard):
    class Trainer(Refuses):
        def fit(self, X, y=None):
            end = SystemExit(1)
            end.__context__ = KeyboardInterrupt()  # as Lightning does
            raise end

    with pytest.raises(SystemExit):
        Trainer().fit(numbers())
    assert heard.fits[0].error.kind == "KeyboardInterrupt"


def test_a_batch_and_a_validation_that_raise_are_told_too(heard):
    with pytest.raises(ValueError, match="classes"):
        SGDClassifier().partial_fit(numbers(), np.arange(60) % 2)  # the first call must name them
    with pytest.raises(ValueError, match="fits failed"):
        cross_val_score(Refuses(ValueError("no")), numbers(), np.arange(60) % 2, cv=3, scoring="accuracy")
    batch, scores = heard.fits
    assert (batch.role, batch.kind.rpartition(".")[2]) == (Role.FAILED, "SGDClassifier")
    assert (scores.role, scores.name) == (Role.FAILED, "cross_val_score Refuses")
    assert scores.params["validation_cv"] == 3
    assert all(digests(scores))


@pytest.mark.parametrize(
    ("estimator", "writes"),
    [
        (LinearRegression(), False),
        (LinearRegression(copy_X=False), True),
        (KMeans(copy_x=False), True),
        (StandardScaler(copy=False), True),
        (StandardScaler(copy=True), False),
        (make_pipeline(StandardScaler(), Ridge()), False),
        (make_pipeline(StandardScaler(copy=False), Ridge()), True),
        (
            GridSearchCV(
                Pipeline([("columns", ColumnTransformer([("n", StandardScaler(copy=False), [0])]))]), {}
            ),
            True,
        ),
        (object(), False),
    ],
    ids=[
        "plain",
        "copy_X",
        "copy_x",
        "copy",
        "copies",
        "pipeline",
        "in a pipeline",
        "deep in a search",
        "no estimator",
    ],
)
def test_what_may_write_into_its_data_says_so_in_its_parameters(estimator, writes):
    assert writes_in_place(estimator) is writes


def test_data_that_a_fit_writes_into_are_digested_as_they_were(heard):
    X, y = np.asfortranarray(numbers()), numbers()[:, 0] * 2 + 1
    before, then = X.copy(), inputs_of(X, y, None)
    model = LinearRegression(copy_X=False).fit(X, y)
    assert not np.array_equal(X, before)
    (seen,) = heard.fits
    assert digests(seen) == [one.digest for one in then]
    assert [one.name for one in seen.inputs] == ["X", "y"]
    assert np.isin(seen.features, before).all()
    assert abs(seen.profile.columns[0].mean - before[:, 0].mean()) < 1e-9
    assert not any(name.startswith("train_") for name in seen.metrics)
    assert any("has written into them" in note for note in heard.notes)
    assert model.coef_[0] == pytest.approx(2)


def test_one_that_may_and_does_not_has_its_metrics(heard):
    X = pd.DataFrame(numbers().astype(int), columns=list("abc"))
    Lasso(copy_X=False).fit(X, X["a"])  # whole numbers are copied on the way
    (seen,) = heard.fits
    assert "train_rmse" in seen.metrics
    assert heard.notes == []


def test_a_transformer_and_a_batch_that_write_are_digested_as_they_were(heard):
    X, then = numbers(), inputs_of(numbers(), None, None)
    StandardScaler(copy=False).fit_transform(X)
    assert abs(X.mean()) < 1e-9
    assert digests(heard.fits[0]) == [one.digest for one in then]
    assert heard.fits[0].inputs[0].name == "X"


def test_what_a_pipeline_writes_into_as_it_answers_is_digested_as_it_was(heard):
    model = make_pipeline(StandardScaler(copy=False), Ridge()).fit(numbers(), numbers()[:, 0])
    X = numbers(seed=1)
    then = inputs_of(X, None, None)
    model.predict(X)
    assert heard.predicted_on[-1].digest == then[0].digest
    Y = numbers(seed=2)
    then = inputs_of(Y, None, None)
    Normalizer(copy=False).transform(Y)
    assert heard.predicted_on[-1].digest == then[0].digest
    assert inputs_of(Y, None, None) != then


def test_batches_that_are_written_into_have_the_digests_they_had(heard):
    class Batch(SGDClassifier):
        def __init__(self, copy=False):
            super().__init__()
            self.copy = copy

        def partial_fit(self, X, y, classes=None):
            X *= 2
            return super().partial_fit(X, y, classes=classes)

    model, y = Batch(), np.arange(60) % 2
    model.partial_fit(numbers(), y, [0, 1])
    whole = heard.fits[0].progress().inputs
    assert whole[0].digest == inputs_of(numbers(), None, None)[0].digest
    assert heard.fits[0].profile is None
    assert np.isin(heard.fits[0].features, numbers()).all()


def test_data_that_cannot_be_profiled_keep_the_digest_they_had(heard, monkeypatch):
    def fails(*_given):
        raise TypeError

    monkeypatch.setattr("jupyter_mlops.capture.estimators.attempts.profile_of", fails)
    X, then = np.asfortranarray(numbers()), inputs_of(numbers(), None, None)
    LinearRegression(copy_X=False).fit(X, numbers()[:, 0])
    assert heard.fits[0].inputs[0].digest == inputs_of(np.asfortranarray(numbers()), None, None)[0].digest
    assert heard.fits[0].inputs[0].digest == then[0].digest
