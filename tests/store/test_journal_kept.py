"""What a full disk would not take: in memory in its order, put aside once, given back when the store has it."""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path

import pytest

from jupyter_mlops.store.journal_files import abandoned, remove_files, segments
from jupyter_mlops.store.journal_kept import Kept
from jupyter_mlops.store.journal_records import note_record, point_record, read_segment
from jupyter_mlops.store.spare import spare_folders

NAMES = {0: "loss", 1: "mae"}
END = note_record({"end": {"status": "finished"}})


@pytest.fixture
def passing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files of a machine that has no lasting one."""
    folder = tmp_path / "passing"
    folder.mkdir()
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, how: str(path) != "/var/tmp" and real(path, how))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of journals that no file can be made in."""
    made = tmp_path / "journal"
    made.write_bytes(b"")
    return made


def point(sequence: int) -> bytes:
    return point_record(sequence % 2, sequence, sequence, 1_767_600_000_000_000, sequence / 2)


def filled(kept: Kept, points: range) -> Kept:
    for sequence in points:
        kept.add(point(sequence))
    return kept


def read(folder: Path) -> tuple[list[int], list[str], int]:
    """Sequences, the names they go by, and how many notes are found by whoever looks for files of *folder*."""
    sequences, keys, notes = [], set(), 0
    for path in segments(folder, "run"):
        said = read_segment(path, "run")
        assert said.torn == 0
        sequences += [p.sequence for p in said.points]
        keys |= {p.key for p in said.points}
        notes += len(said.notes)
    return sequences, sorted(keys), notes


def test_they_come_back_in_order_and_go_as_the_store_takes_them(tmp_path: Path) -> None:
    kept = filled(Kept(tmp_path, "run", 0), range(1, 5))
    assert kept
    assert kept.content() == b"".join(map(point, range(1, 5)))
    kept.forget(2 * len(point(1)) + 3)  # only what it has whole
    assert kept.content() == point(3) + point(4)
    kept.forget(len(kept.content()))
    assert not kept
    assert kept.put_aside(0, NAMES)  # there is nothing to put anywhere
    assert segments(tmp_path) == []


def test_put_aside_they_are_found_with_their_names_behind_what_the_journal_has(
    passing: Path, folder: Path
) -> None:
    kept = filled(Kept(folder, "run", 0), range(1, 101))
    with pytest.warns(UserWarning, match="waits in ") as said:
        assert kept.put_aside(4, NAMES)
    (path,) = segments(folder)
    assert path.name == "run.0.000005.journal"
    assert passing in path.parents
    assert str(path) in str(said[0].message)
    assert read(folder) == ([*range(1, 101)], ["loss", "mae"], 0)
    kept.add(END)
    with pytest.warns(UserWarning, match="waits in "):
        assert kept.put_aside(4, NAMES)  # what came since, and not all of it again
    assert read(folder) == ([*range(1, 101)], ["loss", "mae"], 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kept.put_aside(4, NAMES)
    assert len(segments(folder)) == 2


def test_when_the_store_has_all_of_it_nothing_is_left_behind(passing: Path, folder: Path) -> None:
    kept = filled(Kept(folder, "run", 0), range(1, 11))
    with pytest.warns(UserWarning, match="waits in "):
        kept.put_aside(0, NAMES)
    kept.forget(3 * len(point(1)))
    assert len(segments(folder)) == 1
    kept.add(END)
    kept.forget(7 * len(point(1)))
    assert len(segments(folder)) == 1  # the end is not in the store yet
    kept.forget(len(END))
    assert segments(folder) == []
    assert not [path for path in passing.rglob("*") if path.name.startswith("journal-")]


def test_a_writer_that_is_gone_is_found_by_what_it_put_aside(passing: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lasting"
    kept = filled(Kept(folder, "run", 0), range(2, 6))
    with pytest.warns(UserWarning, match="waits in "):
        kept.put_aside(0, NAMES)
    folder.mkdir()
    (folder / "run.0.000000.journal").write_bytes(point(1))
    ((owner, writer, paths),) = abandoned(folder)
    assert (owner, writer, [path.parent == folder for path in paths]) == ("run", 0, [True, False])
    remove_files(folder, "run", 0)
    assert segments(folder) == []
    assert not [*spare_folders(folder)[0].parent.glob("journal-*")]


def test_where_there_is_no_room_at_all_it_says_how_many_points_are_lost(passing: Path, folder: Path) -> None:
    passing.rmdir()
    kept = filled(Kept(folder, "0123456789abcdef", 0), range(1, 1235))
    kept.add(END)
    assert not kept.put_aside(0, NAMES)
    with pytest.warns(UserWarning, match=r"run abcdef: 1,234 points and what was said of it last") as said:
        kept.tell_lost(NAMES)
    assert len(said) == 1
    assert kept.content()  # a later try may find room


def test_memory_is_not_filled_without_end_and_what_is_given_up_is_counted(
    passing: Path, folder: Path
) -> None:
    passing.rmdir()
    kept = filled(Kept(folder, "run", 0, most=10 * len(point(1))), range(1, 21))
    assert kept.dropped == 9
    kept.add(END)  # a run's end is worth more than its points
    assert kept.content().endswith(END)
    with pytest.warns(UserWarning, match=r"20 points and what was said"):
        kept.tell_lost(NAMES)
