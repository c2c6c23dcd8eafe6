"""Metrics beside each other, and the sentence that answers the question."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.records.policy import Direction, Kpi, Policy
from jupyter_mlops.records.review import MetricComparison
from jupyter_mlops.review.comparison import against, compare_metrics, headline
from tests.review.subjects import subject


def compared(
    new: dict[str, float], old: dict[str, float] | None = None, *kpis: Kpi
) -> dict[str, MetricComparison]:
    policy = Policy(model="pm25", kpis=kpis) if kpis else None
    champion = None if old is None else subject(1, metrics=old)
    return {metric.name: metric for metric in compare_metrics(subject(2, metrics=new), champion, policy)}


def answer(new: dict[str, float], old: dict[str, float] | None = None, *kpis: Kpi, number: int = 2) -> str:
    candidate = subject(number, metrics=new)
    champion = None if old is None else subject(1, metrics=old)
    metrics = compare_metrics(candidate, champion, Policy(model="pm25", kpis=kpis) if kpis else None)
    return headline(candidate, champion, "champion", metrics)


def kpi(metric: str, direction: Direction = Direction.LOWER) -> Kpi:
    return Kpi(metric=metric, direction=direction, unit="u")


NUMBERS = st.floats(-1e9, 1e9)


@given(NUMBERS, NUMBERS)
def test_better_follows_the_direction_and_turns_with_the_sides(one: float, other: float) -> None:
    here, there = compared({"mae": one}, {"mae": other})["mae"], compared({"mae": other}, {"mae": one})["mae"]
    assert here.better is (None if one == other else one < other)
    assert there.better is (None if one == other else not here.better)
    higher = compared({"r2": one}, {"r2": other})["r2"]
    assert higher.better is (None if one == other else one > other)


@pytest.mark.parametrize(
    ("new", "old"), [(math.nan, 1.0), (1.0, math.nan), (math.inf, 1.0), (math.inf, math.inf)]
)
def test_what_is_no_number_is_neither_better_nor_worse(new: float, old: float) -> None:
    found = compared({"mae": new}, {"mae": old})["mae"]
    assert (found.difference, found.better) == (None, None)


def test_a_metric_of_one_side_only_is_listed_with_nothing_beside_it() -> None:
    found = compared({"mae": 1.0}, {"r2": 0.9})
    assert (found["mae"].candidate, found["mae"].champion, found["mae"].difference) == (1.0, None, None)
    assert (found["r2"].candidate, found["r2"].champion) == (None, 0.9)


def test_the_policys_metrics_come_first_in_its_order_also_where_nobody_logged_them() -> None:
    found = compared({"a_mae": 1.0, "r2": 0.9}, {}, kpi("rmse"), kpi("r2", Direction.HIGHER))
    assert list(found) == ["rmse", "r2", "a_mae"]
    assert [m.required for m in found.values()] == [True, True, False]
    assert (found["rmse"].candidate, found["rmse"].unit, found["a_mae"].unit) == (None, "u", "")


def test_the_policys_direction_wins_over_the_name() -> None:
    assert compared({"mae": 2.0}, {"mae": 1.0}, kpi("mae", Direction.HIGHER))["mae"].better is True


def test_what_speaks_of_the_training_only_is_left_out_unless_a_policy_asks_for_it() -> None:
    new = {"mae": 1.0, "train_mae": 0.5, "fit_seconds": 3.0}
    assert list(compared(new, {})) == ["mae"]
    assert list(compared(new, {}, kpi("fit_seconds"))) == ["fit_seconds", "mae"]


def test_the_simple_baseline_is_compared_with_only_where_there_is_no_champion() -> None:
    new = {"mae": 1.0, "baseline_mae": 3.0}
    alone = compared(new)["mae"]
    assert (alone.difference, alone.better, alone.baseline) == (-2.0, True, 3.0)
    beside = compared(new, {"mae": 0.5})["mae"]
    assert (beside.difference, beside.better, beside.baseline) == (0.5, False, None)
    assert "baseline_mae" not in compared(new)


def test_what_was_compared_with_is_named() -> None:
    assert against(subject(1), ()) == "champion"
    assert against(None, tuple(compared({"mae": 1.0, "baseline_mae": 3.0}).values())) == "baseline"
    assert against(None, tuple(compared({"mae": 1.0}).values())) == ""


@pytest.mark.parametrize(
    ("new", "old", "says"),
    [
        ({}, None, "No champion yet: compared with nothing."),
        ({"mae": 9, "baseline_mae": 3}, None, "No champion yet: worse than the simple baseline on 1 of 1 metric."),
        ({"n": 9, "baseline_n": 3}, None, "No champion yet: beside the simple baseline on 1 metric, but nobody said which way is better."),
        ({}, {}, "Not comparable with champion pm25:1: no metric in common."),
        ({"mae": 1, "r2": 1, "f1": 1}, {"mae": 2, "r2": 2, "f1": 1}, "Better than champion pm25:1 on 1 of 3 metrics, worse on 1, equal on 1."),
        ({"mae": 3, "r2": 1, "f1": 1}, {"mae": 2, "r2": 1, "f1": 1}, "Worse than champion pm25:1 on 1 of 3 metrics, equal on 2."),
    ],
)  # fmt: skip
def test_the_first_line_answers_the_question(
    new: dict[str, float], old: dict[str, float] | None, says: str
) -> None:
    assert answer(new, old) == says


def test_a_champion_reviewed_again_is_confirmed() -> None:
    assert answer({"mae": 1}, {"mae": 1}, number=1) == "pm25:1 is champion already: approving confirms it."


def test_where_the_policy_names_metrics_the_others_do_not_answer() -> None:
    assert answer({"mae": 1, "r2": 0.1}, {"mae": 2, "r2": 0.9}, kpi("mae")) == (
        "Better than champion pm25:1 on 1 of 1 required metric."
    )
    assert answer({"r2": 0.9}, {"r2": 0.1}, kpi("mae")) == (
        "Not comparable with champion pm25:1: no required metric in common."
    )
