"""Which files a stretch of code reads and writes: told by the interpreter's own audit events, and by readers that bypass it."""

# ruff: noqa: PTH100, PTH112, PTH114, PTH116, PTH118, PTH206
# this runs for every file that is opened; a Path costs ten times as much

from __future__ import annotations

import os
import site
import stat
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["MOST_FILES", "FileSeen", "FileWatch", "Places", "told", "unheard"]

MOST_FILES = 100_000  # of one stretch
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CODE = (".py", ".pyc", ".pyo", ".so", ".pyd", ".dll", ".ttf", ".otf", ".afm", ".pem", ".crt")
_DATA = (
    ".csv", ".tsv", ".parquet", ".feather", ".arrow", ".ipc", ".orc", ".avro", ".npy", ".npz", ".h5", ".hdf5", ".xlsx", ".xls",
    ".ods", ".ndjson", ".jsonl",
)  # fmt: skip
_PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
_HIDDEN = frozenset({"__pycache__", "site-packages", "dist-packages", "node_modules"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeen:
    """A file that was opened, as it was then. ``address`` stands in for one that is not on a disk of ours."""

    path: str
    written: bool
    size: int | None = None  # bytes; None where it did not exist then
    changed: int | None = None  # when it was last changed, in nanoseconds

    @property
    def is_address(self) -> bool:
        """True for what is no file here, such as s3://bucket/key."""
        return "://" in self.path


class Places:
    """Where files count as data of a project: inside its folder, or anywhere that is not the system's or a cache.

    Parameters
    ----------
    root
        The project's folder.
    apart
        Files and folders inside it that do not count, such as the notebook itself.
    """

    def __init__(self, root: Path, apart: Collection[Path] = ()) -> None:
        self._root = os.path.join(os.path.realpath(root), "")
        self._apart = tuple(os.path.realpath(path) for path in apart)
        self._folders: dict[str, _Folder] = {}  # there may be a hundred thousand files, in a few of them

    def hold(self, path: str) -> bool:
        """Tell whether the file at *path* counts."""
        if "://" in path:
            return True
        place, name = os.path.split(os.path.realpath(path) if os.path.islink(path) else path)
        folder = self._folders.get(place) or self._folders.setdefault(place, self._look(place))
        real = folder.real + name
        if any(real == one or real.startswith(one + os.sep) for one in self._apart):
            return False
        if name in _HIDDEN or ((folder.dotted or name.startswith(".")) and not _is_data(name)):
            return False
        return folder.counts

    def _look(self, place: str) -> _Folder:
        real = os.path.join(os.path.realpath(place), "")
        inside = real.startswith(self._root)
        parts = (real[len(self._root) :] if inside else real).split(os.sep)
        return _Folder(
            real=real,
            counts=not _HIDDEN & set(parts) and (inside or not real.startswith(_systems())),
            dotted=any(part.startswith(".") for part in parts),
        )


class _Folder(NamedTuple):
    real: str  # with a separator at its end
    counts: bool  # what lies in it
    dotted: bool  # it lies below a folder whose name begins with a dot


def _is_data(name: str) -> bool:
    """Tell whether a file is data by its name: also a cache's that keeps data sets below a dotted folder, as many do."""
    plain = name.lower()
    for packed in _PACKED:
        plain = plain.removesuffix(packed)
    return plain.endswith(_DATA) and not name.startswith(".")


@cache
def _systems() -> tuple[str, ...]:
    """The beginnings of paths that belong to Python or to the machine."""
    found = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *site.getsitepackages()}
    found |= {"/proc", "/sys", "/dev", "/etc", "/usr", "/lib", "/bin", "/run", tempfile.gettempdir()}
    return tuple(
        os.path.join(os.path.realpath(place), "") for place in sorted(found) if place not in {"", "/"}
    )


class FileWatch:
    """Collects what is opened between ``begin`` and ``end``, in whatever thread but our own ones."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, bool], FileSeen] = {}
        self.full = False  # more were opened than are kept in mind
        self.hurried = False  # a folder took too long to be gone through

    def begin(self) -> None:
        """Listen from now on; the one before listens no more."""
        _installed()
        _listening[:] = [self]

    def end(self) -> None:
        """Listen no more."""
        if self in _listening:
            _listening.remove(self)

    def opened(self, path: object, *, written: bool) -> None:
        """Take note of a file; of None, that there are more in a folder that took too long. Never raises; takes a few microseconds."""
        try:
            if path is None:
                self.hurried = True
            text = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else ""
            if not text or text.endswith(_CODE):
                return
            if "://" not in text:
                text = os.path.abspath(text)
            if (text, written) in self._found:
                return
            if len(self._found) >= MOST_FILES:
                self.full = True
                return
            seen = _look(text, written)
            if seen is not None:
                self._found[text, written] = seen
        except Exception:  # noqa: BLE001, S110 - whatever it was, it was no file of the user's
            pass

    def seen(self, places: Places) -> tuple[FileSeen, ...]:
        """Return what was seen that counts, in the order it was opened; what was written first is no input when read again."""
        kept: dict[str, FileSeen] = {}
        for file in tuple(self._found.values()):
            key = f"{file.path}\n{file.written}"
            gone = file.size is None and not file.written and not file.is_address
            if gone or file.path + "\nTrue" in kept or not places.hold(file.path):
                continue
            if file.size is None and os.path.isdir(file.path):
                continue
            kept[key] = file
        return tuple(kept.values())


def _look(path: str, written: bool) -> FileSeen | None:
    """Return the file as it is now; None where it is a folder."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return FileSeen(path=path, written=written)
    if stat.S_ISDIR(found.st_mode):
        return None
    return FileSeen(path=path, written=written, size=found.st_size, changed=found.st_mtime_ns)


def told(path: object, written: bool) -> None:
    """Take note of a file that was opened where the interpreter does not see it."""
    if threading.get_ident() not in _ours:
        for watch in tuple(_listening):
            watch.opened(path, written=written)


_listening: list[FileWatch] = []
_ours: set[int] = set()  # threads whose files are nobody's


@contextmanager
def unheard() -> Iterator[None]:
    """Let no file that this thread opens meanwhile count; only meanwhile, since it may be the user's own thread."""
    thread = threading.get_ident()
    within = thread in _ours
    _ours.add(thread)
    try:
        yield
    finally:
        if not within:
            _ours.discard(thread)


@cache
def _installed() -> None:
    # An audit hook cannot be taken away again: there is one a process, and it does nothing while nobody listens.
    sys.addaudithook(_heard)


def _heard(event: str, args: tuple[object, ...]) -> None:
    if event != "open" or not _listening:
        return
    path, mode, flags = args
    if isinstance(mode, str):
        written = any(letter in mode for letter in "wax+")
    else:
        written = isinstance(flags, int) and bool(flags & _WRITING)
    told(path, written)
