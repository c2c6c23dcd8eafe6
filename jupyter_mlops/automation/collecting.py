"""Erase what was deleted long enough ago, and the bytes that nothing else speaks of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from jupyter_mlops.errors import Conflict, Invalid, NotFound
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.collected import Collected
from jupyter_mlops.records.query import equal
from jupyter_mlops.records.query import query as asked
from jupyter_mlops.records.run import Run
from jupyter_mlops.store.protocol import Collection, Transaction
from jupyter_mlops.store.references import blobs_behind, digests_in
from jupyter_mlops.store.shelves import SHELVES
from jupyter_mlops.tracking.deleting import family
from jupyter_mlops.workspace import Workspace, utc_now

__all__ = ["collect_deleted"]

_PAGE = 1_000


def collect_deleted(ws: Workspace, *, days: float = 30.0, dry_run: bool = False) -> Collected:
    """Erase runs that were deleted at least so many days ago, with points, cells, files and their bytes.

    The ledger keeps a line for each. Bytes that any other record names stay, as do bytes that were put down since
    this began: a collection that races a new run loses.

    Parameters
    ----------
    days
        How long a deleted run can be restored.
    dry_run
        Only tell what would be erased.

    Raises
    ------
    Invalid
        *days* is negative.
    """
    if days < 0:
        raise Invalid(
            f"days is {days:g}; it must be 0 or more", remedy="Give 0 to erase all that is deleted."
        )
    began = utc_now()  # as the places for bytes date them
    limit = ws.now() - timedelta(days=days)
    with ws.store.read() as tx:
        binned = [run for run in _all(tx.runs, archived=True) if run.deleted is not None]
        due = [run for run in binned if run.deleted is not None and run.deleted <= limit]
        named = set().union(*(digests_in(_text_of(tx, run)) for run in due)) if due else set()
        would = _with_all_of_theirs(tx, due) if dry_run else []
    erased = would if dry_run else [run for run in _children_first(due) if _erase(ws, run)]
    blobs = _unnamed(ws, named, without={run.id for run in erased})
    size = sum(ws.blobs.size(digest) for digest in blobs)
    if not dry_run:
        for digest in blobs:
            ws.blobs.remove(digest, unless_since=began)
    return Collected(
        runs=tuple(run.id for run in erased),
        names=tuple(run.name for run in erased),
        waiting=len(binned) - len(due),
        kept=len(due) - len(erased),
        blobs=len(blobs),
        size=size,
        dry=dry_run,
    )


def _with_all_of_theirs(tx: Transaction, due: list[Run]) -> list[Run]:
    """Return those that ``_erase`` would not keep back for a run that is part of them and not due itself."""
    ids = {run.id for run in due}
    return [run for run in due if all(member.id in ids for member in family(tx, run))]


def _children_first(runs: list[Run]) -> list[Run]:
    return sorted(runs, key=lambda run: run.started, reverse=True)


def _erase(ws: Workspace, run: Run) -> bool:
    """Erase one run; False where something came to rest on it meanwhile, or it was restored."""
    with suppress(NotFound, Conflict), ws.store.write() as tx:
        kept = tx.runs.get(run.id)
        if kept.deleted is None or len(tuple(family(tx, kept))) > 1:
            return False
        for job in tx.jobs.find(asked(limit=_PAGE, also=equal(run=run.id))):
            tx.jobs.replace(replace(job, run=None))
        for file in _all(tx.artifacts, run=run.id):
            tx.artifacts.remove(file.run, file.name)
        tx.runs.remove(run.id)
        told = {"name": run.name, "experiment": run.experiment, "started": encode(run.started)}
        tx.events.append([ws.event("run.erased", run.id, **told)])
        return True
    return False


def _unnamed(ws: Workspace, digests: set[str], *, without: set[str]) -> set[str]:
    """Return the kept bytes behind *digests* that no record speaks of, those of the runs *without* apart."""
    kept, _ = blobs_behind(ws.blobs, digests)
    if not kept:
        return set()
    with ws.store.read() as tx:
        for text in _everything(tx, without):
            mentioned = digests_in(text) & kept
            if mentioned:
                kept -= blobs_behind(ws.blobs, mentioned)[0]
            if not kept:
                break
    return kept


def _everything(tx: Transaction, without: set[str]) -> Iterator[str]:
    for name in SHELVES:
        of: Collection[Any] = getattr(tx, name)
        for record in _all(of):
            if name == "runs" and record.id in without:
                continue
            if name == "artifacts" and record.run in without:
                continue
            yield _text_of(tx, record) if name == "runs" else json.dumps(encode(record))
    after = 0
    while batch := tx.events.read(after=after, limit=_PAGE):
        yield from (json.dumps(encode(event.data)) for event in batch)
        after = batch[-1].sequence


def _text_of(tx: Transaction, run: Run) -> str:
    files = [encode(file) for file in _all(tx.artifacts, run=run.id)]
    return json.dumps([encode(run), files, encode(tuple(tx.cells.read(run.id)))])


def _all(of: Collection[Any], **where: Any) -> Iterator[Any]:
    cursor = None
    while True:
        page = of.find(asked(limit=_PAGE, cursor=cursor, also=equal(**where) if where else None))
        yield from page
        cursor = page.cursor
        if cursor is None:
            return
