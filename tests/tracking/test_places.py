"""Where running runs keep their points: always on local disk."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import psutil

from jupyter_mlops.settings import read_settings
from jupyter_mlops.tracking.places import journal_folder

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
