"""Our own predictions are neither seen nor heard."""

# ruff: noqa: T201

from __future__ import annotations

import sys
import threading
import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin

from jupyter_mlops.capture.estimators.hush import hush


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
