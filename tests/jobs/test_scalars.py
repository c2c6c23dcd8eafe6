"""What is JSON-ready of a kind reads back as the same, and so does what is written for the kernel."""

from __future__ import annotations

import datetime as dt
import decimal as _decimal
import json
import pathlib as _pathlib
import zoneinfo as _zoneinfo
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.jobs.scalars import SCALARS, Misfit, read_literal

MODULES = {"_datetime": dt, "_decimal": _decimal, "_pathlib": _pathlib, "_zoneinfo": _zoneinfo}
ZONES = st.sampled_from(
    [None, dt.UTC, _zoneinfo.ZoneInfo("Europe/Vienna"), _zoneinfo.ZoneInfo("Asia/Kolkata")]
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(-(10**40), 10**40),
    "float": st.floats(allow_nan=False),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False, places=4),
    "bool": st.booleans(),
    "str": st.text(st.characters(exclude_categories=["Cs"])),
    "path": st.text(st.characters(exclude_categories=["Cs"])).map(_pathlib.Path),
    "date": st.dates(),
    "datetime": ZONES.flatmap(lambda zone: st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(zone), allow_imaginary=False)),  # noqa: DTZ001
    "time": st.times(),
    "timedelta": st.timedeltas(timedelta(days=-99_999), timedelta(days=99_999)),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(VALUES))
@given(data=st.data())
def test_a_value_travels_as_json_and_as_code_and_is_the_same(kind: str, data: st.DataObject) -> None:
    scalar, value = SCALARS[kind], data.draw(VALUES[kind])

    assert scalar.exact(value)
    ready = json.loads(json.dumps(scalar.ready(scalar.read(value))))
    again = scalar.read(ready)
    assert again == value
    assert scalar.ready(again) == ready
    written = eval(scalar.code(again), dict(MODULES))  # noqa: S307
    assert written == value
    assert getattr(written, "tzinfo", None) == getattr(value, "tzinfo", None)


def test_each_kind_but_a_secret_is_tried() -> None:
    assert set(SCALARS) - {"secret"} == set(VALUES)


@pytest.mark.parametrize(
    ("kind", "given_", "ready"),
    [
        ("int", "1_000", 1000),
        ("int", 2.0, 2),
        ("float", "NaN", "nan"),
        ("float", 3, 3.0),
        ("decimal", 0.1, "0.1"),
        ("decimal", " 1.50 ", "1.50"),
        ("bool", "Yes", True),
        ("date", "20260131", "2026-01-31"),
        ("datetime", "2026-01-31", "2026-01-31T00:00:00"),
        ("datetime", "2026-07-01T12:00[Europe/Vienna]", "2026-07-01T12:00:00+02:00[Europe/Vienna]"),
        # The hour that a clock shows twice: the offset tells which of the two.
        ("datetime", "2026-10-25T02:30:00+01:00[Europe/Vienna]", "2026-10-25T02:30:00+01:00[Europe/Vienna]"),
        ("time", "12:30", "12:30:00"),
        ("timedelta", "P1DT2H30M", "P1DT9000S"),
        ("timedelta", "-PT0.5S", "-PT0.500000S"),
        ("timedelta", 90, "PT90S"),
        ("timedelta", "0.25", "PT0.250000S"),
        ("secret", " env:TOKEN ", "env:TOKEN"),
    ],
)
def test_what_converts_is_read(kind: str, given_: object, ready: object) -> None:
    assert SCALARS[kind].ready(SCALARS[kind].read(given_)) == ready


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", True),
        ("int", 2.5),
        ("int", "nan"),
        ("float", True),
        ("float", "high"),
        ("decimal", "NaN"),
        ("decimal", True),
        ("decimal", "1e999999"),
        ("bool", 1),
        ("str", 1),
        ("path", 1),
        ("date", "2026-02-30"),
        ("date", datetime(2026, 1, 1)),  # noqa: DTZ001
        ("datetime", "0001-01-01T00:00:00+00:00[America/New_York]"),
        ("datetime", "9999-12-31T23:59:59-10:00[Asia/Tokyo]"),
        ("datetime", "2026-01-31T12:00[Nowhere/Land]"),
        ("datetime", "2026-01-31T12:00[../../etc/passwd]"),
        ("time", "noon"),
        ("timedelta", "P"),
        ("timedelta", "P1DT"),
        ("timedelta", "nan"),
        ("timedelta", "P999999999999D"),
        ("secret", "hunter2hunter2"),
    ],
)
def test_what_does_not_fit_is_refused(kind: str, value: object) -> None:
    with pytest.raises(Misfit):
        SCALARS[kind].read(value)


def test_text_is_a_literal_or_itself() -> None:
    assert (read_literal(" [1] "), read_literal("a b"), read_literal("(" * 100_000)) == (
        [1],
        "a b",
        "(" * 100_000,
    )
