"""The points of one metric: its curve, what it comes to, and the values one by one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC

from jupyter_mlops.records.run import MetricPoint
from jupyter_mlops.render.blocks import Block, Column, Series, Sparks, Table, Title
from jupyter_mlops.render.figures import named
from jupyter_mlops.render.words import counted, number

__all__ = ["points_blocks"]

_ENDS = 100  # rows from the beginning, and as many from the end


def points_blocks(points: Sequence[MetricPoint], total: int) -> Iterator[Block]:
    """The curve of a metric above its points; of very many, those at its ends."""
    yield Title(counted(total, "point"))
    # A loop that gave no step logged them all at 0: then their order is what lies below the curve.
    stepped = len({point.step for point in points}) > 1
    curve = tuple(
        (float(point.step if stepped else place), point.value) for place, point in enumerate(points)
    )
    values = [value for _, value in curve if math.isfinite(value)]
    if len(values) > 1:
        text = (
            f"last {number(points[-1].value)} · lowest {number(min(values))} · highest {number(max(values))}"
        )
        yield Sparks((Series(named(points[0].key), curve, text),))
    head = Column("step" if stepped else "#", numeric=True)
    rows = [_row(point, stepped=stepped) for point in points]
    left = len(rows) - 2 * _ENDS
    if left > 0:
        rows[_ENDS:-_ENDS] = [("…", "…", "…")]
    yield Table(
        (head, Column("value", numeric=True), Column("time")),
        tuple(rows),
        note=f"{left:,} points between them are not shown; --json tells them all" if left > 0 else "",
    )


def _row(point: MetricPoint, *, stepped: bool) -> tuple[str, str, str]:
    at = f"{point.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return f"{point.step if stepped else point.sequence:,}", number(point.value), at
