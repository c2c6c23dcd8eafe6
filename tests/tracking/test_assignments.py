"""Simple assignments as parameters."""

from __future__ import annotations

import pytest

from jupyter_mlops.tracking.assignments import assigned


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("alpha = 0.3", {"alpha": 0.3}),
        ("alpha: float = -0.3", {"alpha": -0.3}),
        ("a, b = 1, 'x'", {"a": 1, "b": "x"}),
        ("a = b = True", {"a": True, "b": True}),
        ("x = None", {"x": None}),
        ("%%track name\nrows = 300", {"rows": 300}),
    ],
)
def test_a_plain_value_given_to_a_name_is_a_parameter(source, found):
    assert assigned(source) == found


@pytest.mark.parametrize(
    "source",
    ["x = f(1)", "_hidden = 1", "if True:\n    x = 1", "x += 1", "x = [1]", "x = -'a'", "x =", "a.b = 1"],
)
def test_anything_else_is_none(source):
    assert assigned(source) == {}


def test_the_last_value_counts_and_a_computed_one_takes_the_name_away():
    assert assigned("x = 1\nx = 2") == {"x": 2}
    assert assigned("x = 1\nx = f()") == {}
