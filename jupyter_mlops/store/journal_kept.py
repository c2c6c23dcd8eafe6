"""The records of a journal that its disk would not take: in memory, and put aside where they might be lost with it."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from jupyter_mlops.store.journal_files import last_segment
from jupyter_mlops.store.journal_records import HEAD, name_record, parse
from jupyter_mlops.store.spare import leave_spare, put_aside

__all__ = ["Kept"]

_MOST = 512 << 20  # bytes: some five million points, each with its name


class Kept:
    """What waits for the store in memory.

    Parameters
    ----------
    folder, owner, writer
        The journal's own.
    most
        Bytes above which points are given up, and counted; notes are few.
    """

    def __init__(self, folder: Path, owner: str, writer: int, *, most: int = _MOST) -> None:
        self._folder, self._owner, self._writer, self._most = folder, owner, writer, most
        self._records: list[bytes] = []
        self._bytes = 0
        self._safe = 0  # how many of them lie in a file as well
        self._aside: list[Path] = []
        self.dropped = 0  # records given up

    def __bool__(self) -> bool:
        return bool(self._records)

    def add(self, record: bytes) -> None:
        """Take one more."""
        if self._bytes > self._most and record[HEAD.size : HEAD.size + 1] != b"N":
            self.dropped += 1
            return
        self._records.append(record)
        self._bytes += len(record)

    def content(self) -> bytes:
        """Return all of them."""
        return b"".join(self._records)

    def forget(self, length: int) -> None:
        """Drop the first *length* bytes: the store has them."""
        ends = itertools.accumulate(map(len, self._records))
        gone = sum(1 for _ in itertools.takewhile(lambda end: end <= length, ends))
        taken = sum(map(len, self._records[:gone]))
        del self._records[:gone]
        self._bytes, self._safe = self._bytes - taken, max(0, self._safe - taken)
        if not self._records:
            self._clear_aside()

    def _clear_aside(self) -> None:
        for path in self._aside:
            with suppress(OSError):
                path.unlink(missing_ok=True)
                leave_spare(self._folder, path.parent)
        self._aside.clear()

    def put_aside(self, segment: int, names: Mapping[int, str]) -> bool:
        """Write what lies in no file yet into one behind *segment*; False where there was no room.

        Whoever folds the journal of a writer that is gone finds it. It stays in memory, too, for this process.
        """
        waits = self.content()[self._safe :]
        if not waits:
            return True
        number = max(last_segment(self._folder, self._owner, self._writer), segment) + 1
        said = b"".join(name_record(key, name) for key, name in names.items())
        path = put_aside(self._folder, f"{self._owner}.{self._writer}.{number:06d}.journal", said + waits)
        if path is None:
            return False
        self._aside.append(path)
        self._safe += len(waits)
        if path.parent != self._folder:
            warnings.warn(
                f"run {self._owner[-6:]}: what its journal had no room for waits in {path}. Free some space, and look "
                "at the run on this machine: that brings it home",
                stacklevel=3,
            )
        return True

    def tell_lost(self, names: Mapping[int, str]) -> None:
        """Say what goes with this process."""
        said = parse(self.content()[self._safe :], self._owner, most=1 << 62, names=names)
        points = sum(map(len, said.curves)) + self.dropped
        also = " and what was said of it last, such as its end," if said.notes else ""
        warnings.warn(
            f"run {self._owner[-6:]}: {points:,} points{also} are lost: its journal in {self._folder} could not be "
            "written, nor could its store or a folder for temporary files. Free some space and run it again",
            stacklevel=3,
        )
