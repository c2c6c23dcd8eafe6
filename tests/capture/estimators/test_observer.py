"""What every observer shares: whose call it is, whose prediction, and that nobody is harmed by being watched."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from dataclasses import dataclass

import numpy as np
import pytest
from sklearn import metrics
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jupyter_mlops.capture.estimators import autolog, autolog_off
from jupyter_mlops.capture.estimators.latest import Origin, place_origin
from jupyter_mlops.capture.estimators.observer import Observer, number_of
from jupyter_mlops.capture.estimators.patches import Patches


@pytest.fixture
def observer(sink):
    return Observer(sink, Patches())


class Thing:
    """Something that can be referred to weakly."""


@dataclass
class Compared(RegressorMixin, BaseEstimator):
    """An estimator that is equal by its parameters, and so has no hash."""

    alpha: float = 1.0

    def fit(self, X, y):
        self.n_features_in_ = X.shape[1]
        self.mean_ = float(np.mean(y))
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_)


# ── whose call ───────────────────────────────────────────────────────────────────────────────────────


def test_nothing_within_an_observed_call_is_observed_and_everything_after_it(observer):
    frame, seen = sys._getframe(), []

    def call(value):
        seen.append((observer.inside, observer.watches(frame)))
        return observer.quietly(lambda: (seen.append(observer.inside), value)[1])

    assert observer.watches(frame)
    assert observer.quietly(call, 7) == 7
    assert seen == [(True, False), True]
    assert observer.watches(frame)


def test_a_call_that_fails_is_over_too(observer):
    with pytest.raises(ZeroDivisionError):
        observer.quietly(lambda: 1 / 0)
    assert not observer.inside


def test_what_one_thread_is_inside_of_hides_nothing_in_another(observer):
    seen = []

    def look():
        seen.append((observer.inside, observer.watches(sys._getframe())))

    def call():
        other = threading.Thread(target=look)
        other.start()
        other.join()

    observer.quietly(call)
    assert seen == [(False, True)]


def test_nobody_is_watched_while_nobody_listens(observer, sink):
    sink.listening = False
    assert not observer.watches(sys._getframe())


# ── failures of ours ─────────────────────────────────────────────────────────────────────────────────


def test_a_failure_of_ours_is_a_short_note_and_no_exception(observer, sink):
    def failing(text):
        raise ValueError(text)

    observer.safely("a fit of Ridge", failing, "x" * 5000)
    (note,) = sink.notes
    assert note.startswith("a fit of Ridge could not be observed: ValueError: xxx")
    assert len(note) == 300
    assert not observer.inside


def test_a_users_interrupt_is_his_also_while_we_look(observer, sink):
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        observer.safely("a fit", interrupted)
    assert sink.notes == []
    assert not observer.inside


# ── what is remembered ───────────────────────────────────────────────────────────────────────────────


def test_nothing_that_is_remembered_is_kept_alive(observer):
    model, part, data, matrix = (Thing() for _ in range(4))
    observer.trained(model, data)
    observer.belongs(part, model)
    observer.made_of(matrix, ())
    assert observer.owner(part) is model
    gone = [weakref.ref(thing) for thing in (model, data, matrix)]
    del model, data, matrix
    gc.collect()
    assert [one() for one in gone] == [None] * 3
    assert observer.owner(part) is part  # whose it was is gone: it speaks for itself


@pytest.mark.parametrize(
    "thing", [3, "text", [1, 2], {"a": 1}, None, Compared()], ids=lambda one: type(one).__name__
)
def test_what_cannot_be_remembered_is_passed_over(observer, thing):
    observer.trained(thing, [1])
    observer.trained(Thing(), thing)
    observer.belongs(thing, Thing())
    observer.belongs(Thing(), thing)
    assert observer.owner(thing) is thing
    assert observer.inputs_behind(thing) == ()


def test_a_model_is_no_part_of_itself(observer):
    model = Thing()
    observer.belongs(model, model)
    assert observer.owner(model) is model


# ── whose metric ─────────────────────────────────────────────────────────────────────────────────────


def test_a_second_data_set_adds_its_name_and_a_new_fit_begins_again(heard, diabetes):
    X_train, X_test, y_train, y_test = diabetes
    X_valid, y_valid = X_test.iloc[:40], y_test.iloc[:40]
    model = Ridge().fit(X_train, y_train)
    for _ in range(2):
        metrics.mean_absolute_error(y_test, model.predict(X_test))
        metrics.mean_absolute_error(y_valid, model.predict(X_valid))
        metrics.mean_absolute_error(y_train, model.predict(X_train))
    assert [seen.name for seen in heard.metrics] == ["mae", "mae_X_valid", "train_mae"] * 2
    heard.metrics.clear()
    model.fit(X_train, y_train)
    metrics.mean_absolute_error(y_valid, model.predict(X_valid))
    assert [seen.name for seen in heard.metrics] == ["mae"]


def test_the_last_step_of_a_pipeline_answers_for_the_whole(heard, diabetes):
    X_train, X_test, y_train, y_test = diabetes
    pipeline = make_pipeline(StandardScaler(), Ridge()).fit(X_train, y_train)
    scaled = pipeline[0].transform(X_test)
    metrics.r2_score(y_test, pipeline[-1].predict(scaled))
    pipeline[-1].score(scaled, y_test)
    assert [seen.estimator for seen in heard.metrics] == [pipeline] * 2
    assert heard.notes == []


def test_an_estimator_that_is_compared_by_value_is_watched_like_any_other(heard, diabetes):
    X_train, X_test, y_train, y_test = diabetes
    alone, pipeline = Compared().fit(X_train, y_train), make_pipeline(Compared()).fit(X_train, y_train)
    metrics.mean_absolute_error(y_test, alone.predict(X_test))
    alone.score(X_test, y_test)
    assert [seen.estimator for seen in heard.fits] == [alone, pipeline]
    assert [(seen.name, seen.estimator) for seen in heard.metrics] == [("mae", alone), ("score", alone)]
    assert not any("could not be observed" in note for note in heard.notes)


def test_a_metric_that_fits_two_models_is_given_to_neither_and_both_are_named(heard, wine):
    X_train, X_test, y_train, y_test = wine
    first = LogisticRegression(max_iter=200).fit(X_train, y_train)
    second = LogisticRegression(max_iter=200).fit(X_train, y_train)
    predicted, again = first.predict(X_test), second.predict(X_test)
    metrics.accuracy_score(y_test, np.array(list(map(int, predicted if len(again) else again))))
    (seen,) = heard.metrics
    assert (seen.estimator, seen.candidates) == (None, 2)
    assert heard.notes == [
        f"accuracy = {seen.value:.6g} fits the predictions of several models: LogisticRegression, LogisticRegression"
    ]


def test_the_data_of_a_score_are_told_with_it_once_and_training_data_not_again(heard, diabetes):
    X_train, X_test, y_train, y_test = diabetes
    model = Ridge().fit(X_train, y_train)
    predicted = model.predict(X_test)
    metrics.r2_score(y_test, predicted)
    metrics.mean_absolute_error(y_test, predicted)
    model.score(X_train, y_train)
    told = [[(one.name, one.role) for one in seen.inputs] for seen in heard.metrics]
    assert told == [[("X_test", "test"), ("y_test", "test")]] * 2 + [[]]
    assert heard.metrics[-1].name == "train_score"


def test_a_result_that_is_no_one_number_is_no_metric(heard, diabetes):
    X_train, X_test, y_train, y_test = diabetes
    model = Ridge().fit(X_train, np.c_[y_train, y_train])
    metrics.mean_absolute_error(np.c_[y_test, y_test], model.predict(X_test), multioutput="raw_values")
    assert heard.metrics == []
    assert heard.notes == []


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1, 1.0),
        (0.5, 0.5),
        (np.float32(0.5), 0.5),
        (np.int8(3), 3.0),
        (True, None),
        (np.bool_(True), None),
        ("1", None),
        (None, None),
        (np.array([1.0]), None),
        (np.array(1.0), None),
        (1j, None),
    ],
)
def test_only_one_number_is_a_number(value, number):
    assert number_of(value) == number
    assert type(number_of(value)) is type(number)


def test_a_model_is_called_as_in_the_notebook_and_by_its_fit_where_a_loop_has_it_too(sink, diabetes):
    X_train, X_test, y_train, y_test = diabetes
    namespace = {}
    autolog(sink, namespace)
    try:
        first, second = Ridge().fit(X_train, y_train), Ridge().fit(X_train, y_train)
        place_origin(second, Origin(run="one", name="second"))

        def evaluate(model):
            return metrics.mean_absolute_error(y_test, model.predict(X_test))

        evaluate(first)
        namespace |= {"_": first, "m": second, "champion": first, "again": first, "second": second}
        evaluate(first)
        evaluate(second)
        second.score(X_test, y_test)
    finally:
        autolog_off()
    assert [seen.model for seen in sink.metrics] == ["model", "champion", "second", "second"]
