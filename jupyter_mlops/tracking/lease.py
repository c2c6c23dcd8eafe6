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


def _started(pid: int) -> float | None:
    """Return when the process began, in seconds since the epoch; None where it has ended."""
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied:
        return _UNTOLD
