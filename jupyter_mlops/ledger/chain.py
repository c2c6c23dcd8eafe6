"""Is the ledger whole? Pure arithmetic over what is read, a batch at a time."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from jupyter_mlops.records.chain import ChainReport, Head
from jupyter_mlops.records.event import GENESIS, Event, chain_digest
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["check_chain", "export_head", "verify_chain"]

_BATCH = 1000
_NOTES = 10
_DIGEST = re.compile(r"[0-9a-f]{64}")


def verify_chain(ws: Workspace, *, sequence: int = 0, head: str = "") -> ChainReport:
    """Recompute every digest of the ledger and say whether the chain holds, or which line is the first that does not.

    Whoever can write the whole store can write a whole new chain: only a head kept elsewhere proves that none was.

    Parameters
    ----------
    sequence, head
        A head exported earlier. The ledger must still hold that line with that digest; this shows a cut tail and a
        chain that was written anew.
    """
    with ws.store.read() as tx:
        report = check_chain(_events(tx))
        kept = tx.events.read(after=sequence - 1, limit=1) if report.ok and sequence else ()
    if not report.ok or not sequence:
        return report
    if not kept or kept[0].sequence != sequence:
        problem = (
            f"the ledger ends at line {report.events}; a head exported at line {sequence} says it went on"
        )
    elif head and not hmac.compare_digest(kept[0].digest, head):
        problem = f"line {sequence} has another digest than the exported head: the chain was written anew"
    else:
        return report
    return ChainReport(
        ok=False,
        events=report.events,
        head=report.head,
        first_bad=sequence,
        problem=problem,
        notes=report.notes,
    )


def export_head(ws: Workspace) -> Head:
    """Show the last line's number and digest, to be kept where the writers of the store cannot change it."""
    with ws.store.read() as tx:
        last = tx.events.head()
    return (
        Head(sequence=0, digest=GENESIS)
        if last is None
        else Head(sequence=last.sequence, digest=last.digest, at=last.at)
    )


def check_chain(events: Iterable[Event]) -> ChainReport:
    """Check *events*, the whole ledger in order; stops at the first line that does not hold."""
    previous, count = GENESIS, 0
    notes: list[str] = []
    clock: datetime | None = None
    try:
        for event in events:
            problem = _problem(event, count + 1, previous)
            if problem:
                return ChainReport(
                    ok=False,
                    events=count,
                    head=previous,
                    first_bad=count + 1,
                    problem=problem,
                    notes=tuple(notes),
                )
            if clock is not None and event.at < clock and len(notes) < _NOTES:
                notes.append(
                    f"line {event.sequence}: the clock went backwards, from {clock.isoformat()} to {event.at.isoformat()}"
                )
            clock, previous, count = event.at, event.digest, count + 1
    except Exception as failure:  # noqa: BLE001 - a damaged line may fail anywhere on its way out of the store
        problem = f"line {count + 1} cannot be read: {type(failure).__name__}: {failure}"
        return ChainReport(
            ok=False, events=count, head=previous, first_bad=count + 1, problem=problem, notes=tuple(notes)
        )
    return ChainReport(ok=True, events=count, head=previous, notes=tuple(notes))


def _problem(event: Event, expected: int, previous: str) -> str:
    if event.sequence > expected:
        return f"line {expected} is missing: after line {expected - 1} comes line {event.sequence}"
    if event.sequence < expected:
        return f"line {event.sequence} stands where line {expected} should: lines were doubled or reordered"
    if not _DIGEST.fullmatch(event.previous) or event.previous != previous:
        return (
            f"line {expected} does not follow line {expected - 1}: it names another line as its predecessor"
        )
    if not hmac.compare_digest(chain_digest(event), event.digest):
        return f"line {expected} was changed: its content no longer has the digest written beside it"
    return ""


def _events(tx: Transaction) -> Iterator[Event]:
    """Read in batches; a line that cannot be read is reached one by one, so that the lines before it are told good."""
    after, size = 0, _BATCH
    while True:
        try:
            batch = tx.events.read(after=after, limit=size)
        except Exception:
            if size == 1:
                raise
            size = 1
            continue
        if not batch:
            return
        yield from batch
        after = max(batch[-1].sequence, after + 1)
