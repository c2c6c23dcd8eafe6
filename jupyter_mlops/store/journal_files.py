"""The files of journals: which there are, whose writers live, and which are abandoned.

Files of a run: ``<run>.<writer>.lock`` and ``<run>.<writer>.<segment>.journal``. The writer ``0`` is the process
that opened the run; a forked child writes files of its own, under the number its sequences start from. What a full
disk would not take lies in a segment of its own, in the same folder or a spare one (see ``spare``); locks never do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from jupyter_mlops.store.spare import leave_spare, spare_folders
from jupyter_mlops.store.writer_lock import WriterLock, lock_file

__all__ = ["abandoned", "last_segment", "lock_of", "numbers", "remove_files", "segments"]

_SEGMENT = re.compile(r"(?P<owner>.+)\.(?P<writer>\d+)\.(?P<number>\d+)\.journal")


def lock_of(folder: Path, owner: str, writer: int) -> WriterLock:
    """Take the lock that a writer holds while it lives; the folder is made where it is missing."""
    return WriterLock(_lock_path(folder, owner, writer))


def _lock_path(folder: Path, owner: str, writer: int) -> Path:
    return folder / f"{owner}.{writer}.lock"


def numbers(path: Path) -> tuple[int, int]:
    """Return writer and segment of a journal file."""
    _, writer, segment, _ = path.name.rsplit(".", 3)
    return int(writer), int(segment)


def segments(folder: Path, owner: str | None = None) -> list[Path]:
    """Return the journal files of *owner* (None: of all), in the order they were written; those in spare folders too."""
    found = [(name, folder) for name in _names(folder, owner)]
    for spare in spare_folders(folder):
        with suppress(PermissionError):
            found.extend((name, spare) for name in _names(spare, owner))
    found.sort(key=lambda one: (one[0]["owner"], int(one[0]["writer"]), int(one[0]["number"])))
    return [place / name[0] for name, place in found]


def _names(folder: Path, owner: str | None) -> list[re.Match[str]]:
    try:
        names = [_SEGMENT.fullmatch(e.name) for e in os.scandir(folder)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    # A file of another form is somebody else's, and another owner's name may begin like this one's.
    return [name for name in names if name is not None and owner in {None, name["owner"]}]


def last_segment(folder: Path, owner: str, writer: int) -> int:
    """Return the number of the last segment that *writer* has left; -1 where there is none."""
    found = (numbers(path) for path in segments(folder, owner))
    return max((segment for by, segment in found if by == writer), default=-1)


def remove_files(folder: Path, owner: str, writer: int) -> None:
    """Delete a writer's files. Where that is not allowed they stay, and are found to be in the store already."""
    with suppress(PermissionError):
        for path in segments(folder, owner):
            if numbers(path)[0] == writer:
                path.unlink(missing_ok=True)
                leave_spare(folder, path.parent)
        _lock_path(folder, owner, writer).unlink(missing_ok=True)


def abandoned(folder: Path) -> Iterator[tuple[str, int, Sequence[Path]]]:
    """Go through the writers that no longer live: yields owner, writer and files, holding the writer's lock.

    Two openers may meet here: the second passes a locked writer over, and what both fold is added once,
    because points are numbered.
    """
    from filelock import Timeout

    groups: dict[tuple[str, int], list[Path]] = {}
    for path in segments(folder):
        groups.setdefault((path.name.rsplit(".", 3)[0], numbers(path)[0]), []).append(path)
    for (owner, writer), paths in groups.items():
        lock = lock_file(_lock_path(folder, owner, writer))
        try:
            lock.acquire(blocking=False)
        except (Timeout, OSError):
            continue
        try:
            yield owner, writer, [p for p in paths if p.exists()]
        finally:
            lock.release()
