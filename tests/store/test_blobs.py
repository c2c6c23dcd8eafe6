"""Bytes in memory and in a folder."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from contracts.blobs import ABSENT, BlobsContract, put

from jupyter_mlops.errors import Invalid, NotFound, Unavailable
from jupyter_mlops.store import open_blobs
from jupyter_mlops.store.protocol import Blobs


class TestMemoryBlobs(BlobsContract):
    @pytest.fixture
    def blobs(self) -> Blobs:
        return open_blobs("memory://")


class TestFolderBlobs(BlobsContract):
    @pytest.fixture
    def blobs(self, tmp_path: Path) -> Blobs:
        return open_blobs(f"file://{tmp_path}/with space/100% ü/blobs")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def folder(root: Path) -> Blobs:
    return open_blobs(f"file://{root}")


def test_opening_makes_nothing(folder: Blobs, root: Path) -> None:
    assert not folder.has(ABSENT)
    assert not root.exists()


def test_files_and_folders_are_for_their_owner_only(folder: Blobs, root: Path) -> None:
    digest = put(folder, b"secret")
    modes = [
        stat.S_IMODE(p.stat().st_mode) for p in (root, root / digest[:2], root / digest[:2] / digest[2:])
    ]
    assert modes == [0o700, 0o700, 0o600]


class Broken(io.RawIOBase):
    """A source that fails half way."""

    def __init__(self) -> None:
        self.parts = [b"half", OSError("gone")]

    def read(self, size: int = -1) -> bytes:
        part = self.parts.pop(0)
        if isinstance(part, OSError):
            raise part
        return part


def test_a_put_that_fails_half_way_leaves_no_file(folder: Blobs, root: Path) -> None:
    with pytest.raises(Unavailable):
        folder.put(Broken())  # type: ignore[arg-type]
    assert [p for p in root.rglob("*") if p.is_file()] == []


def test_a_killed_put_leaves_only_a_file_known_as_unfinished(folder: Blobs, root: Path) -> None:
    script = """
import io, os, sys
from jupyter_mlops.store import open_blobs
class Slow(io.BytesIO):
    def read(self, size=-1):
        if self.tell():
            os.kill(os.getpid(), 9)
        return super().read(3)
open_blobs(sys.argv[1]).put(Slow(b"half a model"))
"""
    ended = subprocess.run([sys.executable, "-c", script, f"file://{root}"], check=False)
    assert ended.returncode == -9
    left = [p.name for p in root.rglob("*") if p.is_file()]
    assert len(left) == 1
    assert left[0].startswith(".incoming-")
    assert put(folder, b"half a model")


def test_a_damaged_file_is_mended_by_putting_it_again(folder: Blobs, root: Path) -> None:
    digest = put(folder, b"whole")
    (root / digest[:2] / digest[2:]).write_bytes(b"half")
    put(folder, b"whole")
    with folder.open(digest) as file:
        assert file.read() == b"whole"


def test_a_symbolic_link_in_place_of_a_blob_is_not_followed(
    folder: Blobs, root: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"outside")
    digest = put(folder, b"inside")
    place = root / digest[:2] / digest[2:]
    place.unlink()
    place.symlink_to(outside)
    for ask in (folder.open, folder.size, folder.has):
        with pytest.raises(Unavailable):
            ask(digest)
    put(folder, b"inside")
    assert outside.read_bytes() == b"outside"
    assert not place.is_symlink()


def test_a_symbolic_link_in_place_of_a_folder_is_not_followed(
    folder: Blobs, root: Path, tmp_path: Path
) -> None:
    digest = put(folder, b"inside")
    (root / digest[:2] / digest[2:]).unlink()
    (root / digest[:2]).rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (root / digest[:2]).symlink_to(elsewhere)
    with pytest.raises(Unavailable, match="symbolic link"):
        put(folder, b"inside")
    with pytest.raises(Unavailable, match="symbolic link"):
        folder.open(digest)
    assert list(elsewhere.iterdir()) == []
    assert [p.name for p in root.iterdir()] == [digest[:2]]


def test_a_folder_in_place_of_a_blob_is_no_blob(folder: Blobs, root: Path) -> None:
    (root / ABSENT[:2] / ABSENT[2:]).mkdir(parents=True)
    for ask in (folder.open, folder.size, folder.has):
        with pytest.raises(Unavailable):
            ask(ABSENT)


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    blobs = open_blobs(f"file://{tmp_path / 'file' / 'blobs'}")
    with pytest.raises(Unavailable, match="blob folder") as caught:
        put(blobs, b"x")
    assert "JUPYTER_MLOPS_BLOBS" in caught.value.remedy


def test_an_open_file_outlives_its_removal(folder: Blobs) -> None:
    digest = put(folder, b"kept while read")
    with folder.open(digest) as file:
        folder.remove(digest)
        assert file.read() == b"kept while read"
    with pytest.raises(NotFound):
        folder.open(digest)


def test_no_descriptor_is_left_open(folder: Blobs) -> None:
    digest = put(folder, b"x")
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(20):
        folder.has(digest), folder.size(digest)
    after = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert after == before


@pytest.mark.parametrize("url", ["", "blobs", "ftp://x", "/blobs"])
def test_an_unknown_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="file:///folder"):
        open_blobs(url)


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(Invalid) as caught:
        open_blobs("ftp://ana:secret@host/x")
    assert "secret" not in str(caught.value)
