"""What file system a folder lies on, as the system tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.store import mounts as module
from jupyter_mlops.store.mounts import keeps_space, network_kind

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/local ext4 rw 0 0
//host/share /mnt/a\\040b cifs rw 0 0
ana@host: /mnt/ssh fuse.sshfs rw 0 0
overlay /mnt/over overlay rw 0 0
drivers /mnt/c 9p rw 0 0
/dev/sdc1 /mnt/ntfs fuse.ntfs-3g rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/data", None),
        ("/home/ana/.mlops", "nfs4"),
        ("/home/local/x", None),
        ("/homework", None),
        ("/mnt/a b/c", "cifs"),
        ("/mnt/ssh", "fuse.sshfs"),
        ("/mnt/over", None),
        ("/mnt/c/Users", "9p"),
        ("/mnt/ntfs/x", None),
    ],
)
def test_network_file_systems_are_known_by_their_mount(tmp_path: Path, folder: str, kind: str | None) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert network_kind(Path(folder), mounts=mounts) == kind


def test_where_mounts_cannot_be_seen_nothing_is_assumed(tmp_path: Path) -> None:
    assert network_kind(tmp_path, mounts=tmp_path / "none") is None


def test_only_where_space_once_given_is_kept_a_journal_is_mapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    monkeypatch.setattr(module, "MOUNTS", mounts)
    keeps_space.cache_clear()
    try:
        kept = [
            folder
            for folder in ("/data", "/home/ana", "/home/local", "/mnt/over")
            if keeps_space(Path(folder))
        ]
    finally:
        keeps_space.cache_clear()
    assert kept == ["/data", "/home/local"]
