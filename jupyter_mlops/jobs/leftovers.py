"""Processes that a job's cells started, found by what they inherited, and ended: nothing runs on behind a job.

A cell may start a process that leaves its kernel's tree, its group and its session. What it does not leave behind is
its environment: the job's run is named there. So three signs are looked for: descent from the kernel, the kernel's
session, and the name in the environment a process was started with.

Run as a program it is a job's *warden*: it waits until the worker that started it has ended, however that came about,
and then ends whatever the job left. It imports nothing of ours, so that it is up at once.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

__all__ = ["LINUX", "MARK", "Kernel", "end_leftovers", "kernel_process", "leftovers", "main"]

Kernel = tuple[int, int]  # a process's number, and when it began
_Process = tuple[int, int, int, int]  # number, parent's, session's (0: that cannot be told), when it began

MARK = "JUPYTER_MLOPS_RUN"  # in the environment of a job's kernel and of all it starts
_ROUNDS = 20  # a process may start others while it is ended
_PAUSE = 0.02  # seconds between two rounds
LINUX = sys.platform.startswith("linux")


def end_leftovers(run: str, kernel: Kernel | None = None) -> int:
    """Kill the processes that a job's *run* has left on this machine; return how many there were.

    Parameters
    ----------
    run
        The run's id, as it stands in their environment.
    kernel
        The kernel's process, where it is known: it, its descendants and its session are ended too.
    """
    ended: set[int] = set()
    for _ in range(_ROUNDS):
        found = set(leftovers(run, kernel))
        for pid in found:
            with suppress(OSError):
                os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        if not found:
            break
        ended |= found
        time.sleep(_PAUSE)
    return len(ended)


def leftovers(run: str, kernel: Kernel | None = None) -> Iterator[int]:
    """Yield the processes of a job that live, its kernel among them; with no *run*, those of its kernel alone."""
    processes = list(_seen())
    number = _number_of(kernel, processes)
    family = {number} - {0}
    while more := {pid for pid, parent, _, _ in processes if parent in family} - family:
        family |= more
    mark = f"{MARK}={run}".encode()
    for pid, _, session, _ in processes:
        if pid != os.getpid() and (
            pid in family or (number and session == number) or (run and mark in _environment(pid))
        ):
            yield pid


def _number_of(kernel: Kernel | None, processes: Iterable[_Process]) -> int:
    """Return the kernel's number; 0 where another process has it by now.

    A number is not given away while the session that is called by it has processes.
    """
    if kernel is None:
        return 0
    reused = any(pid == kernel[0] and began != kernel[1] for pid, _, _, began in processes)
    return 0 if reused else kernel[0]


def kernel_process(pid: int) -> Kernel:
    """Return what tells the living process *pid* from all others that have or will have its number."""
    return pid, next((began for number, _, _, began in _seen() if number == pid), 0)


def _seen() -> Iterable[_Process]:
    return _seen_on_linux() if LINUX else _seen_elsewhere()


def _seen_on_linux() -> Iterator[_Process]:
    for place in Path("/proc").iterdir():
        if not place.name.isdigit():
            continue
        try:
            # proc(5): the name in brackets may hold anything; then state, parent, group, session, … 22: the start.
            fields = (place / "stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        if fields[0] not in {b"Z", b"X"}:
            yield int(place.name), int(fields[1]), int(fields[3]), int(fields[19])


def _seen_elsewhere() -> Iterator[_Process]:
    import psutil

    for process in psutil.process_iter(["pid", "ppid", "status", "create_time"]):
        told = process.info
        if told["status"] != psutil.STATUS_ZOMBIE:
            yield told["pid"], told["ppid"] or 0, 0, int(told["create_time"] or 0)


def _environment(pid: int) -> list[bytes]:
    """Return the environment that a process was started with; nothing of one that this account may not look at."""
    if LINUX:
        try:
            return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return []
    import psutil

    try:
        return [f"{name}={value}".encode() for name, value in psutil.Process(pid).environ().items()]
    except (psutil.Error, OSError):
        return []


def main() -> None:
    """Wait for the end of standard input, whose other end the worker holds; then end what its jobs have left.

    Each line names a job's run and, once that is known, its kernel's process and that one's start; an empty line says
    that all is well, and that nothing needs to be ended.
    """
    words: list[str] = []
    for line in sys.stdin:
        words = line.split()
    if words:
        kernel = (int(words[1]), int(words[2])) if len(words) > 2 else None  # noqa: PLR2004
        end_leftovers(words[0], kernel)


if __name__ == "__main__":
    main()
