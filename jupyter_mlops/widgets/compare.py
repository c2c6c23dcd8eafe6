"""Runs beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import traitlets

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.render.blocks import Block
from jupyter_mlops.render.runs import comparison_blocks
from jupyter_mlops.tracking import compare_runs
from jupyter_mlops.widgets.curves import CurvesWidget, overlaid, still_curves
from jupyter_mlops.widgets.front import static
from jupyter_mlops.widgets.thumbnails import LIVE, STILL, thumbnails
from jupyter_mlops.workspace import Workspace

__all__ = ["CompareWidget", "compared"]


def compared(ws: Workspace, comparison: RunComparison) -> Iterable[Block]:
    """Return what a picture that holds still draws: the comparison, how its metrics went, and what cells showed."""
    try:
        curves = still_curves(ws, comparison)
    except MlopsError:  # a run of it may have been erased since; what was compared still stands
        curves = []
    return comparison_blocks(comparison, curves, thumbnails(ws, comparison, STILL))


class CompareWidget(CurvesWidget):
    """A comparison of runs: one sentence, then what differs.

    ``curves`` holds one picture a metric: its name, and a series a run in the order of the comparison; ``pictures``
    data addresses of the figures that differ, by the digests of their files.
    """

    _esm = static("compare.js")

    curves: traitlets.List[Any] = traitlets.List().tag(sync=True)
    pictures = traitlets.Dict().tag(sync=True)

    def __init__(self, record: RunComparison, ws: Workspace) -> None:
        super().__init__(record, ws, curves=overlaid(ws, record), pictures=thumbnails(ws, record, LIVE))

    def blocks(self, record: object) -> Iterable[Block]:
        """Return the comparison with the curves of its runs."""
        return compared(self._ws, record) if isinstance(record, RunComparison) else super().blocks(record)

    def on_refresh(self, asked: Mapping[str, object]) -> None:  # noqa: ARG002
        """Compare the same runs again."""
        found = compare_runs(self._ws, [run.id for run in self.shown.runs])
        self.curves, self.pictures = overlaid(self._ws, found), thumbnails(self._ws, found, LIVE)
        self.show_record(found)
