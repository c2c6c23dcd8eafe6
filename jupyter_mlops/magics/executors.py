"""The notebook that papermill's command executes, which tells its kernel nothing of it: read off the command itself."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

__all__ = ["notebook_of_command", "notebook_of_parent"]

# Options of papermill's command that take a value, and how many; every other one takes none.
_TWO = frozenset({"-p", "--parameters", "-r", "--parameters_raw"})
_ONE = frozenset(
    [
        "-f",
        "--parameters_file",
        "-y",
        "--parameters_yaml",
        "-b",
        "--parameters_base64",
        "--engine",
        "--autosave-cell-every",
        "-k",
        "--kernel",
        "-l",
        "--language",
        "--cwd",
        "--stdout-file",
        "--stderr-file",
        "--log-level",
        "--start-timeout",
        "--start_timeout",
        "--execution-timeout",
    ]
)
_PYTHONS = frozenset({"-W", "-X"})
_PROGRAMS = frozenset({"papermill", "papermill.exe", "papermill-script.py"})


@lru_cache(maxsize=1)
def notebook_of_parent() -> Path | None:
    """Return the notebook that the process which started this one was told to execute; None where it is not papermill's command."""
    try:
        words, folder = _parent()
        named = notebook_of_command(words)
        return None if named is None else folder / named
    except Exception:  # noqa: BLE001 - a hook asks, and another account's process may not be looked at
        return None


def _parent() -> tuple[Sequence[str], Path]:
    """Return the command line and the working folder of the process that started this one."""
    place = Path(f"/proc/{os.getppid()}")
    if place.is_dir():  # without importing anything
        return place.joinpath("cmdline").read_bytes().decode().split("\0")[:-1], place.joinpath(
            "cwd"
        ).readlink()
    import psutil

    parent = psutil.Process(os.getppid())
    return parent.cmdline(), Path(parent.cwd())


def notebook_of_command(words: Sequence[str]) -> str | None:
    """Return the notebook that papermill's command line *words* names; None where it names none, or another program runs."""
    left = _behind_program(words)
    for word in left:
        if word in _TWO:
            next(left, None)
        if word in _TWO or word in _ONE:
            next(left, None)
        elif not word.startswith("-"):
            return word if word.endswith(".ipynb") and "://" not in word else None
    return None


def _behind_program(words: Sequence[str]) -> Iterator[str]:
    """Return the words behind ``papermill``, also behind an interpreter with options of its own; none for another program."""
    left = iter(words)
    word = next(left, "")
    if Path(word).name.startswith("python"):
        word = next(left, "")
        while word.startswith("-"):
            if word in _PYTHONS:
                next(left, None)
            word = next(left, "")
    return left if Path(word).name in _PROGRAMS else iter(())
