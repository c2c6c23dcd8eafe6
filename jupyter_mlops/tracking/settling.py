"""Runs whose process is gone: their points folded, their end written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.query import And, Comparison, Field, Operator, Or, Query, Scope
from jupyter_mlops.records.run import Run, RunStatus
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.store.tail import last_sequence
from jupyter_mlops.tracking.folding import fold_abandoned
from jupyter_mlops.tracking.lease import holder_gone, take_lease
from jupyter_mlops.tracking.live import flush
from jupyter_mlops.tracking.places import journal_folder
from jupyter_mlops.workspace import Workspace

__all__ = ["bring_home", "settle_lost"]


def _running() -> Query:
    """Ask for the running runs of other processes: our own are not gone, and may be many."""
    own = take_lease(datetime.now(UTC), 0)
    other = (
        Comparison(Field(Scope.ATTRIBUTE, "lease.host"), Operator.UNEQUAL, own.host),
        Comparison(Field(Scope.ATTRIBUTE, "lease.process_started"), Operator.UNEQUAL, own.process_started),
    )
    running = Comparison(Field(Scope.ATTRIBUTE, "status"), Operator.EQUAL, RunStatus.RUNNING.value)
    return Query(where=And((running, Or(other))), limit=1000)


def bring_home(ws: Workspace) -> None:
    """Fold what this process's runs have said, and what processes that are gone left behind."""
    flush(ws)
    fold_abandoned(ws, journal_folder(ws.settings))


def settle_lost(ws: Workspace) -> tuple[Run, ...]:
    """Fold what dead processes left behind, and mark their runs lost.

    Every verb that looks at runs does this first; where nothing was left behind it costs one look into a
    folder and one query. A run of another host is lost once its lease has run out.

    Returns
    -------
    tuple of Run
        The runs that were found lost now.
    """
    bring_home(ws)
    with ws.store.read() as tx:
        gone = [run.id for run in tx.runs.find(_running()) if _is_gone(ws, run)]
    if not gone:
        return ()
    with ws.store.write() as tx:
        return tuple(_lose(ws, tx, run) for run in _still_gone(ws, tx, gone))


def _is_gone(ws: Workspace, run: Run) -> bool:
    return run.lease is not None and holder_gone(run.lease, ws.now())


def _still_gone(ws: Workspace, tx: Transaction, ids: Sequence[str]) -> list[Run]:
    """Look again inside the write: its process may just have said its last word."""
    found = []
    for key in ids:
        try:
            run = tx.runs.get(key)
        except MlopsError:
            continue  # removed meanwhile
        if run.status is RunStatus.RUNNING and _is_gone(ws, run):
            found.append(run)
    return found


def _lose(ws: Workspace, tx: Transaction, run: Run) -> Run:
    assert run.lease is not None
    beat = run.lease.until - timedelta(seconds=ws.settings.lease_seconds)
    spoke = tx.metrics.read(run.id, after=last_sequence(tx.metrics, run.id) - 1, limit=1)
    heard = max(run.started, beat, *(point.at for point in spoke))
    lost = replace(
        run, status=RunStatus.LOST, ended=heard, grade_reason="the run did not end: its process is gone"
    )
    tx.runs.replace(lost)
    tx.events.append(
        [
            ws.event(
                "run.lost",
                run.id,
                host=run.lease.host,
                pid=run.lease.pid,
                kernel=run.lease.kernel,
                last_cell=run.last_cell,
            )
        ]
    )
    return lost
