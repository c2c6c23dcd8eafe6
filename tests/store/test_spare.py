"""Where a journal goes that its own disk has no room for: found again by its name, ours alone, gone when it is empty."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from jupyter_mlops.store.spare import leave_spare, machine_folder, put_aside, spare_folders


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose lasting folder cannot be written; its passing one is returned."""
    passing = tmp_path / "passing"
    passing.mkdir()
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, how: str(path) != "/var/tmp" and real(path, how))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(passing))
    return passing


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A folder of journals that takes no file of the name ``run.0.000001.journal``."""
    folder = tmp_path / "journal"
    (folder / "run.0.000001.journal").mkdir(parents=True)
    return folder


def test_where_there_is_room_in_the_journals_own_folder_it_goes_there(machine: Path, tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    folder.mkdir()
    path = put_aside(folder, "run.0.000001.journal", b"said")
    assert path == folder / "run.0.000001.journal"
    assert path.read_bytes() == b"said"
    assert not list(machine.iterdir())


def test_else_it_goes_to_a_folder_that_only_this_account_sees_and_every_reader_looks_into(
    machine: Path, full: Path
) -> None:
    assert spare_folders(full) == ()  # looking makes none
    path = put_aside(full, "run.0.000001.journal", b"said")
    assert path is not None
    assert path.read_bytes() == b"said"
    assert path.parent in spare_folders(full)
    assert path.parent in spare_folders(full.parent / "." / "journal")  # however the folder is called
    assert path.parent not in spare_folders(full.parent / "another")
    assert machine in path.parents
    if os.name != "nt":
        assert [p.stat().st_mode & 0o077 for p in (path, path.parent, path.parent.parent)] == [0, 0, 0]
    path.unlink()
    leave_spare(full, path.parent)
    assert not path.parent.exists()


def test_a_folder_with_something_in_it_and_the_journals_own_stay(machine: Path, full: Path) -> None:
    path = put_aside(full, "run.0.000001.journal", b"said")
    assert path is not None
    leave_spare(full, path.parent)
    leave_spare(path.parent, path.parent)
    assert path.exists()


def test_where_somebody_else_has_the_folders_name_nothing_is_left_with_them(
    machine: Path, full: Path, tmp_path: Path
) -> None:
    own = machine_folder()
    assert own is not None
    own.rmdir()
    (tmp_path / "theirs").mkdir()
    own.symlink_to(tmp_path / "theirs")
    assert put_aside(full, "run.0.000001.journal", b"said") is None
    assert spare_folders(full) == ()
    assert not list((tmp_path / "theirs").iterdir())


def test_a_file_that_is_there_already_is_never_written_over(machine: Path, full: Path) -> None:
    assert machine.is_dir()
    first = put_aside(full, "run.0.000001.journal", b"one")
    assert put_aside(full, "run.0.000001.journal", b"two") is None
    assert first is not None
    assert first.read_bytes() == b"one"
