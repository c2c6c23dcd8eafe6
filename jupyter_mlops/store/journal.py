"""What a live run has said and the store has not yet taken: an append-only file on local disk.

One *writer* (a process) appends to one file; a record is its length, its checksum and its body, written by a
single ``os.write``, so that a killed process leaves at most a torn last record, which readers drop. The writer
holds a file lock, so that others know that it lives. Long files are continued in a next segment.

Files of a run: ``<run>.<writer>.lock`` and ``<run>.<writer>.<segment>.journal``. The writer ``0`` is the process
that opened the run; a forked child writes files of its own, under the number its sequences start from.
"""

from __future__ import annotations

import json
import os
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jupyter_mlops.records.run import MetricPoint

__all__ = [
    "FOREIGN",
    "Journal",
    "JournalClosed",
    "Said",
    "abandoned",
    "first_of_child",
    "read_segment",
    "segments",
]

_HEAD = struct.Struct("<II")  # length of the body, its crc32
_POINTS = struct.Struct("<cQqdH")  # kind, first sequence, step, seconds since the epoch, how many
_VALUE = struct.Struct("<dH")  # value, length of the key
_POINT, _NOTE = b"P", b"N"
_SEGMENT_BYTES = 16 << 20
_LONGEST_BODY = 64 << 20  # a longer one is a damaged length, not a record

# A process that does not own the run's journal numbers its points in a stripe of its own: 2**28 numbers each,
# all below 2**53, the last whole number a browser can count.
_STRIPE_BITS = 28
FOREIGN = ((1 << 25) - 1) << _STRIPE_BITS


def first_of_child(pid: int, at: float) -> int:
    """Return the sequence a forked child starts from: its process number and the second tell it from others."""
    return (((pid & 0x3FFFFF) << 3) + (int(at) & 7) + 1) % ((1 << 25) - 1) << _STRIPE_BITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a stretch of a segment holds. ``torn`` counts bytes behind ``end`` that make no whole record."""

    points: tuple[MetricPoint, ...]
    notes: tuple[Mapping[str, Any], ...]
    end: int
    torn: int = 0

    def __bool__(self) -> bool:
        return bool(self.points or self.notes)


class JournalClosed(Exception):
    """The run has ended: what is still to be said goes to the store."""


class Journal:
    """The writing end. Threads may share it; a forked child that writes gets files of its own.

    Parameters
    ----------
    folder
        Local disk; made where it is missing.
    owner
        The run's id.
    first
        The sequence of the first point, 1 for a new run.
    segment_bytes
        How long a file grows before the next is begun.
    """

    def __init__(
        self, folder: Path, owner: str, *, first: int = 1, segment_bytes: int = _SEGMENT_BYTES
    ) -> None:
        self.folder, self.owner = folder, owner
        self._limit = segment_bytes
        self._keys: dict[str, bytes] = {}
        self._open(writer=0, first=first)

    def _open(self, *, writer: int, first: int) -> None:
        self.writer, self.pid, self.next = writer, os.getpid(), first
        self._mutex = threading.RLock()  # re-entrant: a signal handler may log while we do
        self._segment, self._size, self._dirty = 0, 0, False
        self._kept: list[bytes] = []  # records the disk would not take
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = _lock(_lock_path(self.folder, self.owner, writer))
        self._lock.acquire(timeout=10)
        # A continued run may still have segments of its last life: never write into those.
        taken = [_numbers(p)[1] for p in segments(self.folder, self.owner) if _numbers(p)[0] == writer]
        self._segment = max(taken, default=-1) + 1
        self._file = self._new_file()

    def _new_file(self) -> int:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)
        return os.open(self.path(self._segment), flags, 0o600)

    def path(self, segment: int) -> Path:
        """Return where *segment* of this writer lies."""
        return self.folder / f"{self.owner}.{self.writer}.{segment:06d}.journal"

    @property
    def segment(self) -> int:
        """The segment that is being written; those before it are complete."""
        return self._segment

    def beyond(self, segment: int, offset: int) -> bool:
        """Tell whether more was said than up to *offset* of *segment*."""
        return self._segment > segment or self._size > offset or bool(self._kept)

    def points(self, values: Mapping[str, float], step: int, at: float) -> int:
        """Append one value a key, all at one *step* and time; return the sequence of the last."""
        if os.getpid() != self.pid:
            self._leave_parent(at)
        parts = []
        for key, value in values.items():
            name = self._keys.get(key)
            if name is None:
                name = self._keys[key] = key.encode()
            parts.append(_VALUE.pack(value, len(name)) + name)
        with self._mutex:
            first = self.next
            self.next = first + len(parts)
            self._append(_POINTS.pack(_POINT, first, step, at, len(parts)) + b"".join(parts))
        return first + len(parts) - 1

    def note(self, note: Mapping[str, object], at: float) -> None:
        """Append what is not a point: a JSON-ready mapping."""
        if os.getpid() != self.pid:
            self._leave_parent(at)
        body = _NOTE + json.dumps(note, separators=(",", ":"), ensure_ascii=False).encode()
        with self._mutex:
            self._append(body)

    def _leave_parent(self, at: float) -> None:
        """In a forked child: the file and the lock are the parent's, and its mutex may be held for ever."""
        with suppress(OSError):
            os.close(self._file)
        pid = os.getpid()
        first = first_of_child(pid, at)
        self._open(writer=first, first=first)

    def _append(self, body: bytes) -> None:
        if self._file < 0:
            raise JournalClosed
        record = _HEAD.pack(len(body), zlib.crc32(body)) + body
        if self._kept:
            self._kept.append(record)
            return
        try:
            written = os.write(self._file, record)
        except OSError as failure:
            self._keep(record, failure.strerror or "the write failed")
            return
        if written != len(record):
            os.truncate(self._file, self._size)  # half a record would hide all that follow
            self._keep(record, "the disk is full")
            return
        self._size += written
        self._dirty = True
        if self._size >= self._limit:
            self._next_segment()

    def _keep(self, record: bytes, why: str) -> None:
        warnings.warn(
            f"run {self.owner[-6:]}: its journal in {self.folder} cannot be written ({why}); "
            "points are kept in memory until the store has taken them",
            stacklevel=6,
        )
        self._kept.append(record)

    def kept(self) -> bytes:
        """Return the records that could not be written, for the reader to take; they stay until ``forget``."""
        with self._mutex:
            return b"".join(self._kept)

    def forget(self, length: int) -> None:
        """Drop the first *length* bytes of the kept records: the store has them."""
        with self._mutex:
            while self._kept and length >= len(self._kept[0]):
                length -= len(self._kept.pop(0))

    def _next_segment(self) -> None:
        self._segment += 1
        try:
            following = self._new_file()
        except OSError:
            self._segment -= 1  # a full disk or too many open files: the present file takes more
            return
        os.close(self._file)
        self._file, self._size = following, 0

    def sync(self) -> None:
        """Make what was written survive a loss of power. Never called on the path of a point."""
        if not self._dirty or os.getpid() != self.pid:
            return
        with self._mutex:
            if self._file < 0:  # sealed since the look above
                return
            # A duplicate, so that the fsync itself need not hold up writers.
            copy, self._dirty = os.dup(self._file), False
        try:
            os.fsync(copy)
        except OSError:
            self._dirty = True
        finally:
            os.close(copy)

    def seal(self) -> None:
        """Stop writing. The lock stays, so that nobody takes the files for abandoned ones."""
        with self._mutex:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1

    def close(self) -> None:
        """Stop writing and let the lock go; the files stay until they are folded."""
        self.seal()
        self._lock.release()

    def remove(self) -> None:
        """Close, and delete the files: the store has all of it."""
        self.seal()
        remove_files(self.folder, self.owner, self.writer)
        self._lock.release()


def _lock(path: Path) -> Any:
    from filelock import FileLock

    return FileLock(path, thread_local=False)


def _lock_path(folder: Path, owner: str, writer: int) -> Path:
    return folder / f"{owner}.{writer}.lock"


def _numbers(path: Path) -> tuple[int, int]:
    _, writer, segment, _ = path.name.rsplit(".", 3)
    return int(writer), int(segment)


def segments(folder: Path, owner: str | None = None) -> list[Path]:
    """Return the journal files of *owner* (None: of all), in the order they were written."""
    try:
        names = [e.name for e in os.scandir(folder) if e.name.endswith(".journal")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [folder / n for n in sorted(names) if owner is None or n.startswith(f"{owner}.")]


def remove_files(folder: Path, owner: str, writer: int) -> None:
    """Delete a writer's files."""
    for path in segments(folder, owner):
        if _numbers(path)[0] == writer:
            path.unlink(missing_ok=True)
    _lock_path(folder, owner, writer).unlink(missing_ok=True)


def abandoned(folder: Path) -> Iterator[tuple[str, int, Sequence[Path]]]:
    """Go through the writers that no longer live: yields owner, writer and files, holding the writer's lock.

    Two openers may meet here: the second passes a locked writer over, and what both fold is added once,
    because points are numbered.
    """
    from filelock import Timeout

    groups: dict[tuple[str, int], list[Path]] = {}
    for path in segments(folder):
        groups.setdefault((path.name.rsplit(".", 3)[0], _numbers(path)[0]), []).append(path)
    for (owner, writer), paths in groups.items():
        lock = _lock(_lock_path(folder, owner, writer))
        try:
            lock.acquire(blocking=False)
        except (Timeout, OSError):
            continue
        try:
            yield owner, writer, [p for p in paths if p.exists()]
        finally:
            lock.release()


def read_segment(path: Path, owner: str, *, offset: int = 0, most: int = 50_000) -> Said:
    """Read whole records from *offset* on, about *most* points at a time.

    An incomplete or damaged record ends the reading: what lies behind it cannot be told from noise.
    """
    with path.open("rb") as file:
        file.seek(offset)
        return parse(file.read(), owner, offset=offset, most=most)


def parse(data: bytes, owner: str, *, offset: int = 0, most: int = 50_000) -> Said:
    """Read records from *data*, which starts at *offset* of its file."""
    points: list[MetricPoint] = []
    notes: list[Mapping[str, Any]] = []
    at = 0
    while len(points) < most:
        body = _body(data, at)
        if body is None:
            return Said(points=tuple(points), notes=tuple(notes), end=offset + at, torn=len(data) - at)
        if body[:1] == _NOTE:
            notes.append(json.loads(body[1:]))
        else:
            points.extend(_points(body, owner))
        at += _HEAD.size + len(body)
    return Said(points=tuple(points), notes=tuple(notes), end=offset + at)


def _body(data: bytes, at: int) -> bytes | None:
    if len(data) - at < _HEAD.size:
        return None
    length, checksum = _HEAD.unpack_from(data, at)
    body = data[at + _HEAD.size : at + _HEAD.size + length]
    if not 0 < length <= _LONGEST_BODY or len(body) != length or zlib.crc32(body) != checksum:
        return None
    return body


def _points(body: bytes, owner: str) -> Iterator[MetricPoint]:
    _, first, step, seconds, count = _POINTS.unpack_from(body)
    moment = datetime.fromtimestamp(seconds, UTC)
    at = _POINTS.size
    for number in range(count):
        value, length = _VALUE.unpack_from(body, at)
        at += _VALUE.size
        key = body[at : at + length].decode()
        at += length
        yield MetricPoint(owner=owner, sequence=first + number, key=key, value=value, step=step, at=moment)
