"""The files a tracked cell reads and writes, with their digests: small ones at once, others in the background.

Beyond some two hundred they are not named one by one: ``tracking.more_files``.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jupyter_mlops.capture.files import MOST_FILES, FileSeen, FileWatch, Places, told, unheard
from jupyter_mlops.capture.readers import Readers
from jupyter_mlops.capture.secrets import mask_secrets
from jupyter_mlops.records.run import DIGEST_LATER, RunInput
from jupyter_mlops.tracking.more_files import MoreFiles
from jupyter_mlops.tracking.pulse import in_background
from jupyter_mlops.workspace import Workspace

__all__ = ["CellFiles", "stop_reading"]

_AT_ONCE = 2 << 20  # bytes hashed on the user's thread as a cell ends: one or two milliseconds
_PIECE = 16 << 20  # bytes hashed in the background before others get their turn
_MOST = 200  # files of one cell that are named one by one
_TOO_LARGE = "too large: not digested within the budget of {} GB"
_CHANGED = "it changed after it was read; the digest is of what it holds since"
_ELSEWHERE = "not on this machine's disks: not digested"
_GONE = "it cannot be read any more"
_readers = Readers(told)


_HURRIED = "a folder took too long to be gone through: not all of its files are known"
_LEFT_OUT = "more files were read or written than the {:,} that are kept in mind"


def _parted(files: Sequence[FileSeen]) -> tuple[list[FileSeen], list[FileSeen]]:
    """Return the files that are named one by one, and the others: so many that are read and so many that are written.

    Where there are more, it goes by their names, so that the same files are told in the same way in whatever order they were read.
    """
    named: list[FileSeen] = []
    more: list[FileSeen] = []
    for written in (False, True):
        of = [seen for seen in files if seen.written is written]
        if len(of) > _MOST:
            of.sort(key=lambda seen: seen.path)
        named += of[:_MOST]
        more += of[_MOST:]
    return named, more


@dataclass(frozen=True, slots=True)
class _Item:
    seen: FileSeen
    record: RunInput


class CellFiles:
    """Listens from the beginning of a cell to its end.

    Parameters
    ----------
    ws
        Whose project it is.
    say
        Told each digest that came late, as a note of the run.
    apart
        Files that do not count: the notebook itself.
    """

    def __init__(
        self, ws: Workspace, say: Callable[[dict[str, Any]], None], apart: Sequence[Path] = ()
    ) -> None:
        settings = ws.settings
        folders = [place for place in (settings.folder, settings.journal) if place is not None]
        self._root, self._limit = settings.root, settings.digest_bytes
        self._budget = self._limit  # what is left of it
        self._places = Places(settings.root, [*folders, *apart])
        self._say = say
        self.late: Callable[[RunInput], None] | None = None  # told the same, for whoever shows it
        self.note = ""  # after the end: what was left out
        self._watch = FileWatch()
        _readers.start()
        self._watch.begin()

    def end(self) -> tuple[tuple[RunInput, ...], tuple[RunInput, ...]]:
        """Listen no more; return what was read and what was written."""
        self._watch.end()
        files, more = _parted(self._watch.seen(self._places))
        items = [self._item(seen) for seen in files]
        if self._watch.full:
            self.note = _LEFT_OUT.format(MOST_FILES)
        elif self._watch.hurried:
            self.note = _HURRIED
        room, later = _AT_ONCE, deque[_Item]()
        for place, item in enumerate(items):
            size = item.record.size
            if not item.record.is_awaited or size is None:
                continue
            if size <= room:
                room -= size
                items[place] = replace(item, record=_digested(item))
            else:
                later.append(item)
        if later:
            in_background(_Digesting(later, self._tell).step)
        records = [item.record for item in items] + self._together(more)
        return (
            tuple(record for record in records if record.role == "read"),
            tuple(record for record in records if record.role == "write"),
        )

    def _together(self, files: Sequence[FileSeen]) -> list[RunInput]:
        """Return what is said of the files that are not named: one record for each kind of them."""
        kinds: dict[tuple[bool, bool], list[FileSeen]] = {}
        for seen in files:
            kinds.setdefault((seen.written, seen.is_address), []).append(seen)
        records = []
        for several in kinds.values():
            more = MoreFiles(several, root=self._root, budget=self._budget, limit=self._limit)
            self._budget = max(0, self._budget - more.weight)
            more.digest_later(self._tell)
            records.append(more.record)
        return records

    def _item(self, seen: FileSeen) -> _Item:
        size = _size_of(seen.path) if seen.written else seen.size
        record = RunInput(
            name=self._name(seen),
            role="write" if seen.written else "read",
            digest="",
            kind="file",
            size=size,
            note=self._why_not(seen, size),
        )
        return _Item(seen, record)

    def _why_not(self, seen: FileSeen, size: int | None) -> str:
        if seen.is_address:
            return _ELSEWHERE
        if size is None:
            return _GONE
        if size > self._budget:
            return _TOO_LARGE.format(f"{self._limit / 1e9:g}")
        self._budget -= size
        return DIGEST_LATER

    def _name(self, seen: FileSeen) -> str:
        if seen.is_address:
            return mask_secrets(seen.path).text
        path = Path(seen.path)
        for root in (self._root, self._root.resolve()):
            if path.is_relative_to(root):
                return path.relative_to(root).as_posix()
        return path.name  # where it lies outside the project is nobody's business

    def _tell(self, record: RunInput) -> None:
        from jupyter_mlops.records.codec import encode

        self._say({"digested": encode(record)})
        if self.late is not None:
            self.late(record)


class _Digesting:
    """Hashes files piece by piece in the background, so that nothing else there waits for long."""

    def __init__(self, items: deque[_Item], tell: Callable[[RunInput], None]) -> None:
        self._items, self._tell = items, tell
        self._hasher, self._offset = hashlib.sha256(), 0

    def step(self) -> None:
        """Hash one piece; come back for the next."""
        item = self._items[0]
        try:
            with unheard(), Path(item.seen.path).open("rb") as file:
                file.seek(self._offset)
                piece = file.read(_PIECE)
        except OSError:
            self._next(replace(item.record, note=_GONE))
            return
        self._hasher.update(piece)
        self._offset += len(piece)
        if len(piece) == _PIECE:
            in_background(self.step)
        else:
            self._next(_named(item, self._hasher.hexdigest()))

    def _next(self, record: RunInput) -> None:
        self._items.popleft()
        self._hasher, self._offset = hashlib.sha256(), 0
        if self._items:
            in_background(self.step)
        self._tell(record)


def _digested(item: _Item) -> RunInput:
    try:
        with Path(item.seen.path).open("rb") as file:
            return _named(item, hashlib.file_digest(file, "sha256").hexdigest())
    except OSError:
        return replace(item.record, note=_GONE)


def _named(item: _Item, digest: str) -> RunInput:
    seen = item.seen
    try:
        now = Path(seen.path).stat()
        same = seen.written or (now.st_size, now.st_mtime_ns) == (seen.size, seen.changed)
    except OSError:
        same = False
    return replace(item.record, digest=digest, note="" if same else _CHANGED)


def _size_of(path: str) -> int | None:
    try:
        return Path(path).stat().st_size
    except OSError:
        return None


def stop_reading() -> None:
    """Put back what was replaced in readers: the extension is unloaded."""
    _readers.stop()
