"""Plain values to bytes: equal bytes mean equal values of equal types."""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
import hashlib
import itertools
import uuid

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.capture.fingerprint_values import Unreadable, digest_of_values, feed_strings

DIFFERENT = [
    1, 1.0, True, "1", b"1", bytearray(b"1"), 1j, None, decimal.Decimal(1), decimal.Decimal("1.0"), fractions.Fraction(1),
    [1], (1,), {1}, frozenset({1}), {1: 1}, [[1]], [1, 1], range(1), dt.date(2026, 1, 1), dt.datetime(2026, 1, 1),  # noqa: DTZ001

    dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.timedelta(1), dt.time(1), uuid.UUID(int=1), np.int64(1), np.int32(1),
    np.array([1]), pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-01", tz="UTC"), pd.NaT, pd.NA, 2**70, float("nan"),
    "", "\ud800", -0.0, 0.0,
]  # fmt: skip


def test_no_two_values_share_a_digest() -> None:
    found = [digest_of_values([value], "") for value in DIFFERENT]
    for (i, one), (j, other) in itertools.combinations(enumerate(found), 2):
        assert one != other, (DIFFERENT[i], DIFFERENT[j])


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537])
@pytest.mark.parametrize("value", ["é", 1.5, 7, None])
def test_the_last_value_counts_at_every_size(size: int, value: object) -> None:
    values = [value] * size
    assert digest_of_values(values, "") != digest_of_values([*values[:-1], "x"], "")
    assert digest_of_values(values, "") == digest_of_values(iter(values), "")


def test_text_may_not_move_between_neighbours() -> None:
    assert digest_of_values(["ab", "c"], "") != digest_of_values(["a", "bc"], "")
    assert digest_of_values([["a"], []], "") != digest_of_values([[], ["a"]], "")


def test_the_order_of_a_set_does_not_count_and_that_of_a_dictionary_does() -> None:
    assert digest_of_values([{"a", "b", "c"}], "") == digest_of_values([{"c", "b", "a"}], "")
    assert digest_of_values([{"a": 1, "b": 2}], "") != digest_of_values([{"b": 2, "a": 1}], "")


@pytest.mark.parametrize(
    "value", [object(), lambda: 1, type("Own", (), {})(), np.array([object()], dtype=object)]
)
def test_what_has_no_exact_form_is_refused(value: object) -> None:
    with pytest.raises(Unreadable):
        digest_of_values([value], "")


def test_a_cycle_is_refused() -> None:
    cycle: list[object] = []
    cycle.append(cycle)
    with pytest.raises(Unreadable, match="deep"):
        digest_of_values([cycle], "")


@pytest.mark.parametrize("texts", [["a", "b"], ["a", None], ["", None], ["é", "ab"], [None, None], []])
def test_missing_text_lengths_and_bytes_are_fed_apart(texts: list[str | None]) -> None:
    hashers = (hashlib.sha256(), hashlib.sha256(), hashlib.sha256())
    feed_strings(hashers, texts)
    plain = [(text or "").encode() for text in texts]
    assert hashers[0].digest() == hashlib.sha256(bytes(text is None for text in texts)).digest()
    assert hashers[1].digest() == hashlib.sha256(np.array([len(p) for p in plain], "<i8").tobytes()).digest()
    assert hashers[2].digest() == hashlib.sha256(b"".join(plain)).digest()
