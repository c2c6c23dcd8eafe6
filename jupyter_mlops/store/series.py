"""What a series comes to: metric points added up, cells in the order they ran.

Both adapters count with these, so that they cannot disagree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jupyter_mlops.records.condition import Part
from jupyter_mlops.records.run import MetricSummary
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.store.curves import Curve

__all__ = ["Tally", "in_execution_order", "part_of", "tally"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Points of one metric of one owner, added up.

    ``last`` is the value with the highest sequence: what was logged last, whatever step it was given. A value
    that is not a number is counted and may be the last, but enters neither extremes nor mean.
    """

    last: float
    sequence: int  # of the last
    step: int  # of the last
    minimum: float = math.inf
    maximum: float = -math.inf
    total: float = 0.0
    numbers: int = 0  # points that are numbers
    count: int = 0

    def plus(self, other: Tally) -> Tally:
        """Return both together."""
        last = self if self.sequence >= other.sequence else other
        return Tally(
            last=last.last,
            sequence=last.sequence,
            step=last.step,
            minimum=min(self.minimum, other.minimum),
            maximum=max(self.maximum, other.maximum),
            total=self.total + other.total,
            numbers=self.numbers + other.numbers,
            count=self.count + other.count,
        )

    def summary(self) -> MetricSummary:
        """Return what a reader gets."""
        known = self.numbers > 0
        return MetricSummary(
            last=self.last,
            step=self.step,
            minimum=self.minimum if known else math.nan,
            maximum=self.maximum if known else math.nan,
            mean=self.total / self.numbers if known else math.nan,
            count=self.count,
        )


def part_of(summary: MetricSummary, part: Part) -> float:
    """Return one of the numbers that a metric's points come to; ``BEST`` is settled before it gets here."""
    found = {
        Part.MINIMUM: summary.minimum,
        Part.MAXIMUM: summary.maximum,
        Part.MEAN: summary.mean,
        Part.COUNT: float(summary.count),
    }
    return found.get(part, summary.last)


def tally(curve: Curve) -> Tally:
    """Add up the points of *curve*, which holds one at least."""
    import numpy as np

    at = int(curve.sequences.argmax())
    numbers = curve.values[~np.isnan(curve.values)]
    known = len(numbers) > 0
    with np.errstate(
        all="ignore"
    ):  # opposite infinities come to no number, and that is said by the sum itself
        total = float(numbers.sum())
    return Tally(
        last=float(curve.values[at]),
        sequence=int(curve.sequences[at]),
        step=int(curve.steps[at]),
        minimum=float(numbers.min()) if known else math.inf,
        maximum=float(numbers.max()) if known else -math.inf,
        total=total,
        numbers=len(numbers),
        count=len(curve),
    )


def in_execution_order(cells: Sequence[CellExecution]) -> tuple[CellExecution, ...]:
    """Order *cells* by sequence; of several sessions, the one that began first comes first."""
    began: dict[str, datetime] = {}
    for cell in cells:
        began[cell.session] = min(began.get(cell.session, cell.started), cell.started)
    return tuple(sorted(cells, key=lambda cell: (began[cell.session], cell.session, cell.sequence)))
