"""Runs: begun and ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jupyter_mlops.errors import Conflict, Invalid
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.captured import Captured, End
from jupyter_mlops.records.run import RUN_STEPS, Grade, Run, RunError, RunStatus
from jupyter_mlops.records.source import Source
from jupyter_mlops.tracking.folding import end_run, keep_run
from jupyter_mlops.tracking.live import begin, find_live, flush, leased
from jupyter_mlops.tracking.lives import lives_before
from jupyter_mlops.tracking.log import checked_key
from jupyter_mlops.tracking.masking import masked_end
from jupyter_mlops.tracking.settling import settle_lost
from jupyter_mlops.workspace import Workspace

__all__ = ["checked_name", "close_run", "draft_run", "finish_run", "open_run", "reopen_run", "start_run"]

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
    if run.parent is not None:
        flush(ws, run.parent)  # that of a tracked cell may stand in its journal only, so far
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
        tags={checked_key("tag", key): str(value) for key, value in (tags or {}).items()},
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
        again = replace(
            kept,
            status=RunStatus.RUNNING,
            ended=None,
            error=None,
            # Nobody has seen the new life yet; should it be lost, the old one's grade must not speak for it.
            grade=Grade.UNKNOWN,
            grade_reason="",
            earlier=lives_before(kept, tx.cells.read(run)),
        )
        again = leased(ws, again)
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
    close_run(ws, run=run, status=status, captured=captured, error=error)
    with ws.store.read() as tx:
        return tx.runs.get(run)


def close_run(
    ws: Workspace,
    *,
    run: str,
    status: RunStatus,
    captured: Captured | None = None,
    error: RunError | None = None,
) -> None:
    """End a run as ``finish_run`` does, for whoever does not ask what it came to: half of what an empty run costs."""
    if status is RunStatus.RUNNING:
        raise Conflict("running is not an end", remedy="Give finished, failed, cancelled or lost.")
    end = masked_end(End(status=status, at=ws.now(), captured=captured or Captured(), error=error))
    live = find_live(ws, run)
    if live is not None and live.closing:
        live.fold()  # it has ended already, and the store is about to know
    elif live is not None:
        live.end(end)
        return
    with ws.store.write() as tx:
        kept = tx.runs.get(run)
        _checked_step(kept, status)
        end_run(ws, tx, kept, end)


def _checked_step(run: Run, status: RunStatus) -> None:
    if status not in RUN_STEPS[run.status]:
        raise Conflict(
            f"run {run.short} is {run.status.value}; it cannot become {status.value}",
            remedy="Start a new run.",
            data={"run": run.id, "status": run.status.value},
        )
