"""What a parameters cell declares, as a tree of types."""

from __future__ import annotations

import pytest
from contracts.records import RecordContract

from jupyter_mlops.records import parameter
from jupyter_mlops.records.parameter import ParameterType

INT, TEXT = ParameterType(kind="int"), ParameterType(kind="str")


class TestRecords(RecordContract):
    module = parameter
    required = {"ParameterType": "kind", "Parameter": "name type"}


@pytest.mark.parametrize(
    ("kind", "spelled"),
    [
        (INT, "int"),
        (ParameterType(kind="list", items=INT), "list[int]"),
        (ParameterType(kind="tuple", items=INT), "tuple[int, ...]"),
        (ParameterType(kind="tuple", places=(INT, TEXT)), "tuple[int, str]"),
        (ParameterType(kind="dict", keys=INT), "dict[int, any]"),
        (ParameterType(kind="dict", values=INT), "dict[str, int]"),
        (ParameterType(kind="union", options=(INT, TEXT), nullable=True), "int | str | None"),
        (ParameterType(kind="any", nullable=True), "any"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_type_is_spelled_as_an_annotation(kind: ParameterType, spelled: str) -> None:
    assert kind.spelled == spelled


def test_limits_are_told_in_words_those_of_parts_with_the_part() -> None:
    share = ParameterType(kind="float", minimum=0, exclusive_maximum=1)
    many = ParameterType(kind="list", items=share, min_length=1, max_length=3)

    assert many.limits == ("at least 1 item", "at most 3 items", "float: at least 0", "float: below 1")
    assert ParameterType(kind="str", choices=("a", "b")).limits == ("one of 'a', 'b'",)
