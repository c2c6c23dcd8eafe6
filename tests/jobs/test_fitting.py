"""A value fits its type or is refused, and stays the same value as JSON and as code."""

from __future__ import annotations

import ast
import datetime as dt
import json
import pathlib as _pathlib
from datetime import date, datetime
from decimal import Decimal as _Decimal
from pathlib import PurePath
from typing import Any

import pytest

from jupyter_mlops.jobs.annotations import read_annotation
from jupyter_mlops.jobs.fitting import as_code, as_ready, fit, untagged
from jupyter_mlops.jobs.scalars import Misfit
from jupyter_mlops.records.parameter import ParameterType, Unread

DAY = date(2026, 1, 31)


def kind_of(text: str) -> ParameterType:
    return read_annotation(ast.parse(text, mode="eval").body).type


def run(code: str) -> Any:
    return eval(code, {"_datetime": dt, "_pathlib": _pathlib})  # noqa: S307


@pytest.mark.parametrize(
    ("text", "value", "ready"),
    [
        ("list[dict[str, int]]", [{"a": 1}], [{"a": 1}]),
        ("tuple[int, str]", (1, "a"), [1, "a"]),
        ("tuple[float, ...]", (1.0, 2.5), [1.0, 2.5]),
        ("tuple[()]", (), []),
        ("dict[int, str]", {1: "a", -2: "b"}, {"1": "a", "-2": "b"}),
        ("dict[date, float]", {DAY: 1.5}, {"2026-01-31": 1.5}),
        ("dict[bool, int]", {True: 1}, {"true": 1}),
        ("dict[float, int]", {0.5: 1}, {"0.5": 1}),
        ("dict[tuple[int, int], str]", {(1, 2): "a"}, [[[1, 2], "a"]]),
        ("dict[int | str, int]", {1: 1, "1": 2}, [[1, 1], ["1", 2]]),
        ("set[int]", {3, 1}, [1, 3]),
        ("set[tuple[int, str]]", {(1, "a")}, [[1, "a"]]),
        ("frozenset[str]", frozenset("ab"), ["a", "b"]),
        ("set", set(), []),
        ("int | float", 1, 1),
        ("int | float", 1.5, 1.5),
        ("float | int", 1, 1),
        ("int | str", "1", "1"),
        ("str | int", 1, 1),
        ("date | str", "2026-01-31", "2026-01-31"),
        ("date | str", DAY, {"type": "date", "value": "2026-01-31"}),
        ("date | int", DAY, "2026-01-31"),
        ("list[int] | tuple[int, ...]", (1,), {"type": "tuple[int, ...]", "value": [1]}),
        ("list[int | date]", [1, DAY], [1, "2026-01-31"]),
        ("float | str", float("inf"), {"type": "float", "value": "inf"}),
        ("Path | int", PurePath("a"), {"type": "path", "value": "a"}),
        ("Literal['auto', 1]", 1, 1),
        ("Literal['auto'] | float", 0.5, 0.5),
        ("Optional[list[date]]", None, None),
        ("list[str | None]", ["none", None], ["none", None]),
        ("list", ["5", 5], ["5", 5]),
        ("dict[str, Any]", {"a": "5"}, {"a": "5"}),
    ],
)
def test_a_value_keeps_its_type_as_json_and_as_code(text: str, value: object, ready: object) -> None:
    kind = kind_of(text)

    made = as_ready(kind, fit(kind, value))
    again = fit(kind, json.loads(json.dumps(made)))

    assert made == ready or _is_named(made, ready)
    assert again == value
    assert type(again) is type(value)
    assert as_ready(kind, again) == made
    arrived = run(as_code(kind, again))
    assert arrived == value
    assert isinstance(arrived, type(value))


def _is_named(made: object, ready: object) -> bool:
    """A name that is there although the text would do is no fault."""
    return isinstance(ready, dict) and "type" in ready and made == ready["value"]


@pytest.mark.parametrize(
    ("text", "given", "value"),
    [
        ("list[date]", '["2026-01-31"]', [DAY]),
        ("list[int]", "[true]", None),
        ("list[bool]", "[true, false]", [True, False]),
        ("dict[int, str]", "{1: 'a'}", {1: "a"}),
        ("dict[int, str]", '{"1": "a"}', {1: "a"}),
        ("tuple[int, date]", "(1, '2026-01-31')", (1, DAY)),
        ("int | float", "1.5", 1.5),
        ("int | float", "2", 2),
        ("date | int", "7", 7),
        ("int | list[int]", "[1]", [1]),
        ("int | str", "5", "5"),
        ("int | str", Unread("5"), 5),
        ("str | int", Unread("5"), 5),
        ("str | int", Unread("auto"), "auto"),
        ("str | date", Unread("2026-01-31"), DAY),
        ("Literal['auto'] | float", Unread("0.5"), 0.5),
        ("Literal['auto'] | float", Unread("auto"), "auto"),
        ("Literal[1, 2]", "2", 2),
        ("Literal[True, 'auto']", "true", True),
        ("date | None", "None", None),
        ("str | None", "None", "None"),
        ("str | None", Unread("None"), None),
        ("int | str | None", Unread("none"), None),
        ("Path | None", Unread("none"), PurePath("none")),
        ("str", Unread("none"), "none"),
        ("Literal['none', None]", Unread("none"), "none"),
        ("set[int]", "[1, 1]", {1}),
    ],
)
def test_text_is_read_by_the_declared_type(text: str, given: str, value: object) -> None:
    if value is None and "None" not in text:
        with pytest.raises(Misfit):
            fit(kind_of(text), given)
    else:
        found = fit(kind_of(text), given)
        assert found == value
        assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "good", "bad", "rule"),
    [
        ("Annotated[int, Ge(1)]", 1, 0, "minimum"),
        ("Annotated[int, Le(1)]", 1, 2, "maximum"),
        ("Annotated[float, Gt(0)]", 0.1, 0, "exclusive_minimum"),
        ("Annotated[float, Lt(1)]", 0.9, 1, "exclusive_maximum"),
        ("Annotated[float, Ge(0)]", float("inf"), float("nan"), "minimum"),
        ("Annotated[int, MultipleOf(5)]", 10, 11, "multiple_of"),
        ("Annotated[float, MultipleOf(0.1)]", 0.3, 0.35, "multiple_of"),
        ("Annotated[str, MinLen(2)]", "ab", "a", "min_length"),
        ("Annotated[list[int], MaxLen(1)]", [1], [1, 2], "max_length"),
        ("Annotated[set[int], MinLen(2)]", [1, 2], [1, 1], "min_length"),
        ("Annotated[str, Field(pattern='^a')]", "ab", "ba", "pattern"),
        ("Annotated[str, Field(pattern='^a')]", "a" * 10_000, "a" * 10_001, "pattern"),
        ("Annotated[str, Field(pattern='(a+)+$')] | None", None, "a" * 60 + "b", "pattern"),
        ("Annotated[date, Ge(date(2026, 1, 1))]", "2026-01-01", "2025-12-31", "minimum"),
        ("Annotated[Decimal, Le(1)]", "1.00", "1.01", "maximum"),
        ("Annotated[timedelta, Le(timedelta(hours=1))]", "PT1H", "PT2H", "maximum"),
        ("list[Annotated[int, Ge(1)]]", [1], [0], "minimum"),
        ("Annotated[int, Ge(1)] | None", None, 0, "minimum"),
        ("Annotated[int | str, Ge(1)]", "0", 0, "minimum"),
        ("Annotated[datetime, Ge(datetime(2026, 1, 1))]", "2026-01-01", "2026-01-01T00:00Z", "zone"),
        ("tuple[int, str]", [1, "a"], [1], "length"),
        ("Literal['a']", "a", "b", "choices"),
        ("dict[int, int]", {"1": 1}, {"1": 1, 1: 2}, "keys"),
        ("dict[str, int]", {"a": 1}, {1: 1}, "type"),
        ("set[list[int]]", [], [[1]], "type"),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_refused_under_its_name(
    text: str, good: object, bad: object, rule: str
) -> None:
    kind = kind_of(text)
    fit(kind, good)

    with pytest.raises(Misfit) as refused:
        fit(kind, bad)

    assert refused.value.rule == rule


def test_a_refusal_says_where_in_the_value_it_is() -> None:
    with pytest.raises(Misfit, match=r"whole number \(int\) \(the value of 'a'\) \(item 2\)"):
        fit(kind_of("list[dict[str, int]]"), [{"a": 1}, {"a": "x"}])


def test_what_is_shown_has_no_names_of_options() -> None:
    kind = kind_of("dict[str, list[str | date]]")
    ready = as_ready(kind, fit(kind, {"a": ["x", DAY]}))

    assert untagged(kind, ready) == {"a": ["x", "2026-01-31"]}


def test_a_moment_of_a_date_type_is_no_date() -> None:
    assert fit(kind_of("date | datetime"), datetime(2026, 1, 31)) == datetime(2026, 1, 31)  # noqa: DTZ001
    assert isinstance(fit(kind_of("Decimal | int"), _Decimal(1)), _Decimal)
