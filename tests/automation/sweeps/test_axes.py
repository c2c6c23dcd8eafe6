"""What is given for parameters, as values or as a span; what makes no sense is refused by name, rule and next step."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.automation.sweeps.axes import read_axes
from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.parameters import read_parameters
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.sweep import Choices, Span, Sweep

CELL = """\
from typing import Annotated, Any, Literal
from annotated_types import Ge, Gt, Le, MultipleOf
from datetime import date
from pathlib import Path
alpha = 0.1
depth = 3
share: Annotated[float, Gt(0), Le(1)] = 0.5
size: Annotated[int, MultipleOf(5)] = 10
scale: Annotated[float, MultipleOf(0.5)] = 1.0
season: Literal["all", "winter"] = "all"
level: Literal[1, 2, 3] = 1
either: int | float = 1
maybe: int | None = None
data = "data/air.csv"
folder: Path = Path("data")
since: date | None = None
flag = True
layers: list[int] = [64, 32]
pairs: list[tuple[int, int]] = []
options: dict[str, Any] = {}
free = None
token: Secret = "env:TOKEN"
"""
DECLARED = read_parameters(CELL)


def axis(name, given):
    (found,) = read_axes(DECLARED, {name: given}).values()
    return found


@pytest.mark.parametrize(
    ("name", "given", "values"),
    [
        ("alpha", "0.1,0.2, 0.5", (0.1, 0.2, 0.5)),
        ("alpha", "1", (1.0,)),
        ("alpha", [1, "0.5"], (1.0, 0.5)),
        ("alpha", 5, (5.0,)),
        ("alpha", "nan,inf", ("nan", "inf")),
        ("depth", (2, 4.0), (2, 4)),
        ("depth", range(3), (0, 1, 2)),
        ("season", "winter,all", ("winter", "all")),
        ("maybe", "none,3", (None, 3)),
        ("flag", "yes,no", (True, False)),
        ("since", "2026-01-31,2026-02-28", ("2026-01-31", "2026-02-28")),
        ("layers", "[1, 2],[3]", ([1, 2], [3])),
        ("layers", [1, 2], ([1, 2],)),
        ("layers", [[1], [2]], ([1], [2])),
        ("layers", [[]], ([],)),
        ("pairs", [[[1, 2]], [[3, 4], [5, 6]]], ([[1, 2]], [[3, 4], [5, 6]])),
        ("data", "'a,b',c", ("'a,b'", "c")),
        ("options", {"low": 0, "high": 1}, ({"low": 0, "high": 1},)),
        ("options", "{'a': 1, 'b': 2},{}", ({"a": 1, "b": 2}, {})),
        ("free", {"low": 0, "other": 1}, ({"low": 0, "other": 1},)),
        ("free", [1, 1.0, True, "1.5", None], (1, 1.0, True, 1.5, None)),
        ("token", "env:OTHER", ("env:OTHER",)),
    ],
)
def test_values_come_as_a_list_as_text_with_commas_or_as_one(name, given, values):
    found = axis(name, given)

    assert found == Choices(values=values)
    assert [type(one) for one in found.values] == [type(one) for one in values]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("data", "../data"),
        ("data", "..\\data..x"),
        ("data", "1..x"),
        ("data", "2..3.csv"),
        ("data", "1..2 apples"),
        ("folder", "../../data"),
        ("free", "../data"),
        ("free", "1..2 apples"),
    ],
)
def test_two_dots_without_a_number_on_both_sides_are_no_span(name, given):
    assert axis(name, given) == Choices(values=(given,))


@pytest.mark.parametrize(
    ("name", "given", "span"),
    [
        ("alpha", "0.001..0.1 log", Span(low=0.001, high=0.1, log=True)),
        ("alpha", " 1e-3 .. 1 ", Span(low=0.001, high=1.0)),
        ("alpha", "0..1 step 0.25", Span(low=0.0, high=1.0, step=0.25)),
        ("alpha", "0.1..0.3 step 0.2", Span(low=0.1, high=0.3, step=0.2)),  # 0.3 - 0.1 is less than 0.2
        ("alpha", "-.5...5", Span(low=-0.5, high=0.5)),
        ("alpha", "-2..-1", Span(low=-2.0, high=-1.0)),
        ("alpha", {"low": 1, "high": 10, "log": True}, Span(low=1.0, high=10.0, log=True)),
        ("alpha", {"low": 0, "high": 1, "step": 0.5, "log": False}, Span(low=0.0, high=1.0, step=0.5)),
        ("depth", "2..10", Span(low=2, high=10, whole=True)),
        ("depth", "2.0..1e1 step 4", Span(low=2, high=10, step=4, whole=True)),
        ("depth", "1..1000 log", Span(low=1, high=1000, log=True, whole=True)),
        ("depth", {"low": "2", "high": 4, "step": None}, Span(low=2, high=4, whole=True)),
        ("maybe", "1..3", Span(low=1, high=3, whole=True)),
        ("share", "0.1..1", Span(low=0.1, high=1.0)),
        ("size", "0..100 step 10", Span(low=0, high=100, step=10, whole=True)),
        ("scale", "0..2 step 0.5", Span(low=0.0, high=2.0, step=0.5)),
        ("either", "0..3", Span(low=0, high=3, whole=True)),
        ("either", "0..3.5", Span(low=0, high=3.5)),
        ("free", "0..3", Span(low=0, high=3, whole=True)),
        ("free", "0..3 step 1.5", Span(low=0, high=3, step=1.5)),
        ("free", "0.5..3", Span(low=0.5, high=3)),
    ],
)
def test_two_numbers_around_two_dots_are_a_span_and_so_is_a_mapping(name, given, span):
    assert axis(name, given) == span


@pytest.mark.parametrize(
    ("name", "given", "rule"),
    [
        ("alpha", "1..0", "order"),
        ("alpha", "1..1", "order"),
        ("alpha", "0..inf", "finite"),
        ("alpha", "nan..1", "finite"),
        ("alpha", "0..1e301", "finite"),
        ("alpha", {"low": None, "high": 1}, "type"),
        ("maybe", {"low": None, "high": 1}, "finite"),
        ("free", {"low": True, "high": 2}, "finite"),
        ("free", {"low": [1], "high": 2}, "finite"),
        ("alpha", "0..1 log", "log"),
        ("alpha", "-1..1 log", "log"),
        ("alpha", "1..2 log step 0.5", "log"),
        ("alpha", "1..2 step 0.5 log", "log"),
        ("alpha", {"low": 1, "high": 2, "log": "yes"}, "log"),
        ("alpha", "0..1 step 0", "step"),
        ("alpha", "0..1 step -0.5", "step"),
        ("alpha", "0..1 step nan", "step"),
        ("alpha", "0..1 step 2", "step"),
        ("alpha", {"low": 0, "high": 1, "step": True}, "step"),
        ("alpha", {"low": 0, "high": 1, "step": "0.5"}, "step"),
        ("alpha", {"low": 0, "high": 1, "step": 10**400}, "step"),
        ("alpha", {"low": 0, "high": 1, "step": float("inf")}, "step"),
        ("alpha", "0..1 step 1e-20", "size"),
        ("alpha", "0..1 steps 2", "span"),
        ("alpha", "0..1 log log", "span"),
        ("alpha", {"low": 0}, "span"),
        ("alpha", {"low": 0, "high": 1, "stepp": 1}, "span"),
        ("alpha", {}, "span"),
        ("depth", "0..4 step 0.5", "step"),
        ("depth", "0.5..4", "type"),
        ("depth", "0..1000000000000001", "size"),
        ("depth", "0..99999999999999999999999999", "size"),
        ("depth", {"low": 0, "high": 10**400}, "finite"),
        ("share", "0..1", "exclusive_minimum"),
        ("share", "0.1..200", "maximum"),
        ("size", "0..100", "multiple_of"),
        ("size", "0..100 step 4", "multiple_of"),
        ("size", "1..100", "multiple_of"),
        ("scale", "0..2", "multiple_of"),
        ("season", "1..2", "span"),
        ("level", "1..2", "span"),
        ("data", "1..2", "span"),
        ("data", {"low": 1, "high": 2}, "span"),
        ("since", {"low": 1, "high": 2}, "span"),
        ("flag", "0..1", "span"),
        ("layers", {"low": 0, "high": 1}, "span"),
        ("token", "env:A,env:B", "secret"),
        ("token", ["env:A", "env:B"], "secret"),
        ("token", "1..2", "secret"),
        ("token", "hunter2", "secret"),
        ("alpha", [], "values"),
        ("layers", [], "values"),
        ("alpha", "0.1,0.10", "twice"),
        ("alpha", [1, 1.0], "twice"),
        ("data", ["x", "x"], "twice"),
        ("layers", "[1],[1]", "twice"),
        ("alpha", "0.1,much", "type"),
        ("alpha", "0..1,2", "span"),
        ("alpha", {1, 2}, "type"),
        ("alpha", b"12", "type"),
        ("nothing", "1,2", "unknown"),
        ("nothing", "1..2", "unknown"),
        ("class", "1", "reserved"),
        ("a b", "1", "identifier"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_rule_and_a_next_step(name, given, rule):
    with pytest.raises(Invalid) as refusal:
        axis(name, given)

    assert refusal.value.data == {"name": name, "rule": rule}
    assert name in refusal.value.message
    assert refusal.value.remedy
    assert "hunter2" not in str(refusal.value)


def test_nothing_given_is_no_sweep():
    with pytest.raises(Invalid, match="at least one parameter"):
        read_axes(DECLARED, {})


def test_a_parameter_that_must_be_given_is_missed_once_for_all():
    declared = read_parameters("seed: int\nalpha = 0.1")

    with pytest.raises(Invalid, match="seed"):
        read_axes(declared, {"alpha": "0.1,0.2"})
    assert list(read_axes(declared, {"alpha": "0.1,0.2", "seed": 7})) == ["alpha", "seed"]


def test_axes_stand_in_the_order_in_which_they_are_given_and_go_through_json():
    given = {"data": "a,b", "alpha": "0..1", "depth": "1..3 step 2", "free": [None, [1], {"a": 1}]}

    axes = read_axes(DECLARED, given)

    assert list(axes) == list(given)
    plan = Sweep(axes=axes, trials=1)
    assert decode(Sweep, encode(plan)) == plan


@settings(deadline=None)
@given(
    low=st.floats(-1e9, 1e9),
    width=st.floats(1e-6, 1e9),
    whole=st.booleans(),
)
def test_a_span_is_read_as_it_is_written(low, width, whole):
    ends = (int(low), int(low) + 1 + int(width)) if whole else (low, low + width)
    text = f"{ends[0]}..{ends[1]}"

    assert axis("free", text) == axis("free", {"low": ends[0], "high": ends[1]})
    assert axis("free", text) == Span(low=ends[0], high=ends[1], whole=whole)


@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters=",'\"([{)]}")), min_size=1))
def test_text_is_split_at_its_commas(parts):
    stripped = list(dict.fromkeys(part.strip() for part in parts))

    assert axis("data", ["x-" + part for part in stripped]) == axis(
        "data", " , ".join("x-" + part for part in stripped)
    )
