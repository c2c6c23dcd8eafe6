"""Why executions fail, by class, and how often and how soon each class is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["FailureClass", "NextTry", "RetryRule"]


class FailureClass(StrEnum):
    """What kind of trouble ended an execution; one that somebody cancelled has none."""

    INFRASTRUCTURE = "infrastructure"  # the worker, the machine, the store: nothing that the notebook did
    TIMEOUT = "timeout"  # a time limit
    OUT_OF_MEMORY = "out_of_memory"  # the kernel's limit, or the machine's
    NOTEBOOK = "notebook"  # a cell raised, or crashed its kernel


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRule:
    """How often a class of failure is tried again, and how long is waited before."""

    failure: FailureClass
    times: int  # at most, of this class
    wait: float = 10.0  # seconds before the first
    factor: float = 2.0  # by which each further wait is longer
    longest: float = 600.0  # seconds that no wait exceeds
    memory: float = 1.0  # factor on the memory limit of each further try; only where memory ran out

    def pause(self, before: int) -> float:
        """Return the seconds to wait when the class has been retried *before* times already."""
        return float(min(self.longest, self.wait * self.factor**before))


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTry:
    """When a job is tried again, and with which memory limit (bytes)."""

    at: datetime
    memory: int | None
