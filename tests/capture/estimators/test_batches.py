"""``partial_fit``: many calls are one training."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pandas as pd
from sklearn.linear_model import SGDClassifier
from sklearn.preprocessing import StandardScaler

from jupyter_mlops.capture.estimators.seen import Role


class Odd:
    """A number to scikit-learn; nobody can say exactly which."""

    def __float__(self) -> float:
        return 0.5


X = np.random.default_rng(0).normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)


def train(model, batches=3):
    for place in range(batches):
        part = slice(place * 20, place * 20 + 20)
        model.partial_fit(X[part], Y[part], classes=[0, 1])
    return model


def test_many_batches_are_one_training_told_again_each_time(heard):
    model = train(SGDClassifier(random_state=0))
    assert [seen.estimator for seen in heard.fits] == [model] * 3
    assert len({seen.progress for seen in heard.fits}) == 1
    done = heard.fits[-1].progress()
    assert done.metrics["batches"] == 3
    assert [(one.rows, one.kind, one.role) for one in done.inputs] == [(60, "batches", "train")] * 2
    assert heard.notes == []


def test_the_digest_is_of_all_batches_in_their_order(heard):
    def digest(order):
        model = SGDClassifier(random_state=0)
        for place in order:
            model.partial_fit(X[place : place + 20], Y[place : place + 20], classes=[0, 1])
        return heard.fits[-1].progress().inputs[0].digest

    assert digest([0, 20, 40]) == digest([0, 20, 40])
    assert len({digest([0, 20, 40]), digest([0, 40, 20]), digest([0, 20])}) == 3


def test_a_fit_from_the_start_begins_a_new_training(heard):
    model = train(SGDClassifier(random_state=0))
    model.fit(X, Y)
    assert heard.fits[-1].progress is None
    train(model, 1)
    assert heard.fits[-1].progress().metrics["batches"] == 1
    assert heard.fits[-1].progress != heard.fits[0].progress


def test_a_transformer_in_batches_is_a_step(heard):
    StandardScaler().partial_fit(X)
    assert [seen.role for seen in heard.fits] == [Role.STEP]


def test_a_training_keeps_neither_its_model_nor_its_data_alive(heard):
    data = X.copy()
    model = SGDClassifier().partial_fit(data, Y, classes=[0, 1])
    gone = weakref.ref(model), weakref.ref(data)
    heard.fits.clear()  # the sink's own references
    del model, data
    gc.collect()
    assert [one() for one in gone] == [None, None]


class ByValue(SGDClassifier):
    """Compared by value, and so not to be hashed, as a dataclass is."""

    __hash__ = None

    def __eq__(self, other):
        return isinstance(other, ByValue) and self.get_params() == other.get_params()


def test_an_estimator_that_cannot_be_hashed_loses_no_fit(heard):
    going_on = train(SGDClassifier(random_state=0), batches=1)
    train(ByValue(random_state=0), batches=2)
    ByValue(random_state=1).fit(X, Y)
    assert going_on.coef_.shape == (1, 3)
    assert [type(seen.estimator).__name__ for seen in heard.fits] == ["SGDClassifier", *["ByValue"] * 3]


def test_batches_of_which_one_has_no_exact_digest_have_none_and_say_so(heard):
    model = SGDClassifier(random_state=0)
    odd = X[20:40].astype(object)
    odd[0, 0] = Odd()
    for part, target in ((X[:20], Y[:20]), (odd, Y[20:40]), (X[40:], Y[40:])):
        model.partial_fit(part, target, classes=[0, 1])
    features, target = heard.fits[-1].progress().inputs
    assert (features.digest, features.rows, features.note) == ("", 60, "a batch of it has no exact digest")
    assert target.digest


def told(heard):
    return heard.fits[-1].progress().inputs


def test_batches_have_a_digest_of_each_column(heard):
    def columns(table):
        model = SGDClassifier(random_state=0)
        for place in (0, 20, 40):
            model.partial_fit(table[place : place + 20], Y[place : place + 20], classes=[0, 1])
        (features, _) = told(heard)
        assert (features.rows, features.width, list(features.columns)) == (60, None, ["0", "1", "2"])
        return features.columns

    changed = X.copy()
    changed[59, 1] += 1
    before, after = columns(X), columns(changed)
    assert before == columns(X)
    assert [name for name in before if before[name] != after[name]] == ["1"]


def test_batches_that_are_no_parts_of_one_table_say_only_how_wide_they_are(heard):
    model = SGDClassifier(random_state=0)
    model.partial_fit(X[:20], Y[:20], classes=[0, 1])
    model.partial_fit(pd.DataFrame(X[20:40], columns=list("abc")).to_numpy().astype(object), Y[20:40])
    assert [(one.rows, one.width, dict(one.columns)) for one in told(heard)] == [(40, 3, {}), (40, None, {})]


def test_a_batch_is_called_as_what_it_is_rows_of_and_never_as_something_else(heard):
    def names():
        return [one.name for one in told(heard)]

    part, kinds = slice(20, 40), {"classes": [0, 1]}
    wide = np.hstack([X, X])
    half = wide[:, :3]
    SGDClassifier().partial_fit(X[part], Y[part], **kinds)
    assert names() == ["X", "Y"]
    SGDClassifier().partial_fit(X[40:][::-1], Y[40:], **kinds)
    assert names() == ["X", "Y"]
    SGDClassifier().partial_fit(half[part], Y[part] * 1, **kinds)
    assert names() == ["half", "batches of y"]
    SGDClassifier().partial_fit(wide[part, 3:], Y[part], **kinds)
    assert names() == ["batches", "Y"]
    SGDClassifier().partial_fit(X[[1, 2, 50]], Y[[1, 2, 50]], **kinds)  # copies
    assert names() == ["batches", "batches of y"]
    few = X[10:50]
    SGDClassifier().partial_fit(X[part], Y[part], **kinds)
    assert names() == ["few", "Y"]  # the smallest that holds it
    SGDClassifier().partial_fit(few[:0:-1], Y[:39], **kinds)
    assert names() == ["few", "Y"]
    batch, target = X[part], Y[part]
    SGDClassifier().partial_fit(batch, target, **kinds)
    assert names() == ["batch", "target"]
