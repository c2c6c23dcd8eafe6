"""What would make a failed job succeed, where that is known: said first, done when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jupyter_mlops.records.brief import brief

__all__ = ["Fix", "FixKind"]


class FixKind(StrEnum):
    """What kind of change helps."""

    NONE = "none"  # no safe one is known: the error's own next step says more
    RETRY = "retry"  # nothing that the notebook did: once more as it is
    MORE_MEMORY = "more_memory"
    MORE_TIME = "more_time"
    FOLDER = "folder"  # another working folder, in which what is missing is found
    INSTALL = "install"  # a package that the project itself asks for


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A remedy for one job."""

    job: str
    kind: FixKind
    what: str  # what went wrong, in a sentence
    steps: tuple[str, ...] = ()  # what is done, in order; nothing of it has been done unless ``applied``
    applied: bool = False
