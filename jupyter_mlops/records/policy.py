"""What a model's approval takes, in its owner's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from jupyter_mlops.records.frozen import freeze_mappings
from jupyter_mlops.records.run import Grade

__all__ = ["Direction", "Kpi", "Policy"]


class Direction(StrEnum):
    """Which way is better."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A metric that decides: its direction, how much worse it may be than the champion, an absolute bar."""

    metric: str
    direction: Direction
    margin: float = 0.0  # in the metric's unit, how much worse than the champion is still accepted
    bar: float | None = None  # absolute: at most (lower) or at least (higher)
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One model's rules. Where there is none: quorum 1, one's own approval allowed and labelled so."""

    model: str
    quorum: int = 1
    author_may_approve: bool = False
    protected: tuple[str, ...] = ("champion",)  # aliases only a review may move
    doors: tuple[str, ...] = ()  # which doors count; empty: all
    reviewers: tuple[str, ...] = ()  # who counts; empty: everybody
    minimum_grade: Grade | None = None
    kpis: tuple[Kpi, ...] = ()
    checks: Mapping[str, bool] = field(default_factory=dict)  # check name to required

    def __post_init__(self) -> None:
        freeze_mappings(self, "checks")
