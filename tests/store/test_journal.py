"""The journal: what a call has accepted survives its process."""

from __future__ import annotations

import math
import os
import signal
import struct
import subprocess
import sys
import textwrap
import threading
import time
import zlib
from pathlib import Path

import pytest

from jupyter_mlops.store import journal as writing
from jupyter_mlops.store.journal import FOREIGN, Journal, JournalClosed, first_of_child
from jupyter_mlops.store.journal_files import abandoned, remove_files, segments
from jupyter_mlops.store.journal_records import parse, read_segment

AT = 1_767_600_000.25
POINT = 45  # bytes of one


def everything(folder: Path, owner: str = "run"):
    points, notes = [], []
    for path in segments(folder, owner):
        said = read_segment(path, owner)
        points += said.points
        notes += said.notes
    return points, notes


def test_what_was_said_is_read_in_order(tmp_path):
    journal = Journal(tmp_path, "run")
    assert journal.points({"loss": 0.5, "r2": 0.25}, 3, AT) == 2
    journal.note({"params": {"alpha": 0.3, "näme": "ü"}}, AT)
    assert journal.points({"loss": 0.125}, 4, AT) == 3
    points, notes = everything(tmp_path)
    assert [(p.sequence, p.key, p.value, p.step) for p in points] == [
        (1, "loss", 0.5, 3),
        (2, "r2", 0.25, 3),
        (3, "loss", 0.125, 4),
    ]
    assert points[0].at.timestamp() == AT
    assert points[0].at.tzinfo is not None
    assert notes == [{"params": {"alpha": 0.3, "näme": "ü"}}]
    journal.remove()
    assert list(tmp_path.iterdir()) == []


def test_numbers_that_are_not_finite_come_back_as_they_were(tmp_path):
    journal = Journal(tmp_path, "run")
    journal.points({"a": math.nan, "b": math.inf, "c": -math.inf, "d": 5e-324}, -1, AT)
    (a, b, c, d), _ = everything(tmp_path)
    assert math.isnan(a.value)
    assert (b.value, c.value, d.value, d.step) == (math.inf, -math.inf, 5e-324, -1)
    journal.remove()


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_last_record_is_dropped_and_nothing_else(tmp_path, cut):
    journal = Journal(tmp_path, "run")
    for step in range(10):
        journal.points({"loss": float(step)}, step, AT)
    journal.close()
    path = segments(tmp_path)[0]
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    said = read_segment(path, "run")
    lost = -(-cut // POINT)
    assert [p.value for p in said.points] == [float(s) for s in range(10 - lost)]
    assert said.torn == len(whole[said.end : -cut].rstrip(b"\0"))
    assert said.end == len(whole) - lost * POINT


def test_a_flipped_bit_is_not_believed(tmp_path):
    journal = Journal(tmp_path, "run")
    for step in range(3):
        journal.points({"loss": float(step)}, step, AT)
    journal.close()
    whole = segments(tmp_path)[0].read_bytes()
    for place in range(len(whole) - 2 * POINT, len(whole) - POINT):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        assert [p.value for p in parse(bytes(damaged), "run").points] == [0.0], place


def test_reading_goes_on_where_it_stopped(tmp_path):
    journal = Journal(tmp_path, "run")
    for step in range(5):
        journal.points({"loss": float(step)}, step, AT)
    path = segments(tmp_path)[0]
    first = read_segment(path, "run", most=2)
    journal.points({"loss": 5.0}, 5, AT)
    rest = read_segment(path, "run", offset=first.end)
    assert [p.value for p in (*first.points, *rest.points)] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    journal.remove()


def test_a_long_journal_goes_on_in_a_next_file(tmp_path):
    journal = Journal(tmp_path, "run", segment_bytes=200)
    for step in range(50):
        journal.points({"loss": float(step)}, step, AT)
    assert journal.segment > 3
    points, _ = everything(tmp_path)
    assert [p.value for p in points] == [float(s) for s in range(50)]
    journal.remove()
    assert list(tmp_path.iterdir()) == []


def test_threads_number_their_points_without_gap_or_double(tmp_path):
    journal = Journal(tmp_path, "run", segment_bytes=5000)

    def work(name: str) -> None:
        for step in range(500):
            journal.points({name: float(step)}, step, AT)

    threads = [threading.Thread(target=work, args=(f"k{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    points, _ = everything(tmp_path)
    assert sorted(p.sequence for p in points) == list(range(1, 2001))
    for n in range(4):
        mine = sorted((p.sequence, p.value) for p in points if p.key == f"k{n}")
        assert [value for _, value in mine] == [float(s) for s in range(500)]
    journal.remove()


def test_a_living_writer_is_left_alone_and_a_dead_one_found(tmp_path):
    journal = Journal(tmp_path, "run")
    journal.points({"loss": 1.0}, 0, AT)
    assert list(abandoned(tmp_path)) == []
    journal.close()
    ((owner, writer, paths),) = list(abandoned(tmp_path))
    assert (owner, writer, len(paths)) == ("run", 0, 1)
    remove_files(tmp_path, owner, writer)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_said_after_the_end(tmp_path):
    journal = Journal(tmp_path, "run")
    journal.close()
    with pytest.raises(JournalClosed):
        journal.points({"loss": 1.0}, 0, AT)


def test_a_run_that_goes_on_never_writes_into_files_of_its_last_life(tmp_path):
    first = Journal(tmp_path, "run")
    first.points({"loss": 1.0}, 0, AT)
    first.close()
    second = Journal(tmp_path, "run", first=2)
    second.points({"loss": 2.0}, 1, AT)
    points, _ = everything(tmp_path)
    assert [(p.sequence, p.value) for p in points] == [(1, 1.0), (2, 2.0)]
    assert len(segments(tmp_path)) == 2
    second.remove()


def test_where_its_file_cannot_be_made_the_lock_is_let_go_and_the_next_try_waits_for_nothing(
    tmp_path, monkeypatch
):
    make = Journal._new_file

    def full(_journal):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(Journal, "_new_file", full)
    for _ in range(3):
        with pytest.raises(OSError, match="Too many open files"):
            Journal(tmp_path, "run", new=True)
    monkeypatch.setattr(Journal, "_new_file", make)
    begun = time.monotonic()
    Journal(tmp_path, "run", new=True).remove()
    assert time.monotonic() - begun < 5  # and not the ten seconds that a lock is waited for


def test_a_forked_child_writes_files_of_its_own(tmp_path):
    journal = Journal(tmp_path, "run")
    journal.points({"loss": 1.0}, 0, AT)
    child = os.fork()
    if child == 0:
        try:
            for step in range(3):
                journal.points({"child": float(step)}, step, AT)
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    journal.points({"loss": 2.0}, 1, AT)
    points, _ = everything(tmp_path)
    mine = [p for p in points if p.key == "loss"]
    theirs = [p for p in points if p.key == "child"]
    assert [(p.sequence, p.value) for p in mine] == [(1, 1.0), (2, 2.0)]
    assert [p.sequence for p in theirs] == [first_of_child(child, AT) + n for n in range(3)]
    ((_, writer, paths),) = list(abandoned(tmp_path))  # the child's alone: the parent lives
    assert writer == first_of_child(child, AT)
    assert len(paths) == 1
    journal.remove()


def test_the_numbers_of_others_leave_room_and_stay_countable_in_a_browser():
    stripes = {first_of_child(pid, AT) for pid in (1, 2, 4_194_303, 77)}
    assert len(stripes) == 4
    assert all(2**28 <= first < 2**53 and first != FOREIGN for first in stripes)
    assert FOREIGN + 2**28 <= 2**53


def test_a_disk_that_takes_nothing_costs_no_point(tmp_path):
    journal = Journal(tmp_path, "run")
    journal.points({"loss": 1.0}, 0, AT)
    full = os.open("/dev/full", os.O_WRONLY)
    journal._file, file = full, journal._file
    with pytest.warns(UserWarning, match="cannot be written"):
        journal.points({"loss": 2.0}, 1, AT)
    journal.points({"loss": 3.0}, 2, AT)
    kept = journal.kept()
    assert [p.value for p in parse(kept, "run", names=journal.names).points] == [2.0, 3.0]
    journal.forget(len(kept))
    assert journal.kept() == b""
    os.close(full)
    journal._file = file
    journal.points({"loss": 4.0}, 3, AT)
    points, _ = everything(tmp_path)
    assert [p.value for p in points] == [1.0, 4.0]
    journal.remove()


def test_kill_minus_nine_in_a_loop_loses_no_accepted_point(tmp_path):
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from jupyter_mlops.store.journal import Journal

        journal = Journal(Path(sys.argv[1]), "run")
        for step in range(10**9):
            journal.points({"loss": float(step)}, step, 1.7e9)
            print(step, flush=True)
        """
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    accepted = -1
    while accepted < 5000:
        accepted = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    for line in child.stdout:  # what it had printed before it died
        accepted = int(line) if line.endswith("\n") else accepted
    child.wait()
    ((_, _, paths),) = list(abandoned(tmp_path))
    values = [p.value for p in read_segment(paths[0], "run", most=10**9).points]
    assert values == [float(s) for s in range(len(values))]
    assert len(values) >= accepted + 1


def test_a_short_and_a_long_way_say_the_same(tmp_path):
    journal = Journal(tmp_path, "run", segment_bytes=500)
    for step in range(30):
        journal.point("loss", step / 3, step, 1_767_600_000_250_000)
        journal.points({"acc": 1.0, "loss": -step}, step, AT)
    points, _ = everything(tmp_path)
    assert [p.sequence for p in points] == list(range(1, 91))
    assert [(p.key, p.value, p.step) for p in points[:3]] == [
        ("loss", 0.0, 0),
        ("acc", 1.0, 0),
        ("loss", 0.0, 0),
    ]
    assert {p.at.timestamp() for p in points} == {AT}
    assert journal.segment > 3  # each file says the names anew
    journal.remove()


def test_a_step_beyond_all_bounds_neither_raises_nor_leaves_a_gap(tmp_path):
    journal = Journal(tmp_path, "run")
    for step in (0, 10**30, -(10**30), 1):
        journal.point("loss", 1.0, step, 0)
    points, _ = everything(tmp_path)
    assert [(p.sequence, p.step) for p in points] == [(1, 0), (2, 2**63 - 1), (3, -(2**63)), (4, 1)]
    journal.remove()


def test_reading_from_the_middle_finds_the_names_said_before(tmp_path):
    journal = Journal(tmp_path, "run")
    journal.points({"a": 1.0, "b": 2.0}, 0, AT)
    path = segments(tmp_path)[0]
    end = read_segment(path, "run").end
    journal.points({"b": 3.0}, 1, AT)
    assert [(p.key, p.value) for p in read_segment(path, "run", offset=end).points] == [("b", 3.0)]
    journal.remove()


def test_points_between_notes_and_names_come_in_their_order(tmp_path):
    journal = Journal(tmp_path, "run")
    for step in range(300):
        journal.points({f"m{step % 7}": float(step)}, step, AT)
        if step % 50 == 0:
            journal.note({"note": str(step)}, AT)
    points, notes = everything(tmp_path)
    assert [p.value for p in points] == [float(s) for s in range(300)]
    assert [p.key for p in points] == [f"m{s % 7}" for s in range(300)]
    assert len(notes) == 6
    journal.remove()


def test_a_journal_of_the_first_release_is_read():
    def record(body: bytes) -> bytes:
        return struct.pack("<II", len(body), zlib.crc32(body)) + body

    values = b"".join(
        struct.pack("<dH", value, len(key)) + key for key, value in ((b"loss", 0.5), (b"r2", -1.0))
    )
    old = record(struct.pack("<cQqdH", b"P", 7, 3, AT, 2) + values) + record(b'N{"note":"x"}')
    said = parse(old, "run")
    assert [(p.sequence, p.key, p.value, p.step) for p in said.points] == [
        (7, "loss", 0.5, 3),
        (8, "r2", -1.0, 3),
    ]
    assert {p.at.timestamp() for p in said.points} == {AT}
    assert (said.notes, said.torn) == (({"note": "x"},), 0)


def test_what_the_disk_refused_can_be_read_although_it_never_got_its_name(tmp_path):
    journal = Journal(tmp_path, "run")
    full = os.open("/dev/full", os.O_WRONLY)
    journal._file, file = full, journal._file
    with pytest.warns(UserWarning, match="cannot be written") as said:
        journal.points({"first": 1.0}, 0, AT)
        kept = journal.kept()
        journal.forget(len(kept))
        journal.point("first", 2.0, 1, 0)
    assert len(said) == 1
    assert [p.key for p in parse(kept, "run").points] == ["first"]
    os.close(full)
    journal._file = file
    journal.forget(len(journal.kept()))
    journal.point("first", 3.0, 2, 0)
    points, _ = everything(tmp_path)
    assert [(p.key, p.value) for p in points] == [("first", 3.0)]
    journal.remove()


def test_where_the_file_system_may_take_space_back_points_are_written(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "keeps_space", lambda _: False)
    journal = Journal(tmp_path, "run", segment_bytes=20_000)
    for step in range(1000):
        journal.point("loss", float(step), step, 0)
    assert journal._map is None
    points, _ = everything(tmp_path)
    assert [p.value for p in points] == [float(s) for s in range(1000)]
    journal.remove()


def test_a_writer_killed_in_mapped_space_leaves_zeros_that_are_nothing(tmp_path):
    journal = Journal(tmp_path, "run")
    for step in range(1000):
        journal.point("loss", float(step), step, 0)
    assert journal._map is not None
    path = segments(tmp_path)[0]
    said = read_segment(path, "run")
    assert (len(said.points), said.torn) == (1000, 0)
    assert path.stat().st_size > said.end
    journal.close()
    assert path.stat().st_size == said.end


@pytest.mark.parametrize("mapped", [True, False])
def test_a_point_finds_its_name_in_a_file_that_a_handler_began_in_the_middle_of_its_call(
    tmp_path, monkeypatch, mapped
):
    monkeypatch.setattr(writing, "keeps_space", lambda _: mapped)
    journal = Journal(tmp_path, "run", segment_bytes=100_000)
    journal.point("loss", 0.0, 0, 0)
    body = writing._body

    def interrupted(*words):
        monkeypatch.setattr(writing, "_body", body)
        while journal.segment == 0:
            journal.note({"note": "x" * 5000}, AT)
        return body(*words)

    monkeypatch.setattr(writing, "_body", interrupted)
    journal.point("loss", 1.0, 1, 0)
    journal.point("loss", 2.0, 2, 0)
    points, _ = everything(tmp_path)
    assert [(p.key, p.sequence, p.value) for p in points] == [
        ("loss", 1, 0.0),
        ("loss", 2, 1.0),
        ("loss", 3, 2.0),
    ]


@pytest.mark.parametrize("mapped", [True, False])
def test_a_signals_handler_may_log_in_the_middle_of_a_call(tmp_path, monkeypatch, mapped):
    monkeypatch.setattr(writing, "keeps_space", lambda _: mapped)
    journal = Journal(tmp_path, "run", segment_bytes=100_000)
    handled = []

    def handle(*_: object) -> None:
        handled.append(0)
        journal.point("handled", float(len(handled)), 0, 0)
        journal.note({"note": str(len(handled))}, AT)

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
    steps = 0
    try:
        until = time.monotonic() + 60
        while len(handled) < 200:
            assert time.monotonic() < until
            journal.point("loss", float(steps), steps, 0)
            journal.points({"a": 1.0, "b": 2.0}, steps, AT)
            steps += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    points, notes = everything(tmp_path)
    assert sorted(p.sequence for p in points) == list(range(1, 3 * steps + len(handled) + 1))
    assert [p.value for p in points if p.key == "loss"] == [float(step) for step in range(steps)]
    assert len(notes) == len(handled)
    journal.remove()
