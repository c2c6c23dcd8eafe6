"""The values of an axis by their place and by a drawn number: exact, within the axis, both ends among them."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.automation.sweeps.drawing import exact, seeded, size_of, text_of, value_at, value_of
from jupyter_mlops.records.sweep import Choices, Span

OF = 2**52
NUMBERS = st.floats(-1e300, 1e300)


@st.composite
def spans(draw):
    low, high = sorted(draw(st.lists(NUMBERS, min_size=2, max_size=2, unique=True)))
    match draw(st.sampled_from(["plain", "log", "step", "whole", "whole step", "whole log"])):
        case "plain":
            return Span(low=low, high=high)
        case "log":
            low, high = sorted(draw(st.lists(st.floats(1e-300, 1e300), min_size=2, max_size=2, unique=True)))
            return Span(low=low, high=high, log=True)
        case "step":
            low, step = draw(st.floats(-1e6, 1e6)), draw(st.floats(1e-3, 1e3))
            return Span(low=low, high=low + step * draw(st.integers(1, 1000)) * 1.01, step=step)
        case kind:
            low = draw(st.integers(1 if "log" in kind else -(10**15), 10**15 - 1000))
            high = low + draw(st.integers(1, 1000))
            return Span(
                low=low,
                high=high,
                whole=True,
                log="log" in kind,
                step=draw(st.integers(1, high - low)) if "step" in kind else None,
            )


def is_on(span: Span, value: object) -> bool:
    between = isinstance(value, int if span.whole else float) and span.low <= value <= span.high
    if span.step is None:
        return between
    return between and value == value_at(span, round((exact(value) - exact(span.low)) / exact(span.step)))


@settings(deadline=None)
@given(spans(), st.integers(0, OF - 1))
def test_every_draw_is_a_value_of_its_span(span, draw):
    assert is_on(span, value_of(span, draw, OF))


@settings(deadline=None)
@given(spans())
def test_the_first_and_the_last_draw_are_the_ends(span):
    size = size_of(span)
    last = span.high if size is None or span.step is None else value_at(span, size - 1)

    assert value_of(span, 0, OF) == span.low
    assert value_of(span, OF - 1, OF) == last


@settings(deadline=None)
@given(spans(), st.lists(st.integers(0, OF - 1), min_size=2, max_size=2))
def test_greater_draws_are_no_smaller_values(span, draws):
    first, second = sorted(draws)

    assert value_of(span, first, OF) <= value_of(span, second, OF)


def test_steps_are_as_they_are_written():
    span = Span(low=0.0, high=1.0, step=0.1)

    assert [value_at(span, place) for place in range(size_of(span))] == [
        0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("axis", "size"),
    [
        (Choices(values=("a",)), 1),
        (Choices(values=(1, None, [1])), 3),
        (Span(low=0.0, high=1.0), None),
        (Span(low=1.0, high=2.0, log=True), None),
        (Span(low=0.0, high=1.0, step=0.3), 4),
        (Span(low=2, high=10, whole=True), 9),
        (Span(low=2.0, high=10.0, whole=True, step=3.0), 3),
        (Span(low=1, high=8, whole=True, log=True), 8),
    ],
)
def test_an_axis_knows_how_many_values_it_has(axis, size):
    assert size_of(axis) == size


def test_no_value_has_a_place_between_the_ends_of_a_span_without_a_step():
    with pytest.raises(ValueError, match="without a step"):
        value_at(Span(low=0.0, high=1.0), 0)


@pytest.mark.parametrize(
    "axis",
    [Span(low=1, high=6, whole=True), Choices(values=tuple("abcdef")), Span(low=0.0, high=0.5, step=0.1)],
)
def test_each_of_some_values_is_as_likely_as_any_other(axis):
    assert set(Counter(value_of(axis, draw, 6_000) for draw in range(6_000)).values()) == {1_000}


def test_a_span_by_magnitude_has_as_many_draws_in_each_of_them():
    span = Span(low=0.001, high=1000.0, log=True)
    counts = Counter(math.floor(math.log10(value_of(span, draw, 6_000))) for draw in range(1, 5_999))

    assert set(counts) == {-3, -2, -1, 0, 1, 2}
    assert all(999 <= count <= 1001 for count in counts.values())


def test_whole_numbers_by_magnitude_have_the_room_around_them():
    span = Span(low=1, high=4, log=True, whole=True)
    counts = Counter(value_of(span, draw, 10_000) for draw in range(10_000))
    room = {n: math.log((n + 0.5) / (n - 0.5)) / math.log(4.5 / 0.5) for n in (1, 2, 3, 4)}

    assert {n: round(count / 10_000, 2) for n, count in counts.items()} == {
        n: round(r, 2) for n, r in room.items()
    }


def test_a_number_is_taken_as_it_is_written():
    assert exact(0.1) == Fraction(1, 10)
    assert exact(10**15) == 10**15


def test_a_generator_gives_the_same_in_every_version():
    """Numbers that were drawn once: whoever changes how they come changes the trials of every sweep that is under way."""
    assert [seeded(7, 3, "alpha").random(), seeded(7, "sobol", "alpha").random()] == [
        0.4652447732886765,
        0.8082108184534967,
    ]


def test_values_are_told_apart_by_their_type_too():
    assert (
        len({text_of(value) for value in (1, 1.0, True, "1", [1], [True], None, {"a": 1}, {"a": True})}) == 9
    )
    assert text_of({"a": 1, "b": 2}) == text_of({"b": 2, "a": 1})
    assert text_of((1, 2)) == text_of([1, 2])
