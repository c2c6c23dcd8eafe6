"""Records to JSON and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal

import pytest
from contracts.samples import NOON, cell, event, everything, on_drift, point, prediction, run
from contracts.store import same

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.codec import decode, encode, fields_of, schema_of
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.schedule import Cron, JobDefinition, OnDrift


def through_json(record: Any) -> Any:
    return decode(type(record), json.loads(json.dumps(encode(record), allow_nan=False)))


@pytest.mark.parametrize(
    "record",
    [*everything().values(), event(a=1), cell(1), point("r", 1, math.nan), prediction("e", 1), on_drift()],
    ids=lambda record: type(record).__name__,
)
def test_every_record_comes_back_as_it_went(record: Any) -> None:
    # A parameter's not-a-number has no place of its own on the wire; the store keeps it apart.
    if isinstance(record, Run):
        record = run(params={"a": 1, "b": 1.0, "c": True, "d": None, "e": "x"}, tags={"t": "u"})
    assert same(through_json(record), record)


def test_times_are_written_in_utc() -> None:
    there = datetime(2026, 1, 5, 13, tzinfo=timezone(timedelta(hours=1)))
    assert encode(there) == "2026-01-05T12:00:00+00:00"
    assert decode(datetime, "2026-01-05T13:00:00+01:00") == there
    assert decode(datetime, "2026-01-05T12:00:00Z") == there


def test_a_time_without_its_offset_is_refused_both_ways() -> None:
    with pytest.raises(Invalid, match="offset"):
        encode(datetime(2026, 1, 5))  # noqa: DTZ001
    with pytest.raises(Invalid, match="offset"):
        decode(datetime, "2026-01-05T12:00:00")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.1, 5e-324])
def test_every_float_survives_where_a_float_is_expected(value: float) -> None:
    text = json.dumps(encode(value), allow_nan=False)
    assert repr(decode(float, json.loads(text))) == repr(value)


def test_what_has_no_form_in_json_is_refused_by_name() -> None:
    for value in (object(), b"bytes", 1j):
        with pytest.raises(Invalid, match=type(value).__name__):
            encode({"a": [value]})


def test_plain_values_pass() -> None:
    assert encode({"a": (1, Path("x/y"), Door.SHELL), 2: {"b": None}}) == {
        "a": [1, "x/y", "shell"],
        "2": {"b": None},
    }


ACTOR = {"name": "ana", "via": "shell", "authenticated": False}


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        (Actor, {"nam": "ana"}, r"Actor: unknown 'nam'.*Known: name, via"),
        (Actor, {"via": "shell"}, r"Actor: missing 'name'"),
        (Actor, {**ACTOR, "via": "window"}, r"Actor.via: expected one of 'python', .*got 'window'"),
        (Actor, {**ACTOR, "name": 3}, r"Actor.name: expected string, got 3"),
        (Actor, {**ACTOR, "authenticated": 1}, r"Actor.authenticated: expected boolean, got 1"),
        (Actor, [1], r"Actor: expected an object, got a list"),
        (int, True, r"int: expected integer, got True"),
        (float, "three", r"float: expected a number, got 'three'"),
        (float, True, r"float: expected a number, got True"),
        (str, None, r"str: expected string, got None"),
        (list[int], [1, "x"], r"\[1\]: expected integer, got 'x'"),
        (Mapping[str, int], {"a": "x"}, r"\['a'\]: expected integer"),
        (Mapping[str, int], [1], r"expected an object"),
        (tuple[int, ...], 3, r"expected an array"),
        (int | None, "x", r"expected integer, got 'x'"),
        (str | int, 1.5, r"expected integer or string, got 1.5"),
        (Literal["a", "b"], "c", r"one of 'a', 'b', got 'c'"),
        (Cron | OnDrift | None, {"type": "Cron", "expresion": "x"}, r"unknown 'expresion'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_place(kind: Any, data: Any, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        decode(kind, data)


def test_defaults_may_be_left_out() -> None:
    assert decode(Actor, {"name": "ana"}) == Actor(name="ana")


def test_an_integer_is_taken_where_a_float_is_expected_but_not_the_other_way() -> None:
    assert type(decode(float, 3)) is float
    with pytest.raises(Invalid):
        decode(int, 3.0)


def test_a_union_keeps_the_exact_type() -> None:
    values = ["x", 3, 3.5, True, None]
    assert [type(decode(str | int | float | bool | None, value)) for value in values] == [  # type: ignore[arg-type]
        str, int, float, bool, type(None)
    ]  # fmt: skip


def test_a_member_of_a_union_of_records_says_which_it_is() -> None:
    definition = on_drift()
    assert encode(definition)["when"] == {"type": "OnDrift", "deployment": "e1"}
    assert through_json(definition).when == OnDrift(deployment="e1")
    assert decode(
        JobDefinition, {**encode(definition), "when": {"type": "Cron", "expression": "* * * * *"}}
    ).when == Cron(expression="* * * * *")


@dataclass(frozen=True, kw_only=True)
class Shapes:
    """All the containers."""

    pair: tuple[int, str] = (1, "x")
    some: frozenset[str] = frozenset()
    path: Path = Path()
    anything: object = None
    nested: Mapping[str, tuple[Actor, ...]] = field(default_factory=dict)


def test_containers_come_back_in_their_type() -> None:
    shapes = Shapes(
        pair=(2, "y"),
        some=frozenset({"a"}),
        path=Path("a/b"),
        anything={"x": [1]},
        nested={"k": (Actor(name="ana"),)},
    )
    assert through_json(shapes) == shapes
    with pytest.raises(Invalid, match="expected 2 items, got 1"):
        decode(Shapes, {"pair": [1]})


def test_the_schema_describes_what_is_written() -> None:
    definitions: dict[str, Any] = {}
    assert schema_of(JobDefinition, definitions) == {"$ref": "#/$defs/JobDefinition"}
    assert definitions["Cron"]["properties"]["type"] == {"const": "Cron"}
    assert definitions["JobDefinition"]["properties"]["when"] == {
        "anyOf": [
            *(
                {"$ref": f"#/$defs/{name}"}
                for name in ("Cron", "Interval", "OnFile", "OnDataset", "After", "OnDrift")
            ),
            {"type": "null"},
        ]
    }
    assert definitions["Actor"]["properties"]["via"] == {"$ref": "#/$defs/Door"}
    assert definitions["Door"]["enum"] == [door.value for door in Door]
    assert definitions["JobDefinition"]["properties"]["created"] == {"type": "string", "format": "date-time"}


@pytest.mark.parametrize("record", everything().values(), ids=lambda record: type(record).__name__)
def test_every_key_that_is_written_stands_in_the_schema(record: Any) -> None:
    definitions: dict[str, Any] = {}
    schema_of(type(record), definitions)

    def check(value: Any) -> None:
        if is_dataclass(value):
            known = definitions[type(value).__name__]["properties"]
            assert set(encode(value)) == set(known)
            assert list(fields_of(type(value))) == [f.name for f in fields(value)]
            for one in fields(value):
                check(getattr(value, one.name))
        elif isinstance(value, tuple):
            for item in value:
                check(item)

    check(record)
    assert NOON
