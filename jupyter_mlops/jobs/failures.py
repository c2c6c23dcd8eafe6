"""Which class of failure an error is, from what it is called and how the kernel ended."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from jupyter_mlops.records.job import JobError, JobStatus
from jupyter_mlops.records.retry import FailureClass

__all__ = ["KILLED_FOR_MEMORY", "TERMINATED", "classified", "machine_kills"]

TERMINATED = "terminated"  # the kind of error of a worker that the system told to end
KILLED_FOR_MEMORY = "out_of_memory"  # the kind of error of a kernel that was ended since it held too much
_KINDS = {
    "timed_out": FailureClass.TIMEOUT,
    **dict.fromkeys(
        (KILLED_FOR_MEMORY, "MemoryError", "_ArrayMemoryError", "OutOfMemoryError"),
        FailureClass.OUT_OF_MEMORY,
    ),
    **dict.fromkeys(
        ("lost", "launcher_gone", "stuck", "output", "Unavailable", "TimeoutError"),
        FailureClass.INFRASTRUCTURE,
    ),
}
# What accelerators say when their own memory is full; the class of the exception is a general one.
_FULL = re.compile(r"out of memory|OOM when allocating|RESOURCE_EXHAUSTED|bad_alloc", re.IGNORECASE)
_VMSTAT = Path("/proc/vmstat")


def classified(status: JobStatus, error: JobError | None) -> JobError | None:
    """Return *error* with its class; one that somebody cancelled has none."""
    if error is None:
        return None
    if status is JobStatus.CANCELLED:
        # A machine that goes down tells its workers to end; nobody has asked for the job to stop.
        return replace(error, failure=FailureClass.INFRASTRUCTURE if error.kind == TERMINATED else None)
    return replace(error, failure=error.failure or _class_of(status, error))


def _class_of(status: JobStatus, error: JobError) -> FailureClass:
    if status is JobStatus.TIMED_OUT:
        return FailureClass.TIMEOUT
    if status is JobStatus.LOST:
        return FailureClass.INFRASTRUCTURE
    # An exception that a cell raised itself is the notebook's, however it is called.
    found = _KINDS.get(error.kind)
    if found is FailureClass.INFRASTRUCTURE and error.traceback:
        found = None
    if found is None and _FULL.search(f"{error.kind}: {error.message}"[-2_000:]):
        found = FailureClass.OUT_OF_MEMORY
    return found or FailureClass.NOTEBOOK


def machine_kills() -> int | None:
    """Return how many processes this machine has killed for want of memory since it started (Linux: ``oom_kill``).

    None where the system does not say.
    """
    try:
        text = _VMSTAT.read_text()
    except OSError:
        return None
    found = re.search(r"^oom_kill (\d+)$", text, re.MULTILINE)
    return int(found[1]) if found else None
