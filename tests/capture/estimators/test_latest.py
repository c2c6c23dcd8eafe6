"""Which fit was the last one."""

from __future__ import annotations

import gc

from sklearn.linear_model import Ridge

from jupyter_mlops.capture.estimators import latest
from jupyter_mlops.capture.estimators.latest import is_latest, number_fit


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
    key = id(model)
    assert key in latest._latest
    del model
    gc.collect()
    assert key not in latest._latest
