"""Our own predictions are neither seen nor heard."""

# ruff: noqa: NPY002, T201

from __future__ import annotations

import random
import sys
import threading
import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jupyter_mlops.capture.estimators.hush import hush, unmoved


def test_this_thread_is_silent_and_another_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    with hush():
        print("ours")
        print("ours", file=sys.stderr)
        warnings.warn("ours", stacklevel=1)
        other = threading.Thread(target=lambda: print("theirs"))
        other.start()
        other.join()
        assert sys.stdout.encoding  # all but writing goes through
    print("after")
    assert capsys.readouterr() == ("theirs\nafter\n", "")


def test_streams_come_back_whatever_happens_unless_somebody_put_others_there() -> None:
    before = sys.stdout, sys.stderr
    with pytest.raises(RuntimeError), hush():
        raise RuntimeError
    assert (sys.stdout, sys.stderr) == before
    mine = object()
    try:
        with hush():
            sys.stdout = mine  # type: ignore[assignment]
        assert sys.stdout is mine
    finally:
        sys.stdout = before[0]


def test_two_threads_at_once_leave_no_silence_behind(capsys: pytest.CaptureFixture[str]) -> None:
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with hush():
            inside.set()
            leave.wait(10)
        print("theirs")

    thread = threading.Thread(target=other)
    with hush():
        thread.start()
        inside.wait(10)
    print("mine")
    leave.set()
    thread.join()
    print("mine again")
    assert capsys.readouterr().out.split("\n") == ["mine", "theirs", "mine again", ""]


def test_a_thousand_threads_hand_over_hand_leave_the_streams_as_they_were() -> None:
    before = sys.stdout, sys.stderr, warnings.filters[:]
    last = hush()
    last.__enter__()
    for _ in range(1000):
        following = hush()
        thread = threading.Thread(target=following.__enter__)
        thread.start()
        thread.join()
        last.__exit__(None, None, None)
        last = following
    last.__exit__(None, None, None)
    with hush():
        pass
    assert (sys.stdout, sys.stderr, warnings.filters[:]) == before


def test_a_stream_of_ones_own_may_return_what_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    class Tee:
        def write(self, text: str) -> None:
            heard.append(text)

    monkeypatch.setattr(sys, "stdout", Tee())
    with hush():
        other = threading.Thread(target=lambda: print("theirs", end=""))
        other.start()
        other.join()
    assert "".join(heard) == "theirs"


def test_without_streams_nothing_is_muffled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)  # as under pythonw
    with hush():
        assert sys.stdout is None


class Talker(RegressorMixin, BaseEstimator):
    """An estimator that says what it does."""

    def fit(self, X, y):
        print("fitting")
        return self

    def predict(self, X):
        print("predicting")
        return np.zeros(len(X))


def test_an_estimator_that_prints_is_heard_as_often_as_the_user_called_it(heard, capsys) -> None:
    model = Talker().fit(np.ones((9, 2)), np.arange(9.0))
    assert heard.fits[-1].metrics["train_mae"] == 4.0
    assert capsys.readouterr().out == "fitting\n"
    model.predict(np.ones((2, 2)))
    assert capsys.readouterr().out == "predicting\n"


class Drawing(ClassifierMixin, BaseEstimator):
    """An estimator that draws its answers from whatever generator there is."""

    def __init__(self, generator=None):
        self.generator = generator

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    partial_fit = fit

    def predict(self, X):
        drawn = [random.random(), np.random.normal()]
        if self.generator is not None:
            drawn.append(self.generator.normal())
        return np.full(len(X), int(sum(drawn) > 0))


X = np.random.default_rng(0).normal(size=(30, 2))
Y = np.arange(30) % 2


def following(generator):
    """Return the next numbers of all generators."""
    return random.random(), np.random.normal(), None if generator is None else generator.normal()


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
@pytest.mark.parametrize(
    "make", [lambda: None, lambda: np.random.RandomState(7), lambda: np.random.default_rng(7)]
)
def test_our_own_predictions_leave_the_users_random_numbers_where_they_were(heard, make, fit):
    found = []
    for asked in (True, False):
        heard.listening = asked
        random.seed(3)
        np.random.seed(3)
        np.random.normal()  # it draws two, and keeps one
        generator = make()
        getattr(Drawing(generator), fit)(X, Y)
        found.append(following(generator))
    assert found[0] == found[1]
    (seen,) = heard.fits
    assert seen.signature.outputs  # it was asked
    assert heard.notes == []


def test_the_generators_of_a_pipelines_steps_are_left_too_and_of_what_they_hold_nothing_is_read():
    class Data(np.ndarray):
        def __getattribute__(self, name):
            raise AssertionError("it was looked into")

    generator = np.random.RandomState(1)
    model = make_pipeline(StandardScaler(), DummyClassifier(strategy="stratified", random_state=generator))
    model.fit(X, Y)
    model[-1].data_ = np.zeros(3).view(Data)
    before = generator.get_state()[1].tolist(), generator.get_state()[2]
    with unmoved(model):
        model[-1].predict(X)
        assert generator.get_state()[2] != before[1]
    assert (generator.get_state()[1].tolist(), generator.get_state()[2]) == before
