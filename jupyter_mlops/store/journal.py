"""What a live run has said and the store has not yet taken: an append-only file on local disk.

One *writer* (a process) appends to one file, record by record (see ``journal_records``), so that a killed process
leaves at most a torn last record, which readers drop. The writer holds a file lock, so that others know that it lives.
Long files are continued in a next segment.

What was handed to the system survives the process. A system call for each point costs as much as all the rest of
it, so where the file system keeps the space it has given, points go into memory shared with the file; zeros stand
behind them until the segment is finished. Everywhere else, and for notes and first points, they are written.

What a full disk will not take stays in memory until the store has it. Where the run or the process ends before that,
it is put aside (see ``spare``), and if there is no room anywhere, a warning says what is lost.
"""

from __future__ import annotations

import atexit
import mmap
import os
import struct
import sys
import threading
import warnings
import weakref
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from jupyter_mlops.store import pending
from jupyter_mlops.store.curves import kept_step
from jupyter_mlops.store.journal_files import last_segment, lock_of, remove_files
from jupyter_mlops.store.journal_kept import Kept
from jupyter_mlops.store.journal_records import HEAD, POINT, name_record, note_record, point_record
from jupyter_mlops.store.mounts import keeps_space

__all__ = ["FOREIGN", "Journal", "JournalClosed", "first_of_child"]

_SEGMENT_BYTES = 16 << 20
_POINT_BYTES = HEAD.size + POINT.size
# Bound here: a point that user code logs may cost two microseconds.
_body, _head, _checksum = POINT.pack, HEAD.pack, zlib.crc32
_MAPPED_FROM = 64  # points: a run with few is not worth a mapping, however long its notes are
_FIRST_ROOM, _MORE_ROOM = 256 << 10, 1 << 20
_POPULATE_WRITE = 23  # of Linux 5.14 and later
_open: weakref.WeakSet[Journal] = weakref.WeakSet()

# A process that does not own the run's journal numbers its points in a stripe of its own: 2**28 numbers each,
# all below 2**53, the last whole number a browser can count.
_STRIPE_BITS = 28
FOREIGN = ((1 << 25) - 1) << _STRIPE_BITS


def first_of_child(pid: int, at: float) -> int:
    """Return the sequence a forked child starts from: its process number and the second tell it from others."""
    return (((pid & 0x3FFFFF) << 3) + (int(at) & 7) + 1) % ((1 << 25) - 1) << _STRIPE_BITS


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
    new
        Nobody has written for this owner yet, so that there is no need to look for files.
    segment_bytes
        How long a file grows before the next is begun.
    """

    def __init__(
        self,
        folder: Path,
        owner: str,
        *,
        first: int = 1,
        new: bool = False,
        segment_bytes: int = _SEGMENT_BYTES,
    ) -> None:
        self.folder, self.owner = folder, owner
        self._limit = segment_bytes
        self._numbers: dict[str, int] = {}  # of metrics' names, for as long as this process writes
        self._warned = False
        self._open(writer=0, first=first, new=new)

    def _open(self, *, writer: int, first: int, new: bool = False) -> None:
        self.writer, self.pid, self.next, self._first = writer, os.getpid(), first, first
        self._left = False  # forked away from the process that opened these files
        self._mutex = threading.RLock()  # re-entrant: a signal handler may log while we do
        self._segment, self._size, self._synced = 0, 0, 0
        self._busy, self._later = False, list[Callable[[], None]]()
        self._unsynced: list[int] = []  # segments that are complete, and perhaps not on the disk
        self._known: dict[str, int] = {}  # the names that the present file has
        self._kept = Kept(self.folder, self.owner, writer)  # records the disk would not take
        self._lock = lock_of(self.folder, self.owner, writer)
        try:
            # A continued run may still have segments of its last life: never write into those.
            self._segment = 0 if new else last_segment(self.folder, self.owner, writer) + 1
            self._file = self._new_file()
        except BaseException:
            self._lock.release()
            raise
        self._map: mmap.mmap | None = None
        self._room = 0  # bytes of the file that are mapped; below zero: none may be
        _open.add(self)

    def forked(self) -> None:
        """In a child: nothing of this may be used, and whoever held the mutex is in the parent."""
        self._lock.leave()
        self._left, self._known, self._mutex = True, {}, threading.RLock()
        self._map, self._room = None, -1
        self._busy, self._later = False, []

    def _new_file(self) -> int:
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0)
        return os.open(self.path(self._segment), flags, 0o600)

    def path(self, segment: int) -> Path:
        """Return where *segment* of this writer lies."""
        return self.folder / f"{self.owner}.{self.writer}.{segment:06d}.journal"

    @property
    def segment(self) -> int:
        """The segment that is being written; those before it are complete."""
        return self._segment

    @property
    def place(self) -> tuple[int, int]:
        """Segment and offset at which the next record will stand."""
        with self._mutex:
            return self._segment, self._size

    def beyond(self, segment: int, offset: int) -> bool:
        """Tell whether more was said than up to *offset* of *segment*."""
        return self._segment > segment or self._size > offset or bool(self._kept)

    @property
    def beyond_files(self) -> bool:
        """True while something lies in memory because no file would take it."""
        return bool(self._kept)

    def point(self, key: str, value: float, step: int, time: int) -> None:
        """Append one value, *time* in microseconds since 1970: the way of almost every call, and the shortest."""
        with self._mutex:
            known = self._known
            name = known.get(key)
            if name is None or self._busy:
                self._slowly(partial(self._say, {key: value}, step, time))
                return
            sequence = self.next
            self.next = sequence + 1
            try:
                body = _body(b"Q", name, sequence, step, time, value)
            except struct.error:  # a step beyond all bounds
                if self.next == sequence + 1:
                    self.next = sequence
                self._slowly(partial(self._say, {key: value}, step, time))
                return
            record = _head(POINT.size, _checksum(body)) + body
            start = self._size
            end = start + _POINT_BYTES
            if end <= self._room and known is self._known:
                self._map[start:end] = record  # type: ignore[index]
                self._size = end
            else:
                self._slowly(partial(self._append_point, known, key, record))

    def _append_point(self, known: dict[str, int], key: str, record: bytes) -> None:
        """Append a point whose name was looked up in *known*: a signal's handler may have begun another file since."""
        if known is not self._known and key not in self._known:
            self._known[key] = self._numbers[key]
            record = name_record(self._numbers[key], key) + record
        self._append(record)

    def points(self, values: Mapping[str, float], step: int, at: float) -> int:
        """Append one value a key, all at one *step* and time; return the sequence of the last.

        Parameters
        ----------
        at
            Seconds since 1970.
        """
        with self._mutex:
            self._slowly(partial(self._say, values, step, round(at * 1e6)))
            return self.next - 1

    def _slowly(self, act: Callable[[], None]) -> None:
        """Do what takes several steps; what a signal's handler logs in the middle of them comes after."""
        self._later.append(act)
        if self._busy:
            return
        self._busy = True
        try:
            while self._later:
                self._later.pop(0)()
        finally:
            self._busy = False

    def _say(self, values: Mapping[str, float], step: int, time: int) -> None:
        if self._left:
            self._leave_parent(time / 1e6)
        step, known, count = kept_step(step), self._known, len(values)
        first = self.next
        self.next = first + count
        records = []
        for sequence, (key, value) in enumerate(values.items(), first):
            if key not in known:
                known[key] = self._numbers.setdefault(key, len(self._numbers))
                records.append(name_record(known[key], key))
            records.append(point_record(known[key], sequence, step, time, value))
        self._append(b"".join(records))

    def note(self, note: Mapping[str, object], at: float) -> None:
        """Append what is not a point: a JSON-ready mapping."""
        record = note_record(note)
        with self._mutex:
            if self._left:
                self._leave_parent(at)
            self._slowly(partial(self._append, record))

    @property
    def closed(self) -> bool:
        """True once nothing more is taken."""
        return self._file < 0

    def _leave_parent(self, at: float) -> None:
        """In a forked child: the file and the lock are the parent's, and its mutex may be held for ever."""
        with suppress(OSError):
            os.close(self._file)
        first = first_of_child(os.getpid(), at)
        self._open(writer=first, first=first)

    def _append(self, record: bytes) -> None:
        if self._file < 0:
            raise JournalClosed
        if self._kept:
            self._keep(record, "")
            return
        end = self._size + len(record)
        if end > self._room >= 0 and self.next - self._first > _MAPPED_FROM:
            self._make_room(end)
        if end <= self._room and self._map is not None:
            self._map[self._size : end] = record
        elif not self._written(record):
            return
        self._size = end
        if end >= self._limit:
            self._next_segment()

    def _make_room(self, end: int) -> None:
        """Have the disk give space up to *end* at least, and map it: then nothing can go wrong with a record."""
        before, room = self._room, max(min(self._room + _MORE_ROOM, self._limit), end, _FIRST_ROOM)
        self._map, self._room = None, -1
        if not keeps_space(self.folder):
            return
        with suppress(OSError, ValueError):
            os.posix_fallocate(self._file, 0, room)
            self._map, self._room = mmap.mmap(self._file, room), room
            # Now, all at once: each page met later would hold up the point that comes to it.
            start = before - before % mmap.PAGESIZE
            self._map.madvise(_POPULATE_WRITE, start, room - start)

    def _written(self, record: bytes) -> bool:
        try:
            # At its place, and not at the file's end: allocated space may lie behind.
            written = os.pwrite(self._file, record, self._size)
        except OSError as failure:
            self._keep(record, failure.strerror or "the write failed")
            return False
        if written == len(record):
            return True
        with suppress(OSError):  # half a record would hide all that follow
            os.truncate(self._file, self._size)
        self._keep(record, "the disk is full")
        return False

    def _keep(self, record: bytes, why: str) -> None:
        self._kept.add(record)
        self._known = {}  # the file did not get these names; and what follows must queue up behind this
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"run {self.owner[-6:]}: its journal in {self.folder} cannot be written ({why}); "
                "points are kept in memory until the store has taken them",
                stacklevel=8,
            )
        elif self._kept.dropped == 1:
            warnings.warn(f"run {self.owner[-6:]}: memory has no room for more points either", stacklevel=8)

    def kept(self) -> bytes:
        """Return the records that could not be written, for the reader to take; they stay until ``forget``."""
        with self._mutex:
            return self._kept.content()

    def forget(self, length: int) -> None:
        """Drop the first *length* bytes of the kept records: the store has them."""
        with self._mutex:
            self._kept.forget(length)

    def put_aside(self) -> bool:
        """Put what lies in memory alone where else there is room; False where there is none."""
        with self._mutex:
            return self._left or self._kept.put_aside(self._segment, self.names)

    def last_words(self) -> None:
        """Before the process ends: put aside what lies in memory alone, or say what is lost."""
        if self.pid == os.getpid() and (not self.put_aside() or self._kept.dropped):
            self._kept.tell_lost(self.names)

    def _next_segment(self) -> None:
        self._segment += 1
        try:
            following = self._new_file()
        except OSError:
            self._segment -= 1  # a full disk or too many open files: the present file takes more
            return
        self._trim()
        self._unsynced.append(self._file)
        self._file, self._size, self._synced, self._known, self._room = following, 0, 0, {}, 0

    def _trim(self) -> None:
        """Give back the space behind the last record."""
        self._map, self._room = None, -1
        with suppress(OSError):
            os.ftruncate(self._file, self._size)

    def sync(self) -> None:
        """Make what was written survive a loss of power. Never called on the path of a point."""
        if self._left or (self._synced == self._size and not self._unsynced):
            return
        with self._mutex:
            if self._file < 0:  # sealed since the look above
                return
            # A duplicate, so that the fsync itself need not hold up writers.
            files, self._unsynced = [*self._unsynced, os.dup(self._file)], []
            size = self._size
        for file in files:
            with suppress(OSError):
                os.fsync(file)
                self._synced = size
            os.close(file)

    @property
    def names(self) -> Mapping[int, str]:
        """The names of metrics by the numbers that points have."""
        return {number: name for name, number in self._numbers.items()}

    def seal(self) -> None:
        """Stop writing. The lock stays, so that nobody takes the files for abandoned ones."""
        with self._mutex:
            self._map, self._room = None, -1
            for file in (*self._unsynced, *([self._file] if self._file >= 0 else [])):
                os.close(file)
            self._file, self._unsynced = -1, []

    def close(self) -> None:
        """Stop writing and let the lock go; the files stay until they are folded."""
        with self._mutex:
            if self._file >= 0:
                self._trim()
            self.seal()
        self._lock.release()

    def remove(self) -> None:
        """Close, and delete the files: the store has all of it."""
        self.seal()
        remove_files(self.folder, self.owner, self.writer)
        self._lock.release()


def _fork() -> None:
    for journal in tuple(_open):
        journal.forked()


@atexit.register
def _last_words() -> None:
    waiting = [journal for journal in tuple(_open) if journal.beyond_files]
    if waiting:
        pending.bring_home()
    for journal in waiting:
        try:
            journal.last_words()
        except Warning as said:  # where warnings are errors; the other journals must not go without a word
            sys.stderr.write(f"{said}\n")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_fork)
