"""The portrait of a table, column by column: the ruler that training and live data are measured with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_mlops.records.frozen import freeze_mappings

__all__ = ["ColumnProfile", "Profile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """One column: numeric columns have moments and ``edges``/``counts``, others have ``top``."""

    name: str
    dtype: str
    kind: str  # numeric, boolean, category, text, datetime, other
    nulls: int = 0
    distinct: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    deviation: float | None = None  # standard deviation, population
    edges: tuple[float, ...] = ()  # k+1 bin edges, equal-mass over the data
    counts: tuple[int, ...] = ()  # k counts
    top: Mapping[str, int] = field(default_factory=dict)  # the most frequent values, at most 50

    def __post_init__(self) -> None:
        freeze_mappings(self, "top")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A table: its rows and the portrait of each column, in order."""

    rows: int
    columns: tuple[ColumnProfile, ...] = ()
