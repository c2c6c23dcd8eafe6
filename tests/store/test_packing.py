"""Stretches of curves as bytes: read as they were packed, small, and never believed where a bit is wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest
from contracts.samples import curve
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.store.curves import Curve
from jupyter_mlops.store.packing import Damaged, pack, unpack

WHOLE = st.integers(-(2**63), 2**63 - 1)
REAL = st.floats(width=64) | st.floats(width=32) | st.sampled_from([math.nan, math.inf, -math.inf, -0.0])


def same(one: Curve, other: Curve) -> bool:
    whole = all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("sequences", "steps", "times")
    )
    return whole and np.array_equal(one.values, other.values, equal_nan=True)


@given(st.lists(st.tuples(WHOLE, WHOLE, WHOLE, REAL), min_size=1, max_size=40))
def test_any_numbers_come_back_as_they_were(rows: list[tuple[int, int, int, float]]) -> None:
    sequences, steps, times, values = zip(*rows, strict=True)
    whole = [np.array(column, np.int64) for column in (sequences, steps, times)]
    one = Curve("r1", "mae", *whole, np.array(values, np.float64))
    assert same(unpack("r1", "mae", pack(one)), one)


@given(st.integers(-(2**62), 2**62), st.lists(st.integers(-300, 300), min_size=1, max_size=60))
def test_numbers_near_each_other_come_back_from_few_bytes(start: int, differences: list[int]) -> None:
    numbers = np.cumsum(np.array([0, *differences], np.int64)) + start // 2
    one = Curve("r1", "mae", numbers, numbers, numbers, np.zeros(len(numbers)))
    packed = pack(one)
    assert same(unpack("r1", "mae", packed), one)
    assert len(packed) < 80 + 3 * 2 * len(numbers) + 4 * len(numbers)


def test_what_loops_log_takes_nine_bytes_a_point_and_five_where_values_are_short() -> None:
    one = curve("r1", range(1, 8193))
    jitter = np.cumsum(np.arange(8192) % 7)
    real = Curve("r1", "mae", one.sequences, one.steps, one.times + jitter, np.sin(one.values))
    assert len(pack(real)) / 8192 < 9.1
    short = Curve(
        "r1",
        "mae",
        one.sequences,
        one.steps,
        one.times + jitter,
        np.sin(one.values).astype("f4").astype("f8"),
    )
    assert len(pack(short)) / 8192 < 5.1


def test_no_flipped_bit_is_believed() -> None:
    packed = pack(curve("r1", [1, 2, 4, 900_000]))
    for place in range(len(packed)):
        damaged = bytearray(packed)
        damaged[place] ^= 0x10
        try:
            kept = unpack("r1", "mae", bytes(damaged))
        except Damaged:
            continue
        pytest.fail(f"byte {place} was believed: {kept}")


@pytest.mark.parametrize("damage", [b"", b"\1", b"\2" + bytes(20), pack(curve("r1", range(1, 50)))[:-1]])
def test_what_was_not_packed_or_is_cut_short_is_damaged(damage: bytes) -> None:
    with pytest.raises(Damaged):
        unpack("r1", "mae", damage)
