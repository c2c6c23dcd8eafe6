"""Where a journal goes that its own disk has no more room for: a folder of this account elsewhere on this machine.

The name of that folder comes from the journal's own, so that whoever looks for a journal's files finds it.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import chain
from pathlib import Path

__all__ = ["leave_spare", "machine_folder", "put_aside", "spare_folders"]


def machine_folder() -> Path | None:
    """Return a folder of this account on this machine's own disk, that survives a restart where there is one.

    None where somebody else has taken its name.
    """
    return _own_folder(next(_bases()), make=True)


def spare_folders(folder: Path) -> tuple[Path, ...]:
    """Return where files of journals in *folder* may lie besides."""
    return tuple(_spares(folder, make=False))


def _spares(folder: Path, *, make: bool) -> Iterator[Path]:
    name = _name(folder)
    for base in _bases():
        with suppress(OSError):
            own = _own_folder(base, make=make)
            if own is not None:
                if make:
                    (own / name).mkdir(mode=0o700, exist_ok=True)
                yield own / name


@lru_cache(maxsize=64)
def _name(folder: Path) -> str:
    place = os.path.realpath(folder).encode("utf-8", "surrogateescape")
    return f"journal-{hashlib.sha256(place).hexdigest()[:16]}"


def put_aside(folder: Path, name: str, content: bytes) -> Path | None:
    """Write a file of a journal in *folder* there or where else there is room; None where there is none."""
    for place in chain([folder], _spares(folder, make=True)):
        path = place / name
        if _written(path, content):
            return path
        leave_spare(folder, place)
    return None


def _written(path: Path, content: bytes) -> bool:
    try:
        file = path.open("xb")
    except OSError:
        return False
    try:
        with file:
            path.chmod(0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            path.unlink(missing_ok=True)  # half of it would be taken for a torn end
        return False
    return True


def leave_spare(folder: Path, spare: Path) -> None:
    """Remove a spare folder of journals in *folder* that has nothing in it any more."""
    if spare != folder:
        with suppress(OSError):
            spare.rmdir()


def _bases() -> Iterator[Path]:
    lasting, passing = Path("/var/tmp"), Path(tempfile.gettempdir())  # noqa: S108 - a folder of our own in it, and only if it is ours
    if os.access(lasting, os.W_OK):
        yield lasting
        if passing == lasting:
            return
    yield passing


def _own_folder(base: Path, *, make: bool) -> Path | None:
    user = os.getuid() if hasattr(os, "getuid") else None
    folder = base / f"jupyter-mlops-{'user' if user is None else user}"
    if make:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
    found = folder.lstat()
    ours = stat.S_ISDIR(found.st_mode) and (user is None or found.st_uid == user)
    return folder if ours else None
