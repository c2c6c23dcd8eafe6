"""Pictures of several runs: everything is named, lies within its frame, and differs by more than a colour."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from jupyter_mlops.render.blocks import Axis, Overlay, Scatter, Series, Strands
from jupyter_mlops.render.drawings import _LINES, drawn_overlay, drawn_scatter, drawn_strands
from jupyter_mlops.render.many import MANY
from tests.render.records_shown import EVIL


def line(name: str, *values: float) -> Series:
    return Series(
        name,
        tuple((float(step), value) for step, value in enumerate(values)),
        f"{values[0]:g} → {values[-1]:g} in 3 points",
    )


OVERLAY = Overlay(
    "loss ↓",
    (line("steady", 3, 2, 1), Series("none", (), ""), line("slow", 3, 2.5, 2)),
    ("step 0", "2"),
    ("1", "3"),
)
NAMES = ("a", "b", "c")
ALPHA = Axis("alpha", (0.0, 0.5, 1.0), ("1", "2", "3"), "1", "3")
DEPTH = Axis("depth", (1.0, None, 0.0), ("9", "–", "4"), "4", "9")
MAE = Axis("mae ↓", (0.0, 0.25, 1.0), ("0.1", "0.2", "0.5"), "0.1", "0.5")
STRANDS = Strands("What they differ in", NAMES, (ALPHA, DEPTH, MAE), (0, None, 1), best=0)
SCATTER = Scatter("mae ↓ over alpha", NAMES, ALPHA, MAE, (0, None, 1), best=0)


def words(html: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", html)


def label(html: str) -> str:
    return re.findall(r'aria-label="([^"]*)"', html)[0]


def box(html: str) -> tuple[float, float]:
    width, height = re.findall(r'viewBox="0 0 (\d+) (\d+)"', html)[0]
    return float(width), float(height)


def spots(html: str) -> list[tuple[float, float]]:
    """Everything that a path goes through, and the middle of every point."""
    steps = [
        part
        for path in re.findall(r'<path d="([^"]*)"', html)
        for part in re.findall(r"([-\d.]+) ([-\d.]+)", path)
    ]
    return [(float(x), float(y)) for x, y in [*steps, *re.findall(r'cx="([-\d.]+)" cy="([-\d.]+)"', html)]]


@pytest.mark.parametrize("html", [drawn_overlay(OVERLAY), drawn_strands(STRANDS), drawn_scatter(SCATTER)])
def test_all_of_it_lies_within_the_picture(html: str) -> None:
    width, height = box(html)
    assert spots(html)
    for x, y in spots(html):
        assert 0 <= x <= width
        assert 0 <= y <= height
    for x, y in re.findall(r'<text x="([\d.]+)" y="([\d.]+)"', html):
        assert 0 <= float(x) <= width
        assert 0 <= float(y) <= height


def test_curves_are_named_at_their_ends_with_what_they_came_to() -> None:
    html = drawn_overlay(OVERLAY)
    assert words(html) == ["1", "3", "step 0", "2", "steady 1", "slow 2"]
    assert label(html) == "loss ↓: steady 3 → 1 in 3 points; slow 3 → 2 in 3 points"
    assert re.findall(r"<title>([^<]*)</title>", html) == [label(html), "steady █▅▁", "slow █▅▁"]


def test_a_run_keeps_its_colour_and_dashes_where_one_before_it_has_no_curve() -> None:
    html = drawn_overlay(OVERLAY)
    assert re.findall(r'stroke-linejoin="round" stroke="(#\w+)"', html) == ["#0072b2", "#009e73"]
    assert re.findall(r'stroke-dasharray="([^"]*)"', html) == ["2 2"]
    assert html.count("currentColor)") == 4  # a line and its end each, drawn towards the text's colour


def test_names_of_lines_that_end_at_one_place_do_not_lie_on_each_other() -> None:
    html = drawn_overlay(replace(OVERLAY, lines=tuple(line(f"run{n}", 2, 2, 1 + n * 1e-6) for n in range(5))))
    ys = sorted(float(y) for y in re.findall(r'y="([\d.]+)"[^>]*>run', html))
    assert len(ys) == 5
    assert all(after - before >= 12.9 for before, after in pairwise(ys))
    assert ys[-1] <= box(html)[1]


def test_a_flat_line_stands_in_the_middle_and_its_height_is_said_once() -> None:
    html = drawn_overlay(Overlay("x", (line("flat", 1, 1, 1),), ("step 0", "2"), ("1", "1")))
    assert words(html) == ["1", "step 0", "2", "flat 1"]


def test_what_is_said_at_a_lines_end_is_what_was_logged_last() -> None:
    folds = Series("a", ((0.0, 9.0), (1.0, 8.0), (0.0, 3.0), (1.0, 2.0)), "9 → 2 in 4 points")
    assert words(drawn_overlay(replace(OVERLAY, lines=(folds,))))[-1] == "a 2"
    broken = Series("b", ((0.0, 9.0), (1.0, 8.0), (2.0, float("nan"))), "9 → NaN in 3 points")
    assert words(drawn_overlay(replace(OVERLAY, lines=(broken,))))[-1] == "b 8"


def test_large_numbers_beside_a_picture_have_room_and_long_words_are_clipped() -> None:
    html = drawn_overlay(replace(OVERLAY, reach=("1", "123,456,789")))
    (x,) = re.findall(r'<text x="([\d.]+)"[^>]*>123,456,789<', html)
    assert float(x) > 11 * 6
    worded = replace(MAE, least="a word of many letters", greatest="another one of many letters")
    assert max(map(len, words(drawn_scatter(replace(SCATTER, y=worded)))[2:4])) <= 9


def test_a_long_name_is_clipped_in_its_middle() -> None:
    html = drawn_overlay(replace(OVERLAY, lines=(line("a-very-long-name-of-a-run-7", 1, 2, 3),)))
    assert words(html)[-1] == "a-very-l…a-run-7 3"


def test_runs_go_across_the_axes_with_gaps_where_they_have_none_and_the_best_on_top() -> None:
    html = drawn_strands(STRANDS)
    paths = re.findall(
        r'<path d="([^"]*)" fill="none" stroke-width="([\d.]+)"[^>]*><title>(\w)</title>', html
    )
    assert [name for *_, name in paths] == ["b", "c", "a"]
    assert [path.count("M") for path, *_ in paths] == [2, 1, 1]
    assert [thick for _, thick, _ in paths] == ["1.4", "1.4", "2.6"]
    assert words(html) == ["alpha", "3", "1", "depth", "9", "4", "mae ↓", "0.5", "0.1"]
    assert label(html) == "3 runs across alpha, depth, mae ↓; the table below says the same in numbers"


def test_points_are_named_where_there_are_few_and_the_best_always() -> None:
    few = drawn_scatter(SCATTER)
    assert words(few)[-3:] == ["★ a", "b", "c"]
    assert "<title>c: alpha 3, mae ↓ 0.5</title>" in few
    ten = tuple(f"r{n}" for n in range(10))
    x = Axis("x", tuple(n / 9 for n in range(10)), ten, "0", "9")
    many = drawn_scatter(Scatter("y over x", ten, x, replace(x, name="y"), (None,) * 10, best=4))
    assert [word for word in words(many) if "r" in word] == ["★ r4"]
    assert many.count("<circle") == 10


def test_a_run_that_lacks_one_of_the_two_has_no_point() -> None:
    html = drawn_scatter(replace(SCATTER, y=DEPTH))
    assert html.count("<circle") == 2
    assert label(html).startswith("2 runs")


def test_names_from_user_code_stay_text() -> None:
    axis = replace(ALPHA, name=EVIL, said=(EVIL,) * 3, least=EVIL, greatest=EVIL + "x")
    drawn = (
        drawn_overlay(Overlay(EVIL, (Series(EVIL, ((0, 1.0), (1, 2.0)), EVIL),), (EVIL, EVIL), (EVIL, EVIL))),
        drawn_strands(replace(STRANDS, names=(EVIL,) * 3, axes=(axis, axis))),
        drawn_scatter(Scatter(EVIL, (EVIL,) * 3, axis, axis, (None,) * 3)),
    )
    for html in drawn:
        assert "<script" not in html
        assert "<img" not in html
        assert "\x1b" not in html


def test_lines_have_the_colours_and_dashes_of_the_page_and_the_same_runs_count_as_many() -> None:
    front = Path(__file__).parents[2] / "labextension"
    css = (front / "style/views.css").read_text(encoding="utf-8")
    mixed = re.findall(r"--jmlops-line-\d: color-mix\(in srgb, (#\w+) (\d+)%", css)
    dashes = re.findall(r"\.jmlops-series-\d \{\s*stroke: [^;]+;\s*stroke-dasharray: ([\d ]+);", css)
    assert [(colour, str(much)) for colour, much, _ in _LINES[:4]] == mixed
    assert [dashed for *_, dashed in _LINES[1:]] == dashes
    (many,) = re.findall(
        r"export const MANY = (\d+);", (front / "src/views/many.ts").read_text(encoding="utf-8")
    )
    assert int(many) == MANY
