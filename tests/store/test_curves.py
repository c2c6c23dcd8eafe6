"""Curves as columns: joined without doubles, thinned without losing what the eye looks for."""

from __future__ import annotations

import math

import numpy as np
from contracts.samples import NOON, curve, point
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.store.curves import Curve, curves_of, joined, thinned


@given(
    st.lists(st.floats(-1e9, 1e9) | st.just(math.nan), min_size=1, max_size=400),
    st.integers(-3, 60),
)
def test_a_thinned_curve_is_small_and_keeps_ends_and_extremes(values: list[float], most: int) -> None:
    whole = curve("r1", range(1, len(values) + 1))
    whole = Curve("r1", "mae", whole.sequences, whole.steps, whole.times, np.array(values))
    thin = thinned(whole, most)
    assert len(thin) <= max(most, 4)
    assert (thin.sequences[0], thin.sequences[-1]) == (1, len(values))
    assert np.all(np.diff(thin.sequences) > 0)
    numbers = [value for value in values if not math.isnan(value)]
    if numbers:
        assert {min(numbers), max(numbers)} <= set(thin.values.tolist())
    if len(values) <= max(most, 4):
        assert thin is whole


def test_parts_are_joined_in_order_and_the_first_of_two_is_kept() -> None:
    first, second = curve("r1", [5, 6, 7]), curve("r1", [1, 6, 9])
    second = Curve("r1", "mae", second.sequences, second.steps, second.times, second.values * 10)
    both = joined([first, second])
    assert both.sequences.tolist() == [1, 5, 6, 7, 9]
    assert both.values.tolist() == [10.0, 5.0, 6.0, 7.0, 90.0]


def test_points_become_columns_and_points_again() -> None:
    points = [
        point("r1", 1, 1.0),
        point("r2", 1, 2.0),
        point("r1", 2, math.inf, key="acc"),
        point("r1", 1, 9.0),
    ]
    curves = curves_of(points)
    assert sorted((one.owner, one.key, len(one)) for one in curves) == [
        ("r1", "acc", 1),
        ("r1", "mae", 1),
        ("r2", "mae", 1),
    ]
    assert [p for one in curves for p in one.points()] == [points[0], points[1], points[2]]
    assert curves[0].points()[0].at == NOON
