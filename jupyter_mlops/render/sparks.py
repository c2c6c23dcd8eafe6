"""Small curves: as characters where there is only text, as a path where there is a drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["as_characters", "as_path", "share"]

_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 12  # characters
_EDGE = 3.0  # around a drawing, so that no line is cut

Points = Sequence[tuple[float, float]]


def _finite(points: Points) -> list[tuple[float, float]]:
    """Return what can be drawn, from left to right."""
    return sorted((x, y) for x, y in points if math.isfinite(y))


def as_characters(points: Points) -> str:
    """Return the heights of *points* as at most 12 bars; what is not a number is left out."""
    heights = [y for _, y in _finite(points)]
    if not heights:
        return ""
    step = max(1.0, len(heights) / _WIDTH)
    # The last bar is the last value.
    picked = [
        heights[min(len(heights) - 1, round((k + 1) * step) - 1)] for k in range(min(_WIDTH, len(heights)))
    ]
    low, high = min(picked), max(picked)
    if high == low:
        return _BARS[3] * len(picked)
    return "".join(_BARS[round(share(y, low, high) * (len(_BARS) - 1))] for y in picked)


def as_path(points: Points, width: float, height: float) -> tuple[str, tuple[float, float]]:
    """Return the ``d`` of a line through *points* in a box of *width* by *height*, and where it ends."""
    finite = _finite(points)
    if not finite:
        return "", (0.0, 0.0)
    xs, ys = [x for x, _ in finite], [y for _, y in finite]
    places = [
        (_scaled(x, xs, _EDGE, width - _EDGE), _scaled(y, ys, height - _EDGE, _EDGE)) for x, y in finite
    ]
    thin = max(1, math.ceil(len(places) / width))
    kept = places[::thin]
    if kept[-1] != places[-1]:
        kept.append(places[-1])
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept), kept[-1]


def _scaled(value: float, among: Sequence[float], first: float, last: float) -> float:
    low, high = min(among), max(among)
    return round(first + share(value, low, high) * (last - first), 1)


def share(value: float, low: float, high: float) -> float:
    """Return how far *value* lies between; in halves where the whole of it is more than a float takes."""
    if high == low:
        return 0.5
    if math.isinf(high - low):
        value, low, high = value / 2, low / 2, high / 2
    return (value - low) / (high - low)
