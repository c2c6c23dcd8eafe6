"""Who asks, through which door, and how far that is known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Actor", "Door"]


class Door(StrEnum):
    """The way a request came in."""

    PYTHON = "python"
    NOTEBOOK = "notebook"
    SHELL = "shell"
    SERVER = "server"
    JOB = "job"
    AUTOMATION = "automation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who acts.

    ``authenticated`` is true only where a server knew the person by more than a shared token; a kernel or a
    shell speaks with the name of its operating-system account and proves nothing.
    """

    name: str
    via: Door = Door.PYTHON
    authenticated: bool = False
