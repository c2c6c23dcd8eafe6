"""Objects of JSON in which no name stands twice."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.pairs import each_once


def read(text: str) -> object:
    return json.loads(text, object_pairs_hook=each_once)


@given(st.dictionaries(st.text(), st.none() | st.integers() | st.dictionaries(st.text(), st.text())))
def test_whatever_json_can_say_is_read_as_ever(value: dict[str, object]) -> None:
    found = read(json.dumps(value))
    assert found == value
    assert list(found) == list(value)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "text",
    ['{"a": 1, "a": 1}', '{"x": [{"b": {}, "a": null, "a": 2}]}', '{"a": 1, "\\u0061": 2}', '{"": 1, "": 2}'],
)
def test_a_name_that_stands_twice_is_refused_at_any_depth(text: str) -> None:
    with pytest.raises(Invalid, match="twice") as refusal:
        read(text)
    assert refusal.value.remedy


def test_names_that_only_look_alike_are_two() -> None:
    assert read('{"a": 1, "A": 2, "\u0430": 3}') == {"a": 1, "A": 2, "\u0430": 3}


def test_a_very_long_name_is_not_thrown_back_whole() -> None:
    with pytest.raises(Invalid) as refusal:
        read(f'{{"{"x" * 10_000}": 1, "{"x" * 10_000}": 2}}')
    assert len(refusal.value.message) < 200
