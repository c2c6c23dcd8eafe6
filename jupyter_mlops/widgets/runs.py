"""A table of runs that can be asked again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import traitlets

from jupyter_mlops.errors import Invalid, MlopsError
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.run import Run, RunCurve
from jupyter_mlops.render.blocks import Block
from jupyter_mlops.render.runs import runs_blocks
from jupyter_mlops.tracking import (
    archive_run,
    compare_runs,
    find_experiments,
    find_runs,
    group_runs,
    run_curves,
    tag_run,
)
from jupyter_mlops.widgets.curves import CurvesWidget, overlaid
from jupyter_mlops.widgets.front import static
from jupyter_mlops.widgets.thumbnails import LIVE, thumbnails
from jupyter_mlops.workspace import Workspace

__all__ = ["RunsWidget", "runs_table"]

_PAGE = 100
_MOST = 1_000  # runs that one click may change


class RunsWidget(CurvesWidget):
    """A page of runs, of as many as there are: asked again by query, order and page.

    ``problem`` says where a query is wrong: its column (from 1) and what was expected there. ``before`` runs stand on the
    pages before this one, and ``back`` is where the last of those begins. ``compared`` holds the comparison of the runs last
    chosen for it, with its ``curves`` and ``pictures``; empty while there is none. ``groups`` are those last asked for:
    over ``grouped_over`` (None until somebody asks), of the runs that answer ``grouped_query``. ``sparks`` holds a curve of
    each run on the page that has one. Runs come to the page without what no column shows: the columns of
    their inputs, and tracebacks.
    """

    _esm = static("runs.js")

    query = traitlets.Unicode().tag(sync=True)
    order = traitlets.Unicode().tag(sync=True)
    archived = traitlets.Bool(default_value=False).tag(sync=True)
    problem = traitlets.Dict().tag(sync=True)
    before = traitlets.Int(0).tag(sync=True)
    back = traitlets.Unicode().tag(sync=True)
    sparks: traitlets.List[Any] = traitlets.List().tag(sync=True)
    groups: traitlets.List[Any] = traitlets.List().tag(sync=True)
    grouped_over = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    grouped_query = traitlets.Unicode().tag(sync=True)
    compared = traitlets.Dict().tag(sync=True)
    curves: traitlets.List[Any] = traitlets.List().tag(sync=True)
    pictures = traitlets.Dict().tag(sync=True)

    actions: ClassVar[Mapping[str, str]] = {
        **CurvesWidget.actions,
        "find": "on_find",
        "compare": "on_compare",
        "tag": "on_tag",
        "archive": "on_archive",
        "group": "on_group",
        "experiments": "on_experiments",
    }

    def __init__(self, record: Page[Run], ws: Workspace, *, query: str = "", order: str = "") -> None:
        self._limit = len(record) if record.cursor else max(len(record), _PAGE)
        self._cursor = ""
        self._places: dict[str, tuple[int, str]] = {}  # of pages, by where each begins: before and back
        self._curves = _curves(ws, record.items)
        super().__init__(
            record, ws, query=query, order=order, sparks=[encode(curve) for curve in self._curves]
        )
        self.record = _light(record)

    def blocks(self, record: object) -> Iterable[Block]:
        """Return the table with the curve of each run."""
        page: Page[Run] = record  # type: ignore[assignment]
        if not page.items:
            return super().blocks(page)
        return runs_blocks(page.items, page.total, self._curves, page.asked)

    def on_find(self, asked: Mapping[str, object]) -> None:
        """Ask for other runs; a query that cannot be read leaves the table as it is."""
        query, order = str(asked.get("query", "")), str(asked.get("order", ""))
        cursor, archived = str(asked.get("cursor") or ""), asked.get("archived") is True
        self.problem = {}
        try:
            page = find_runs(
                self._ws, query, order=order, limit=self._limit, cursor=cursor or None, archived=archived
            )
        except Invalid as failure:
            self.problem = {
                key: failure.data[key] for key in ("column", "expected", "query") if key in failure.data
            }
            raise
        # The output keeps the page its cell asked for: to replace it would take the focus from whoever turns pages.
        curves = _curves(self._ws, page.items)
        before, back = self._place(cursor)
        with self.hold_sync():
            self._shown, self._cursor, self._curves = page, cursor, curves
            self.before, self.back = before, back
            self.sparks = [encode(curve) for curve in curves]
            self.query, self.order, self.archived, self.problem = query, order, archived, {}
            self.record = _light(page)

    def _place(self, cursor: str) -> tuple[int, str]:
        """Return how many runs stand before the page that begins at *cursor*, and where the page before it begins."""
        shown: Page[Run] = self._shown  # type: ignore[assignment]
        if cursor and cursor == shown.cursor:
            self._places[cursor] = self.before + len(shown), self._cursor
        return self._places.get(cursor, (0, ""))

    def on_refresh(self, asked: Mapping[str, object]) -> None:  # noqa: ARG002
        """Ask the same again."""
        self.on_find(
            {"query": self.query, "order": self.order, "archived": self.archived, "cursor": self._cursor}
        )

    def on_compare(self, asked: Mapping[str, object]) -> None:
        """Put the chosen runs beside each other; none: take the comparison away."""
        runs = _chosen(asked)
        if not runs:
            self.compared, self.curves, self.pictures = {}, [], {}
            return
        found = compare_runs(self._ws, runs)
        with self.hold_sync():
            self.curves, self.pictures = overlaid(self._ws, found), thumbnails(self._ws, found, LIVE)
            self.compared = encode(found)

    def on_group(self, asked: Mapping[str, object]) -> None:
        """Take runs together that differ in one parameter only; without its name, in their seeds."""
        query, over = str(asked.get("query", "")), asked.get("over")
        found = group_runs(self._ws, query, over=[str(over)] if over else None)
        with self.hold_sync():
            self.groups = [encode(group) for group in found]
            self.grouped_over, self.grouped_query = str(over or ""), query

    def on_experiments(self, asked: Mapping[str, object]) -> None:
        """Say the experiments there are to whoever asked, by the number of the question."""
        self.answer(
            asked,
            "experiments",
            lambda: [encode(one) for one in find_experiments(self._ws, archived=self.archived)],
        )

    def on_tag(self, asked: Mapping[str, object]) -> None:
        """Tag the chosen runs."""
        tags = asked.get("tags")
        if not isinstance(tags, Mapping):
            raise Invalid(
                f"tags are names with values; got {tags!r:.40}",
                remedy="Write one as name=value, such as team=risk.",
            )
        for run in _chosen(asked):
            tag_run(self._ws, run=run, tags={str(name): str(value) for name, value in tags.items()})
        self.on_refresh({})

    def on_archive(self, asked: Mapping[str, object]) -> None:
        """Put the chosen runs into the archive, or bring them back."""
        for run in _chosen(asked):
            archive_run(self._ws, run=run, archived=asked.get("archived") is not False)
        self.on_refresh({})


def runs_table(ws: Workspace, page: Page[Run]) -> Iterable[Block]:
    """Return *page* as a table with the curve of each run, for where no widget is."""
    return runs_blocks(page.items, page.total, _curves(ws, page.items), page.asked)


def _curves(ws: Workspace, runs: Sequence[Run]) -> tuple[RunCurve, ...]:
    """A table without its curves is better than none: a run may have been deleted meanwhile."""
    try:
        return run_curves(ws, runs=[run.id for run in runs])
    except MlopsError:
        return ()


def _chosen(asked: Mapping[str, object]) -> list[str]:
    runs = asked.get("runs")
    if not isinstance(runs, list) or len(runs) > _MOST or not all(isinstance(run, str) for run in runs):
        raise Invalid(
            f"runs are a list of at most {_MOST} ids; got {runs!r:.40}", remedy="Choose fewer runs at a time."
        )
    return runs


def _light(page: Page[Run]) -> dict[str, Any]:
    rows = tuple(
        replace(
            run,
            inputs=tuple(replace(item, columns={}) for item in run.inputs),
            error=replace(run.error, traceback="") if run.error is not None else None,
        )
        for run in page.items
    )
    return dict(encode(replace(page, items=rows)))
