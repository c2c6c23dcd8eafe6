"""From a record to what a cell shows."""

from __future__ import annotations

from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.review import Review
from jupyter_mlops.records.run import Run
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.text import as_text
from jupyter_mlops.widgets.base import RecordWidget
from jupyter_mlops.widgets.compare import CompareWidget
from jupyter_mlops.widgets.front import put, watched
from jupyter_mlops.widgets.review import ReviewWidget
from jupyter_mlops.widgets.run import RunWidget
from jupyter_mlops.widgets.runs import RunsWidget
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
    if isinstance(record, Page) and record.items and all(isinstance(item, Run) for item in record.items):
        return RunsWidget(record, ws)
    return None


def show(record: object, ws: Workspace) -> RecordWidget | None:
    """Show *record* in the cell that runs now: as a widget, or as HTML and text; return the widget, where there is one."""
    widget = widget_for(record, ws) if watched() else None
    if widget is None:
        put({"text/html": as_html(record), "text/plain": as_text(record)})
    else:
        widget.put()
    return widget
