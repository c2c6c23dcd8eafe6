"""The limits and retries that a job is submitted with, checked before anything starts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.retrying import MOST, read_rules
from jupyter_mlops.records.job import JobOptions
from jupyter_mlops.records.retry import RetryRule

__all__ = ["Limits", "check_limits", "read_size"]

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_LEAST_MEMORY = 64 * 1024 * 1024  # bytes; an idle kernel holds about as much
_LEAST_CPUS = 0.1
_MOST_GPUS = 64
_FARTHEST = 100  # points of priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the texts among the options come to."""

    memory: int | None  # bytes
    retry: tuple[RetryRule, ...]


def check_limits(options: JobOptions) -> Limits:
    """Check the limits and retries of *options* and read those that are texts.

    Raises
    ------
    Invalid
        One of them is out of bounds or cannot be read.
    """
    for limit in (options.timeout, options.cell_timeout):
        if limit is not None and not limit > 0:
            raise Invalid(
                f"a time limit of {limit} seconds would stop the job at once",
                remedy="Give a positive number.",
            )
    if not 0 <= options.retries <= MOST:
        raise Invalid(
            f"retries is {options.retries}; it must be between 0 and {MOST}",
            remedy=f"Give a number from 0 to {MOST}.",
        )
    if options.cpus is not None and not options.cpus >= _LEAST_CPUS:
        raise Invalid(
            f"cpus is {options.cpus}; with less than {_LEAST_CPUS} of a processor nothing gets on",
            remedy="Give the number of processors, such as 1 or 0.5.",
        )
    if not 0 <= options.gpus <= _MOST_GPUS:
        raise Invalid(
            f"gpus is {options.gpus}; it must be between 0 and {_MOST_GPUS}",
            remedy="Give the number it needs.",
        )
    if abs(options.priority) > _FARTHEST:
        raise Invalid(
            f"priority is {options.priority}; it must be between -{_FARTHEST} and {_FARTHEST}",
            remedy="Each point puts the job ten minutes forward in the queue.",
        )
    memory = None if options.memory is None else read_size(options.memory, "memory")
    if memory is not None and memory < _LEAST_MEMORY:
        raise Invalid(
            f"memory is {options.memory}; a kernel that does nothing needs {_LEAST_MEMORY // 2**20} MB",
            remedy="Give more, such as 2GB.",
        )
    return Limits(memory=memory, retry=read_rules(options.retry))


def read_size(text: str, name: str) -> int:
    """Read a size such as ``512MB``, ``1.5 GiB`` or ``2g`` in bytes: kB and so on count by 1,000, kiB and single letters by 1,024.

    Raises
    ------
    Invalid
        The text is no size.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise Invalid(f"{name} is {text[:40]!r}, which is no size", remedy="Such as 512MB, 2GB or 1.5GiB.")
    number, letter, binary = found[1], found[2].lower(), found[3]
    thousand = letter and not binary and text.strip().lower().endswith("b")
    return int(float(number) * (1_000 if thousand else 1_024) ** _POWERS[letter])
