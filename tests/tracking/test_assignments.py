"""Simple assignments as parameters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from contracts.samples import cell

from jupyter_mlops.tracking.assignments import assigned, params_of


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


def executed(*sources: str, writes: str = "rate"):
    return [
        replace(cell(number), source=source, writes=(writes,), opaque=False)
        for number, source in enumerate(sources, 1)
    ]


@pytest.mark.parametrize("later", ["rate = rate / 2", "rate += 1", "for rate in range(3):\n    pass"])
def test_a_name_that_a_later_cell_computes_is_no_longer_what_an_earlier_one_said(later):
    assert params_of(executed("rate = 1.0", later, "use(rate)"), 3, ("rate",)) == {}
    assert params_of(executed("rate = 1.0", later), 2, ("rate",)) == {}
    assert params_of(executed("rate = 1.0", later, "rate = 0.5"), 3) == {"rate": 0.5}


def test_a_name_that_no_other_cell_touches_stays_as_it_was_given():
    cells = [*executed("rate = 1.0"), *executed("use(rate)", writes="other")]
    cells[1] = replace(cells[1], sequence=2)
    assert params_of(cells, 2, ("rate",)) == {"rate": 1.0}
