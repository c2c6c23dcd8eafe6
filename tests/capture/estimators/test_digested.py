"""The same data are digested once, and changed data again."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from jupyter_mlops.capture.estimators import digested
from jupyter_mlops.capture.estimators.digested import Digested, mark_of
from jupyter_mlops.capture.fingerprint import fingerprint, hashing

ROWS = 5000


def frame():
    numbers = np.random.default_rng(0).normal(size=(ROWS, 2))
    return pd.DataFrame({"a": numbers[:, 0], "b": numbers[:, 1], "n": np.arange(ROWS), "t": ["x"] * ROWS})


def numbers(width):
    return np.random.default_rng(0).normal(size=(ROWS, width))


def put(data, place, value):
    data[place] = value


CHANGED = {
    "array": (lambda: np.zeros((ROWS, 3)), lambda data: put(data, (1234, 1), 1.0)),
    "array of three axes": (lambda: np.zeros((50, 20, 9)), lambda data: put(data, (31, 7, 5), 1.0)),
    "array, by columns": (lambda: np.zeros((ROWS, 3), order="F"), lambda data: put(data, (1234, 1), 1.0)),
    "array, strided": (lambda: np.zeros((ROWS, 6))[:, ::2], lambda data: put(data, (777, 2), 1.0)),
    "array, shuffled": (
        lambda: np.arange(ROWS * 2).reshape(-1, 2),
        lambda data: np.random.default_rng(1).shuffle(data),
    ),
    "truth, as many turned as turned back": (
        lambda: np.arange(ROWS) % 2,
        lambda data: put(data, slice(0, 2000), np.repeat([1, 0], 1000)),
    ),
    "truth, two neighbours exchanged": (
        lambda: np.arange(ROWS),
        lambda data: put(data, slice(10, 12), [11, 10]),
    ),
    "truth of both signs, two neighbours exchanged": (
        lambda: np.where(np.arange(ROWS) % 2, 1.0, -1.0),
        lambda data: put(data, slice(10, 12), [1.0, -1.0]),
    ),
    "array, negated": (lambda: numbers(4), lambda data: np.negative(data, out=data)),
    "array, two columns negated": (lambda: numbers(4), lambda data: put(data, np.s_[:, :2], -data[:, :2])),
    "array, divided by a power of two": (lambda: numbers(4), lambda data: np.divide(data, 256, out=data)),
    "whole numbers around zero, doubled": (
        lambda: np.arange(ROWS) % 2 * 2 - 1,
        lambda data: np.multiply(data, 2, out=data),
    ),
    "bytes, the last": (lambda: np.zeros(ROWS * 9 + 3, bool), lambda data: put(data, -1, True)),
    "frame of one type": (
        lambda: pd.DataFrame(np.zeros((ROWS, 3)), columns=list("abc")),
        lambda data: put(data.iloc, (1234, 2), 1.0),
    ),
    "frame, names": (
        lambda: pd.DataFrame(np.zeros((ROWS, 3)), columns=list("abc")),
        lambda data: setattr(data, "columns", list("abd")),
    ),
    "frame, index": (
        lambda: pd.DataFrame(np.zeros((ROWS, 3)), index=np.arange(ROWS)),
        lambda data: setattr(data, "index", np.arange(ROWS)[::-1]),
    ),
    "series": (lambda: pd.Series(np.zeros(ROWS)), lambda data: put(data.iloc, 4321, 1.0)),
    "series, name": (lambda: pd.Series(np.zeros(ROWS)), lambda data: setattr(data, "name", "y")),
    "sparse": (lambda: sp.random(500, 400, 0.2, format="csr"), lambda data: put(data.data, 77, 5.0)),
}
EACH_TIME = {
    "small": lambda: np.zeros((10, 2)),
    "frame of several types": frame,
    "text": lambda: np.array(["a", "b"] * ROWS),
    "objects": lambda: np.array([object()] * ROWS),
    "complex": lambda: np.zeros(ROWS, complex),
    "masked": lambda: np.ma.masked_equal(np.zeros(ROWS), 1.0),
    "categories": lambda: pd.Series(["a", "b"] * ROWS, dtype="category"),
    "nullable": lambda: pd.Series([1, None] * ROWS, dtype="Int64"),
    "times with a zone": lambda: pd.Series(pd.date_range("2026", periods=ROWS, tz="UTC")),
    "index of text": lambda: pd.DataFrame(np.zeros((ROWS, 3)), index=[str(i) for i in range(ROWS)]),
}


@pytest.fixture
def large(monkeypatch):
    """What is large is made small, so that a test need not hold gigabytes."""
    monkeypatch.setattr(digested, "LARGE", 1000)


@pytest.mark.parametrize("kind", CHANGED)
def test_the_same_data_are_digested_once_and_changed_data_again(large, kind):
    make, change = CHANGED[kind]
    data, known = make(), Digested()
    first = known.record(data, "test", None, "X")
    times = hashing.times
    again = known.record(data, "predict", None, "X_new")
    assert hashing.times == times
    assert (again.digest, again.role, again.name) == (first.digest, "predict", "X_new")
    assert known.find(data).digest == first.digest

    change(data)
    assert known.find(data) is None
    after = known.record(data, "test", None, "X")
    assert hashing.times == times + 1
    assert after.digest == fingerprint(data).digest != first.digest


@pytest.mark.parametrize("kind", EACH_TIME)
def test_what_a_mark_could_miss_or_costs_little_is_digested_each_time(large, kind):
    data, known = EACH_TIME[kind](), Digested()
    known.record(data, "test", None, "X")
    assert known.find(data) is None
    assert mark_of(data) is None


def test_a_run_that_begins_looks_at_all_data_anew(large):
    data, known = np.zeros((ROWS, 3)), Digested()
    known.record(data, "test", None, "X")
    assert known.find(data) is not None
    known.clear()
    assert known.find(data) is None


def test_other_data_at_the_same_place_in_memory_are_not_taken_for_the_first(large):
    known = Digested()
    data = np.zeros((100, 2))
    known.record(data, "test", None, "X")
    place = id(data)
    del data
    for _ in range(100):
        other = np.zeros((100, 2))
        if id(other) == place:
            break
    assert known.find(other) is None


def test_data_are_not_kept_alive_and_the_memory_of_them_is_bounded(large):
    known = Digested()
    data = np.zeros((100, 2))
    gone = weakref.ref(data)
    known.record(data, "test", None, "X")
    del data
    gc.collect()
    assert gone() is None
    many = [np.full(300, i) for i in range(200)]
    for one in many:
        known.record(one, "test", None, "X")
    assert sum(known.find(one) is not None for one in many) == 32
    assert known.find(many[-1]) is not None


@pytest.mark.parametrize("data", [[[1.0, 2.0]], 3, None, sp.lil_matrix(np.eye(3))])
def test_what_has_no_mark_is_digested_each_time(data):
    assert mark_of(data) is None
    known = Digested()
    first, second = known.record(data, "test", None, "X"), known.record(data, "test", None, "X")
    assert first == second
    assert known.find(data) is None
