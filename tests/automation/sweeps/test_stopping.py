"""The median stopping rule: a trial's best against the median of the others' running averages at its step."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.automation.sweeps.stopping import stops
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.sweep import EarlyStop, Goal

LOWER = Goal(metric="mae", direction=Direction.LOWER)
HIGHER = Goal(metric="auc", direction=Direction.HIGHER)
NAN, INF = math.nan, math.inf
RULE = EarlyStop(after=2, among=3)


def curve(*values, every=1):
    return [(place * every, value) for place, value in enumerate(values, start=1)]


# Their running averages at step 2 are 3, 5 and 7, at step 3 they are 2, 4 and 6.
OTHERS = [curve(5, 1, 0), curve(7, 3, 2), curve(9, 5, 4)]


@pytest.mark.parametrize(
    ("own", "median"),
    [
        (curve(6, 6), 5),
        (curve(5, 8), None),  # not strictly worse
        (curve(4.9, 8), None),  # its best counts, not its last
        (curve(8, 4.9), None),
        (curve(4.5, 4.5, 4.5), 4),  # the same at the next step
        (curve(3.5, 9, 9), None),
        (curve(9), None),  # too few values
        ([], None),
        (curve(9, 9, 9, 9), None),  # nobody came as far
        ([(1, 9), (1, 9)], 7),  # both at the first step, where the others had 5, 7 and 9
        ([(2, 6), (1, 6)], 5),  # steps in whatever order
        (curve(NAN, NAN), 5),
        (curve(NAN, 4), None),
        (curve(4, NAN), None),
        (curve(INF, 6), 5),
        (curve(-INF, 6), None),
    ],
)
def test_a_trial_is_given_up_if_its_best_is_worse_than_the_median_of_running_averages(own, median):
    assert stops(RULE, LOWER, own, OTHERS) == median


@pytest.mark.parametrize(
    ("own", "median"), [(curve(-6, -6), -5), (curve(-5, -8), None), (curve(NAN, NAN), -5)]
)
def test_higher_is_the_other_way_round(own, median):
    others = [[(step, -value) for step, value in other] for other in OTHERS]

    assert stops(RULE, HIGHER, own, others) == median


@pytest.mark.parametrize(
    ("others", "median"),
    [
        (OTHERS[:2], None),  # among too few
        ([*OTHERS[:2], []], None),
        ([*OTHERS[:2], curve(9)], None),  # ended before
        ([*OTHERS[:2], [(3, 0.0)]], None),  # nothing at these steps
        ([*OTHERS[:2], curve(NAN, NAN)], 5),  # came to nothing: 3, 5 and the worst
        ([*OTHERS[:2], curve(1, NAN)], 5),  # and so did this
        ([*OTHERS[:2], curve(NAN, 1)], 3),  # a first value that means nothing
        ([curve(NAN, NAN)] * 3, None),
        ([*OTHERS, curve(9, 5)], 6),  # of an even number, the middle of the two in the middle
        ([*OTHERS[:2], curve(-INF, INF)], 5),
    ],
)
def test_only_others_that_came_as_far_count_and_what_is_no_number_makes_none_good(others, median):
    assert stops(RULE, LOWER, curve(8, 8), others) == median


def test_steps_may_be_sparse_and_differ():
    others = [[(10, 4), (30, 2)], [(5, 5), (40, 9)], [(1, 6), (2, 6), (25, 0)]]

    # At step 25 they have 4, 5 and (6 + 6 + 0) / 3.
    assert stops(RULE, LOWER, [(20, 9), (25, 4.5)], others) == 4
    # At step 30 the third has not come as far.
    assert stops(RULE, LOWER, [(20, 9), (30, 9)], others) is None


def test_a_rule_among_none_needs_one_all_the_same():
    assert stops(EarlyStop(after=0, among=0), LOWER, curve(9), []) is None


FINITE = st.floats(-1e6, 1e6)
CURVES = st.lists(FINITE, min_size=3, max_size=3).map(lambda values: curve(*values))


@settings(deadline=None)
@given(own=CURVES, others=st.lists(CURVES, min_size=3, max_size=6))
def test_the_best_of_all_is_never_given_up_and_directions_mirror_each_other(own, others):
    def turned(points):
        return [(step, -value) for step, value in points]

    found = stops(RULE, LOWER, own, others)
    mirrored = stops(RULE, HIGHER, turned(own), [turned(other) for other in others])

    assert mirrored == (None if found is None else -found)
    if min(value for _, value in own) <= min(value for other in others for _, value in other):
        assert found is None
    if found is not None:
        assert min(value for _, value in own) > found


@settings(deadline=None)
@given(own=CURVES, others=st.permutations(OTHERS))
def test_the_order_of_the_others_does_not_matter(own, others):
    assert stops(RULE, LOWER, own, others) == stops(RULE, LOWER, own, OTHERS)
