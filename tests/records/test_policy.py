"""What a model's approval takes, and which way a metric is better."""

from __future__ import annotations

import pytest
from contracts.records import RecordContract
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.records import policy
from jupyter_mlops.records.policy import Direction, Policy, direction_of, told_at

LOWER = [
    "mae",
    "rmse",
    "log_loss",
    "val/loss",
    "brier_score",
    "trainLoss",
    "MAE",
    "fit seconds",
    "pinball_0.9",
]
HIGHER = [
    "accuracy",
    "roc_auc",
    "f1",
    "R2",
    "r2_score",
    "f1_macro",
    "explainedVariance",
    "top5",
    "valAccuracy",
]
SILENT = [
    "",
    "alpha",
    "rows",
    "glossary",
    "female",
    "aucune",
    "損失",
    "explained",
    "variance",
    "cv_score_std",
    "cv_neg_mae_std",
]


class TestRecords(RecordContract):
    module = policy
    required = {"Kpi": "metric direction", "Policy": "model"}


def test_who_wrote_no_policy_asks_for_one_approval_and_guards_the_champion() -> None:
    plain = Policy(model="pm25")
    assert (plain.quorum, plain.protected, plain.author_may_approve) == (1, ("champion",), False)
    assert (plain.doors, plain.reviewers, plain.kpis) == ((), (), ())


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        *((m, Direction.LOWER) for m in LOWER),
        *((m, Direction.HIGHER) for m in HIGHER),
        *((m, None) for m in SILENT),
    ],
)
def test_the_words_of_a_metric_say_which_way_is_better(metric: str, expected: Direction | None) -> None:
    assert direction_of(metric) is expected


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("neg_mean_squared_error", Direction.HIGHER),
        ("negRMSE", Direction.HIGHER),
        ("neg_accuracy", Direction.LOWER),
        ("negative_predictive_value", None),
    ],
)
def test_a_metric_that_is_negated_is_turned_round(metric: str, expected: Direction | None) -> None:
    assert direction_of(metric) is expected


@given(st.text(max_size=40))
def test_a_word_for_loss_wins_whatever_stands_around_it(other: str) -> None:
    said = direction_of(f"{other} accuracy_error")
    assert said in {Direction.LOWER, Direction.HIGHER}
    if "neg" not in other.lower() and "minus" not in other.lower():
        assert said is Direction.LOWER


@given(st.text(max_size=60))
def test_any_name_has_an_answer(metric: str) -> None:
    assert direction_of(metric) in {None, *Direction}


def test_held_out_data_are_told_before_those_fitted_on_and_the_fitting_itself_last() -> None:
    names = ["train_mae", "fit_seconds", "mae", "cv_mae_std", "trees", "fold_1_mae", "train_r2"]
    assert sorted(names, key=lambda name: (told_at(name), name)) == [
        "mae",
        "trees",
        "train_mae",
        "train_r2",
        "cv_mae_std",
        "fit_seconds",
        "fold_1_mae",
    ]
