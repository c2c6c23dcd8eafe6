"""Metric points in packed stretches: whatever order they come in, each is there once and no stretch overlaps."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contracts.keeping import same
from contracts.samples import curve, point, run
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, update

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.store import open_store
from jupyter_mlops.store.curves import Curve, no_points
from jupyter_mlops.store.packing import unpack
from jupyter_mlops.store.protocol import Store
from jupyter_mlops.store.sql import metrics as packing
from jupyter_mlops.store.sql.metrics import FULL, chunk_rows
from jupyter_mlops.store.sql.tables import CHUNKS, OWNERS


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    yield store
    store.close()


def rows(store: Store, owner: str = "r1", key: str = "mae") -> list[Any]:
    """The stretches of one curve as they lie in the table."""
    found = (
        select(CHUNKS)
        .join(OWNERS, OWNERS.c.number == CHUNKS.c.owner)
        .where(OWNERS.c.run == owner, CHUNKS.c.key == key)
        .order_by(CHUNKS.c.first)
    )
    with store.read() as tx:
        return list(connection_of(tx).execute(found))


def connection_of(tx: Any) -> Connection:
    connection: Connection = tx.metrics._session.connection
    return connection


def assert_whole(chunks: Sequence[Any]) -> None:
    """Stretches say truly where they begin and end and how long they are, and none reaches into the next."""
    for chunk in chunks:
        held = unpack("r1", chunk.key, chunk.body)
        assert (int(held.sequences[0]), int(held.sequences[-1]), len(held)) == (
            chunk.first,
            chunk.last,
            chunk.count,
        )
    for one, following in itertools.pairwise(chunks):
        assert one.last < following.first


@contextmanager
def small_stretches() -> Iterator[None]:
    """Stretches of eight points and a short look back, so that a few points meet every case."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "FULL", 8)
        patch.setattr(packing, "_NEAR", 3)
        yield


@st.composite
def pieces(draw: st.DrawFn) -> Curve:
    sequences = draw(st.lists(st.integers(1, 60), min_size=0, max_size=12))
    one = curve(draw(st.sampled_from(["r1", "r2"])), sequences, draw(st.sampled_from(["mae", "acc"])))
    return replace(one, values=one.values + draw(st.sampled_from([0.0, 0.5, math.nan])))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    stores = (open_store("memory://"), open_store(f"sqlite:///{tmp_path_factory.mktemp('both')}/store.db"))
    yield stores
    stores[1].close()


EXAMPLES = itertools.count(1)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(pieces(), max_size=4), max_size=12), st.integers(0, 70), st.integers(1, 30))
def test_memory_and_sql_keep_the_same_points_in_whatever_pieces_they_come(
    both: tuple[Store, Store], batches: list[list[Curve]], after: int, limit: int
) -> None:
    example = next(EXAMPLES)  # its runs are its own, so that one file is enough for all
    owners = {name: f"{name}-{example}" for name in ("r1", "r2")}
    pairs = [(owner, key) for owner in owners.values() for key in ("mae", "acc")]
    told = []
    with small_stretches():
        for store in both:
            with store.write() as tx:
                for batch in batches:
                    tx.metrics.extend([replace(one, owner=owners[one.owner]) for one in batch])
                told.append([
                    (
                        tx.metrics.read(owner),
                        tx.metrics.read(owner, after=after, limit=limit),
                        tx.metrics.history(owner, key, after=after, limit=limit),
                        tx.metrics.curve(owner, key, after=after).points(),
                        [replace(one, mean=0.0) for one in tx.metrics.summaries(owner).values()],
                    )
                    for owner, key in pairs
                ])  # fmt: skip
        for owner, key in pairs:
            assert_whole(rows(both[1], owner, key))
    assert repr(told[0]) == repr(told[1])


def test_a_curve_written_point_by_point_lies_in_few_stretches_each_as_long_as_may_be(store: Store) -> None:
    count = 600
    with store.write() as tx:
        for number in range(1, count + 1):
            tx.metrics.append([point("r1", number, float(number))])
    chunks = rows(store)
    assert_whole(chunks)
    assert sum(chunk.count for chunk in chunks) == count
    assert len(chunks) <= math.log2(count) + 1


def test_a_full_stretch_is_not_written_again_for_what_follows(store: Store) -> None:
    def place() -> int:
        with store.read() as tx:
            found = connection_of(tx).exec_driver_sql("SELECT min(rowid) FROM metric_chunks WHERE first = 1")
            return int(found.scalar_one())

    with store.write() as tx:
        tx.metrics.extend([curve("r1", range(1, FULL + 11))])
        tx.metrics.extend([curve("r1", [100_000], key="acc")])  # a row written anew comes behind this one
    full = place()
    assert [chunk.count for chunk in rows(store)] == [FULL, 10]
    with store.write() as tx:
        # Nearly as many as the full one has: by its length alone it would be taken in.
        tx.metrics.extend([curve("r1", range(FULL + 11, 2 * FULL))])
    assert place() == full
    assert [chunk.count for chunk in rows(store)] == [FULL, FULL - 1]
    assert_whole(rows(store))


def test_points_of_another_process_that_lie_far_back_find_their_place(store: Store) -> None:
    """A forked child's journal is folded after its parent has gone on for many stretches."""
    with small_stretches(), store.write() as tx:
        tx.metrics.extend([curve("r1", range(101, 301))])
        tx.metrics.extend([curve("r1", [5, 150, 250])])  # two of them are there already
        tx.metrics.extend([curve("r1", [n for n in range(1, 100) if n != 5])])
    with store.read() as tx:
        assert tx.metrics.curve("r1", "mae").sequences.tolist() == [n for n in range(1, 301) if n != 100]
        assert tx.metrics.summaries("r1")["mae"].count == 299
    assert_whole(rows(store))


def test_a_journal_read_again_writes_nothing(store: Store) -> None:
    said = [curve("r1", range(1, 50)), curve("r1", range(50, 60), key="acc")]
    with store.write() as tx:
        tx.metrics.extend(said)
    before = rows(store), rows(store, key="acc")
    with store.write() as tx:
        connection = connection_of(tx)
        changes = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
        tx.metrics.extend(said)
        assert connection.exec_driver_sql("SELECT total_changes()").scalar_one() == changes
    assert (rows(store), rows(store, key="acc")) == before


def test_a_sequence_that_another_metric_has_taken_is_passed_over(store: Store) -> None:
    with store.write() as tx:
        tx.metrics.extend([curve("r1", [1, 2, 3])])
        tx.metrics.extend([curve("r1", [2, 3, 4], key="acc")])
    with store.read() as tx:
        assert [(one.sequence, one.key) for one in tx.metrics.read("r1")] == [
            (1, "mae"), (2, "mae"), (3, "mae"), (4, "acc")
        ]  # fmt: skip


def test_a_curve_without_points_is_nothing_and_leaves_no_trace(store: Store) -> None:
    with store.write() as tx:
        tx.metrics.extend([no_points("r1", "mae")])
        tx.metrics.extend([no_points("r1", "acc"), curve("r1", [1]), no_points("r2", "mae")])
        assert list(tx.metrics.summaries("r1")) == ["mae"]
        owners = connection_of(tx).execute(select(OWNERS.c.run)).scalars().all()
    assert owners == ["r1"]


def test_reading_stops_where_it_is_full_also_where_metrics_lie_interleaved(store: Store) -> None:
    with small_stretches(), store.write() as tx:
        for start in range(1, 200, 10):
            for place, key in enumerate(("a", "b", "c")):
                tx.metrics.extend([curve("r1", range(start + place, start + 10, 3), key=key)])
    with store.read() as tx:
        for after, limit in ((0, 1), (0, 17), (57, 40), (190, 100), (500, 1)):
            sequences = [one.sequence for one in tx.metrics.read("r1", after=after, limit=limit)]
            assert sequences == list(range(after + 1, 201))[:limit]
        assert tx.metrics.read("r1", limit=0) == ()
        assert tx.metrics.history("r1", "a", limit=0) == ()


def test_a_damaged_stretch_is_said_and_the_other_metrics_are_read(store: Store) -> None:
    with store.write() as tx:
        tx.runs.add(run("r1"))
        tx.metrics.extend([curve("r1", range(1, 9)), curve("r1", range(9, 19), key="acc")])
    with store.write() as tx:
        body = bytearray(rows(store)[0].body)
        body[-1] ^= 1
        connection_of(tx).execute(update(CHUNKS).where(CHUNKS.c.key == "mae").values(body=bytes(body)))
    with store.read() as tx:
        for ask in (lambda: tx.metrics.curve("r1", "mae"), lambda: tx.metrics.read("r1")):
            with pytest.raises(Unavailable, match="metric mae of run r1 are damaged") as refusal:
                ask()
            assert "from a copy" in refusal.value.remedy
        assert len(tx.metrics.curve("r1", "acc")) == 10
        assert tx.runs.get("r1").metrics["mae"] == 8.0


def test_rows_of_a_long_curve_are_cut_where_they_are_full() -> None:
    whole = curve("r1", range(1, 2 * FULL + 2))
    made = chunk_rows(7, whole)
    assert [(row["first"], row["last"], row["count"]) for row in made] == [
        (1, FULL, FULL), (FULL + 1, 2 * FULL, FULL), (2 * FULL + 1, 2 * FULL + 1, 1)
    ]  # fmt: skip
    assert {row["owner"] for row in made} == {7}
    back = np.concatenate([unpack("r1", "mae", row["body"]).sequences for row in made])
    assert np.array_equal(back, whole.sequences)
    assert chunk_rows(7, no_points("r1", "mae")) == []


def test_hundreds_of_metrics_are_added_up_in_one_go(store: Store) -> None:
    names = [f"m{number}" for number in range(packing._PAIRS + 5)]
    for turn in (0, 1):
        with store.write() as tx:
            tx.metrics.extend(
                [curve("r1", [1 + place + turn * 1000], key=name) for place, name in enumerate(names)]
            )
    with store.read() as tx:
        summaries = tx.metrics.summaries("r1")
    assert {one.count for one in summaries.values()} == {2}
    assert list(summaries) == sorted(names)
    assert same(
        [one.last for one in summaries.values()], [1001.0 + names.index(name) for name in sorted(names)]
    )
