"""Where running runs keep their points: always on local disk."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from jupyter_mlops.settings import read_settings
from jupyter_mlops.tracking.places import journal_folder, machine_folder

Mount = namedtuple("Mount", "mountpoint fstype")


def test_a_workspace_in_a_folder_keeps_them_there(tmp_path):
    settings = read_settings(tmp_path, environ={})
    assert journal_folder(settings) == tmp_path / ".mlops" / "journal"


def test_a_store_in_memory_keeps_them_in_a_folder_that_nobody_else_looks_into(tmp_path):
    one = journal_folder(read_settings("memory://", start=tmp_path, environ={}))
    assert one.is_dir()
    assert one.stat().st_mode & 0o777 == 0o700


def test_a_store_behind_an_address_keeps_them_in_the_data_folder_by_a_name_without_secrets(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    settings = read_settings(
        "postgresql://ana:secret@db/mlops",
        start=tmp_path,
        environ={"JUPYTER_MLOPS_BLOBS": f"file://{tmp_path}/b"},
    )
    folder = journal_folder(settings)
    assert folder.is_relative_to(tmp_path / "data")
    assert "secret" not in str(folder)


def test_a_workspace_on_a_network_folder_keeps_them_on_this_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    mounts = [Mount("/", "ext4"), Mount(str(tmp_path), "nfs4")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all=False: mounts)  # noqa: A006
    folder = journal_folder(read_settings(tmp_path / "project", environ={}))
    assert not folder.is_relative_to(tmp_path)
    assert folder.parent.stat().st_mode & 0o077 == 0
    assert folder.is_relative_to(Path("/var/tmp")) or not Path("/var/tmp").is_dir()


@pytest.fixture
def no_lasting(tmp_path, monkeypatch):
    """A machine whose lasting folder cannot be written; its passing one is *tmp_path*."""
    monkeypatch.setattr(os, "access", lambda path, _how: str(path) != "/var/tmp")
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))


@pytest.mark.usefixtures("no_lasting")
def test_a_machine_folder_is_ours_alone_and_the_same_each_time(tmp_path):
    folder = machine_folder()
    assert folder is not None
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o077 == 0
    assert machine_folder() == folder


@pytest.mark.usefixtures("no_lasting")
@pytest.mark.parametrize("taken", ["file", "link", "dangling"])
def test_a_name_that_somebody_else_has_taken_gives_none(tmp_path, taken):
    folder = machine_folder()
    assert folder is not None
    folder.rmdir()
    if taken == "file":
        folder.write_text("mine")
    else:
        target = tmp_path / "elsewhere"
        if taken == "link":
            target.mkdir()
        folder.symlink_to(target)
    assert machine_folder() is None


def test_the_folder_of_a_store_in_memory_goes_with_the_process(tmp_path):
    code = (
        "from jupyter_mlops.settings import read_settings\n"
        "from jupyter_mlops.tracking.places import journal_folder\n"
        "print(journal_folder(read_settings('memory://', environ={})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert not Path(done.stdout.strip()).exists()
