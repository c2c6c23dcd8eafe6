"""Runs and what belongs to them, found again."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.policy import direction_of, told_at
from jupyter_mlops.records.query import (
    And,
    Comparison,
    Expression,
    Field,
    Operator,
    Order,
    Page,
    Query,
    Scope,
    within_page,
)
from jupyter_mlops.records.query import query as read_query
from jupyter_mlops.records.run import SYSTEM, MetricPoint, Run, RunCurve, RunStatus
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.store.curves import thinned
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.store.short_ids import by_id
from jupyter_mlops.tracking.attached import attached_to, environment_of, merged
from jupyter_mlops.tracking.settling import bring_home, settle_lost
from jupyter_mlops.workspace import Workspace

__all__ = [
    "every_artifact",
    "find_artifacts",
    "find_runs",
    "get_run",
    "metric_history",
    "run_cells",
    "run_curves",
]

_A_PAGE = 1000  # files that are read from the store at once


def get_run(ws: Workspace, run: str) -> Run:
    """Show a run: what it was given, what it measured and how it ended.

    Parameters
    ----------
    run
        Its id, or the last characters of it, at least 4, where they name one run only.

    Raises
    ------
    NotFound
        There is none, or the tail is too short.
    Invalid
        More than one run ends so; the message names them.
    """
    bring_home(ws)
    with ws.store.read() as tx:
        found = by_id(tx.runs, "run", run)
    if found.status is RunStatus.RUNNING and any(lost.id == found.id for lost in settle_lost(ws)):
        with ws.store.read() as tx:
            return tx.runs.get(found.id)
    return found


def _is(name: str, operator: Operator, value: str | bool) -> Expression:
    return Comparison(Field(Scope.ATTRIBUTE, name), operator, value)


def find_runs(
    ws: Workspace,
    query: str = "",
    *,
    order: str = "",
    limit: int = 100,
    cursor: str | None = None,
    archived: bool = False,
) -> Page[Run]:
    """Find runs, the newest first unless an order is given.

    Parameters
    ----------
    query
        A filter; without a prefix a name is an attribute: ``name``, ``status``, ``grade``, ``document``,
        ``experiment``, ``started``.
    limit
        How many at most, 1 to 10,000.
    archived
        Also show archived runs.

    Raises
    ------
    Invalid
        The query cannot be read; ``data`` holds the column and what was expected.
    """
    asked = read_query(
        query,
        order=order,
        limit=limit,
        cursor=cursor,
        also=None if archived else _is("archived", Operator.EQUAL, False),
        now=ws.now(),
        of=Run,
    )
    settle_lost(ws)
    with ws.store.read() as tx:
        return tx.runs.find(asked)


def metric_history(
    ws: Workspace,
    *,
    run: str,
    key: str,
    after: int = 0,
    before: int | None = None,
    limit: int = 10_000,
    most: int | None = None,
) -> tuple[MetricPoint, ...]:
    """Show the points of one metric of a run, in the order they were logged.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    key
        The metric's name.
    after
        Only points with a greater sequence.
    before
        Only points with a smaller sequence: with ``after`` a stretch of the curve, to look at it closely.
    limit
        At most so many, the first ones; 1 or more.
    most
        Instead of a limit: all of them, thinned out to so many points, at least 4, that keep both ends and the
        extremes of each stretch.
    """
    if most is None and limit < 1:
        raise Invalid(
            f"limit is {limit}; it must be 1 or more", remedy="Leave it out for the first 10,000 points."
        )
    found = get_run(ws, run)
    with ws.store.read() as tx:
        if before is None:
            return tuple(tx.metrics.history(found.id, key, after=after, limit=limit, most=most))
        curve = tx.metrics.curve(found.id, key, after=after)
    curve = curve.take(curve.sequences < before)
    return tuple((curve.take(slice(limit)) if most is None else thinned(curve, most)).points())


def run_curves(
    ws: Workspace, *, runs: list[str], most: int = 24, every: bool = False
) -> tuple[RunCurve, ...]:
    """Show how the metric of each run went that says most of it, in a few points.

    Parameters
    ----------
    runs
        Ids, or tails of them; a run that logged nothing more than once has no curve.
    most
        So many points a curve, at least 4, that keep both ends and the extremes of each stretch.
    every
        All curves of each run; those of its system metrics stay away.

    Returns
    -------
    tuple of RunCurve
        In the order of the runs; of one run, first the metric that says most.
    """
    bring_home(ws)
    with ws.store.read() as tx:
        found = dict.fromkeys(by_id(tx.runs, "run", run).id for run in runs)
        return tuple(curve for run in found for curve in _curves(tx, run, most, None if every else 1))


def _curves(tx: Transaction, run: str, most: int, first: int | None) -> Iterator[RunCurve]:
    counts = {name: summary.count for name, summary in tx.metrics.summaries(run).items()}
    often = [name for name, count in counts.items() if count > 1 and not name.startswith(SYSTEM)]
    for key in sorted(often, key=lambda name: (told_at(name), direction_of(name) is None, name))[:first]:
        points = tx.metrics.history(run, key, most=most)
        yield RunCurve(
            run=run,
            key=key,
            count=counts[key],
            steps=tuple(point.step for point in points),
            values=tuple(point.value for point in points),
        )


def run_cells(ws: Workspace, *, run: str) -> tuple[CellExecution, ...]:
    """List the executions of cells that a run rests on, in their order.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    """
    found = get_run(ws, run)
    with ws.store.read() as tx:
        return tuple(tx.cells.read(found.id))


def find_artifacts(ws: Workspace, *, run: str, folder: str = "", limit: int = 1000) -> Page[Artifact]:
    """List the files of a run, by name; the packages it ran with are one of them, ``source/environment.txt``.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    folder
        Only names below it, such as ``figures``.
    limit
        At most so many, 1 to 10,000.
    """
    found = get_run(ws, run)
    asked = _files_of(found.id, folder, within_page(limit))
    environment = environment_of(ws, found, folder)
    with ws.store.read() as tx:
        return merged(tx.artifacts.find(asked), attached_to(tx, found, environment), limit)


def every_artifact(ws: Workspace, *, run: str, folder: str = "") -> Iterator[Artifact]:
    """Return the files of a run, by name, however many they are; the parameters are those of `find_artifacts`."""
    found = get_run(ws, run)
    environment = environment_of(ws, found, folder)
    with ws.store.read() as tx:
        attached = attached_to(tx, found, environment)
    yield from merge(_every_kept(ws, found.id, folder), attached, key=lambda file: file.name)


def _every_kept(ws: Workspace, run: str, folder: str) -> Iterator[Artifact]:
    cursor: str | None = None
    while True:
        with ws.store.read() as tx:
            page = tx.artifacts.find(_files_of(run, folder, _A_PAGE, cursor))
        yield from page
        cursor = page.cursor
        if cursor is None:
            return


def _files_of(run: str, folder: str, limit: int, cursor: str | None = None) -> Query:
    where = _is("run", Operator.EQUAL, run)
    if folder:
        # Between "figures/" and "figures0", the next character: a name may hold the % that `like` would take for any.
        head = folder.rstrip("/")
        where = And(
            (
                where,
                _is("name", Operator.GREATER_EQUAL, f"{head}/"),
                _is("name", Operator.LESS, f"{head}0"),
            )
        )
    by_name = (Order(Field(Scope.ATTRIBUTE, "name")),)
    return Query(where=where, order=by_name, limit=limit, cursor=cursor, narrowed=bool(folder))
