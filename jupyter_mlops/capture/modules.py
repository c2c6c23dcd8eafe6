"""The files of a project that a process has imported, and what stood in them when it imported them.

A file may be edited later, and what has been imported stays what it was: so each file is read soon after its import, by
whoever looks after each cell, and not again until it is imported again.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

from jupyter_mlops.records.source import ModuleNote

__all__ = ["Imported", "Load", "follow_reloads", "imported", "loads", "look_at_imports"]

_APART = frozenset({"site-packages", "dist-packages"})
_ELSEWHERE = (
    str(Path(os.__file__).parent) + os.sep,
    str(Path(__file__).parents[1]) + os.sep,
)  # Python, and this
_MOST = 500
_READING = 0.003  # seconds of one look; what is left is read by the next, or when it is asked for
_SLACK = 20_000_000  # nanoseconds that a file's time of change may lag behind the clock
_START = 10_000_000  # nanoseconds that Python takes before it runs anything of its user's, on a fast machine
_HEAD = (
    16  # bytes at the head of compiled code: magic number, flags, and the source's time of change and size
)

Stamp: TypeAlias = tuple[int, int]  # time of change in nanoseconds, size
Reloaded: TypeAlias = Callable[[str], float | None]

_kept: dict[tuple[str, int, int], str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One import of one file."""

    spec: object  # each import makes a new one, and so does a reload
    kind: type
    path: str
    stamp: Stamp | None  # as it was when first looked at; None: it was gone
    sure: bool  # that what was looked at is what was imported
    digest: str = ""  # empty: not read yet
    reloaded: float | None = None  # time of change of the file that a reloader has last put in place

    @property
    def is_read(self) -> bool:
        """Whether there is nothing more to read of it."""
        return bool(self.digest) or self.stamp is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The imported files of a project, by their paths inside it."""

    digests: dict[str, str]
    notes: dict[str, str]


class _Watch:
    """What this process has imported so far. Without a lock: each step leaves whole what another thread may read."""

    def __init__(self) -> None:
        self.reloaded: Reloaded = lambda _name: None
        self.loads: dict[str, Load] = {}
        self._names: set[str] = set()
        self._looked = 0

    def look(self) -> None:
        """Find what was imported, or imported again, since the last look, and read some of it."""
        names = set(sys.modules)
        for name in names - self._names:
            found = self._found(name)
            if found is not None:
                self.loads[name] = found
        for name, load in tuple(self.loads.items()):
            if name not in names:
                self.loads.pop(name, None)
            else:
                self.loads[name] = self._renewed(name, load)
        self._names = names
        self._looked = time.time_ns() - _SLACK
        self._read_some()

    def _found(self, name: str) -> Load | None:
        module = sys.modules.get(name)
        path = _of(module, "__file__")
        if not isinstance(path, str) or not path.endswith(".py") or path.startswith(_ELSEWHERE):
            return None
        if any(part in path for part in _APART):
            return None
        spec, stamp = _of(module, "__spec__"), _stamp(path)
        return Load(
            spec=spec,
            kind=type(module),
            path=path,
            stamp=stamp,
            sure=stamp is not None and self._stood_so(spec, stamp),
            reloaded=self.reloaded(name),
        )

    def _stood_so(self, spec: object, stamp: Stamp) -> bool:
        """Tell whether a file that was imported since the last look has not been edited since."""
        if stamp[0] <= self._looked:
            return True
        return _compiled(spec, stamp) or (not self._looked and stamp[0] <= _began())

    def _renewed(self, name: str, load: Load) -> Load:
        """Return the load that is in place now: *load*, or one that has come after it."""
        module, at = sys.modules.get(name), self.reloaded(name)
        patched = at is not None and load.reloaded is not None and at != load.reloaded
        if _of(module, "__spec__") is load.spec and type(module) is load.kind and not patched:
            return load if at in {None, load.reloaded} else replace(load, reloaded=at)
        found = self._found(name)
        if found is None or not _compiles(found.path):  # the reload has failed, and left the old one in place
            return replace(load, spec=_of(module, "__spec__"), kind=type(module))
        if patched and _changed_at(found.path) == at:
            return replace(found, sure=True)
        return found

    def _read_some(self) -> None:
        begun = time.perf_counter()
        for name, load in tuple(self.loads.items()):
            if load.is_read:
                continue
            self.loads[name] = _read(load)
            if time.perf_counter() - begun > _READING:
                return


_watch = _Watch()


def follow_reloads(reloaded: Reloaded) -> None:
    """Ask *reloaded*, too, whether a module was reloaded: it gives the time of change of the file it has put in place.

    For reloaders that put a file's new functions into the module that is there, which makes no new import.
    """
    _watch.reloaded = reloaded


def look_at_imports() -> None:
    """Look at what was imported since the last look; a look costs the names of all modules, and a file a stat and a read.

    Installed packages do not count, wherever they lie, nor does what comes with Python, nor this package.
    """
    with suppress(Exception):  # a hook asks, and other packages put anything at all into sys.modules
        _watch.look()


def loads() -> Sequence[Load]:
    """Return what is imported now, for ``imported`` to tell of later."""
    look_at_imports()
    return tuple(_watch.loads.values())


def imported(root: Path, of: Sequence[Load] | None = None) -> Imported:
    """Return the imported files inside *root* with the SHA-256 of what was imported, and what is to be said of it.

    Hidden folders do not count. May take some milliseconds, for files that were not read yet.

    Parameters
    ----------
    root
        The project's folder; the paths are relative to it.
    of
        What ``loads`` gave at the time that is asked about; by default what is imported now.
    """
    found = Imported(digests={}, notes={})
    inside = root.resolve()
    for load in loads() if of is None else of:
        path = _inside(inside, load.path)
        if path is not None and (path in found.digests or len(found.digests) < _MOST):
            _tell(found, path, _read(load))
    return Imported(digests=dict(sorted(found.digests.items())), notes=dict(sorted(found.notes.items())))


def _tell(found: Imported, path: str, load: Load) -> None:
    twice = path in found.digests and found.digests[path] != load.digest
    found.digests[path] = load.digest
    if twice or not load.sure:
        found.notes[path] = ModuleNote.UNSURE.value
    elif path not in found.notes and _edited(load):
        found.notes[path] = ModuleNote.EDITED.value


def _inside(root: Path, path: str) -> str | None:
    real = _real(path)
    if not real.is_relative_to(root):
        return None
    inside = real.relative_to(root)
    return None if any(part.startswith(".") or part in _APART for part in inside.parts) else inside.as_posix()


@lru_cache(maxsize=4096)
def _real(path: str) -> Path:
    return Path(path).resolve()


def _edited(load: Load) -> bool:
    stamp = _stamp(load.path)
    return stamp != load.stamp and (stamp is None or _digest(load.path, stamp) != load.digest)


def _read(load: Load) -> Load:
    """Return *load* with its digest; what was edited before it could be read may not be what was imported."""
    if load.is_read:
        return load
    stamp = _stamp(load.path)
    digest = None if stamp is None else _digest(load.path, stamp)
    if digest is None:
        return replace(load, stamp=None, sure=False)
    sure = load.sure and stamp == load.stamp == _stamp(load.path)
    return replace(load, digest=digest, stamp=stamp, sure=sure)


def _digest(path: str, stamp: Stamp) -> str | None:
    kept = _kept.get((path, *stamp))
    if kept is not None:
        return kept
    try:
        digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return None
    if _stamp(path) == stamp:
        _kept[path, *stamp] = digest
    return digest


def _of(module: object, name: str) -> object:
    """Return what *module* has under a name, without waking one that loads itself when it is asked for anything."""
    if not issubclass(type(module), ModuleType):  # isinstance would ask the module, too
        return None
    return object.__getattribute__(module, "__dict__").get(name)


def _stamp(path: str) -> Stamp | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path for each module of each cell would cost more than the call
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size


def _changed_at(path: str) -> float | None:
    """Return the time of change as reloaders keep it."""
    try:
        return Path(path).stat().st_mtime
    except OSError:
        return None


def _compiled(spec: object, stamp: Stamp) -> bool:
    """Tell whether Python has compiled the very file that stands there: it notes the time of change and the size."""
    cached = getattr(spec, "cached", None)
    if not isinstance(cached, str):
        return False
    try:
        written = Path(cached).stat().st_mtime_ns
        with open(cached, "rb") as file:  # noqa: PTH123
            head = file.read(_HEAD)
    except OSError:
        return False
    changed, size = stamp[0] // 1_000_000_000 & 0xFFFFFFFF, stamp[1] & 0xFFFFFFFF
    noted = int.from_bytes(head[8:12], "little"), int.from_bytes(head[12:16], "little")
    # Within one second a file of the same size may be another; of a time to come the clocks tell nothing.
    in_order = stamp[0] <= written or stamp[0] > time.time_ns()
    return head[4:8] == bytes(4) and noted == (changed, size) and in_order


def _compiles(path: str) -> bool:
    try:
        compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return False
    return True


def _began() -> int:
    """Return when this process had not imported anything of its user's yet, in nanoseconds since the epoch."""
    try:
        # psutil counts from when the machine was booted, in whole seconds; this is right to a hundredth.
        ticks = int(Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
        return time.time_ns() - int(age * 1e9) + _START
    except (OSError, AttributeError, ValueError, IndexError):  # no Linux
        import psutil

        return int(psutil.Process().create_time() * 1e9) + _START
