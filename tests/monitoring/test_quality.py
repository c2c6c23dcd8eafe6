"""Live answers against the outcomes that became known later."""

from __future__ import annotations

import math

import pytest

from jupyter_mlops.monitoring import check_quality
from jupyter_mlops.workspace import Workspace
from tests.monitoring.live import ask, know, rows


def test_numbers_are_measured_by_their_error(served: Workspace) -> None:
    ask(served, rows(4, 1), answer=10.0)
    know(served, {"r1": 9.0, "r2": 13.0, "unknown": 1.0})
    report = check_quality(served, "pm25@champion")
    assert dict(report.metrics) == pytest.approx({"mae": 2.0, "rmse": 5**0.5, "bias": -1.0})
    assert (report.rows, report.answered) == (2, 4)
    assert report.summary.endswith("over the 2 of 4 answers whose outcome is known.")


def test_labels_are_measured_by_their_accuracy(served: Workspace) -> None:
    ask(served, rows(3, 1), answer="high")
    know(served, {"r1": "high", "r2": "low", "r3": "high"})
    assert dict(check_quality(served, "here").metrics) == pytest.approx({"accuracy": 2 / 3})


def test_a_later_word_on_an_outcome_replaces_the_earlier(served: Workspace) -> None:
    ask(served, rows(1, 1), answer=1.0)
    know(served, {"r1": 5.0})
    know(served, {"r1": 1.0}, first=2)
    assert check_quality(served, "here").metrics["mae"] == 0


def test_nothing_known_yet_is_said(served: Workspace) -> None:
    ask(served, rows(2, 1))
    assert check_quality(served, "here").summary == "No outcome is known yet of 2 answers."


def test_a_yes_or_no_is_right_whether_it_is_written_as_a_word_or_as_a_number(served: Workspace) -> None:
    """A classifier answers 1, and whoever tells the outcome says true."""
    ask(served, rows(2, 1), answer=1)
    know(served, {"r1": True, "r2": False})
    assert dict(check_quality(served, "here").metrics) == {"accuracy": 0.5}


def test_a_label_is_the_same_as_text_and_as_a_number(served: Workspace) -> None:
    ask(served, rows(2, 1), answer=3)
    know(served, {"r1": "3", "r2": "4"})
    assert dict(check_quality(served, "here").metrics) == {"accuracy": 0.5}


def test_an_outcome_beyond_all_floats_is_an_error_without_measure_and_no_crash(served: Workspace) -> None:
    ask(served, rows(1, 1), answer=1.0)
    know(served, {"r1": 10**400})
    report = check_quality(served, "here")
    assert report.rows == 1
    assert report.metrics["mae"] == math.inf


def test_an_outcome_of_nobodys_question_counts_for_nothing(served: Workspace) -> None:
    ask(served, rows(1, 1), answer=1.0)
    know(served, {"r9": 1.0, "": 2.0})
    assert check_quality(served, "here").rows == 0


def test_answers_of_the_version_before_are_left_out(served: Workspace) -> None:
    ask(served, rows(2, 1), answer=9.0)
    ask(served, rows(1, 2), first=3, version=2, answer=1.0)
    know(served, {"r1": 1.0, "r2": 1.0, "r3": 1.0})
    report = check_quality(served, "here")
    assert (report.version, report.rows, report.answered, report.metrics["mae"]) == (2, 1, 1, 0.0)


def test_a_deployment_that_nobody_asked_has_nothing_to_measure(served: Workspace) -> None:
    report = check_quality(served, "here")
    assert (report.rows, report.answered, dict(report.metrics), report.version) == (0, 0, {}, 1)
    assert (report.started, report.ended) == (None, None)
