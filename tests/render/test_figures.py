"""Metrics: the arrow says which way is better, the telling ones come first, a difference claims no more than is known."""

from __future__ import annotations

import itertools
import math

import pytest

from jupyter_mlops.render.figures import difference, headline, named


def test_a_name_has_an_arrow_only_where_it_says_which_way_is_better() -> None:
    assert [
        named(name) for name in ("mae", "val/r2", "neg_mean_squared_error", "brier_score", "alpha", "")
    ] == [
        "mae ↓",
        "val/r2 ↑",
        "neg_mean_squared_error ↑",
        "brier_score ↓",
        "alpha",
        "",
    ]


def test_held_out_figures_come_before_those_of_the_training_and_those_of_the_fitting_last() -> None:
    logged = {
        "fit_seconds": 3.0,
        "train_mae": 1.0,
        "mae": 2.0,
        "fold_1_mae": 5.0,
        "mae_std": 0.1,
        "r2": 0.9,
        "training_loss": 4.0,
    }

    shown = headline(logged)

    assert list(shown) == ["mae", "r2", "train_mae", "training_loss", "fit_seconds", "fold_1_mae", "mae_std"]
    assert shown == logged


@pytest.mark.parametrize(
    ("name", "now", "before", "said"),
    [
        ("mae", 41.2, 42.0, "(−0.8 ▲ better)"),
        ("mae", 43.0, 42.0, "(+1 ▼ worse)"),
        ("r2", 0.95, 0.9, "(+0.05 ▲ better)"),
        ("r2", 0.9, 0.95, "(−0.05 ▼ worse)"),
        ("neg_mean_squared_error", -3.0, -4.0, "(+1 ▲ better)"),
        ("alpha", 2.0, 1.0, "(+1)"),
        ("mae", 42.0, 42.0, "(same)"),
        ("mae", 41.20001, 41.2, "(about the same)"),
        ("mae", math.inf, 1.0, "(+∞ ▼ worse)"),
        ("mae", math.inf, math.inf, "(same)"),
        ("mae", 41.2, None, ""),
        ("mae", math.nan, 41.2, ""),
        ("mae", 41.2, math.nan, ""),
    ],
)
def test_a_difference_says_its_sign_and_whether_it_is_better(
    name: str, now: float, before: float | None, said: str
) -> None:
    assert difference(name, now, before) == said


@pytest.mark.parametrize(
    ("now", "before"), list(itertools.combinations((-2.5, 0.0, 1e-7, 0.3, 41.2, 1e12, math.inf), 2))
)
def test_what_is_better_one_way_is_worse_the_other_and_for_the_other_direction(
    now: float, before: float
) -> None:
    def verdict(name: str, first: float, second: float) -> str:
        (word,) = [word for word in ("better", "worse") if word in difference(name, first, second)]
        return word

    assert verdict("mae", now, before) == verdict("r2", before, now) == "better"
    assert verdict("mae", before, now) == verdict("r2", now, before) == "worse"
    assert not {"better", "worse"} & set(difference("alpha", now, before).strip("()").split())
