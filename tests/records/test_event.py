"""The chain of the ledger."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from contracts.records import RecordContract
from contracts.samples import NOON, event
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.records import event as module
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.event import GENESIS, Event, canonical, chain_digest, chained


class TestRecords(RecordContract):
    module = module
    required = {"Event": "at actor kind subject"}


def test_the_first_event_hangs_on_the_beginning() -> None:
    first = chained(event(), None)
    assert (first.sequence, first.previous) == (1, GENESIS)
    second = chained(event(), first)
    assert (second.sequence, second.previous) == (2, first.digest)


def test_the_digest_of_a_known_event_never_changes() -> None:
    """A changed rule would break every ledger there is."""
    first = chained(event("pm25@champion", "alias.moved", version=2, was=None, ratio=0.1, name="Grün"), None)
    assert first.digest == "ffa624a5e83775c985f4a2bb61ee122f8e2515f9d6f8cbcb28e4c61717d8e19f"


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 2}, {"at": NOON + timedelta(microseconds=1)}, {"kind": "run.started"}, {"subject": "r2"},
        {"data": {"value": 2}}, {"previous": "1" * 64}, {"actor": replace(event().actor, authenticated=True)},
        {"actor": replace(event().actor, name="bob")},
    ],
)  # fmt: skip
def test_every_field_enters_the_digest(change: dict[str, object]) -> None:
    kept = chained(event(value=1), None)
    assert chain_digest(replace(kept, **change)) != kept.digest


def test_data_that_read_alike_digest_alike() -> None:
    assert chained(event(b=1, a=(1, 2)), None).digest == chained(event(a=[1, 2], b=1), None).digest
    assert canonical("e\u0301") == canonical("é")


def test_a_moment_digests_alike_in_every_zone() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert chained(replace(event(), at=there), None).digest == chained(event(), None).digest


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), plain, max_size=4))
def test_what_is_read_back_digests_as_it_did(data: dict[str, object]) -> None:
    import json

    kept = chained(replace(event(), data=data), None)
    read = decode(Event, json.loads(json.dumps(encode(kept))))
    assert chain_digest(read) == kept.digest == read.digest


def test_odd_values_do_not_keep_an_event_from_being_told() -> None:
    kept = chained(event(name="\udc80", ratio=math.nan, at=NOON, many=frozenset({1})), None)
    assert chain_digest(kept) == kept.digest
    assert kept.data["ratio"] == "nan"
