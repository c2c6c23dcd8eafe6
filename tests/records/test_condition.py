"""What a filter asks for, as values."""

from __future__ import annotations

import string
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.records.condition import And, Comparison, Field, Not, Operator, Or, Scope
from jupyter_mlops.records.parsing import parse_filter, parse_order

NAMES = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8).filter(
    lambda name: name not in {"not", "and", "or", "in", "is", "like"}
)
FIELDS = st.builds(Field, st.sampled_from(Scope), NAMES)


@given(FIELDS)
def test_a_field_is_shown_as_it_is_written_in_a_filter(field: Field) -> None:
    assert parse_filter(f"{field} = 1") == Comparison(field, Operator.EQUAL, 1)
    assert [order.field for order in parse_order(f"{field} desc")] == [field]


def test_an_attribute_is_shown_without_a_prefix() -> None:
    assert str(Field(Scope.ATTRIBUTE, "status")) == "status"
    assert str(Field(Scope.METRICS, "val loss")) == "metrics.val loss"


@given(FIELDS, st.sampled_from([o for o in Operator if o not in {Operator.IN, Operator.NULL}]))
def test_every_operator_is_spelled_as_the_parser_reads_it(field: Field, operator: Operator) -> None:
    assert parse_filter(f"{field} {operator} 'x'") == Comparison(field, operator, "x")


def test_what_is_asked_may_stand_in_a_set_and_cannot_be_changed() -> None:
    one = Comparison(Field(Scope.TAGS, "team"), Operator.IN, ("risk", None))
    asked = {And((one, Not(one))), And((one, Not(one))), Or((one, Not(one)))}
    assert len(asked) == 2
    with pytest.raises(FrozenInstanceError):
        one.value = "other"  # type: ignore[misc]
