"""Which process holds a run or job, and whether it is gone."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from jupyter_mlops.records.run import Lease

__all__ = ["holder_gone", "host", "renewed", "take_lease"]

_UNTOLD = 0.0  # the start of a process that this account may not look at
_BOOTS, _APART = 10**6, 1e8  # starts of the machine that are told apart, and the seconds each may last
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
    )


@cache
def _own_start(pid: int) -> float:
    return _started(pid) or _UNTOLD


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
def _boot() -> int | None:
    """Return a number for this start of the machine; None where the system gives it no name."""
    with suppress(OSError, ValueError):
        return int(Path("/proc/sys/kernel/random/boot_id").read_text()[:8], 16) % _BOOTS
    return None


def _started(pid: int) -> float | None:
    """Return what tells this process from all that had its number before; None where it has ended.

    On Linux counted from the start of the machine (proc(5), field 22), which the clock has no part in: it may be
    set while a kernel runs, and a laptop's is after each sleep. Elsewhere in seconds since the epoch.
    """
    boot = _boot()
    if boot is not None:
        try:
            # The name in brackets may hold anything, brackets included.
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
            return None if fields[0] in _DEAD else boot * _APART + int(fields[19]) / os.sysconf("SC_CLK_TCK")
        except PermissionError:
            return _UNTOLD
        except OSError:
            return None
    return _created(pid)


def _created(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied:
        return _UNTOLD
