"""Bytes under the digest of their content: in memory, or in a folder."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import secrets
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from jupyter_mlops.errors import Invalid, MlopsError, NotFound, Unavailable
from jupyter_mlops.store.protocol import Digest

__all__ = ["FolderBlobs", "MemoryBlobs", "checked_digest"]

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20
TEMPORARY = ".incoming-"
# Neither follow a link nor wait for the other end of a pipe.
_READING = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
    _READING |= getattr(os, _flag, 0)


def checked_digest(digest: Digest) -> Digest:
    """Return *digest*, or say that it is none: only 64 hexadecimal digits ever become part of a path."""
    if not _DIGEST.fullmatch(digest):
        raise Invalid(f"{digest!r:.80} is no digest", remedy="A digest is 64 lower-case hexadecimal digits.")
    return digest


class MemoryBlobs:
    """Bytes in a dictionary, under the digest of their content."""

    def __init__(self) -> None:
        self._kept: dict[Digest, bytes] = {}
        self._put_at: dict[Digest, datetime] = {}

    def put(self, content: BinaryIO) -> Digest:
        """Keep the bytes of *content* from where it stands."""
        data = content.read()
        digest = hashlib.sha256(data).hexdigest()
        self._kept[digest] = data
        self._put_at[digest] = datetime.now(UTC)
        return digest

    def open(self, digest: Digest) -> BinaryIO:
        """Return the bytes as a readable file."""
        return io.BytesIO(self._held(digest))

    def has(self, digest: Digest) -> bool:
        """Tell whether the bytes are here."""
        return checked_digest(digest) in self._kept

    def size(self, digest: Digest) -> int:
        """Return their length."""
        return len(self._held(digest))

    def remove(self, digest: Digest, *, unless_since: datetime | None = None) -> None:
        """Forget the bytes, if they are here and were not put since."""
        checked_digest(digest)
        if unless_since is None or self._put_at.get(digest, unless_since) < unless_since:
            self._kept.pop(digest, None)

    def _held(self, digest: Digest) -> bytes:
        try:
            return self._kept[checked_digest(digest)]
        except KeyError:
            raise NotFound(
                f"no bytes are kept under {digest}",
                remedy="They were deleted or never copied: restore the blob folder from a copy.",
            ) from None


class FolderBlobs:
    """A content-addressed folder: ``ab/cdef…`` below its root, each file written whole or not at all.

    Nothing in it is followed: a symbolic link where a blob or its folder should be is refused.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, content: BinaryIO) -> Digest:
        """Keep the bytes of *content* from where it stands; the same bytes are kept once."""
        with _translated(self._root):
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Beside the final folders, so that the rename stays on one file system.
            waiting = self._root / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(8)}"
            try:
                digest = _write(waiting, content)
                self._settle(waiting, digest)
            finally:
                waiting.unlink(missing_ok=True)
        return digest

    def open(self, digest: Digest) -> BinaryIO:
        """Return the bytes as a readable file."""
        return os.fdopen(self._descriptor(digest), "rb")

    def has(self, digest: Digest) -> bool:
        """Tell whether the bytes are here."""
        try:
            os.close(self._descriptor(digest))
        except NotFound:
            return False
        return True

    def size(self, digest: Digest) -> int:
        """Return their length."""
        descriptor = self._descriptor(digest)
        try:
            return os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)

    def remove(self, digest: Digest, *, unless_since: datetime | None = None) -> None:
        """Forget the bytes, if they are here and were not put since."""
        path = self._path(digest)
        with _translated(self._root), contextlib.suppress(FileNotFoundError):
            if unless_since is None:
                path.unlink()
            elif path.stat().st_mtime < unless_since.timestamp():
                self._take_away(path, unless_since.timestamp())

    def _take_away(self, path: Path, since: float) -> None:
        # Out of reach first, then looked at again: a put in between has left a new file, or dated this one.
        doomed = self._root / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(8)}"
        path.rename(doomed)
        if doomed.stat().st_mtime < since:
            doomed.unlink()
        else:
            doomed.replace(path)

    def _path(self, digest: Digest) -> Path:
        checked_digest(digest)
        folder = self._root / digest[:2]
        if folder.is_symlink():
            raise Unavailable(
                f"{folder} is a symbolic link; the blob folder follows none", remedy="Remove the link."
            )
        return folder / digest[2:]

    def _descriptor(self, digest: Digest) -> int:
        path = self._path(digest)
        try:
            descriptor = os.open(path, _READING)
        except FileNotFoundError:
            raise NotFound(
                f"no bytes are kept under {digest}",
                remedy="They were deleted or never copied: restore the blob folder from a copy.",
            ) from None
        except OSError as failure:
            raise Unavailable(
                f"{path} cannot be read: {failure.strerror}",
                remedy="Check that this account may read the blob folder, and that its disk is there.",
            ) from failure
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise Unavailable(f"{path} is not a file", remedy="Remove it.")
        return descriptor

    def _settle(self, waiting: Path, digest: Digest) -> None:
        path = self._path(digest)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        # Over an equal file too: it may be a damaged one, and its new date protects it from a collection.
        waiting.replace(path)
        _sync_folder(path.parent)


def _write(path: Path, content: BinaryIO) -> Digest:
    digest = hashlib.sha256()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as out:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where folders can be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _translated(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        if isinstance(failure, MlopsError):
            raise
        raise Unavailable(
            f"the blob folder {root} cannot be written: {failure.strerror or failure}",
            remedy="Free some space, or give another place with JUPYTER_MLOPS_BLOBS.",
        ) from failure
