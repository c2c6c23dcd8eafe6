"""How runs went: in a drawing no larger than a word, run by run, and several runs in one picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from jupyter_mlops.records.run import RunCurve
from jupyter_mlops.render.blocks import Block, Column, Overlay, Series, Table, Title
from jupyter_mlops.render.figures import named
from jupyter_mlops.render.words import counted, number

__all__ = ["curves_blocks", "overlays", "spark"]


def curves_blocks(curves: Sequence[RunCurve], total: int) -> Iterator[Block]:
    """One curve a row, with the numbers it runs between."""
    yield Title(counted(total, "curve"))
    columns = (
        Column("run"),
        Column("metric"),
        Column("curve"),
        *(Column(name, numeric=True) for name in ("first", "last", "lowest", "highest", "points")),
    )
    yield Table(columns, tuple((curve.run[-6:], *_row(curve)) for curve in curves))


def _row(curve: RunCurve) -> tuple[str | Series, ...]:
    known = [value for value in curve.values if math.isfinite(value)]
    ends = (curve.values[0], curve.values[-1]) if curve.values else (None, None)
    reach = (min(known), max(known)) if known else (None, None)
    return (named(curve.key), spark(curve), *(number(value) for value in (*ends, *reach)), f"{curve.count:,}")


def spark(curve: RunCurve, *, called: bool = False) -> Series:
    """Return the drawing; *called*: with the metric's name beside it."""
    said = _said(curve)
    points = _points(curve, stepped=_is_stepped([curve]))
    return Series(curve.key if called else "", points, said if called else f"{curve.key} {said}")


def overlays(curves: Sequence[RunCurve], names: Mapping[str, str]) -> Iterator[Overlay]:
    """Return a picture a metric, a line for each run of *names*, which are called by its ids."""
    for key in dict.fromkeys(curve.key for curve in curves):
        own = {curve.run: curve for curve in curves if curve.key == key and curve.run in names}
        stepped = _is_stepped(own.values())
        lines = tuple(
            Series(name, _points(own[run], stepped=stepped), _said(own[run]))
            if run in own
            else Series(name, (), "")
            for run, name in names.items()
        )
        there = [point for line in lines for point in line.points if math.isfinite(point[1])]
        if len(there) > 1:
            xs, ys = [x for x, _ in there], [y for _, y in there]
            ends = (f"step {number(min(xs))}", number(max(xs)))
            yield Overlay(
                named(key),
                lines,
                ends if stepped else ("in the order they were logged", ""),
                (number(min(ys)), number(max(ys))),
            )


def _is_stepped(curves: Iterable[RunCurve]) -> bool:
    """A loop that gave no step logged them all at 0: then their order is what lies below the curve."""
    return any(len(set(curve.steps)) > 1 for curve in curves)


def _points(curve: RunCurve, *, stepped: bool) -> tuple[tuple[float, float], ...]:
    """Over their steps; else over their places among all points, of which these are some."""
    apart = (curve.count - 1) / max(1, len(curve.values) - 1)
    return tuple(
        (float(step) if stepped else place * apart, value)
        for place, (step, value) in enumerate(zip(curve.steps, curve.values, strict=True))
    )


def _said(curve: RunCurve) -> str:
    ends = " → ".join(number(value) for value in (*curve.values[:1], *curve.values[-1:]))
    return f"{ends} in {counted(curve.count, 'point')}"
