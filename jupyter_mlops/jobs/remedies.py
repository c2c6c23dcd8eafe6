"""What helps when a cell fails: one sentence for the failures everybody meets."""

from __future__ import annotations

import re
import signal

from jupyter_mlops.records.job import JobError
from jupyter_mlops.records.retry import FailureClass

__all__ = ["kernel_error", "plain_traceback", "remedy_for"]

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_MODULE = re.compile(r"No module named '([\w.]+)'")
_PATH = re.compile(r"No such file or directory: (.+)$")
_NAME = re.compile(r"name '(\w+)' is not defined")
_LONGEST_TRACEBACK = 20_000  # characters, the end of it


def plain_traceback(text: str) -> str:
    """Return a traceback without colours, and no more of it than anybody reads."""
    return _ANSI.sub("", text)[-_LONGEST_TRACEBACK:]


def remedy_for(kind: str, message: str) -> str:
    """Return the next step for an exception of class *kind*; empty where there is nothing general to say."""
    if kind in {"ModuleNotFoundError", "ImportError"} and (found := _MODULE.search(message)):
        return f"Install {found[1].split('.')[0]!r} into the environment the job runs in, or import something else."
    if kind == "FileNotFoundError":
        found = _PATH.search(message)
        what = found[1] if found else "the file"
        return f"Check {what}: relative paths count from the notebook's folder, unless the job was given another."
    if kind == "NameError" and (found := _NAME.search(message)):
        return f"Define {found[1]!r} in a cell above: a job runs the notebook once, from top to bottom."
    return _REMEDIES.get(kind, "")


_REMEDIES = {
    "MemoryError": "Load less data at a time, or run the job on a machine with more memory.",
    "KeyboardInterrupt": "The kernel was interrupted from outside.",
    "PermissionError": "Check who owns the file, and whether the job's account may use it.",
    "StdinNotImplementedError": "A job has nobody to ask: turn input() into a parameter.",
    "SystemExit": "The notebook ended itself with an exit code; sys.exit(0) ends a job with success.",
}


def kernel_error(code: int | None, *, short_of_memory: bool = False) -> JobError:
    """Return the error of a kernel that ended with exit *code* (negative: a signal).

    Parameters
    ----------
    short_of_memory
        The machine has killed processes for want of memory since the job began.
    """
    message, remedy, failure = _why_kernel_died(code, short_of_memory)
    return JobError(kind="kernel_died", message=message, remedy=remedy, failure=failure)


def _why_kernel_died(code: int | None, short_of_memory: bool) -> tuple[str, str, FailureClass]:
    if code is None:
        return (
            "the kernel stopped answering",
            "Look into the worker's log, then run the job again.",
            FailureClass.INFRASTRUCTURE,
        )
    if code >= 0:
        return (
            f"the kernel ended itself with exit code {code}",
            "Look for os._exit, exit() or a crashing library in the cell.",
            FailureClass.NOTEBOOK,
        )
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    if name != "SIGKILL":
        return (
            f"the kernel crashed ({name})",
            "A compiled library failed: update it, or try the cell by itself.",
            FailureClass.NOTEBOOK,
        )
    if short_of_memory:
        return (
            "the machine ran out of memory and killed the kernel (SIGKILL)",
            "Load less data at a time, run fewer jobs at once, or use a larger machine.",
            FailureClass.OUT_OF_MEMORY,
        )
    return (
        "the kernel was killed (SIGKILL)",
        "Most often the machine ran out of memory: load less data at a time, or use a larger machine.",
        FailureClass.INFRASTRUCTURE,
    )
