"""The fence around a job's kernel: what it may use, and that nothing of it stays behind.

Memory is measured, not reserved: limits on addresses (``RLIMIT_AS``) stop libraries that reserve far more than they
use, and control groups are seldom ours to make. So a kernel can hold more than its limit for the moment between two
looks. Processors are set by affinity, which threads and processes started later inherit.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

from jupyter_mlops.jobs import leftovers

__all__ = ["Fence", "thread_variables"]

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
# Read by numerical libraries when they make their threads: more of them than processors only get in each other's way.
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def thread_variables(cpus: float | None) -> dict[str, str]:
    """Return the variables that keep a kernel's numerical libraries to so many processors."""
    return {} if cpus is None else dict.fromkeys(_THREADS, str(_whole(cpus)))


def _whole(cpus: float) -> int:
    return max(1, int(cpus))


class Fence:
    """Holds the kernel of one run.

    Parameters
    ----------
    run
        The run's id, by which what the kernel starts is known.
    """

    def __init__(self, run: str) -> None:
        self._run = run
        self._kernel: leftovers.Kernel | None = None
        self._warden = _start_warden()
        self._say()

    def hold(self, kernel: int | None, cpus: float | None = None) -> None:
        """Take the process *kernel* in, and keep it to *cpus* processors.

        It must not have started threads of its own yet that count.
        """
        if kernel is None or (self._kernel and self._kernel[0] == kernel):
            return
        self._kernel = leftovers.kernel_process(kernel)
        self._say()
        if cpus is not None:
            _keep_to(kernel, _whole(cpus))

    def memory(self) -> int:
        """Return the bytes that the kernel and all it started hold for themselves: what they share counts for none."""
        return sum(_held(pid) for pid in leftovers.leftovers("", self._kernel)) if self._kernel else 0

    def end(self) -> None:
        """End the kernel and everything that it started, wherever it went."""
        leftovers.end_leftovers(self._run, self._kernel)

    def close(self) -> None:
        """End what is left, and let the warden go."""
        self.end()
        self._tell("\n")
        pipe = self._pipe()
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
            with suppress(subprocess.TimeoutExpired):
                self._warden.wait(timeout=5.0)  # type: ignore[union-attr]  # it has a pipe

    def _say(self) -> None:
        self._tell(" ".join(map(str, (self._run, *(self._kernel or ())))) + "\n")

    def _tell(self, line: str) -> None:
        pipe = self._pipe()
        if pipe is not None:
            with suppress(
                OSError, ValueError
            ):  # somebody ended the warden: whoever settles the job looks too
                pipe.write(line.encode())
                pipe.flush()

    def _pipe(self) -> IO[bytes] | None:
        return None if self._warden is None else self._warden.stdin


def _start_warden() -> subprocess.Popen[bytes] | None:
    # Without the site's packages it is up in a hundredth of a second; elsewhere it needs one of them.
    bare = ["-S"] if leftovers.LINUX else []
    try:
        return subprocess.Popen(
            [sys.executable, "-I", *bare, str(Path(leftovers.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # what ends the worker's group must not end who cleans up behind it
        )
    except OSError:
        return None  # the machine is full: the job may run all the same, and settling it cleans up


def _keep_to(kernel: int, cpus: int) -> None:
    """Bind every thread of *kernel* to *cpus* processors, those that the fewest processes are bound to."""
    if not hasattr(os, "sched_setaffinity"):
        return  # this system has no such thing; the variables for threads still count
    with suppress(OSError):
        allowed = os.sched_getaffinity(0)
        if cpus >= len(allowed):
            return
        bound = _bound(allowed)
        chosen = sorted(allowed, key=lambda cpu: (bound[cpu], cpu))[:cpus]
        for thread in Path(f"/proc/{kernel}/task").iterdir():
            with suppress(OSError):
                os.sched_setaffinity(int(thread.name), chosen)


def _bound(allowed: set[int]) -> dict[int, int]:
    """Return for each processor how many processes are bound to it and not to all of them."""
    counts = dict.fromkeys(allowed, 0)
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with suppress(OSError):
                theirs = os.sched_getaffinity(int(place.name)) & allowed
                # The system's own threads, one for each processor, belong to no group.
                if len(theirs) < len(allowed) and os.getpgid(int(place.name)):
                    for cpu in theirs:
                        counts[cpu] += 1
    return counts


def _held(pid: int) -> int:
    if leftovers.LINUX:
        try:
            resident, shared = Path(f"/proc/{pid}/statm").read_text().split()[1:3]
        except OSError:
            return 0
        return (int(resident) - int(shared)) * _PAGE
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
