"""What a series comes to: metric points added up, cells in the order they ran.

Both adapters count with these, so that they cannot disagree.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from jupyter_mlops.records.run import MetricPoint, MetricSummary
from jupyter_mlops.records.source import CellExecution

__all__ = ["Tally", "in_execution_order", "kept_point", "tally"]

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1  # a journal must not be stuck on one odd point


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


def kept_point(point: MetricPoint) -> MetricPoint:
    """Return *point* as every store keeps it: plain numbers, a step that fits a database."""
    step = min(max(int(point.step), _SMALLEST), _LARGEST)
    if type(point.value) is float and type(point.step) is int and step == point.step:
        return point
    return replace(point, value=float(point.value), step=step)


def tally(points: Iterable[MetricPoint]) -> dict[tuple[str, str], Tally]:
    """Add up *points* per owner and key."""
    grouped: dict[tuple[str, str], list[MetricPoint]] = {}
    for point in points:
        grouped.setdefault((point.owner, point.key), []).append(point)
    return {pair: _tally_of(some) for pair, some in grouped.items()}


def _tally_of(points: Sequence[MetricPoint]) -> Tally:
    last = max(points, key=attrgetter("sequence"))
    numbers = [point.value for point in points if not math.isnan(point.value)]
    return Tally(
        last=last.value,
        sequence=last.sequence,
        step=last.step,
        minimum=min(numbers, default=math.inf),
        maximum=max(numbers, default=-math.inf),
        total=sum(numbers),
        numbers=len(numbers),
        count=len(points),
    )


def in_execution_order(cells: Sequence[CellExecution]) -> tuple[CellExecution, ...]:
    """Order *cells* by sequence; of several sessions, the one that began first comes first."""
    began: dict[str, datetime] = {}
    for cell in cells:
        began[cell.session] = min(began.get(cell.session, cell.started), cell.started)
    return tuple(sorted(cells, key=lambda cell: (began[cell.session], cell.session, cell.sequence)))
