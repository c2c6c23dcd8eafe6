"""Which process holds a run or job, and whether it is gone."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from jupyter_mlops.records.run import Lease

__all__ = ["holder_gone", "host", "renewed", "take_lease"]

_UNTOLD = 0.0  # the start of a process that this account may not look at
_BOOTS, _APART = 10**6, 1e8  # starts of the machine that are told apart, and the seconds each may last
_BOOTS_HAVE_NAMES = Path("/proc/sys/kernel/random/boot_id").exists()
_DEAD = frozenset("ZX")  # ended, and nobody has asked how yet
_SAME_PROCESS = 2.0  # seconds two readings of one process's start may differ by


@cache
def host() -> str:
    """Return what tells this machine from others: its name and, in a container, the process namespace."""
    name = socket.gethostname()
    with suppress(OSError):
        # Two containers may share a name and a store, but not their process numbers.
        return f"{name}/{Path('/proc/self/ns/pid').readlink()}"
    return name


def take_lease(now: datetime, seconds: float) -> Lease:
    """Return a lease of this process until *seconds* from *now*."""
    return Lease(
        host=host(),
        pid=os.getpid(),
        process_started=_own_start(os.getpid()),
        until=now + timedelta(seconds=seconds),
        kernel=_kernel(),
    )


def _kernel() -> str | None:
    """Return what the server calls the kernel of this process; None where it is none.

    A server names the connection file after it; under another name, as a job has it, the kernel's own session tells.
    """
    application = getattr(sys.modules.get("ipykernel.kernelapp"), "IPKernelApp", None)
    with suppress(Exception):  # a kernel of somebody else's making must not keep a run from its lease
        if application is not None and application.initialized():
            running = application.instance()
            head, _, name = Path(running.connection_file).stem.partition("kernel-")
            return name if name and not head else str(running.session.session)
    return None


_own: dict[int, float] = {}  # a forked child has another number


def _own_start(pid: int) -> float:
    if pid not in _own:
        found = _started(pid) or _UNTOLD
        if found == _UNTOLD:
            return found  # the next time it may be told
        _own[pid] = found
    return _own[pid]


def renewed(lease: Lease, now: datetime, seconds: float) -> Lease:
    """Return the same lease, longer."""
    return replace(lease, until=now + timedelta(seconds=seconds))


def holder_gone(lease: Lease, now: datetime) -> bool:
    """Tell whether the process behind *lease* is gone.

    On this host that is looked up, so a process that starves is never called gone; of another host, and of a process
    that this account may not look at, it is believed once the lease has run out.
    """
    if lease.host != host():
        return now > lease.until
    started = _started(lease.pid)
    if started is None:
        return True
    if _UNTOLD in {started, lease.process_started}:
        return now > lease.until
    return abs(started - lease.process_started) > _SAME_PROCESS


@cache
def _boot() -> int:
    """Return a number for this start of the machine. ``OSError`` where it cannot be read now; that is not kept."""
    return int(Path("/proc/sys/kernel/random/boot_id").read_text()[:8], 16) % _BOOTS


def _started(pid: int) -> float | None:
    """Return what tells this process from all that had its number before; None where it has ended.

    On Linux counted from the start of the machine (proc(5), field 22), which the clock has no part in: it may be
    set while a kernel runs, and a laptop's is after each sleep. Elsewhere in seconds since the epoch.
    """
    if not _BOOTS_HAVE_NAMES:
        return _created(pid)
    try:
        # The name in brackets may hold anything, brackets included.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return None if fields[0] in _DEAD else _boot() * _APART + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (FileNotFoundError, ProcessLookupError):
        return _UNTOLD if _answers(pid) else None  # some systems hide the processes of other accounts
    except OSError:  # out of file descriptors, say: that somebody cannot look does not make another one dead
        return _UNTOLD


def _answers(pid: int) -> bool:
    """Tell whether there is a process of that number, whosever it is."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _created(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied:
        return _UNTOLD
