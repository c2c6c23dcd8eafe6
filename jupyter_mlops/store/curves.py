"""Metric points as columns: how journals say them and stores keep them, without one object for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from jupyter_mlops.records.run import MetricPoint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Real = NDArray[np.float64]

__all__ = ["Curve", "curves_of", "joined", "kept_step", "micros", "no_points", "thinned"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1  # a journal must not be stuck on one odd point


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Points of one metric of one run; the columns are equally long.

    What a store gives back is in rising order of the sequence, each once.
    """

    owner: str  # the run's id
    key: str
    sequences: Whole
    steps: Whole
    times: Whole  # microseconds since 1970, UTC
    values: Real

    def __len__(self) -> int:
        return len(self.sequences)

    def take(self, which: Any) -> Curve:
        """Return some of the points: *which* is a slice, a mask or places."""
        return Curve(
            self.owner,
            self.key,
            self.sequences[which],
            self.steps[which],
            self.times[which],
            self.values[which],
        )

    def points(self) -> list[MetricPoint]:
        """Return the points as records."""
        columns = (self.sequences, self.values, self.steps, self.times)
        return [
            MetricPoint(
                owner=self.owner,
                sequence=sequence,
                key=self.key,
                value=value,
                step=step,
                at=_EPOCH + time * _MICROSECOND,
            )
            for sequence, value, step, time in zip(*(c.tolist() for c in columns), strict=True)
        ]


def micros(moment: datetime) -> int:
    """Return a moment in microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def kept_step(step: int) -> int:
    """Return *step* as every store keeps it: a whole number that fits a database."""
    return min(max(int(step), _SMALLEST), _LARGEST)


def curves_of(points: Iterable[MetricPoint]) -> list[Curve]:
    """Return *points* as columns, one curve a metric of a run; of two with one sequence the first is kept."""
    import numpy as np

    first: dict[tuple[str, int], MetricPoint] = {}
    for point in points:
        first.setdefault((point.owner, point.sequence), point)
    grouped: dict[tuple[str, str], list[MetricPoint]] = {}
    for point in first.values():
        grouped.setdefault((point.owner, point.key), []).append(point)
    return [
        Curve(
            owner,
            key,
            np.array([point.sequence for point in some], np.int64),
            np.array([kept_step(point.step) for point in some], np.int64),
            np.array([micros(point.at) for point in some], np.int64),
            np.array([point.value for point in some], np.float64),
        )
        for (owner, key), some in grouped.items()
    ]


def no_points(owner: str, key: str) -> Curve:
    """Return a curve without points."""
    import numpy as np

    whole = np.empty(0, np.int64)
    return Curve(owner, key, whole, whole, whole, np.empty(0))


def joined(curves: Sequence[Curve]) -> Curve:
    """Return parts of one curve as one, in order; of two points with one sequence the first is kept."""
    import numpy as np

    one = curves[0]
    if len(curves) > 1:
        one = Curve(
            one.owner,
            one.key,
            np.concatenate([curve.sequences for curve in curves]),
            np.concatenate([curve.steps for curve in curves]),
            np.concatenate([curve.times for curve in curves]),
            np.concatenate([curve.values for curve in curves]),
        )
    if bool(np.all(one.sequences[1:] > one.sequences[:-1])):
        return one
    return one.take(np.unique(one.sequences, return_index=True)[1])


def thinned(curve: Curve, most: int) -> Curve:
    """Return at most *most* points that look like the whole: both ends, and of each stretch its extremes.

    Parameters
    ----------
    most
        At least 4, fewer are taken as 4. A stretch is as many points as make the whole fit; of each, the point with the least and
        the one with the greatest value are kept; of one without any number, its first.
    """
    import numpy as np

    most = max(most, 4)
    if len(curve) <= most:
        return curve
    inner = curve.values[1:-1]
    stretches = (most - 2) // 2
    edges = [len(inner) * place // stretches for place in range(stretches + 1)]
    missing = np.isnan(inner)
    low, high = np.where(missing, np.inf, inner), np.where(missing, -np.inf, inner)
    places = [0, len(curve) - 1]
    for start, end in pairwise(edges):
        places += [1 + start + int(low[start:end].argmin()), 1 + start + int(high[start:end].argmax())]
    return curve.take(np.unique(places))
