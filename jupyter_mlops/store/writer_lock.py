"""The file lock that says that a journal's writer lives.

A tracked cell takes one before it runs. The library that locks on every system asks the file system ten times for it, and each time
another thread may take the interpreter, for milliseconds where it is busy; a file that nobody has yet takes three calls. Both
lock in the same way (flock), so each sees what the other holds; where the file system knows no flock, the library's way is taken.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

__all__ = ["WriterLock", "lock_file"]

_parents: list[
    object
] = []  # locks of the process this one was forked from: to forget one would let it go there
_PATIENCE = 10.0  # seconds: whoever folds an earlier life of the run holds it meanwhile


class WriterLock:
    """A lock that is held until it is released, or its process ends however it may.

    Parameters
    ----------
    path
        The file; its folder is made where it is missing.

    Raises
    ------
    filelock.Timeout
        Another process has it.
    OSError
        The folder cannot be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            file = _locked_anew(path)
        except FileNotFoundError:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = _locked_anew(path)
        self._file = file
        self._release: Callable[[], object] = (
            partial(_unlock, file) if file is not None else _waited_for(path)
        )

    def release(self) -> None:
        """Let it go."""
        release, self._release, self._file = self._release, lambda: None, None
        release()

    def leave(self) -> None:
        """In a forked child: the lock is the parent's, and must not outlive it for the child's sake."""
        if self._file is None:
            _parents.append(self._release)
        else:
            with suppress(OSError):
                os.close(self._file)
        self._file, self._release = None, lambda: None


def lock_file(path: Path) -> Any:
    """Return a lock on *path* that is not taken yet."""
    from filelock import FileLock

    return FileLock(path, thread_local=False)


def _waited_for(path: Path) -> Callable[[], object]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = lock_file(path)
    lock.acquire(timeout=_PATIENCE)
    return partial(lock.release)


def _locked_anew(path: Path) -> int | None:
    """Return the open file *path*, made and locked; None where there is one already, or no such lock here."""
    try:
        import fcntl  # not everywhere
    except ImportError:
        return None
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        file = os.open(path, flags, 0o600)
    except FileExistsError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(file).st_nlink:
            return file
        # Somebody has just seen it, taken it for abandoned and removed it.
    except OSError as failure:
        if failure.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
            # No such locks here. The library would take our file for another's mark.
            with suppress(OSError):
                path.unlink()
    os.close(file)
    return None


def _unlock(file: int) -> None:
    import fcntl

    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_UN)  # for copies in children, too
    with suppress(OSError):
        os.close(file)
