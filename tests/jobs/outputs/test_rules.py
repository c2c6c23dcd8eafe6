"""How near is near enough."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.outputs.rules import Rules, compared_numbers, was
from jupyter_mlops.records.reproduced import ReproductionVerdict


@pytest.mark.parametrize("made", [{"masks": ("(",)}, {"relative": -1.0}, {"absolute": math.nan}])
def test_rules_that_cannot_be_followed_are_refused(made) -> None:
    with pytest.raises(Invalid) as refused:
        Rules(**made)
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (1.0, 1.0, "identical"),
        (math.nan, math.nan, "identical"),
        (1.0, 1.0 + 1e-8, "within_tolerance"),
        (0.0, 1e-12, "within_tolerance"),
        (1.0, 1.001, "differs"),
        (math.inf, 1e300, "differs"),
        (math.nan, 0.0, "differs"),
    ],
)
def test_numbers_are_compared_by_their_distance(before, after, verdict) -> None:
    assert compared_numbers(before, after, Rules()) is ReproductionVerdict(verdict)


@given(st.floats(), st.floats())
def test_two_numbers_are_compared_alike_from_either_side(one, two) -> None:
    rules = Rules(relative=0.1)
    assert compared_numbers(one, two, rules) is compared_numbers(two, one, rules)
    assert compared_numbers(one, one, rules) is ReproductionVerdict.IDENTICAL


def test_a_sentence_stays_a_line() -> None:
    said = was("a\n" * 200, "")
    assert said.endswith("… and is empty")
    assert "\n" not in said
