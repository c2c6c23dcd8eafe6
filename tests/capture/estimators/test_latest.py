"""Which fit was the last one."""

from __future__ import annotations

import gc
import sys

import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge, SGDRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jupyter_mlops.capture.estimators import latest
from jupyter_mlops.capture.estimators.latest import Origin, is_latest, number_fit, origin_of, place_origin

X, Y = [[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]], [0.0, 1.0, 5.0]


class Unhashable:
    __hash__ = None  # type: ignore[assignment]


def test_a_later_fit_alone_or_as_a_part_makes_the_one_before_an_earlier_one():
    model, other = Ridge(), Ridge()
    first = number_fit(model)
    assert is_latest(model, first)
    number_fit(other)
    assert is_latest(model, first)
    second = number_fit(other, model)
    assert (is_latest(model, first), is_latest(model, second)) == (False, True)


def test_what_was_never_fitted_here_or_has_no_hash_is_known_by_identity():
    assert is_latest(Ridge(), 0)
    thing = Unhashable()
    assert is_latest(thing, number_fit(thing))
    assert not is_latest(thing, 0)
    assert is_latest(7, number_fit(7))


def test_what_is_gone_is_forgotten():
    gc.collect()  # what other tests have left
    model = Ridge()
    number_fit(model)
    place_origin(model, Origin(run="one"))
    key = id(model)
    assert key in latest._latest
    assert key in latest._placed
    coefficients = model.coef_ = Ridge().fit(X, Y).coef_
    held = sys.getrefcount(coefficients)
    place_origin(model, Origin(run="two"))
    assert sys.getrefcount(coefficients) == held
    del model
    gc.collect()
    assert key not in latest._latest
    assert key not in latest._placed


@pytest.mark.parametrize(
    "model",
    [
        Ridge(),
        make_pipeline(StandardScaler(), Ridge()),
        RandomForestRegressor(2),
        SGDRegressor(warm_start=True),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_model_is_from_where_it_was_placed_until_it_is_fitted_again_seen_or_not(model):
    def placed(run):
        number_fit(model.fit(X, Y))
        place_origin(model, Origin(run=run))
        return origin_of(model)

    assert origin_of(model) is None
    assert placed("one") == Origin(run="one")
    model.predict(X)
    assert origin_of(model) == Origin(run="one")
    for _ in range(4):  # one of them may get the addresses of the first
        model.fit(X, Y)
        assert origin_of(model) is None
    assert placed("two") == Origin(run="two")
    number_fit(model)
    assert origin_of(model) is None


def test_what_was_never_placed_or_cannot_be_referred_to_weakly_is_from_nowhere():
    place_origin(7, Origin(run="one"))
    assert (origin_of(7), origin_of(Ridge()), origin_of(None)) == (None, None, None)
    thing = Unhashable()
    place_origin(thing, Origin(version="pm25:7"))
    assert origin_of(thing) == Origin(version="pm25:7")
