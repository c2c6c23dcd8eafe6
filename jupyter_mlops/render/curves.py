"""How runs went, in a drawing no larger than a word: beside a run in a table, and run by run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from jupyter_mlops.records.run import RunCurve
from jupyter_mlops.render.blocks import Block, Column, Series, Table, Title
from jupyter_mlops.render.figures import named
from jupyter_mlops.render.words import counted, number

__all__ = ["curves_blocks", "spark"]


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
    # A loop that gave no step logged them all at 0: then their order is what lies below the curve.
    stepped = len(set(curve.steps)) > 1
    points = tuple(
        (float(step if stepped else place), value)
        for place, (step, value) in enumerate(zip(curve.steps, curve.values, strict=True))
    )
    ends = " → ".join(number(value) for value in (*curve.values[:1], *curve.values[-1:]))
    said = f"{ends} in {counted(curve.count, 'point')}"
    return Series(curve.key if called else "", points, said if called else f"{curve.key} {said}")
