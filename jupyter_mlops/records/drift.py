"""A live window against its reference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.review import Outcome

__all__ = ["ColumnDrift", "DriftReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDrift:
    """One column: the size of the shift, its adjusted p-value, and whether both say that it moved."""

    name: str
    statistic: str  # population_stability, kolmogorov_smirnov, chi_square
    effect: float
    p_value: float | None = None
    moved: bool = False
    summary: str = ""


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """What a window of live rows said against the training profile. PASSED: nothing moved; FAILED: something did."""

    id: str
    deployment: str
    model: str
    version: int
    started: datetime  # the window
    ended: datetime
    rows: int
    columns: tuple[ColumnDrift, ...] = ()
    verdict: Outcome = Outcome.UNKNOWN
    summary: str = ""
