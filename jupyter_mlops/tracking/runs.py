"""Runs: begun, ended, found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jupyter_mlops.errors import Conflict, Invalid, NotFound
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.captured import Captured, End
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
)
from jupyter_mlops.records.query import query as read_query
from jupyter_mlops.records.run import RUN_STEPS, MetricPoint, Run, RunError, RunStatus
from jupyter_mlops.records.source import CellExecution, Source
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.tracking.folding import end_run, keep_run
from jupyter_mlops.tracking.live import begin, find_live, leased
from jupyter_mlops.tracking.settling import bring_home, settle_lost
from jupyter_mlops.workspace import Workspace

__all__ = [
    "draft_run",
    "find_artifacts",
    "find_runs",
    "finish_run",
    "get_run",
    "metric_history",
    "open_run",
    "reopen_run",
    "run_cells",
    "start_run",
]

_SHORTEST_TAIL = 4
_ID = 26
_LONGEST_NAME = 200
# These doors answer one request at a time: no process of theirs stays with the run.
_PASSING = frozenset({Door.SERVER, Door.SHELL})


def start_run(
    ws: Workspace,
    *,
    name: str = "",
    experiment: str = "default",
    source: Source | None = None,
    tags: dict[str, str] | None = None,
    parent: str | None = None,
    job: str | None = None,
) -> Run:
    """Begin a run and keep it, so that a killed process leaves a trace.

    The process holds the run and renews its lease in the background until ``finish_run``. A run begun through
    the server or the shell is held by nobody and stays open until it is finished.

    Parameters
    ----------
    name
        What people call it; need not be unique. By default made from the id.
    experiment
        The name it is filed under; slashes make folders, such as ``air/pm25``.
    source
        The notebook, commit and environment it comes from.
    tags
        Words for finding it again.
    parent
        The run it is part of.
    job
        The job it belongs to.

    Raises
    ------
    Invalid
        A name is empty, too long or holds control characters.
    NotFound
        There is no such parent.
    """
    settle_lost(ws)
    run = draft_run(ws, name=name, experiment=experiment, source=source, tags=tags, parent=parent, job=job)
    return open_run(ws, run)


def open_run(ws: Workspace, run: Run) -> Run:
    """Keep a drafted run, and hold it where it has a lease."""
    with ws.store.write() as tx:
        if run.parent is not None:
            tx.runs.get(run.parent)
        keep_run(ws, tx, run)
    if run.lease is not None:
        begin(ws, run)
    return run


def draft_run(
    ws: Workspace,
    *,
    name: str = "",
    experiment: str = "default",
    source: Source | None = None,
    tags: Mapping[str, str] | None = None,
    parent: str | None = None,
    job: str | None = None,
) -> Run:
    """Return a run that begins now, kept nowhere yet."""
    key = ws.new_id()
    run = Run(
        id=key,
        name=checked_name("name", name or f"run-{key[-6:]}"),
        experiment=checked_name("experiment", experiment),
        source=source or Source(),
        tags=tags or {},
        parent=parent,
        job=job,
        started=ws.now(),
        actor=ws.actor,
    )
    return run if ws.actor.via in _PASSING else leased(ws, run)


def checked_name(what: str, text: str) -> str:
    """Return *text* if it may name something; Invalid says the rule."""
    if not text.strip() or len(text) > _LONGEST_NAME or not text.isprintable():
        raise Invalid(
            f"the {what} {text[:40]!r} is not usable: 1 to {_LONGEST_NAME} printable characters are",
            remedy="Choose a shorter name on one line.",
        )
    return text


def reopen_run(ws: Workspace, *, run: str) -> Run:
    """Let an ended run go on: its points are numbered on from where they stopped."""
    with ws.store.write() as tx:
        kept = tx.runs.get(run)
        _checked_step(kept, RunStatus.RUNNING)
        again = leased(ws, replace(kept, status=RunStatus.RUNNING, ended=None, error=None))
        tx.runs.replace(again)
        tx.events.append([ws.event("run.continued", run)])
        first = 1 + sum(s.count for s in tx.metrics.summaries(run).values())
    begin(ws, again, first=first)
    return again


def finish_run(
    ws: Workspace,
    *,
    run: str,
    status: RunStatus = RunStatus.FINISHED,
    captured: Captured | None = None,
    error: RunError | None = None,
) -> Run:
    """End a run: its last points, its cells, its artifacts and its new state, in one transaction.

    Parameters
    ----------
    run
        The run's id.
    status
        How it ended.
    captured
        What was seen of its execution.
    error
        The exception that ended it.

    Raises
    ------
    Conflict
        It has ended already, or *status* is no end.
    """
    if status is RunStatus.RUNNING:
        raise Conflict("running is not an end", remedy="Give finished, failed, cancelled or lost.")
    end = End(status=status, at=ws.now(), captured=captured or Captured(), error=error)
    live = find_live(ws, run)
    if live is not None and live.closing:
        live.fold()  # it has ended already, and the store is about to know
    elif live is not None:
        live.end(end)
        with ws.store.read() as tx:
            return tx.runs.get(run)
    with ws.store.write() as tx:
        kept = tx.runs.get(run)
        _checked_step(kept, status)
        end_run(ws, tx, kept, end)
        return tx.runs.get(run)


def _checked_step(run: Run, status: RunStatus) -> None:
    if status not in RUN_STEPS[run.status]:
        raise Conflict(
            f"run {run.short} is {run.status.value}; it cannot become {status.value}",
            remedy="Start a new run.",
            data={"run": run.id, "status": run.status.value},
        )


def get_run(ws: Workspace, run: str) -> Run:
    """Return a run.

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
    key = run.strip().lower()
    with ws.store.read() as tx:
        found = _by_id(tx, key)
    if found.status is RunStatus.RUNNING and any(lost.id == found.id for lost in settle_lost(ws)):
        with ws.store.read() as tx:
            return tx.runs.get(found.id)
    return found


def _by_id(tx: Transaction, key: str) -> Run:
    try:
        return tx.runs.get(key)
    except NotFound:
        if not _SHORTEST_TAIL <= len(key) < _ID or not key.isalnum():
            raise NotFound(
                f"there is no run {key!r}",
                remedy="jupyter mlops runs lists them; four characters of the end do.",
            ) from None
    page = tx.runs.find(Query(where=_is("id", Operator.LIKE, f"%{key}"), limit=5))
    if not page.items:
        raise NotFound(f"no run ends in {key!r}", remedy="jupyter mlops runs lists them.")
    if len(page) > 1:
        names = ", ".join(f"{r.id[-10:]} ({r.name})" for r in page)
        raise Invalid(f"{page.total} runs end in {key!r}: {names}", remedy="Give more of the id.")
    return page[0]


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
        Such as ``metrics.mae < 42 and (params.alpha > 0.1 or tags.team = 'risk')``; without a prefix a name
        is an attribute: ``name``, ``status``, ``grade``, ``document``, ``experiment``, ``started``.
    order
        Such as ``metrics.mae desc, started``.
    limit
        At most so many a page, 1 to 10,000.
    cursor
        Of the page before.
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
    )
    settle_lost(ws)
    with ws.store.read() as tx:
        return tx.runs.find(asked)


def metric_history(
    ws: Workspace, *, run: str, key: str, after: int = 0, limit: int = 10_000
) -> tuple[MetricPoint, ...]:
    """Return the points of one metric of a run, in the order they were logged.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    key
        The metric's name.
    after
        Only points with a greater sequence.
    limit
        At most so many.
    """
    found = get_run(ws, run)
    with ws.store.read() as tx:
        return tuple(tx.metrics.history(found.id, key, after=after, limit=limit))


def run_cells(ws: Workspace, *, run: str) -> tuple[CellExecution, ...]:
    """Return the executed cells a run rests on, in the order of execution.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    """
    found = get_run(ws, run)
    with ws.store.read() as tx:
        return tuple(tx.cells.read(found.id))


def find_artifacts(ws: Workspace, *, run: str, folder: str = "", limit: int = 1000) -> Page[Artifact]:
    """Return the files of a run, by name.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    folder
        Only names below it, such as ``figures``.
    limit
        At most so many.
    """
    found = get_run(ws, run)
    where = _is("run", Operator.EQUAL, found.id)
    if folder:
        where = And((where, _is("name", Operator.LIKE, f"{folder.rstrip('/')}/%")))
    with ws.store.read() as tx:
        return tx.artifacts.find(
            Query(where=where, order=(Order(Field(Scope.ATTRIBUTE, "name")),), limit=limit)
        )
