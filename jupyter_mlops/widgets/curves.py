"""Metrics over their steps, as many points as a picture has room for."""

from __future__ import annotations

import math

from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.run import SYSTEM, Run
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["curves_of", "overlaid"]

_MOST_CURVES = 8
_MOST_POINTS = 400  # more than a card has pixels for
_MOST_LINES = 5  # that can be told apart in one picture


def curves_of(ws: Workspace, run: Run) -> list[dict[str, object]]:
    """Return the metrics of *run* that were logged more than once: ``name`` and ``points`` of step and value.

    How busy the machine was is left out: it would take the room of what comes behind it by name.
    """
    with ws.store.read() as tx:
        logged = sorted(tx.metrics.summaries(run.id).items())
        often = [name for name, summary in logged if summary.count > 1 and not name.startswith(SYSTEM)]
        return [{"name": name, "points": _points(tx, run, name)} for name in often[:_MOST_CURVES]]


def overlaid(ws: Workspace, comparison: RunComparison) -> list[dict[str, object]]:
    """Return one picture a metric, one line a run, for the metrics that more than one of the runs logged often.

    Of more runs than can be told apart, those with the best figures, in the order of the comparison.
    """
    runs = _tellable(comparison)
    with ws.store.read() as tx:
        often = {
            run.id: {name for name, summary in tx.metrics.summaries(run.id).items() if summary.count > 1}
            for run in runs
        }
        names = [
            row.name for row in comparison.metrics if sum(row.name in found for found in often.values()) > 1
        ]
        return [
            {
                "name": name,
                "series": [
                    {
                        "name": run.name,
                        "points": _points(tx, run, name) if name in often[run.id] else [],
                    }
                    for run in runs
                ],
            }
            for name in names[:_MOST_CURVES]
        ]


def _tellable(comparison: RunComparison) -> list[Run]:
    judged = next((row for row in comparison.metrics if row.best is not None), None)
    if judged is None or len(comparison.runs) <= _MOST_LINES:
        return list(comparison.runs[:_MOST_LINES])
    sign = -1 if judged.direction is Direction.HIGHER else 1
    values = [math.inf if v is None or not math.isfinite(v) else sign * v for v in judged.values]
    best = sorted(range(len(values)), key=values.__getitem__)[:_MOST_LINES]
    return [comparison.runs[place] for place in sorted(best)]


def _points(tx: Transaction, run: Run, name: str) -> list[dict[str, float]]:
    """Return a curve thinned out by the store; what is not a number has no place on it."""
    points = tx.metrics.history(run.id, name, most=_MOST_POINTS)
    return [{"step": point.step, "value": point.value} for point in points if math.isfinite(point.value)]
