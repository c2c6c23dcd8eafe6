"""What a series comes to: added up in any pieces it is the same, and what is no number spoils nothing."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from contracts.samples import NOON, cell, curve
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.records.condition import Part
from jupyter_mlops.records.run import MetricSummary
from jupyter_mlops.store.curves import Curve
from jupyter_mlops.store.series import Tally, in_execution_order, part_of, tally


def of(values: list[float], first: int = 1) -> Curve:
    return replace(curve("r1", range(first, first + len(values))), values=np.array(values, np.float64))


def told(one: Tally) -> tuple[object, ...]:
    """A tally in which what is no number equals itself, without its sum: that depends on the order by a hair."""
    return (repr(one.last), one.sequence, one.step, one.minimum, one.maximum, one.numbers, one.count)


@settings(deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), min_size=2, max_size=30),
    st.data(),
)
def test_pieces_in_any_order_come_to_what_the_whole_does(values: list[float], data: st.DataObject) -> None:
    whole = of(values)
    cut = data.draw(st.integers(1, len(values) - 1))
    first, second = tally(whole.take(slice(cut))), tally(whole.take(slice(cut, None)))
    for both in (first.plus(second), second.plus(first)):
        assert told(both) == told(tally(whole))
        assert both.total == pytest.approx(tally(whole).total, abs=1e-6)
        assert both.summary().mean == pytest.approx(tally(whole).summary().mean, abs=1e-6, nan_ok=True)


def test_the_last_is_the_one_with_the_highest_sequence_wherever_it_stands() -> None:
    one = of([1.0, 2.0, 3.0])
    shuffled = replace(one, sequences=np.array([5, 9, 7]), steps=np.array([50, 90, 70]))
    assert (tally(shuffled).last, tally(shuffled).sequence, tally(shuffled).step) == (2.0, 9, 90)


def test_a_value_that_is_no_number_counts_and_may_be_the_last_but_is_in_no_extreme() -> None:
    summary = tally(of([4.0, 1.0, math.nan])).summary()
    assert math.isnan(summary.last)
    assert (summary.minimum, summary.maximum, summary.mean, summary.count) == (1.0, 4.0, 2.5, 3)


def test_where_nothing_is_a_number_no_extreme_is_and_numbers_that_follow_are() -> None:
    nothing = tally(of([math.nan, math.nan]))
    summary = nothing.summary()
    assert all(math.isnan(value) for value in (summary.minimum, summary.maximum, summary.mean, summary.last))
    assert summary.count == 2
    later = nothing.plus(tally(of([5.0], first=3))).summary()
    assert (later.minimum, later.maximum, later.mean, later.count) == (5.0, 5.0, 5.0, 3)


def test_opposite_infinities_have_no_mean_and_nothing_is_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summary = tally(of([math.inf, -math.inf, 1.0])).summary()
    assert (summary.minimum, summary.maximum) == (-math.inf, math.inf)
    assert math.isnan(summary.mean)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (Part.LAST, 1.0),
        (Part.MINIMUM, 2.0),
        (Part.MAXIMUM, 3.0),
        (Part.MEAN, 4.0),
        (Part.COUNT, 5.0),
    ],
)
def test_each_part_is_its_own_number(part: Part, expected: float) -> None:
    summary = MetricSummary(last=1.0, step=9, minimum=2.0, maximum=3.0, mean=4.0, count=5)
    found = part_of(summary, part)
    assert found == expected
    assert type(found) is float


CELLS = (
    cell(1, "b", NOON),
    cell(2, "b", NOON + timedelta(hours=3)),
    cell(7, "a", NOON + timedelta(hours=1)),
    cell(9, "a", NOON + timedelta(hours=2)),
    cell(4, "c", NOON + timedelta(hours=1)),
)


@settings(deadline=None)
@given(st.permutations(CELLS))
def test_cells_stand_as_they_ran_the_session_that_began_first_before_all_of_the_next(
    cells: list[object],
) -> None:
    """*b* began before *a*, although it ran longer; *a* and *c* began at once, and stand by their names."""
    found = in_execution_order(cells)  # type: ignore[arg-type]
    assert [(one.session, one.sequence) for one in found] == [
        ("b", 1),
        ("b", 2),
        ("a", 7),
        ("a", 9),
        ("c", 4),
    ]


def test_a_clock_that_was_set_back_moves_no_cell_within_its_session() -> None:
    cells = (cell(1, "a", NOON), cell(2, "a", NOON - timedelta(hours=1)))
    assert [one.sequence for one in in_execution_order(cells[::-1])] == [1, 2]
    assert in_execution_order(()) == ()
