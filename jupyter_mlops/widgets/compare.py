"""Runs beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.tracking import compare_runs
from jupyter_mlops.widgets.curves import CurvesWidget, overlaid
from jupyter_mlops.widgets.front import static
from jupyter_mlops.widgets.thumbnails import thumbnails
from jupyter_mlops.workspace import Workspace

__all__ = ["CompareWidget"]


class CompareWidget(CurvesWidget):
    """A comparison of runs: one sentence, then what differs.

    ``curves`` holds one picture a metric: its name, and a series a run in the order of the comparison; ``figures``
    the runs' own pictures, where they differ: a name, and an image a run.
    """

    _esm = static("compare.js")

    curves: traitlets.List[Any] = traitlets.List().tag(sync=True)
    figures: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self, record: RunComparison, ws: Workspace) -> None:
        super().__init__(record, ws, curves=overlaid(ws, record), figures=thumbnails(ws, record))

    def on_refresh(self, asked: Mapping[str, object]) -> None:  # noqa: ARG002
        """Compare the same runs again."""
        found = compare_runs(self._ws, [run.id for run in self.shown.runs])
        self.curves, self.figures = overlaid(self._ws, found), thumbnails(self._ws, found)
        self.show_record(found)
