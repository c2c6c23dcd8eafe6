"""What an expression is worth is told from its syntax, or not at all."""

from __future__ import annotations

import ast
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

import pytest

from jupyter_mlops.jobs.constants import UNKNOWN, constant, last_name, name_called


def worth(text: str) -> object:
    return constant(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-3", -3),
        ("[1, (2, 'a')]", [1, (2, "a")]),
        ("{date(2026, 1, 31): [timedelta(hours=1)]}", {date(2026, 1, 31): [timedelta(hours=1)]}),
        ("{1, 2}", {1, 2}),
        ("set()", set()),
        ("frozenset([1])", frozenset({1})),
        ("Path('a', 'b')", PurePosixPath("a/b")),
        ("decimal.Decimal('0.10')", Decimal("0.10")),
        ("time(12)", time(12)),
        ("datetime.time.fromisoformat('12:30')", time(12, 30)),
        ("datetime(2026, 1, 1, tzinfo=timezone.utc)", datetime(2026, 1, 1, tzinfo=UTC)),
        (
            "datetime(2026, 1, 1, tzinfo=ZoneInfo('Europe/Vienna'))",
            datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/Vienna")),
        ),
        ("float('inf')", float("inf")),
    ],
)
def test_literals_and_calls_as_good_as_literals_have_a_value(text: str, value: object) -> None:
    found = worth(text)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "len('abc')",
        "{**a}",
        "date(2026, 2, 30)",
        "Decimal('many')",
        "ZoneInfo('../../etc/passwd')",
        "date.today()",
        "Path(*parts)",
        "[i for i in range(3)]",
        "{[]: 1}",
        "__import__('os').system('true')",
    ],
)
def test_anything_else_only_running_it_would_tell(text: str) -> None:
    assert worth(text) is UNKNOWN


def test_names_are_told_by_their_last_part() -> None:
    call = ast.parse("datetime.date(2026, 1, 1)", mode="eval").body

    assert isinstance(call, ast.Call)
    assert (name_called(call), last_name(call.func), last_name(call)) == ("date", "date", "")
