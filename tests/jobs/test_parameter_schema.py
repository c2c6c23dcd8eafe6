"""The schema and our own check agree: what one lets through the other does not refuse."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs import parameters_schema
from jupyter_mlops.jobs.parameter_schema import schema_of_parameters
from jupyter_mlops.jobs.parameters import read_parameters
from jupyter_mlops.jobs.values import check_values
from jupyter_mlops.records.parameter import Parameter

TYPES = (
    "int",
    "float",
    "bool",
    "str",
    "Path",
    "date",
    "Any",
    "Secret",
    "int | None",
    "Annotated[int, Ge(1), Lt(5)]",
    "Annotated[int, MultipleOf(3)]",
    "Annotated[float, Interval(ge=0, le=1)]",
    "Annotated[float, Gt(0)]",
    "Annotated[str, Len(1, 3)]",
    "Annotated[str, Field(pattern='^a+$')]",
    "Annotated[list[int], Len(1, 2)]",
    "Literal['a', 'b', 1]",
    "Literal[True, None]",
    "list",
    "list[dict[str, int]]",
    "tuple[int, str]",
    "tuple[float, ...]",
    "set[int]",
    "dict",
    "dict[int, str]",
    "dict[bool, int]",
    "dict[Literal['a', 'b'], int]",
    "dict[tuple[int, int], str]",
    "int | str",
    "int | list[int] | None",
    "date | str",
    "Decimal | bool",
    "datetime | None",
    "time",
    "timedelta",
)
_ATOMS = (
    st.none()
    | st.booleans()
    | st.integers(-6, 6)
    | st.sampled_from([0.5, 1.0, 2.5, -1.0])
    | st.sampled_from(
        ["", "a", "aa", "b", "1", "true", "nan", "-inf", "env:TOKEN", "2026-01-31", "2026-02-30"]
    )
    | st.sampled_from(
        ["2026-01-31T12:00:00", "2026-01-31T12:00:00+01:00[Europe/Vienna]", "12:30:00", "PT90S", "1.50"]
    )
)
JSON = st.recursive(
    _ATOMS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "1", "-2", "true"]), inner, max_size=2),
    max_leaves=5,
)  # fmt: skip


def declared(text: str) -> tuple[Parameter, ...]:
    return read_parameters(f"x: {text}")


def validator(parameters: tuple[Parameter, ...]) -> jsonschema.Draft202012Validator:
    schema = schema_of_parameters(parameters, "a.ipynb")
    jsonschema.Draft202012Validator.check_schema(schema)
    json.dumps(schema)
    return jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


@pytest.mark.parametrize("text", TYPES)
@given(value=JSON)
def test_what_the_schema_lets_through_is_accepted_and_what_was_accepted_is_valid(
    text: str, value: Any
) -> None:
    parameters = declared(text)
    valid = validator(parameters).is_valid({"x": value})
    try:
        ready = check_values(parameters, {"x": value})
    except Invalid:
        assert not valid
        return
    assert validator(parameters).is_valid(json.loads(json.dumps(ready)))
    assert valid or ready["x"] != value or type(ready["x"]) is not type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("datetime", datetime(2026, 1, 31, 12, 0, 0, 5)),  # noqa: DTZ001
        ("time", time(12, 30)),
        ("timedelta", timedelta(days=-1, microseconds=5)),
        ("Decimal", Decimal("1E+5")),
        ("dict[date, float]", {date(2026, 1, 31): float("inf")}),
        ("dict[float, int]", {1e-9: 1, float("inf"): 2}),
        ("date | str", date(2026, 1, 31)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_values_of_python_are_valid_as_they_are_kept(text: str, value: object) -> None:
    parameters = declared(text)

    validator(parameters).validate(json.loads(json.dumps(check_values(parameters, {"x": value}))))


def test_a_notebook_answers_with_the_schema_of_its_parameters(place, write) -> None:
    path = write(
        "x", parameters="n: Annotated[int, Ge(1)]  # how many\nrate = 0.5\ntoken: Secret = 'env:TOKEN'"
    )

    schema = parameters_schema(place, str(path))

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"] == "train.ipynb"
    assert schema["required"] == ["n"]
    assert schema["properties"]["n"] == {"type": "integer", "minimum": 1, "description": "how many"}
    assert schema["properties"]["rate"]["default"] == 0.5
    assert schema["properties"]["token"]["writeOnly"]
