"""What the ledger says of a review. A row can be rewritten in place; a line of the chain cannot."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from jupyter_mlops.records.essence import essence
from jupyter_mlops.records.event import Event, canonical
from jupyter_mlops.records.review import Evidence, Review
from jupyter_mlops.review.sides import same_person
from jupyter_mlops.store.protocol import Transaction

__all__ = ["approval_is_told", "decisions_are_told", "evidence_is_told", "shown_digest"]

_BATCH = 1000


def shown_digest(evidence: Evidence) -> str:
    """Return the digest of all that a reviewer reads, sentences included."""
    return hashlib.sha256(canonical(essence(evidence))).hexdigest()


def evidence_is_told(tx: Transaction, review: Review) -> bool:
    """Tell whether what reviewers read is what the ledger says was put before them."""
    return [event.data.get("shown") for event in _lines(tx, review, "opened")] == [
        shown_digest(review.evidence)
    ]


def decisions_are_told(tx: Transaction, review: Review) -> bool:
    """Tell whether the decisions, and which of them count, are those that were entered; none added, none retouched."""
    lines = list(_lines(tx, review, "decided"))
    told = [
        (
            line.actor,
            line.data.get("verdict"),
            line.data.get("comment"),
            line.data.get("evidence"),
            _counts(lines, at),
        )
        for at, line in enumerate(lines)
    ]
    return told == [
        (d.actor, d.verdict.value, d.comment, d.evidence_digest, d.counts) for d in review.decisions
    ]


def _counts(lines: list[Event], at: int) -> bool:
    later = any(
        line.data.get("counts") and same_person(line.actor.name, lines[at].actor.name)
        for line in lines[at + 1 :]
    )
    return bool(lines[at].data.get("counts")) and not later


def approval_is_told(tx: Transaction, review: Review) -> bool:
    """Tell whether the ledger has the approval, on this evidence."""
    return any(line.data.get("evidence") == review.evidence_digest for line in _lines(tx, review, "approved"))


def _lines(tx: Transaction, review: Review, what: str) -> Iterator[Event]:
    after = 0
    while batch := tx.events.read(after=after, limit=_BATCH, subject=review.reference, kind=f"review.{what}"):
        yield from (event for event in batch if event.data.get("review") == review.id)
        after = batch[-1].sequence
