"""A bundle into a workspace: everything that is new, nothing that is here already, or nothing at all."""

from __future__ import annotations

import hmac
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from jupyter_mlops.errors import Conflict, NotFound
from jupyter_mlops.ledger import check_chain
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.deployment import Prediction
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.query import query as asked
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.schedule import JobDefinition
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.records.transfer import Imported
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.store.shelves import Shelf
from jupyter_mlops.transfer.bundle import Opened, damaged, open_bundle
from jupyter_mlops.transfer.kinds import KINDS, RULES, collection, member_of, read_point, read_record
from jupyter_mlops.workspace import Workspace

__all__ = ["import_bundle"]

T = TypeVar("T")
_BATCH = 5000
_SHOWN = 5
_EVENTS = "series/events.jsonl"


def import_bundle(ws: Workspace, *, file: str) -> Imported:
    """Bring a bundle's records and bytes into this workspace, in one transaction.

    What is here already and the same in every field is passed over; what has the same name and differs stops the
    import before anything is written. Into an empty workspace everything comes as it was, its ledger line by line
    included. A workspace with a history of its own keeps it: the other ledger is checked, kept sealed as a file,
    and named by one new line; aliases, policies, schedules and deployments are left out, since what is in
    production here is decided here.

    Parameters
    ----------
    file
        A bundle that ``export_bundle`` wrote.

    Raises
    ------
    NotFound
        There is no such file.
    Untrusted
        It is damaged, was changed, or is no bundle.
    Conflict
        Records of the same name differ; ``data`` lists them.
    """
    with open_bundle(Path(file)) as bundle:
        bundle.check()
        _check_ledger(bundle)
        new = _bring_blobs(ws, bundle)
        with ws.store.write() as tx:
            return replace(_Reading(ws, tx, bundle).read(), source=str(file), blobs=new)


def _check_ledger(bundle: Opened) -> None:
    if _EVENTS not in bundle.index.members:
        return
    report = check_chain(decode(Event, line, at=_EVENTS) for line in bundle.lines(_EVENTS))
    if not report.ok:
        raise damaged(f"its ledger does not hold: {report.problem}")
    head = bundle.index.head
    if head is not None and not hmac.compare_digest(head.digest, report.head):
        raise damaged("its ledger does not end where the bundle says it does")


def _bring_blobs(ws: Workspace, bundle: Opened) -> int:
    """Keep the bundle's bytes; they are nobody's until a record names them, so they may come before the records."""
    new = 0
    for digest in bundle.blobs:
        if ws.blobs.has(digest):
            continue
        with bundle.blob(digest) as content:
            kept = ws.blobs.put(content)
        if kept != digest:
            ws.blobs.remove(kept)
            raise damaged(f"the bytes called {digest[:12]}… have the digest {kept[:12]}…")
        new += 1
    return new


class _Reading:
    """One bundle on its way in, inside one transaction."""

    def __init__(self, ws: Workspace, tx: Transaction, bundle: Opened) -> None:
        self._ws, self._tx, self._bundle = ws, tx, bundle
        self._added: Counter[str] = Counter()
        self._present: Counter[str] = Counter()
        self._different: list[str] = []
        self._new: set[str] = set()  # ids; what hangs on a record that was here is here too
        self._notes: list[str] = []

    def read(self) -> Imported:
        bare = self._tx.events.head() is None and not self._tx.runs.find(asked(limit=1)).total
        for kind in KINDS:
            self._kind(kind, bare=bare)
        if self._different:
            raise _differs(self._different)
        self._series()
        history = self._history(bare=bare)
        return Imported(
            source="",
            digest=self._bundle.digest,
            added=dict(+self._added),
            present=dict(self._present),
            history=history,
            notes=tuple(self._notes),
        )

    def _kind(self, kind: Shelf, *, bare: bool) -> None:
        left = 0
        for number, line in enumerate(self._bundle.lines(member_of(kind)), 1):
            record = read_record(kind, line, f"{kind.name} line {number}")
            if isinstance(record, JobDefinition):
                # Two workspaces must not do the same work.
                record = replace(record, active=False, moment=None, due=None)
            here = self._here(kind, record)
            if here is not None:
                self._compare(kind, record, here)
            elif kind.name in RULES and not bare:
                left += 1
            else:
                collection(self._tx, kind).add(record)
                self._added[kind.name] += 1
                self._new.add(str(kind.key_of(record)[0]))
        if left:
            self._notes.append(
                f"{left} {kind.several} left out: this workspace has a history of its own, and decides for itself"
            )

    def _here(self, kind: Shelf, record: Any) -> Any:
        try:
            return collection(self._tx, kind).get(*kind.key_of(record))
        except NotFound:
            return None

    def _compare(self, kind: Shelf, record: Any, here: Any) -> None:
        if isinstance(here, Run):
            here, record = replace(here, metrics={}), replace(record, metrics={})
        if here == record or kind.name in RULES:
            self._present[kind.name] += 1
        else:
            self._different.append(f"{kind.several} {':'.join(map(str, kind.key_of(record)))}")

    def _series(self) -> None:
        tx = self._tx
        for batch in _batches(self._bundle.lines("series/metrics.jsonl")):
            points = [read_point(line, "metrics") for line in batch]
            new = [point for point in points if point.owner in self._new]
            tx.metrics.append(new)
            self._added["metrics"] += len(new)
        for batch in _batches(self._bundle.lines("series/predictions.jsonl")):
            answers = [decode(Prediction, line, at="predictions") for line in batch]
            tx.predictions.append([answer for answer in answers if answer.owner in self._new])
        by_owner = itertools.groupby(
            self._bundle.lines("series/cells.jsonl"), key=lambda line: str(line["owner"])
        )
        for owner, lines in by_owner:
            if owner in self._new:
                tx.cells.append(owner, [decode(CellExecution, line["cell"], at="cells") for line in lines])

    def _history(self, *, bare: bool) -> str:
        index = self._bundle.index
        told = {"bundle": self._bundle.digest, "whole": index.whole, "added": dict(+self._added)}
        if _EVENTS in index.members and bare:
            self._replay()
            return "replayed"
        if not +self._added:
            return "none"
        if _EVENTS in index.members:
            with self._bundle.member(_EVENTS) as content:
                sealed = self._ws.blobs.put(content)
            head = index.head
            told |= {"ledger": sealed, "lines": index.members[_EVENTS].lines, "head": head and head.digest}
        self._tx.events.append([self._ws.event("workspace.imported", "workspace", **told)])
        return "sealed" if "ledger" in told else "none"

    def _replay(self) -> None:
        for batch in _batches(self._bundle.lines(_EVENTS)):
            events = [decode(Event, line, at=_EVENTS) for line in batch]
            kept = self._tx.events.append(events)
            if kept[-1].digest != events[-1].digest:
                raise damaged("its ledger does not come to the same digests here")
            self._added["events"] += len(events)


def _batches(lines: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(lines)
    while batch := list(itertools.islice(waiting, _BATCH)):
        yield batch


def _differs(names: list[str]) -> Conflict:
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return Conflict(
        f"{len(names)} records have the same name here and differ: {', '.join(names[:_SHOWN])}{rest}",
        remedy="Nothing was imported. Import into an empty workspace: jupyter mlops --workspace FOLDER import FILE.",
        data={"records": names},
    )
