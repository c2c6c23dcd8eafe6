"""The notebook that a command executes (papermill's, nbconvert's, nbclient's), which tells its kernel nothing of it: read off the command itself."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

__all__ = ["is_executed", "notebook_of_command", "notebook_of_parent"]

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
_ENDINGS = (".exe", "-script.py", "")
_PAPERMILL = frozenset(f"papermill{ending}" for ending in _ENDINGS)
_OTHERS = frozenset(
    f"{name}{ending}" for name in ("jupyter-nbconvert", "nbconvert", "jupyter-execute") for ending in _ENDINGS
)
_OUTPUT = "--output"


def is_executed(shell: Any) -> bool:
    """Tell whether the cell that runs now was sent by a program that executes notebooks: nobody can type there, and it names no cell.

    It hears what comes under the request of the cell that it executes, and nothing else.
    """
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    typed = parent.get("content", {}).get("allow_stdin") is not False
    return not typed and not isinstance(parent.get("metadata", {}).get("cellId"), str)


@lru_cache(maxsize=1)
def notebook_of_parent() -> Path | None:
    """Return the notebook that the process which started this one was told to execute; None where it is no such command."""
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
    """Return the notebook that the command line *words* executes; None where it names none, or several, or another program runs."""
    program, left = _program(words)
    if program in _PAPERMILL:
        return _first_of_papermill(iter(left))
    return _only_one(left) if program in _OTHERS else None


def _first_of_papermill(left: Iterator[str]) -> str | None:
    for word in left:
        if word in _TWO:
            next(left, None)
        if word in _TWO or word in _ONE:
            next(left, None)
        elif not word.startswith("-"):
            return word if word.endswith(".ipynb") and "://" not in word else None
    return None


def _only_one(words: Sequence[str]) -> str | None:
    """Return the one notebook among *words* that is not told to be written; of several each has its turn, and nobody says whose it is."""
    named = [
        word
        for before, word in pairwise(["", *words])
        if word.endswith(".ipynb") and not word.startswith("-") and before != _OUTPUT
    ]
    return named[0] if len(named) == 1 and not set(named[0]) & set("*?[") else None


def _program(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the program that *words* run, also behind an interpreter with options of its own, and what it is told."""
    left = [*words]
    if left and Path(left[0]).name.startswith("python"):
        left.pop(0)
        while left and left[0].startswith("-"):
            option = left.pop(0)
            if option in _PYTHONS and left:
                left.pop(0)
    return (Path(left[0]).name, left[1:]) if left else ("", ())
