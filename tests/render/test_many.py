"""Five runs and more: pictures of what they differ in, and a row each."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from jupyter_mlops.records.comparison import MetricRow, RunComparison, ValueRow
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.run import RunCurve
from jupyter_mlops.render.blocks import Block, Overlay, Scatter, Strands, Table
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.many import MANY
from jupyter_mlops.render.runs import comparison_blocks
from jupyter_mlops.render.text import as_text, text_of
from tests.render.records_shown import EVIL, a_run


def compared(count: int = 6, alphas: int = 1, **more) -> RunComparison:
    runs = tuple(a_run(id=f"{n:026d}", name=f"run{n}") for n in range(count))
    given = {
        "params": tuple(
            ValueRow(name=f"alpha{k or ''}", values=tuple(n / 10 for n in range(count)))
            for k in range(alphas)
        ),
        "metrics": (
            MetricRow(
                name="mae",
                values=(None, *(float(n) for n in range(1, count))),
                direction=Direction.LOWER,
                best=1,
            ),
            MetricRow(name="fit_seconds", values=tuple(float(n * n) for n in range(count))),
        ),
    }
    return RunComparison(runs=runs, headline="run1 is best.", **(given | more))


def blocks(record: RunComparison, kind: type[Block], curves: tuple[RunCurve, ...] = ()) -> list[Block]:
    return [block for block in comparison_blocks(record, curves) if isinstance(block, kind)]


@pytest.mark.parametrize(("count", "drawn"), [(2, 0), (MANY - 1, 0), (MANY, 1), (24, 1)])
def test_from_five_runs_on_there_are_pictures_and_a_row_a_run(count: int, drawn: int) -> None:
    record = compared(count)
    assert len(blocks(record, Strands)) == len(blocks(record, Scatter)) == drawn
    (first, *_) = blocks(record, Table)
    assert (first.title, len(first.rows)) == ((f"{count} runs", count) if drawn else ("Metrics", 2))
    assert as_html(record).count("<svg") == 2 * drawn


def test_each_run_has_its_grade_its_parameters_and_its_metrics_and_the_best_a_star() -> None:
    lines = [re.split(r" {2,}", line.strip()) for line in as_text(compared()).splitlines()]
    assert lines[0] == ["run1 is best."]
    assert lines[1:5] == [
        ["6 runs"],
        ["run", "grade", "alpha", "mae ↓", "fit_seconds ↓"],
        ["run0", "✓ clean, saved", "0", "–", "0"],
        ["★ run1", "✓ clean, saved", "0.1", "1", "1"],
    ]
    assert len(lines) == 9


def test_the_metric_that_judges_goes_up_the_side_and_a_parameter_along_the_bottom() -> None:
    (scatter,) = blocks(compared(), Scatter)
    assert (scatter.title, scatter.y.name, scatter.x.name, scatter.best) == (
        "mae ↓ over alpha",
        "mae ↓",
        "alpha",
        1,
    )
    (scatter,) = blocks(compared(alphas=0), Scatter)
    assert (scatter.y.name, scatter.x.name) == ("mae ↓", "fit_seconds ↓")


def test_where_there_is_one_thing_or_nothing_to_draw_there_is_the_table_alone() -> None:
    for record in (compared(alphas=0, metrics=()), compared(alphas=0, metrics=compared().metrics[:1])):
        assert blocks(record, Strands) == blocks(record, Scatter) == []
        assert len(blocks(record, Table)[0].rows) == 6


def test_what_has_no_room_is_counted_and_what_it_came_to_stays() -> None:
    record = compared(alphas=12)
    (strands,) = blocks(record, Strands)
    assert len(strands.axes) == 10
    assert [axis.name for axis in strands.axes][-2:] == ["mae ↓", "fit_seconds ↓"]
    assert "4 more columns are not shown; its params and metrics have them all" in as_text(record)
    assert "not shown" not in as_text(compared(alphas=8))
    assert "1 more column is not shown" in as_text(compared(alphas=9))


def test_runs_have_the_colours_of_their_curves_in_every_picture() -> None:
    record = compared()
    curves = tuple(
        RunCurve(run=f"{n:026d}", key=key, count=3, steps=(0, 1, 2), values=(3.0, 2.0, float(n)))
        for key in ("loss", "reward")
        for n in (2, 4)
        if (key, n) != ("reward", 2)
    )
    assert blocks(record, Strands, curves)[0].colours == (None, None, 0, None, 1, None)
    assert blocks(record, Scatter, curves)[0].colours == (None, None, 0, None, 1, None)
    loss, reward = blocks(record, Overlay, curves)
    assert (
        [series.name for series in loss.lines] == [series.name for series in reward.lines] == ["run2", "run4"]
    )
    assert reward.lines[0].points == ()
    text = text_of(comparison_blocks(record, curves))
    assert "run2  █▁▁  3 → 2 in 3 points" in text
    assert re.search(r"reward\n  run2  –\n  run4  ", text)


def test_names_from_user_code_stay_text() -> None:
    runs = tuple(a_run(id=f"{n:026d}", name=EVIL) for n in range(5))
    record = replace(
        compared(5), runs=runs, params=(ValueRow(name=EVIL, values=(EVIL, None, 1, 2, EVIL + "x")),)
    )
    assert "<script" not in as_html(record)
    assert "<img" not in as_html(record)
    assert "\x1b" not in as_text(record)
