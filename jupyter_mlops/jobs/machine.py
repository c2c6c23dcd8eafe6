"""What this machine can give to jobs: processors, memory, accelerators."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jupyter_mlops.jobs.limits import read_size
from jupyter_mlops.records.job import JobSpec
from jupyter_mlops.settings import Settings

__all__ = ["Room", "needs", "room_here"]

_DEVICES = Path("/dev")
_NVIDIA = re.compile(r"nvidia\d+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """An amount of a machine: what it has, what a job needs, or what is left."""

    cpus: float = 0.0
    memory: int = 0  # bytes
    gpus: int = 0

    def __sub__(self, other: Room) -> Room:
        return Room(
            cpus=self.cpus - other.cpus, memory=self.memory - other.memory, gpus=self.gpus - other.gpus
        )

    def lacks(self, other: Room) -> str:
        """Return what of *other* does not fit in, in words; empty where all of it does."""
        if other.gpus and other.gpus > self.gpus:
            return _too_few("GPU", other.gpus, max(self.gpus, 0))
        if other.memory and other.memory > self.memory:
            return f"{other.memory / 1e6:,.0f} MB of memory ({max(self.memory, 0) / 1e6:,.0f} are free)"
        if other.cpus and other.cpus > self.cpus:
            return _too_few("processor", other.cpus, max(self.cpus, 0))
        return ""


def _too_few(what: str, wanted: float, free: float) -> str:
    return f"{wanted:g} {what}{'' if wanted == 1 else 's'} ({free:g} {'is' if free == 1 else 'are'} free)"


def needs(spec: JobSpec) -> Room:
    """Return what a job takes up while it runs. One that says nothing takes no room: the number of workers bounds those.

    Nor does a sweep: what is said there is what each of its trials takes.
    """
    if spec.sweep is not None:
        return Room()
    return Room(cpus=spec.cpus or 0.0, memory=spec.memory or 0, gpus=spec.gpus)


def room_here(settings: Settings) -> Room:
    """Return what this machine has for jobs: as the settings say, else all of it."""
    return Room(
        cpus=settings.job_cpus if settings.job_cpus is not None else float(_processors()),
        memory=read_size(settings.job_memory, "job_memory") if settings.job_memory else _memory(),
        gpus=settings.job_gpus if settings.job_gpus is not None else _accelerators(),
    )


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _memory() -> int:
    import psutil

    return int(psutil.virtual_memory().total)


def _accelerators() -> int:
    try:
        return sum(_NVIDIA.match(each.name) is not None for each in _DEVICES.iterdir())
    except OSError:
        return 0
