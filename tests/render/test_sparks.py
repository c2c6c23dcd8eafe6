"""Small curves, in characters and as paths."""

from __future__ import annotations

import math

from jupyter_mlops.render.sparks import as_characters, as_path


def test_bars_rise_with_the_values_and_end_with_the_last():
    assert as_characters([(0, 0.0), (1, 1.0)]) == "▁█"
    bars = as_characters([(x, -float(x)) for x in range(1000)])
    assert (len(bars), bars[0], bars[-1]) == (12, "█", "▁")
    assert list(bars) == sorted(bars, reverse=True)


def test_what_is_flat_is_a_line_and_what_is_no_number_is_left_out():
    assert as_characters([(0, 2.0), (1, math.nan), (2, 2.0), (3, math.inf)]) == "▄▄"
    assert as_characters([(0, math.nan)]) == ""
    assert as_path([(0, math.nan)], 120, 24) == ("", (0.0, 0.0))


def test_a_path_stays_in_its_box_and_ends_at_the_last_value():
    path, end = as_path([(x, math.sin(x / 50)) for x in range(5000)] + [(5000, -2.0)], 120, 24)
    places = [tuple(map(float, pair.split())) for pair in path.removeprefix("M").split("L")]
    assert len(places) <= 122
    assert all(0 <= x <= 120 and 0 <= y <= 24 for x, y in places)
    assert end == places[-1] == (117.0, 21.0)


def test_values_further_apart_than_a_float_takes_are_drawn_like_others():
    points = [(0, 1.5e308), (1, -1.5e308), (2, 0.0)]
    assert as_characters(points) == "█▁▅"
    path, end = as_path(points, 120, 24)
    assert end == (117.0, 12.0)
    assert path.startswith("M3 3L")
    assert as_characters([(0, 0.0), (1, 5e-324)]) == "▁█"


def test_steps_that_were_logged_downwards_are_drawn_from_left_to_right():
    points = [(2, 3.0), (1, 2.0), (0, 1.0)]
    assert as_characters(points) == "▁▅█"
    assert as_path(points, 120, 24)[1] == (117.0, 3.0)
