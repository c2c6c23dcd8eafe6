"""A digest taken of a record survives a field that the record gains later."""

from __future__ import annotations

from dataclasses import dataclass, field, make_dataclass

from jupyter_mlops.records.essence import essence
from jupyter_mlops.records.policy import Direction, Kpi, Policy


def test_a_field_gained_with_a_default_leaves_the_essence_as_it_was() -> None:
    before = make_dataclass("Kept", [("name", str), ("rows", int, 0)])
    after = make_dataclass(
        "Kept",
        [("name", str), ("rows", int, 0), ("note", str, ""), ("tags", dict, field(default_factory=dict))],
    )

    assert essence(before("a", 3)) == essence(after("a", 3)) == {"name": "a", "rows": 3}
    assert essence(before("a", 0)) == essence(after("a", 0)) == {"name": "a"}


def test_whatever_was_set_is_told_apart() -> None:
    @dataclass(frozen=True)
    class Loose:
        value: object = 0

    told = [essence(Loose(value)) for value in (0, 1, False, True, 0.0, "", "0", None)]
    assert told[0] == {}
    assert [str(t) for t in told].count("{}") == 1


def test_records_inside_records_are_reduced_too() -> None:
    policy = Policy(
        model="pm25", kpis=(Kpi(metric="mae", direction=Direction.LOWER),), checks={"grade": False}
    )

    assert essence(policy) == {
        "model": "pm25",
        "kpis": [{"metric": "mae", "direction": "lower"}],
        "checks": {"grade": False},
    }
