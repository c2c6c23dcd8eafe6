"""Metrics over their steps, as many points as a picture has room for; and the points between them when asked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.run import SYSTEM, MetricPoint, Run, RunCurve
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.tracking import metric_history, run_curves
from jupyter_mlops.widgets.base import RecordWidget
from jupyter_mlops.workspace import Workspace

__all__ = ["CurvesWidget", "curves_of", "overlaid", "still_curves"]

_MOST_CURVES = 8
_MOST_POINTS = 400  # more than a card has pixels for
_MOST_ASKED = 2_000  # of a stretch that somebody looks at closely
_MOST_LINES = 5  # that can be told apart in one picture
_STILL_POINTS = 100  # of a line that nobody looks at closely


class CurvesWidget(RecordWidget):
    """A widget with curves: it says the points between those it brought, when somebody looks closely."""

    actions: ClassVar[Mapping[str, str]] = {**RecordWidget.actions, "points": "on_points"}

    def on_points(self, asked: Mapping[str, object]) -> None:
        """Say the points of one stretch of a curve to whoever asked, by the number of the question."""
        self.answer(asked, "points", lambda: self._stretch(asked))

    def answer(self, asked: Mapping[str, object], name: str, find: Callable[[], object]) -> None:
        """Say what *find* returns, as *name*, to whoever asked, by the number of the question; or why there is nothing."""
        said: dict[str, object] = {"answer": asked.get("number")}
        try:
            said[name] = find()
        except MlopsError as failure:
            # Told where it was asked: the rest of the view is as good as before.
            said["error"] = str(failure)
        except Exception as failure:
            # Whoever asked would wait for long; what nobody foresaw is logged as well.
            said["error"] = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            self.send(said)

    def _stretch(self, asked: Mapping[str, object]) -> list[dict[str, object]]:
        points = metric_history(
            self._ws,
            run=str(asked.get("run", "")),
            key=str(asked.get("key", "")),
            after=_whole(asked.get("after"), 0),
            before=_whole(asked.get("before"), 2**63 - 1),
            most=min(_whole(asked.get("most"), _MOST_POINTS), _MOST_ASKED),
        )
        return [_point(point) for point in points]


def _whole(number: object, otherwise: int) -> int:
    return number if isinstance(number, int) else otherwise


def curves_of(ws: Workspace, run: Run) -> list[dict[str, object]]:
    """Return the metrics of *run* that were logged more than once: ``name`` and ``points`` of sequence, step and value.

    How busy the machine was is left out: it would take the room of what comes behind it by name.
    """
    with ws.store.read() as tx:
        logged = sorted(tx.metrics.summaries(run.id).items())
        often = [name for name, summary in logged if summary.count > 1 and not name.startswith(SYSTEM)]
        return [{"name": name, "points": _points(tx, run, name)} for name in often[:_MOST_CURVES]]


def overlaid(ws: Workspace, comparison: RunComparison) -> list[dict[str, Any]]:
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
                        "run": run.id,
                        "points": _points(tx, run, name) if name in often[run.id] else [],
                    }
                    for run in runs
                ],
            }
            for name in names[:_MOST_CURVES]
        ]


def still_curves(ws: Workspace, comparison: RunComparison) -> list[RunCurve]:
    """Return curves in a few points, for a picture that holds still: metric by metric, of those that two runs logged often.

    Of many runs those that did best, as in the picture that moves.
    """
    found = run_curves(ws, runs=[run.id for run in _tellable(comparison)], most=_STILL_POINTS, every=True)
    counts = Counter(curve.key for curve in found)
    names = [row.name for row in comparison.metrics if counts[row.name] > 1][:_MOST_CURVES]
    return [curve for name in names for curve in found if curve.key == name]


def _tellable(comparison: RunComparison) -> list[Run]:
    judged = next((row for row in comparison.metrics if row.best is not None), None)
    if judged is None or len(comparison.runs) <= _MOST_LINES:
        return list(comparison.runs[:_MOST_LINES])
    sign = -1 if judged.direction is Direction.HIGHER else 1
    values = [math.inf if v is None or not math.isfinite(v) else sign * v for v in judged.values]
    best = sorted(range(len(values)), key=values.__getitem__)[:_MOST_LINES]
    return [comparison.runs[place] for place in sorted(best)]


def _points(tx: Transaction, run: Run, name: str) -> list[dict[str, object]]:
    """Return a curve thinned out by the store."""
    return [_point(point) for point in tx.metrics.history(run.id, name, most=_MOST_POINTS)]


def _point(point: MetricPoint) -> dict[str, object]:
    return {"sequence": point.sequence, "step": point.step, "value": encode(point.value)}
