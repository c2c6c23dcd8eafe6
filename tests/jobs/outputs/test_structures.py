"""JSON and Python's own containers, by their values."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.jobs.outputs.rules import SAME, Rules
from jupyter_mlops.jobs.outputs.structures import compare_structures, parsed

RULES = Rules()
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "a.b[1] was 2 and is 3"),
        ({"a": 1}, {}, "a is gone: 1"),
        ({}, {"a": 1}, "a is new: 1"),
        ([1], [1, 2], "[1] is new: 2"),
        ({"a": "x"}, {"a": "y"}, "a was x and is y"),
        ({"a": True}, {"a": 1.0}, ""),
        ({"a": [1]}, {"a": {"b": 1}}, "a was [1] and is {'b': 1}"),
        (10**400, 10**400 + 1, None),
        (10**400, 1.5, None),
        ([math.nan], [1.0], "[0] was nan and is 1.0"),
        ([math.nan], [10**400], None),
    ],
)
def test_the_way_to_the_first_difference_is_named(before, after, says) -> None:
    found = compare_structures(before, after, RULES)
    assert found.differs is (says != "")
    assert says is None or found.says == says


def test_numbers_may_be_near_and_what_is_made_up_is_masked() -> None:
    found = compare_structures({"t": 1.0, "at": "12:00:01"}, {"at": "12:00:07", "t": 1.0000001}, RULES)
    assert (found.verdict, found.says) == ("within_tolerance", "t was 1.0 and is 1.0000001")


def test_what_nests_without_end_comes_to_one() -> None:
    deep: list[object] = []
    deep.append(deep)
    assert compare_structures(json.loads("[" * 500 + "1" + "]" * 500), 1, RULES).differs


@given(VALUES)
def test_a_value_is_the_same_as_itself(value) -> None:
    assert compare_structures(value, value, RULES) is SAME


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2]", [1, 2]),
        (" {'a': (1, None)} ", {"a": (1, None)}),
        ('{"a": null}', {"a": None}),
        ("(3)", None),
        ("[1, 2", None),
        ("[dog]", None),
        ("plain", None),
        ("[" * 100_000, None),
    ],
)
def test_only_whole_containers_are_read_from_text(text, value) -> None:
    assert parsed(text) == value


def test_what_is_not_a_number_equals_itself_and_whole_numbers_are_exact() -> None:
    one, two = parsed("[NaN, 0.12345678912]"), parsed("[NaN, 0.12345678913]")
    assert compare_structures(one, two, RULES).says == "[1] was 0.12345678912 and is 0.12345678913"
    assert compare_structures(one, two, RULES).verdict == "within_tolerance"
    large = [1234567890123456789], [1234567890123456788]
    assert compare_structures(*large, RULES).verdict == "within_tolerance"
    assert compare_structures(*large, Rules(relative=0)).differs
