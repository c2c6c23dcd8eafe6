"""Read-only values."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.records.frozen import freeze_mappings, read_only


@dataclass(frozen=True, slots=True)
class Kept:
    first: Mapping[str, int]
    second: Mapping[str, int]
    third: Mapping[str, int]

    def __post_init__(self) -> None:
        freeze_mappings(self, "first", "second")


@given(st.dictionaries(st.text(), st.integers()))
def test_a_read_only_copy_says_the_same_in_the_same_order_whatever_becomes_of_the_original(
    given: dict[str, int],
) -> None:
    before = list(given.items())
    copy = read_only(given)
    given["new"] = 1
    assert list(copy.items()) == before


def test_a_read_only_copy_takes_no_change() -> None:
    copy = read_only({"a": 1})
    with pytest.raises(TypeError):
        copy["a"] = 2  # type: ignore[index]
    with pytest.raises(TypeError):
        del copy["a"]  # type: ignore[attr-defined]
    assert not hasattr(copy, "clear")


def test_any_mapping_may_be_given() -> None:
    assert dict(read_only(UserDict(a=1))) == {"a": 1}


def test_what_is_read_only_already_is_not_copied_again() -> None:
    once = read_only({"a": 1})
    assert read_only(once) is once


def test_the_fields_that_are_named_and_no_others_are_frozen() -> None:
    given = {"a": 1}
    kept = Kept(given, given, given)
    given["a"] = 2
    assert (kept.first["a"], kept.second["a"], kept.third["a"]) == (1, 1, 2)
    assert replace(kept, first={}).second is kept.second
    with pytest.raises(FrozenInstanceError):
        kept.first = {}  # type: ignore[misc]
