"""Into the bin, and out of it again. Nothing is erased here: ``automation.collect_deleted`` does that, later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from jupyter_mlops.errors import Conflict
from jupyter_mlops.records.query import equal
from jupyter_mlops.records.query import query as asked
from jupyter_mlops.records.run import Run, RunStatus
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.tracking.finding import get_run
from jupyter_mlops.workspace import Workspace

__all__ = ["delete_run", "family", "restore_run"]

_MOST = 10_000


def delete_run(ws: Workspace, *, run: str) -> Run:
    """Put a run into the bin, the runs that are part of it too. It can be restored until it is collected; ``runs --archived "deleted is not null"`` lists the bin.

    Parameters
    ----------
    run
        The run's id, or a tail of it.

    Raises
    ------
    Conflict
        It is still running, or a registered model or dataset rests on it.
    """
    found = get_run(ws, run)
    with ws.store.write() as tx:
        members = tuple(family(tx, tx.runs.get(found.id)))
        for member in members:
            _refuse_needed(tx, member)
        now = ws.now()  # one moment: by it they are known as deleted together
        for member in members:
            if member.deleted is None:
                tx.runs.replace(replace(member, archived=True, deleted=now))
                data = {"name": member.name, **({"archived": True} if member.archived else {})}
                tx.events.append([ws.event("run.deleted", member.id, **data)])
        return tx.runs.get(found.id)


def restore_run(ws: Workspace, *, run: str) -> Run:
    """Take a run out of the bin or the archive again, with the runs that were deleted along with it, each as it was before.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    """
    found = get_run(ws, run)
    with ws.store.write() as tx:
        kept = tx.runs.get(found.id)
        for member in tuple(family(tx, kept)):
            asked = member.id == kept.id
            if asked and not member.archived:
                continue
            if asked or (member.deleted is not None and member.deleted == kept.deleted):
                archived = not asked and _was_archived(tx, member)
                tx.runs.replace(replace(member, archived=archived, deleted=None))
                tx.events.append([ws.event("run.restored", member.id)])
        return tx.runs.get(found.id)


def _was_archived(tx: Transaction, run: Run) -> bool:
    told = tx.events.read(subject=run.id, kind="run.deleted")
    return bool(told) and told[-1].data.get("archived") is True


def family(tx: Transaction, run: Run) -> Iterator[Run]:
    """Return a run and all that is part of it, the run itself first."""
    waiting = [run]
    while waiting:
        member = waiting.pop()
        yield member
        waiting += tx.runs.find(asked(limit=_MOST, also=equal(parent=member.id))).items


def _refuse_needed(tx: Transaction, run: Run) -> None:
    if run.status is RunStatus.RUNNING:
        raise Conflict(
            f"run {run.short} ({run.name}) is still running",
            remedy="Wait for its end, or stop it: interrupt the kernel, or cancel its job.",
        )
    versions = tx.versions.find(asked(limit=5, also=equal(run=run.id)))
    datasets = tx.datasets.find(asked(limit=5, also=equal(run=run.id)))
    held = [v.reference for v in versions] + [f"{d.name}:{d.version}" for d in datasets]
    if held:
        raise Conflict(
            f"run {run.short} ({run.name}) made {', '.join(held)}: the evidence of a version is not deleted",
            remedy="It is archived, and out of the lists: leave it there."
            if run.archived
            else "Archive it instead: jupyter mlops archive RUN takes it out of the lists.",
            data={"run": run.id, "versions": held},
        )
