"""What becomes of a run whose name is taken: it goes on, makes room, or stands beside the new one; and resuming one by name or id."""

from __future__ import annotations

from dataclasses import replace

from jupyter_mlops.errors import Conflict, NotFound
from jupyter_mlops.records.query import And, Comparison, Field, Operator, Order, Query, Scope, equal
from jupyter_mlops.records.run import Run, RunStatus
from jupyter_mlops.settings import OnRerun
from jupyter_mlops.tracking.finding import get_run
from jupyter_mlops.tracking.live import Live, begin_unseen, find_live
from jupyter_mlops.tracking.runs import open_run, reopen_run
from jupyter_mlops.tracking.settling import settle_lost
from jupyter_mlops.workspace import Workspace

__all__ = [
    "arm_run",
    "earlier_run",
    "live_of",
    "resume_run",
    "run_before",
    "start_or_continue",
    "usual_seconds",
]


def start_or_continue(ws: Workspace, draft: Run, policy: OnRerun) -> Run:
    """Begin *draft*, or let the run before it go on, as *policy* says.

    A run before it has the same name, experiment and notebook. One that is still going on elsewhere is left alone.
    """
    if policy is OnRerun.FORK:
        return open_run(ws, draft)  # no run before it matters, so none is looked for
    settle_lost(ws)
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


def resume_run(ws: Workspace, run: str, *, experiment: str = "") -> Run:
    """Let an ended run go on, whatever file it was begun from: its points are numbered on, what it has stays.

    Parameters
    ----------
    run
        Its id, a unique tail of it, or its name: of several with that name the one begun last.
    experiment
        Where to look for a name; by default everywhere.

    Raises
    ------
    NotFound
        There is none.
    Conflict
        It is still going on, or was put away.
    """
    settle_lost(ws)
    found = _named(ws, run, experiment)
    if found.status is RunStatus.RUNNING:
        raise Conflict(
            f"run {found.name} ({found.short}) is still going on, so it cannot be resumed",
            remedy="End it first, or leave --resume away and begin another.",
            data={"run": found.id},
        )
    if found.archived:
        raise Conflict(
            f"run {found.name} ({found.short}) was put away, so it cannot be resumed",
            remedy=f"Bring it back first: jupyter mlops restore {found.short}",
            data={"run": found.id},
        )
    return reopen_run(ws, run=found.id)


def _named(ws: Workspace, run: str, experiment: str) -> Run:
    where = equal(name=run, archived=False, **({"experiment": experiment} if experiment else {}))
    with ws.store.read() as tx:
        page = tx.runs.find(Query(where=where, limit=1))
    if page.items:
        return page[0]
    try:
        return get_run(ws, run)
    except NotFound:
        within = f" in {experiment}" if experiment else ""
        raise NotFound(
            f"no run is called {run!r}{within}, and no id ends so",
            remedy="jupyter mlops runs lists them; four characters of the id do.",
        ) from None


def arm_run(ws: Workspace, draft: Run, policy: OnRerun) -> Live:
    """Begin a run without waiting for the store, unless *policy* must look there for the run before it."""
    if policy is OnRerun.FORK:
        return begin_unseen(ws, draft)
    return live_of(ws, start_or_continue(ws, draft, policy))


def live_of(ws: Workspace, run: Run) -> Live:
    """Return the open end of a run that this process has just begun or resumed."""
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
    alike = equal(name=run.name, experiment=run.experiment, archived=False, status=RunStatus.FINISHED.value)
    earlier = Comparison(Field(Scope.ATTRIBUTE, "started"), Operator.LESS, run.started.isoformat())
    latest = Order(Field(Scope.ATTRIBUTE, "started"), descending=True)
    with ws.store.read() as tx:
        page = tx.runs.find(Query(where=And((alike, earlier)), order=(latest,), limit=1))
    return next(iter(page), None)


def usual_seconds(before: Run | None) -> float | None:
    """Return how long a run takes by the one *before* it; None where that does not tell."""
    if before is None or before.status is not RunStatus.FINISHED:
        return None
    return None if before.earlier else before.seconds  # one that was resumed took the days in between, too
