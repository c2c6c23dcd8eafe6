"""How runs went, in a word: which ends are said, what lies below the curve, and which metric it is of."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from jupyter_mlops.records.run import RunCurve
from jupyter_mlops.render.curves import overlays, spark
from jupyter_mlops.render.html import as_html, html_of
from jupyter_mlops.render.runs import runs_blocks
from jupyter_mlops.render.text import as_text, text_of
from tests.render.records_shown import EVIL, a_run

FALLING = RunCurve(run="a" * 26, key="loss", count=1_200, steps=(0, 10, 99), values=(3.0, 0.5, 1.0))
RUNS = tuple(a_run(id=letter * 26, name=letter, params={}, metrics={}) for letter in "abc")


def test_curves_are_told_with_the_numbers_they_run_between() -> None:
    diverged = replace(FALLING, run="b" * 26, count=3, values=(3.0, math.inf, math.nan))
    title, head, *rows = as_text((FALLING, diverged)).splitlines()

    assert title == "2 curves"
    assert head.split() == ["run", "metric", "curve", "first", "last", "lowest", "highest", "points"]
    assert [row.split() for row in rows] == [
        ["aaaaaa", "loss", "↓", "█▁▂", "3", "1", "0.5", "3", "1,200"],
        ["bbbbbb", "loss", "↓", "▄", "3", "NaN", "3", "3", "3"],
    ]


def test_a_curve_without_any_number_has_a_row_all_the_same() -> None:
    for values in ((math.nan, math.nan), ()):
        lost = replace(FALLING, steps=tuple(range(len(values))), values=values)
        assert "loss" in as_text((lost,))
        assert as_html((lost,)).count("<svg") == 1


def test_points_lie_over_their_steps_and_where_all_are_at_one_step_in_their_order() -> None:
    assert [x for x, _ in spark(FALLING).points] == [0.0, 10.0, 99.0]
    assert [x for x, _ in spark(replace(FALLING, steps=(0, 0, 0), count=3)).points] == [0.0, 1.0, 2.0]


def test_curves_in_the_order_they_were_logged_are_as_long_as_they_were() -> None:
    long = replace(FALLING, steps=(0, 0, 0), count=100_001)
    short = replace(FALLING, run="b" * 26, steps=(0, 0, 0), count=3)
    (overlay,) = overlays((long, short), {"a" * 26: "long", "b" * 26: "short"})
    assert [[x for x, _ in line.points] for line in overlay.lines] == [[0, 50_000, 100_000], [0, 1, 2]]
    assert overlay.ends == ("in the order they were logged", "")


def test_the_columns_head_names_the_metric_that_all_curves_are_of_or_else_each_curve_does() -> None:
    alike = (FALLING, replace(FALLING, run="b" * 26))
    lines = text_of(runs_blocks(RUNS, 3, alike)).splitlines()
    assert lines[-4].endswith("curve: loss")
    assert [line.split()[-1] for line in lines[-3:-1]] == ["█▁▂", "█▁▂"]

    other = (FALLING, replace(FALLING, run="b" * 26, key="reward"))
    lines = text_of(runs_blocks(RUNS, 3, other)).splitlines()
    assert lines[-4].endswith("curve")
    assert [line.split()[-2:] for line in lines[-3:-1]] == [["█▁▂", "loss"], ["█▁▂", "reward"]]
    for shown in (alike, other):
        assert "█" not in text_of(runs_blocks(RUNS, 3, shown)).splitlines()[-1]  # of c there is no curve

    assert "curve" not in text_of(runs_blocks(RUNS, 3))


def test_a_drawing_says_in_words_what_it_draws_and_takes_no_more_room_than_a_row() -> None:
    html = html_of(runs_blocks(RUNS, 3, (FALLING,)))

    assert re.findall(r'aria-label="([^"]*)"', html) == ["loss 3 → 1 in 1,200 points"]
    assert re.findall(r'<svg[^>]* height="(\d+)"', html) == ["18"]
    assert "<title>█▁▂</title>" in html


def test_a_metrics_name_stays_text() -> None:
    curves = (replace(FALLING, key=EVIL), replace(FALLING, run="b" * 26))
    for html in (as_html(curves), html_of(runs_blocks(RUNS, 3, curves))):
        assert "<script" not in html
        assert "<img" not in html
