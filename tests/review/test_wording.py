"""Numbers and lists as people read them."""

from __future__ import annotations

import math

import pytest
from contracts.samples import ANA, NOON
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.review import Decision, Verdict
from jupyter_mlops.review.wording import a_few, counted, difference, marks, number


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (41.0, "", "41"), (41.26, "µg/m³", "41.26 µg/m³"), (0.91234567, "", "0.9123"), (-3.0, "", "-3"), (-0.0, "", "0"),
        (1e-9, "", "1e-09"), (123456789.0, "", "123456789"), (1e20, "", "1e+20"), (math.nan, "", "not a number"),
        (math.inf, "s", "inf s"), (-math.inf, "", "-inf"), (5e-324, "", "4.941e-324"),
    ],
)  # fmt: skip
def test_a_number_is_shown_with_four_digits_and_its_unit(value: float, unit: str, shown: str) -> None:
    assert number(value, unit) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(1.5, "+1.5 s"), (-1.5, "\u22121.5 s"), (0.0, "0 s"), (-0.0, "0 s")]
)
def test_a_difference_carries_its_sign(value: float, shown: str) -> None:
    assert difference(value, "s") == shown


@given(st.floats())
def test_every_float_can_be_shown(value: float) -> None:
    assert number(value)
    assert difference(value).lstrip("+\u2212") == number(abs(value))


def test_one_is_no_plural() -> None:
    assert [counted(n, "cell") for n in (0, 1, 2)] == ["0 cells", "1 cell", "2 cells"]
    assert [counted(n, "policy", "policies") for n in (1, 2)] == ["1 policy", "2 policies"]


@given(st.lists(st.text(), max_size=20), st.integers(1, 10))
def test_of_many_phrases_a_few_are_told_and_none_is_lost_count_of(phrases: list[str], limit: int) -> None:
    told = a_few(phrases, limit=limit, rest="things")
    assert len(told) == min(len(phrases), limit)
    if len(phrases) > limit:
        *kept, rest = told
        assert list(kept) == phrases[: limit - 1]
        assert rest == f"{len(phrases) - len(kept)} more things"
    else:
        assert list(told) == phrases


@pytest.mark.parametrize(
    ("authenticated", "note", "shown"),
    [
        (True, "", ""),
        (False, "", " (unauthenticated)"),
        (True, "self-approved", " (self-approved)"),
        (False, "x", " (x, unauthenticated)"),
    ],
)
def test_what_must_be_known_about_a_decision_stands_in_brackets(
    authenticated: bool, note: str, shown: str
) -> None:
    actor = Actor(name=ANA.name, authenticated=authenticated)
    assert (
        marks(Decision(actor=actor, verdict=Verdict.APPROVE, evidence_digest="d", at=NOON, note=note))
        == shown
    )
