"""How right a deployment was, once the truth is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.frozen import freeze_mappings

__all__ = ["QualityReport"]


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport:
    """The metrics of the answers whose outcome is known; ``rows`` is how many those are."""

    deployment: str
    model: str
    version: int
    started: datetime | None = None  # of the first answer counted
    ended: datetime | None = None
    rows: int = 0
    answered: int = 0  # answers looked at, known outcome or not
    metrics: Mapping[str, float] = field(default_factory=dict)
    summary: str = ""

    def __post_init__(self) -> None:
        freeze_mappings(self, "metrics")
