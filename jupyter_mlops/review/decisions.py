"""One person's entry, and what follows: in one write transaction, on evidence that was hashed again in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_mlops.errors import Conflict, Invalid, MlopsError
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.review import Decision, Review, ReviewStatus, Verdict
from jupyter_mlops.registry import lapse_sentence, lapse_within, move_alias_within
from jupyter_mlops.review.evidence import stale_parts
from jupyter_mlops.review.opening import already_closed, close, review_of
from jupyter_mlops.review.prospect import Weight, weigh, weighed
from jupyter_mlops.review.sides import same_person
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["decide"]

_LONGEST = 10_000
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class _Settled:
    """What the transaction came to. A refusal is raised once what it wrote into the ledger is kept."""

    review: Review
    refusal: MlopsError | None = None


def decide(ws: Workspace, review: str, verdict: Verdict, comment: str = "") -> Review:
    """Enter a decision; enough approvals move the alias, in the same transaction.

    The evidence is recomputed from the books first, model bytes included. If a part of it changed the review lapses
    instead, and the error names the part. A later decision of the same person takes the place of the earlier one.

    Parameters
    ----------
    review
        The review's id, or a unique tail of at least four characters.
    verdict
        approve, reject or abstain. A rejection that counts closes the review.
    comment
        Why; a rejection needs one.

    Raises
    ------
    Conflict
        The evidence changed, or the review is closed already.
    Forbidden
        The policy refuses an approval by this person, or of this candidate.
    Invalid
        A rejection has no comment.
    """
    # People who write Python write "approve"; the doors hand over the enum.
    verdict = decode(Verdict, verdict, at="verdict")
    said = _checked_comment(verdict, comment)
    with ws.store.write() as tx:
        settled = _settle(tx, ws, review_of(tx, review), verdict, said)
    if settled.refusal is not None:
        raise settled.refusal
    return settled.review


def _checked_comment(verdict: Verdict, comment: str) -> str:
    said = comment.strip()
    if verdict is Verdict.REJECT and not said:
        raise Invalid("a rejection needs a comment", remedy="Say what has to change with --comment.")
    if len(said) > _LONGEST:
        raise Invalid(
            f"the comment has {len(said)} characters; at most {_LONGEST} are kept",
            remedy=f"Shorten it to {_LONGEST} characters; a longer text belongs in a notebook of the project.",
        )
    return said


def _settle(tx: Transaction, ws: Workspace, review: Review, verdict: Verdict, comment: str) -> _Settled:
    if review.status is not ReviewStatus.OPEN:
        raise already_closed(review)
    stale = stale_parts(tx, ws.blobs, review)
    if stale:
        return _lapsed(tx, ws, review, stale)
    weight = weigh(tx, ws, review)
    if verdict is Verdict.APPROVE and weight.refusal is not None:
        told = {"review": review.id, "verdict": verdict.value, "why": weight.refusal.message}
        tx.events.append([ws.event("review.refused", review.reference, **told)])
        return _Settled(review, weight.refusal)
    entered = _enter(tx, ws, review, _decision(ws, review, weight, verdict, comment))
    return _Settled(weighed(tx, ws, _follow(tx, ws, entered, weight.quorum)))


def _lapsed(tx: Transaction, ws: Workspace, review: Review, stale: Sequence[str]) -> _Settled:
    lapsed = lapse_within(tx, ws, review, stale)
    failure = Conflict(
        lapse_sentence(review, stale),
        remedy=f"Look again: jupyter mlops review open {review.reference} --alias {review.alias}.",
        data={"review": review.id, "parts": list(stale)},
    )
    return _Settled(lapsed, failure)


def _decision(ws: Workspace, review: Review, weight: Weight, verdict: Verdict, comment: str) -> Decision:
    return Decision(
        actor=ws.actor,
        verdict=verdict,
        comment=comment,
        evidence_digest=review.evidence_digest,
        at=ws.now(),
        counts=weight.discount is None,
        note=weight.note(verdict),
    )


def _enter(tx: Transaction, ws: Workspace, review: Review, decision: Decision) -> Review:
    if len(review.decisions) >= _MOST:
        raise Conflict(f"the review has {_MOST} decisions already", remedy="Withdraw it and open a new one.")
    # What does not count changes nothing, so it takes no other's place either.
    earlier = tuple(
        _replaced(d) if decision.counts and same_person(d.actor.name, decision.actor.name) else d
        for d in review.decisions
    )
    entered = replace(review, decisions=(*earlier, decision))
    tx.reviews.replace(entered)
    told = {
        "review": review.id,
        "alias": review.alias,
        "verdict": decision.verdict.value,
        "comment": decision.comment,
        "counts": decision.counts,
        "note": decision.note,
        "evidence": decision.evidence_digest,
    }
    tx.events.append([ws.event("review.decided", review.reference, **told)])
    return entered


def _replaced(decision: Decision) -> Decision:
    if not decision.counts:
        return decision
    note = ", ".join(filter(None, ("not counted: replaced by a later decision", decision.note)))
    return replace(decision, counts=False, note=note)


def _follow(tx: Transaction, ws: Workspace, review: Review, quorum: int) -> Review:
    """Close what has been settled: a rejection that counts, or enough approvals."""
    last = review.decisions[-1]
    if last.verdict is Verdict.REJECT and last.counts:
        return close(tx, ws, review, ReviewStatus.REJECTED, last.comment)
    if review.approvals < quorum:
        return review
    champion = review.evidence.champion
    move_alias_within(
        tx,
        ws,
        model=review.model,
        alias=review.alias,
        version=review.version,
        expected=champion.version if champion else 0,
        reason=last.comment or f"approved in review {review.short}",
        review=review.id,
    )
    return close(tx, ws, review, ReviewStatus.APPROVED)
