"""What compared runs differ in, as axes to draw along: numbers where there are numbers, words in a row where not."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.render.blocks import Axis
from jupyter_mlops.render.figures import named
from jupyter_mlops.render.parameters import whole
from jupyter_mlops.render.sparks import share
from jupyter_mlops.render.words import DASH, number, value

__all__ = ["axes_of"]

_NAME = 24  # characters of a value at the end of an axis


def axes_of(comparison: RunComparison) -> tuple[list[Axis], list[Axis]]:
    """Return the axes of the parameters and those of the metrics that are not the same in all runs.

    Where only one thing differs, what is the same is there, too: a line needs two axes.
    """
    params = [_axis(row.name, row.values, lambda item: value(item, _NAME)) for row in comparison.params]
    metrics = [_axis(named(row.name), row.values, _figure) for row in comparison.metrics]
    there = ([axis for axis in params if axis], [axis for axis in metrics if axis])
    differing = (_differing(there[0]), _differing(there[1]))
    return differing if sum(map(len, differing)) > 1 else there


def _differing(axes: Sequence[Axis]) -> list[Axis]:
    return [axis for axis in axes if len({*axis.places} - {None}) > 1]


def _figure(item: object) -> str:
    return number(float(item)) if isinstance(item, (int, float)) else DASH


def _axis(name: str, values: Sequence[object], say: Callable[[object], str]) -> Axis | None:
    """Return the axis of *values*; None where nothing of them can be placed, as of infinite numbers alone."""
    there = [item for item in values if item is not None]
    numeric = all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in there)
    words = sorted({whole(item) for item in there})

    def place(item: object) -> float | None:
        if item is None:
            return None
        found = _as_float(item) if numeric else float(words.index(whole(item)))
        return found if math.isfinite(found) else None

    places = [place(item) for item in values]
    known = {at: item for at, item in zip(places, values, strict=True) if at is not None}
    if not known:
        return None
    low, high = min(known), max(known)
    return Axis(
        name=name,
        places=tuple(None if at is None else share(at, low, high) for at in places),
        said=tuple(DASH if item is None else say(item) for item in values),
        least=say(known[low]),
        greatest=say(known[high]),
    )


def _as_float(item: object) -> float:
    try:
        return float(item)  # type: ignore[arg-type]
    except OverflowError:  # an int of more digits than a float has room for
        return math.inf
