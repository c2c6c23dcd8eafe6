"""Records of a journal: what was said is read as it was said, and what is damaged is never believed."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.store.journal_records import (
    HEAD,
    POINT,
    Said,
    name_record,
    note_record,
    parse,
    point_record,
    read_segment,
)
from jupyter_mlops.tracking import find_runs, track
from jupyter_mlops.workspace import Workspace

NAMES = ("loss", "r2", "größe 日本", "half \udc80", "")
texts = st.text(st.characters(exclude_categories=()), max_size=12)
whole = st.integers(-(2**63), 2**63 - 1)
times = st.integers(-(2**54), 2**54)  # any that a date can be made of
points = st.tuples(st.integers(0, len(NAMES) - 1), whole, times, st.floats())
notes = st.dictionaries(texts, texts | st.integers() | st.none() | st.lists(texts, max_size=2), max_size=3)
said = st.lists(points | notes, max_size=40)


def written(things: list[Any]) -> list[bytes]:
    """Records of *things*, numbered from 1, each name said before its first point."""
    records, known, sequence = [], set(), 0
    for thing in things:
        if isinstance(thing, dict):
            records.append(note_record(thing))
            continue
        name, step, time, value = thing
        if name not in known:
            known.add(name)
            records.append(name_record(name, NAMES[name]))
        sequence += 1
        records.append(point_record(name, sequence, step, time, value))
    return records


def told(reading: Said) -> list[tuple[Any, ...]]:
    return [(one.sequence, one.key, one.step, repr(one.value)) for one in reading.points]


def expected(things: list[Any]) -> list[tuple[Any, ...]]:
    numbered = enumerate((thing for thing in things if not isinstance(thing, dict)), 1)
    return [(sequence, NAMES[name], step, repr(value)) for sequence, (name, step, _, value) in numbered]


@settings(deadline=None)
@given(said)
def test_points_names_and_notes_in_any_order_are_read_as_they_were_said(things: list[Any]) -> None:
    data = b"".join(written(things))
    reading = parse(data, "run")
    assert told(reading) == expected(things)
    assert list(reading.notes) == [thing for thing in things if isinstance(thing, dict)]
    assert (reading.end, reading.torn) == (len(data), 0)
    assert {one.owner for one in reading.points} <= {"run"}


@settings(max_examples=200, deadline=None)
@given(said, st.integers(0, 5000))
def test_a_reading_that_was_cut_anywhere_goes_on_as_if_nothing_had_been(things: list[Any], cut: int) -> None:
    records = written(things)
    data = b"".join(records)
    first = parse(data[:cut], "run")
    ends = {sum(map(len, records[:count])) for count in range(len(records) + 1)}
    assert first.end == max(end for end in ends if end <= cut)
    rest = parse(data[first.end :], "run", offset=first.end, names=first.names)
    assert told(first) + told(rest) == expected(things)
    assert [*first.notes, *rest.notes] == [thing for thing in things if isinstance(thing, dict)]
    assert rest.end == len(data)


@settings(max_examples=60, deadline=None)
@given(said, st.integers(1, 5))
def test_reading_in_small_stretches_is_reading_all(
    tmp_path_factory: pytest.TempPathFactory, things: list[Any], most: int
) -> None:
    path = tmp_path_factory.mktemp("stretches") / "run.0.000000.journal"
    path.write_bytes(b"".join(written(things)))
    found: list[Any] = []
    notes: list[Any] = []
    offset = 0
    while reading := read_segment(path, "run", offset=offset, most=most):
        assert reading.end > offset
        found += told(reading)
        notes += reading.notes
        offset = reading.end
    assert found == expected(things)
    assert notes == [thing for thing in things if isinstance(thing, dict)]


def test_a_note_longer_than_a_stretch_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.0.000000.journal"
    long = {"file": "x" * 1_000_000}
    path.write_bytes(note_record(long) + name_record(0, "loss") + point_record(0, 1, 0, 0, 1.0))
    first = read_segment(path, "run", most=2)
    assert first.notes[0] == long
    path.write_bytes(name_record(0, "loss") + point_record(0, 1, 0, 0, 1.0) + note_record(long))
    first = read_segment(path, "run", most=2)
    second = read_segment(path, "run", offset=first.end, most=2, names=first.names)
    assert ([one.value for one in first.points], second.notes) == ([1.0], (long,))


def test_a_point_whose_name_was_lost_is_given_to_no_metric() -> None:
    data = point_record(5, 1, 0, 0, 1.0) + name_record(0, "loss") + point_record(0, 2, 0, 0, 2.0)
    reading = parse(data, "run")
    assert told(reading) == [(2, "loss", 0, "2.0")]
    assert reading.end == len(data)  # it is passed over, and is no end of the reading


@pytest.mark.parametrize(
    "rest",
    [
        struct.pack("<II", 0, 0) + b"N{}",  # a record of no length
        struct.pack("<II", 2**31, 0) + b"N" * 100,  # a length that no record has
        struct.pack("<II", 2, 1) + b"N{",  # a checksum that does not fit
        note_record({"a": 1})[:-1],
        b"\1",
    ],
    ids=["empty", "endless", "unlike", "short", "crumb"],
)
def test_what_is_no_whole_record_ends_the_reading_and_is_counted(rest: bytes) -> None:
    before = note_record({"kept": 1})
    reading = parse(before + rest + bytes(64), "run")
    assert (reading.notes, reading.end) == (({"kept": 1},), len(before))
    assert reading.torn == len(rest.rstrip(b"\0"))  # without the space that was given and not used


def test_space_that_was_not_used_is_nothing_torn() -> None:
    before = note_record({"kept": 1})
    for room in (0, 1, HEAD.size, 4096):
        assert parse(before + bytes(room), "run").torn == 0


def test_a_name_alone_is_nothing_to_be_brought_home() -> None:
    assert not parse(name_record(0, "loss"), "run")
    assert parse(name_record(0, "loss"), "run").names == {0: "loss"}
    assert parse(note_record({}), "run")


def test_a_record_is_as_long_as_the_writer_reckons() -> None:
    assert len(point_record(0, 1, 0, 0, math.nan)) == HEAD.size + POINT.size


def test_a_text_that_is_no_unicode_is_kept_like_any_other(ws: Workspace) -> None:
    broken = "data/caf\udce9.csv"  # a file's name in Latin-1, as Python reads it
    with track("reads", workspace=ws) as run:
        run.log_params({"path": broken})
        run.note(f"read {broken}")
        run.log_metric("loss", 0.5)
    (kept,) = find_runs(ws, "name = 'reads'")
    assert (kept.params["path"], kept.notes, dict(kept.metrics)) == (
        broken,
        (f"read {broken}",),
        {"loss": 0.5},
    )
