from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.capture.dataset import profile
from jupyter_mlops.monitoring.comparing import Thresholds, compare


def table(rows: int, seed: int, **changes: Any) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "temp": rng.normal(10, 4, rows),
            "rain": rng.exponential(2, rows),
            "hours": rng.integers(0, 24, rows),
            "wind": rng.choice(["N", "E", "S", "W"], rows, p=[0.4, 0.3, 0.2, 0.1]),
            "holiday": rng.random(rows) < 0.1,
            "when": pd.date_range("2026-01-01", periods=rows, freq="min") if rows else pd.DatetimeIndex([]),
            "gaps": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(size=rows)),
        }
    )
    return frame.assign(**changes)


REFERENCE = profile(table(5000, 0).drop(columns="when"))


def moved(frame: pd.DataFrame, **limits: float) -> dict[str, str]:
    found = compare(REFERENCE, frame, Thresholds(**limits))
    return {drift.name: drift.statistic for drift in found if drift.moved}


def test_rows_like_the_training_data_raise_no_alarm() -> None:
    alarms = sum(bool(moved(table(500, seed))) for seed in range(1, 201))
    assert alarms <= 2  # one window in a hundred


def test_a_shift_of_half_a_deviation_is_found_in_five_hundred_rows() -> None:
    found = 0
    for seed in range(1, 61):
        live = table(500, seed)
        found += moved(live.assign(temp=live["temp"] + 2)) == {"temp": "kolmogorov_smirnov"}
    assert found >= 57


def test_a_trifle_in_a_large_window_is_significant_and_still_no_alarm() -> None:
    live = table(60_000, 3)
    found = compare(REFERENCE, live.assign(temp=live["temp"] + 0.2))
    drift = next(d for d in found if d.name == "temp")
    assert drift.p_value is not None
    assert drift.p_value < 0.001
    assert not drift.moved


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda f: f.drop(columns="rain"), {"rain": "schema"}),
        (lambda f: f.assign(rain="much"), {"rain": "schema"}),
        (lambda f: f.assign(wind="N"), {"wind": "chi_square"}),
        (lambda f: f.assign(wind="NNE"), {"wind": "chi_square"}),
        (lambda f: f.assign(holiday=np.arange(len(f)) % 2 == 0), {"holiday": "chi_square"}),
        (lambda f: f.assign(gaps=f["gaps"].where(np.arange(len(f)) % 2 == 0)), {"gaps": "missing_values"}),
        (lambda f: f.assign(temp=np.nan), {"temp": "missing_values"}),
        (lambda f: f.assign(temp=f["temp"] * 3 - 20), {"temp": "kolmogorov_smirnov"}),
        (lambda f: f.assign(hours=23), {"hours": "kolmogorov_smirnov"}),
    ],
)
def test_each_planted_fault_is_found_in_its_column_and_in_no_other(
    change: Any, expected: dict[str, str]
) -> None:
    assert moved(change(table(1000, 5))) == expected


def test_the_sentence_says_what_happened() -> None:
    live = table(1000, 6)
    told = {d.name: d.summary for d in compare(REFERENCE, live.assign(temp=live["temp"] + 4, wind="NNE"))}
    assert told["temp"].startswith("temp moved: its mean went from ")
    assert "stability index" in told["temp"]
    assert "never seen in training, such as 'NNE'" in told["wind"]
    assert told["rain"].startswith("rain did not move")


@pytest.mark.parametrize(
    "frame",
    [
        table(1, 1),
        table(300, 1).assign(temp=np.inf),
        table(300, 1).astype({"hours": "float64"}),
        table(300, 1).assign(temp=[None] * 300),
        table(300, 1).assign(temp=[object()] * 300),
        table(300, 1).assign(wind=[["a"]] * 300),
        table(300, 1).assign(holiday="yes"),
        pd.DataFrame(),
        pd.DataFrame({"other": [1, 2]}),
    ],
)
def test_strange_windows_are_told_of_and_never_crash(frame: pd.DataFrame) -> None:
    found = compare(REFERENCE, frame)
    assert [d.name for d in found] == [c.name for c in REFERENCE.columns]
    assert all(d.summary for d in found)


@pytest.mark.parametrize(
    "column",
    [
        [1.0] * 300,
        [None] * 300,
        ["x"] * 300,
        pd.date_range("2026-01-01", periods=300, tz="Europe/Paris"),
        [True] * 300,
    ],
)
def test_strange_references_are_told_of_and_never_crash(column: Any) -> None:
    frame = pd.DataFrame({"a": column})
    assert not any(d.moved for d in compare(profile(frame), frame))


def test_times_are_compared_as_times() -> None:
    frame = pd.DataFrame({"when": pd.date_range("2026-01-01", periods=1000, freq="h")})
    later = frame + pd.Timedelta(days=90)
    (drift,) = compare(profile(frame), later)
    assert drift.moved
    (same,) = compare(profile(frame), frame.assign(when=frame["when"].astype(str)))
    assert not same.moved
