"""What compared runs differ in, as axes: numbers by their size, words in a row, and gaps where a run has none."""

from __future__ import annotations

import math

import pytest

from jupyter_mlops.records.comparison import MetricRow, RunComparison, ValueRow
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.render.axes import axes_of
from jupyter_mlops.render.blocks import Axis
from tests.render.records_shown import a_run


def axes(*rows: ValueRow | MetricRow) -> tuple[list[Axis], list[Axis]]:
    return axes_of(
        RunComparison(
            runs=tuple(a_run(id=letter * 26) for letter in "abc"),
            headline="",
            params=tuple(row for row in rows if isinstance(row, ValueRow)),
            metrics=tuple(row for row in rows if isinstance(row, MetricRow)),
        )
    )


MAE = MetricRow(name="mae", values=(3.0, 1.0, 2.0), direction=Direction.LOWER, best=1)


@pytest.mark.parametrize(
    ("values", "places", "ends"),
    [
        ((0.1, 0.3, 0.2), (0.0, 1.0, 0.5), ("0.1", "0.3")),
        ((10, None, 30), (0.0, None, 1.0), ("10", "30")),
        (("tall", "flat", "tall"), (1.0, 0.0, 1.0), ("flat", "tall")),
        ((1, "auto", None), (0.0, 1.0, None), ("1", "auto")),
        ((False, True, False), (0.0, 1.0, 0.0), ("False", "True")),
        ((1.0, math.inf, 2.0), (0.0, None, 1.0), ("1", "2")),
        ((1, 10**400, 2), (0.0, None, 1.0), ("1", "2")),
        ((-1e308, 1e308, 0.0), (0.0, 1.0, 0.5), ("-1e+308", "1e+308")),
    ],
)
def test_a_parameter_lies_by_its_number_or_in_a_row_of_words(values, places, ends) -> None:
    (axis,), (metric,) = axes(ValueRow(name="x", values=values), MAE)
    assert axis.places == pytest.approx(places) if None not in places else axis.places == places
    assert (axis.least, axis.greatest) == ends
    assert (metric.name, metric.places) == ("mae ↓", (1.0, 0.0, 0.5))


def test_what_is_said_is_said_of_each_run_and_a_dash_of_one_without() -> None:
    (axis,), (metric,) = axes(
        ValueRow(name="x", values=(None, "a", "b")), MetricRow(name="r2", values=(0.91234567, None, math.nan))
    )
    assert axis.said == ("–", "a", "b")
    assert metric.said == ("0.9123", "–", "NaN")


def test_what_is_the_same_in_all_is_drawn_only_where_too_little_else_is_there() -> None:
    same = MetricRow(name="auc", values=(1.0, 1.0, 1.0))
    assert [axis.name for axis in axes(same, MAE, ValueRow(name="x", values=(1, 2, 3)))[1]] == ["mae ↓"]
    assert [axis.name for axis in axes(same, MAE)[1]] == ["auc ↑", "mae ↓"]
    assert axes(MetricRow(name="lost", values=(math.nan, None, math.inf))) == ([], [])
