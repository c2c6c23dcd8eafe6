"""Cells run twice, edited, reordered, failed; what that does to the grade."""

from __future__ import annotations

from jupyter_mlops.records.run import Grade
from tests.capture.cases.case import Case

CASES = [
    Case(
        "a_cell_run_twice_counts_once_when_it_only_assigns",
        [("a", "x = 1"), ("a", "x = 1"), ("b", "result = x")],
        ["a:2", "b:3"],
    ),
    Case(
        "a_cell_that_adds_counts_each_time_it_ran",
        [("a", "xs = []"), ("b", "xs.append(len(xs))"), ("b", "xs.append(len(xs))"), ("c", "result = xs")],
        ["a:1", "b:2", "b:3", "c:4"],
        Grade.REORDERED,
    ),
    Case(
        "edited_and_run_again_before_use_the_new_version_counts",
        [("a", "x = 1"), ("a", "x = 2"), ("b", "result = x * 10")],
        ["a:2", "b:3"],
    ),
    Case(
        "edited_and_run_again_after_use_is_stale",
        [("a", "x = 1"), ("b", "y = x * 10"), ("a", "x = 2"), ("c", "result = y")],
        ["a:1", "b:2", "c:4"],
        Grade.STALE,
    ),
    Case(
        "run_again_after_use_and_used_again_is_stale",
        [("a", "x = 1"), ("b", "y = x * 10"), ("a", "x = 2"), ("c", "result = y + x")],
        ["a:1", "b:2", "a:3", "c:4"],
        Grade.STALE,
    ),
    Case(
        "everything_run_again_in_order_is_clean",
        [("a", "x = 1"), ("b", "y = x"), ("a", "x = 2"), ("b", "y = x"), ("c", "result = y")],
        ["a:3", "b:4", "c:5"],
    ),
    Case(
        "run_against_the_order_of_the_document_is_reordered",
        [("b", "x = 2"), ("a", "y = x"), ("c", "result = y")],
        ["b:1", "a:2", "c:3"],
        Grade.REORDERED,
        ["a", "b", "c"],
    ),
    Case(
        "out_of_order_cells_that_do_not_matter_leave_it_clean",
        [("b", "z = 2"), ("a", "x = 1"), ("c", "result = x")],
        ["a:2", "c:3"],
        Grade.CLEAN,
        ["a", "b", "c"],
    ),
    Case(
        "a_function_redefined_after_use_is_stale",
        [
            ("a", "def f(x):\n    return x + 1"),
            ("b", "y = f(1)"),
            ("a", "def f(x):\n    return x + 100"),
            ("c", "result = y"),
        ],
        ["a:1", "b:2", "c:4"],
        Grade.STALE,
    ),
    Case(
        "a_cell_that_failed_without_touching_anything_is_dropped",
        [("a", "x = 2"), ("b", "1 / 0"), ("c", "result = x")],
        ["a:1", "c:3"],
    ),
    Case(
        "what_a_failed_cell_left_behind_is_not_trusted",
        [("a", "x = 1"), ("b", "x = 5\n1 / 0"), ("c", "result = x")],
        ["a:1", "b:2", "c:3"],
        Grade.UNKNOWN,
        same=False,
    ),
    Case(
        "a_cell_with_a_syntax_error_did_nothing",
        [("a", "x = 1"), ("b", "x = = 2"), ("c", "result = x")],
        ["a:1", "c:3"],
    ),
]  # fmt: skip
