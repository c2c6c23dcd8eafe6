"""From a record to what a cell shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeGuard

from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.review import Review
from jupyter_mlops.records.run import Run
from jupyter_mlops.render.blocks import Block
from jupyter_mlops.render.html import html_of
from jupyter_mlops.render.text import text_of
from jupyter_mlops.render.views import blocks_of
from jupyter_mlops.widgets.base import RecordWidget
from jupyter_mlops.widgets.compare import CompareWidget, compared
from jupyter_mlops.widgets.front import put, watched
from jupyter_mlops.widgets.review import ReviewWidget
from jupyter_mlops.widgets.run import RunWidget, card_of
from jupyter_mlops.widgets.runs import RunsWidget, runs_table
from jupyter_mlops.workspace import Workspace

__all__ = ["show", "widget_for"]


def widget_for(record: object, ws: Workspace) -> RecordWidget | None:
    """Return the widget of *record*; None where a still picture says as much."""
    if isinstance(record, Review):
        return ReviewWidget(record, ws)
    if isinstance(record, Run):
        return RunWidget(record, ws)
    if isinstance(record, RunComparison):
        return CompareWidget(record, ws)
    return RunsWidget(record, ws) if _holds_runs(record) else None


def _holds_runs(record: object) -> TypeGuard[Page[Run]]:
    return (
        isinstance(record, Page)
        and bool(record.items)
        and all(isinstance(item, Run) for item in record.items)
    )


def _still(record: object, ws: Workspace) -> Iterable[Block]:
    if isinstance(record, Run):
        return card_of(ws, record)
    if isinstance(record, RunComparison):
        return compared(ws, record)
    return runs_table(ws, record) if _holds_runs(record) else blocks_of(record)


def show(record: object, ws: Workspace) -> RecordWidget | None:
    """Show *record* in the cell that runs now: as a widget, or as HTML and text; return the widget, where there is one."""
    widget = widget_for(record, ws) if watched() else None
    if widget is None:
        blocks = tuple(_still(record, ws))
        put({"text/html": html_of(blocks), "text/plain": text_of(blocks)})
    else:
        widget.put()
    return widget
