"""A table of runs that can be asked again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import traitlets

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.run import Run
from jupyter_mlops.tracking import find_runs
from jupyter_mlops.widgets.base import RecordWidget
from jupyter_mlops.widgets.front import static
from jupyter_mlops.workspace import Workspace

__all__ = ["RunsWidget"]


class RunsWidget(RecordWidget):
    """A page of runs. ``problem`` says where a query is wrong: its column (from 1) and what was expected there."""

    _esm = static("runs.js")

    query = traitlets.Unicode().tag(sync=True)
    order = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Dict().tag(sync=True)

    actions: ClassVar[Mapping[str, str]] = {**RecordWidget.actions, "find": "on_find"}

    def __init__(self, record: Page[Run], ws: Workspace, *, query: str = "", order: str = "") -> None:
        self._limit = max(len(record), 100)
        super().__init__(record, ws, query=query, order=order)

    def on_find(self, asked: Mapping[str, object]) -> None:
        """Ask for other runs; a query that cannot be read leaves the table as it is."""
        query, order = str(asked.get("query", "")), str(asked.get("order", ""))
        try:
            page = find_runs(self._ws, query, order=order, limit=self._limit)
        except Invalid as failure:
            self.problem = {
                key: failure.data[key] for key in ("column", "expected", "query") if key in failure.data
            }
            raise
        self.query, self.order, self.problem = query, order, {}
        self.show_record(page)

    def on_refresh(self, asked: Mapping[str, object]) -> None:  # noqa: ARG002
        """Ask the same again."""
        self.on_find({"query": self.query, "order": self.order})
