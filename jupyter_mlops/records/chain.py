"""What the ledger says about itself: whether its chain is whole, and what pointed where at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jupyter_mlops.records.frozen import freeze_mappings

__all__ = ["ChainReport", "Head", "State"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last event of the ledger. Kept elsewhere, it proves that nothing was cut off behind it."""

    sequence: int
    digest: str
    at: datetime | None = None  # None: the ledger is empty


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """The chain, recomputed. ``first_bad`` is the sequence of the first line that does not hold."""

    ok: bool
    events: int  # read before the end or the first bad line
    head: str  # digest of the last good event; 64 zeros for an empty ledger
    first_bad: int | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()  # what is odd and proves nothing, such as a clock that went backwards


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Which version each alias pointed at, at a moment, rebuilt from the ledger."""

    at: datetime
    sequence: int  # of the last event taken into account
    aliases: Mapping[str, int] = field(default_factory=dict)  # name@alias to version
    reviews: Mapping[str, str] = field(default_factory=dict)  # name@alias to the review that moved it

    def __post_init__(self) -> None:
        freeze_mappings(self, "aliases", "reviews")
