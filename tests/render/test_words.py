"""Numbers, times and sizes: a unit is chosen after rounding, what is missing is a dash, a text stays on its line."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest

from jupyter_mlops.render.words import (
    counted,
    duration,
    first_line,
    left_out,
    moment,
    number,
    short,
    signed,
    size,
    value,
)


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        # Rounding may carry into a digit more.
        (9.9996, "10"),
        (999.96, "1,000"),
        (99_999.6, "100,000"),
        (0.00099996, "1.00e−03"),
        (0.0010004, "0.001"),
        (0.001, "0.001"),
        (-0.0, "0"),
        (-0.00001234, "−1.23e−05"),
        (-1234.5678, "−1,235"),
        (999_999_999.0, "999,999,999"),
        (1e9, "1.00e+09"),
        (5e-324, "4.94e−324"),
    ],
)
def test_a_number_is_rounded_to_what_it_says(figure: float, text: str) -> None:
    assert number(figure) == text


@pytest.mark.parametrize("figure", [math.pi * 10**n for n in range(-12, 13)])
def test_a_number_keeps_its_size_and_three_digits_at_least(figure: float) -> None:
    for exact in (figure, -figure):
        read = float(number(exact).replace(",", "").replace("−", "-"))

        assert read == pytest.approx(exact, rel=5e-3)


def test_a_unit_stands_behind_its_number_and_a_missing_number_has_none() -> None:
    assert number(12.5, "µg/m³") == "12.5 µg/m³"
    assert number(math.nan, "ms") == "NaN ms"
    assert number(None, "ms") == "–"
    assert signed(0.5, "ms") == "+0.5 ms"


@pytest.mark.parametrize(
    ("figure", "text"),
    [(0.25, "+0.25"), (-0.25, "−0.25"), (0.0, "0"), (-0.0, "0"), (math.inf, "+∞"), (-math.inf, "−∞"), (math.nan, "NaN"), (None, "–")],
)  # fmt: skip
def test_a_difference_carries_its_sign_and_a_minus_as_wide_as_the_plus(
    figure: float | None, text: str
) -> None:
    assert signed(figure) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (1, "1.0 s"), (59.94, "59.9 s"), (59.96, "1 min 0 s"), (60, "1 min 0 s"),
        (119.97, "2 min 0 s"), (3599.4, "59 min 59 s"), (3599.96, "1 h 0 min"), (3600, "1 h 0 min"), (3720, "1 h 2 min"), (359_999, "99 h 59 min"),
    ],
)  # fmt: skip
def test_a_span_is_never_sixty_of_its_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "1 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"), (999_999, "1.0 MB"), (999_999_999, "1.0 GB"),
        (2_500_000_000_000, "2.5 TB"), (10**15, "1000.0 TB"),
    ],
)  # fmt: skip
def test_a_size_is_never_a_thousand_of_a_unit_that_has_a_larger_one(count: int, text: str) -> None:
    assert size(count) == text


def test_a_moment_is_told_in_one_zone_whatever_zone_it_came_in() -> None:
    noon = datetime(2026, 1, 5, 12, 30, 59, tzinfo=UTC)
    tokyo = noon.astimezone(timezone(timedelta(hours=9)))

    assert moment(noon) == moment(tokyo) == value(tokyo) == "2026-01-05 12:30 UTC"
    assert moment(None) == "–"


@pytest.mark.parametrize(
    ("text", "longest", "line"),
    [
        ("12345", 5, "12345"),
        ("123456", 5, "1234…"),
        ("\n\n  first\nsecond", 20, "first"),
        ("first\nsecond", 3, "fi…"),
        ("", 5, ""),
    ],
)
def test_a_first_line_is_never_longer_than_it_may_be(text: str, longest: int, line: str) -> None:
    assert first_line(text, longest) == line
    assert len(line) <= longest


@pytest.mark.parametrize(
    ("thing", "text"),
    [
        (True, "True"),
        (None, "None"),
        (3, "3"),
        (0.1, "0.1"),
        (1e-5, "1e-05"),
        (3.0, "3"),
        (math.inf, "∞"),
        (math.nan, "NaN"),
        ("a\n  b\tc ", "a b c"),
        ((100, 50), "(100, 50)"),
        ("", ""),
    ],
)
def test_any_plain_value_is_said_on_one_line(thing: object, text: str) -> None:
    assert value(thing) == text
    assert len(value("x" * 500, 30)) == 30


def test_one_is_singular_and_every_other_number_is_not() -> None:
    assert [counted(n, "cell") for n in (0, 1, 2, 1_234)] == ["0 cells", "1 cell", "2 cells", "1,234 cells"]
    assert [counted(n, "alias") for n in (1, 2)] == ["1 alias", "2 aliases"]


def test_a_digest_is_known_by_its_head_and_none_is_a_dash() -> None:
    assert [short("4e1b02c9"), short("ab"), short(""), short(None)] == ["4e1b02", "ab", "–", "–"]


@pytest.mark.parametrize(
    ("rows", "columns", "said"),
    [
        (0, 0, ""),
        (1, 0, "1 more row is not shown; it has all"),
        (0, 2, "2 more columns are not shown; it has all"),
        (3, 1, "3 more rows and 1 more column are not shown; it has all"),
    ],
)
def test_what_a_table_holds_back_is_counted_with_where_it_is(rows: int, columns: int, said: str) -> None:
    assert left_out(rows, columns, "it has all") == said
