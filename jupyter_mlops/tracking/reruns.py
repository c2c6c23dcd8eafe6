"""What becomes of a run whose name is taken: it goes on, makes room, or stands beside the new one. Never an error."""

from __future__ import annotations

from dataclasses import replace

from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.run import Run, RunStatus
from jupyter_mlops.settings import OnRerun
from jupyter_mlops.tracking.live import Live, begin_unseen, find_live
from jupyter_mlops.tracking.runs import open_run, reopen_run
from jupyter_mlops.tracking.settling import settle_lost
from jupyter_mlops.workspace import Workspace

__all__ = ["arm_run", "earlier_run", "run_before", "start_or_continue"]


def start_or_continue(ws: Workspace, draft: Run, policy: OnRerun) -> Run:
    """Begin *draft*, or let the run before it go on, as *policy* says.

    A run before it has the same name, experiment and notebook. One that is still going on elsewhere is left alone.
    """
    settle_lost(ws)
    if policy is OnRerun.FORK:
        return open_run(ws, draft)
    before = earlier_run(ws, draft)
    if before is None or before.status is RunStatus.RUNNING:
        return open_run(ws, draft)
    if policy is OnRerun.CONTINUE:
        return reopen_run(ws, run=before.id)
    begun = open_run(ws, draft)
    with ws.store.write() as tx:
        kept = tx.runs.get(before.id)
        tx.runs.replace(replace(kept, archived=True, tags={**kept.tags, "replaced_by": begun.id}))
        tx.events.append([ws.event("run.replaced", before.id, by=begun.id)])
    return begun


def arm_run(ws: Workspace, draft: Run, policy: OnRerun) -> Live:
    """Begin a run without waiting for the store, unless *policy* must look there for the run before it."""
    if policy is OnRerun.FORK:
        return begin_unseen(ws, draft)
    run = start_or_continue(ws, draft, policy)
    live = find_live(ws, run.id)
    assert live is not None
    return live


def earlier_run(ws: Workspace, draft: Run) -> Run | None:
    """Return the latest run with the name, experiment and notebook of *draft*."""
    where = equal(name=draft.name, experiment=draft.experiment, archived=False)
    with ws.store.read() as tx:
        page = tx.runs.find(Query(where=where, limit=50))
    return next((run for run in page if run.source.notebook == draft.source.notebook), None)


def run_before(ws: Workspace, run: Run) -> Run | None:
    """Return the latest finished run with the name and experiment of *run*, begun before it: what it is compared with."""
    where = equal(name=run.name, experiment=run.experiment, archived=False, status=RunStatus.FINISHED.value)
    with ws.store.read() as tx:
        page = tx.runs.find(Query(where=where, limit=10))
    return next((other for other in page if other.id != run.id and other.started < run.started), None)
