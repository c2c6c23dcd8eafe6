"""What a reviewer sees: the answer first, then what needs attention, then what differs."""

from __future__ import annotations

import pytest

from jupyter_mlops.records.policy import Direction, Kpi, Policy
from jupyter_mlops.records.review import Outcome
from jupyter_mlops.records.run import DocumentState, Grade
from jupyter_mlops.review import open_review
from jupyter_mlops.workspace import Workspace
from review.books import CELLS, add_version, keep_policy, set_alias


def evidence(ws: Workspace, reference: str = "pm25:2"):
    return open_review(ws, reference).evidence


def two(ws: Workspace, old: dict[str, float], new: dict[str, float]):
    add_version(ws, metrics=old)
    set_alias(ws, 1)
    add_version(ws, alpha=0.1, metrics=new)
    return evidence(ws)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ({"mae": 42, "r2": 0.90}, {"mae": 41, "r2": 0.91}, "Better than champion pm25:1 on 2 of 2 metrics."),
        ({"mae": 41, "r2": 0.91}, {"mae": 42, "r2": 0.90}, "Worse than champion pm25:1 on 2 of 2 metrics."),
        ({"mae": 42, "r2": 0.90}, {"mae": 41, "r2": 0.89}, "Better than champion pm25:1 on 1 of 2 metrics, worse on 1."),
        ({"mae": 42, "r2": 0.90}, {"mae": 41, "r2": 0.90}, "Better than champion pm25:1 on 1 of 2 metrics, equal on 1."),
        ({"mae": 42}, {"mae": 42}, "Equal to champion pm25:1 on 1 metric."),
        ({"mae": 42}, {"r2": 0.9}, "Not comparable with champion pm25:1: no metric in common."),
        ({"n_rows": 1}, {"n_rows": 2}, "Beside champion pm25:1 on 1 metric, but nobody said which way is better."),
        ({"mae": float("nan")}, {"mae": 42}, "Not comparable with champion pm25:1: no metric in common."),
    ],
)  # fmt: skip
def test_the_first_line_answers_the_question(ws: Workspace, old, new, sentence) -> None:
    assert two(ws, old, new).headline == sentence


def test_without_a_champion_the_simple_baseline_is_compared_with(ws: Workspace) -> None:
    add_version(ws, metrics={"mae": 41.2, "baseline_mae": 60.0, "r2": 0.9})
    found = evidence(ws, "pm25:1")

    assert found.headline == "No champion yet: better than the simple baseline on 1 of 1 metric."
    assert found.against == "baseline"
    assert found.champion is None
    mae, r2 = found.metrics
    assert (mae.name, mae.baseline, mae.better) == ("mae", 60.0, True)
    assert mae.difference == pytest.approx(-18.8)
    assert (r2.name, r2.difference, r2.better) == ("r2", None, None)


def test_without_a_champion_or_baseline_it_says_so(ws: Workspace) -> None:
    add_version(ws)
    found = evidence(ws, "pm25:1")

    assert found.headline == "No champion yet: compared with nothing."
    assert found.against == ""


def test_a_metric_that_got_worse_needs_attention(ws: Workspace) -> None:
    found = two(ws, {"mae": 42, "r2": 0.9}, {"mae": 41, "r2": 0.8})

    assert "r2 is worse by 0.1." in found.attention


def test_only_the_metrics_of_the_policy_are_counted_where_there_is_one(ws: Workspace) -> None:
    keep_policy(
        ws,
        Policy(model="pm25", kpis=(Kpi(metric="mae", direction=Direction.LOWER, unit="µg/m³"),)),
    )
    found = two(ws, {"mae": 42, "r2": 0.9}, {"mae": 41, "r2": 0.8})

    assert found.headline == "Better than champion pm25:1 on 1 of 1 required metric."
    assert [(m.name, m.required, m.unit) for m in found.metrics] == [
        ("mae", True, "µg/m³"),
        ("r2", False, ""),
    ]


def check_of(found, name: str):
    return next(check for check in found.checks if check.name == name)


def test_a_version_that_is_as_it_should_be_passes_every_check(ws: Workspace) -> None:
    found = two(ws, {"mae": 42}, {"mae": 41})

    assert {check.name: check.outcome for check in found.checks} == dict.fromkeys(
        ("grade", "loads", "format", "golden_rows", "same_data", "signature", "document"), Outcome.PASSED
    )
    assert found.attention == ()


def test_what_is_wrong_with_a_version_is_told_by_its_checks(ws: Workspace) -> None:
    add_version(ws)
    set_alias(ws, 1)
    add_version(
        ws,
        alpha=0.1,
        grade=Grade.STALE,
        document=DocumentState.ORPHANED,
        test="e" * 64,
        columns=("dewp", "wind"),
    )
    found = evidence(ws)

    assert check_of(found, "grade").summary == (
        "The cells it rests on are graded stale: cell 2 ran again after it was used."
    )
    assert check_of(found, "document").outcome is Outcome.FAILED
    assert "other data than pm25:1" in check_of(found, "same_data").summary
    assert check_of(found, "signature").summary == (
        "Callers of pm25:1 would break: input column temp is gone; input column wind is new."
    )
    assert set(found.attention) >= {
        check_of(found, n).summary for n in ("grade", "document", "same_data", "signature")
    }


def test_damaged_model_bytes_fail_the_load_check(ws: Workspace) -> None:
    version = add_version(ws)
    ws.blobs.remove(version.digest)
    check = check_of(evidence(ws, "pm25:1"), "loads")

    assert (check.outcome, check.required) == (Outcome.FAILED, True)


@pytest.mark.parametrize(
    ("new", "margin", "bar", "outcome", "says"),
    [
        (41.0, 0.0, None, Outcome.PASSED, "−1 µg/m³ beside pm25:1"),
        (42.4, 0.5, None, Outcome.PASSED, "+0.4 µg/m³ beside pm25:1, margin 0.5 µg/m³"),
        (42.6, 0.5, None, Outcome.FAILED, "worse than allowed"),
        (41.0, 0.5, 40.0, Outcome.FAILED, "misses the bar: at most 40 µg/m³"),
        (41.0, 0.5, 45.0, Outcome.PASSED, "within the bar of 45 µg/m³"),
        (float("nan"), 0.5, 45.0, Outcome.UNKNOWN, "not a number"),
        (None, 0.5, 45.0, Outcome.UNKNOWN, "was not logged"),
    ],
)
def test_a_required_metric_may_be_worse_by_its_margin_and_no_more(
    ws: Workspace, new, margin, bar, outcome, says
) -> None:
    kpi = Kpi(metric="mae", direction=Direction.LOWER, margin=margin, bar=bar, unit="µg/m³")
    keep_policy(ws, Policy(model="pm25", kpis=(kpi,)))
    check = check_of(two(ws, {"mae": 42.0}, {} if new is None else {"mae": new}), "mae")

    assert check.required
    assert check.outcome is outcome
    assert says in check.summary


def test_a_required_metric_where_more_is_better_is_judged_the_other_way(ws: Workspace) -> None:
    kpi = Kpi(metric="r2", direction=Direction.HIGHER, margin=0.01, bar=0.8)
    keep_policy(ws, Policy(model="pm25", kpis=(kpi,)))

    assert check_of(two(ws, {"r2": 0.90}, {"r2": 0.88}), "r2").outcome is Outcome.FAILED


def test_what_changed_is_told_in_phrases(ws: Workspace) -> None:
    add_version(ws, alpha=0.3)
    set_alias(ws, 1)
    add_version(ws, alpha=0.1, packages={"scikit-learn": "1.9.1", "pandas": "3.1.1"}, test="e" * 64)
    changes = evidence(ws).changes

    assert changes == (
        "parameter alpha 0.3 → 0.1",
        "data X_test (test) changed: as many rows, in dewp",
        "scikit-learn 1.9.0 → 1.9.1",
        "In [3] edited",
    )


def test_equal_data_are_told_as_the_same(ws: Workspace) -> None:
    assert "data: same" in two(ws, {"mae": 1}, {"mae": 1}).changes


def test_the_diff_shows_the_line_that_changed(ws: Workspace) -> None:
    add_version(ws, alpha=0.3)
    set_alias(ws, 1)
    add_version(ws, alpha=0.1)
    (change,) = evidence(ws).code

    assert (change.cell, change.label, change.kind) == ("c3", "In [3]", "edited")
    assert "-model = Ridge(alpha=0.3).fit(X, y)" in change.diff
    assert "+model = Ridge(alpha=0.1).fit(X, y)" in change.diff


def test_a_first_version_shows_all_the_code_that_ran(ws: Workspace) -> None:
    add_version(ws)

    assert [(c.kind, c.cell) for c in evidence(ws, "pm25:1").code] == [("added", cell) for cell, _ in CELLS]


def test_the_evidence_has_a_digest_for_each_part(ws: Workspace) -> None:
    add_version(ws)
    parts = evidence(ws, "pm25:1").parts

    assert set(parts) == {"model", "cells", "data", "metrics", "grade", "environment", "champion", "policy"}
    assert all(len(digest) == 64 for digest in parts.values())


def test_what_speaks_of_the_training_only_is_no_reason_to_promote(ws: Workspace) -> None:
    add_version(ws, metrics={"mae": 40.0, "train_mae": 1.0, "fit_seconds": 2.0})
    names = [metric.name for metric in open_review(ws, "pm25:1").evidence.metrics]
    assert names == ["mae"]
