"""One person's entry, and what follows: in one write transaction, on evidence that was hashed again in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_mlops.errors import Conflict, Forbidden, Invalid, MlopsError
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.records.review import Decision, Outcome, Review, ReviewStatus, Verdict
from jupyter_mlops.registry import lapse_sentence, lapse_within, move_alias_within, policy_of
from jupyter_mlops.review.evidence import is_author, stale_parts
from jupyter_mlops.review.opening import already_closed, close, review_of
from jupyter_mlops.review.sides import Subject, read_subject, same_person
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
    policy = policy_of(tx, review.model)
    candidate = read_subject(tx, ws.blobs, review.model, review.version)
    refusal = _refusal(ws, review, policy, candidate) if verdict is Verdict.APPROVE else None
    if refusal is not None:
        told = {"review": review.id, "verdict": verdict.value, "why": refusal.message}
        tx.events.append([ws.event("review.refused", review.reference, **told)])
        return _Settled(review, refusal)
    entered = _enter(tx, ws, review, _decision(ws, review, policy, candidate, verdict, comment))
    # The quorum is the policy's, never the review's own record of it.
    return _Settled(_follow(tx, ws, entered, policy.quorum if policy else 1))


def _lapsed(tx: Transaction, ws: Workspace, review: Review, stale: Sequence[str]) -> _Settled:
    lapsed = lapse_within(tx, ws, review, stale)
    failure = Conflict(
        lapse_sentence(review, stale),
        remedy=f"Look again: jupyter mlops review open {review.reference} --alias {review.alias}.",
        data={"review": review.id, "parts": list(stale)},
    )
    return _Settled(lapsed, failure)


def _refusal(ws: Workspace, review: Review, policy: Policy | None, candidate: Subject) -> Forbidden | None:
    """Return why an approval is refused outright, in the policy's words."""
    if policy and not policy.author_may_approve and is_author(candidate, ws.actor.name):
        return Forbidden(
            f"{ws.actor.name} made {review.reference}, and the policy of {review.model} lets nobody approve their own",
            remedy="Ask somebody else to look; rejecting and abstaining are open to you.",
            data={"review": review.id, "barred": list(candidate.authors)},
        )
    open_checks = [c for c in review.evidence.checks if c.required and c.outcome is not Outcome.PASSED]
    if open_checks:
        return Forbidden(
            f"{review.reference} cannot be approved: {open_checks[0].summary}",
            remedy="Train and register a better version, or reject this one.",
            data={"review": review.id, "checks": [check.name for check in open_checks]},
        )
    return None


def _decision(
    ws: Workspace, review: Review, policy: Policy | None, candidate: Subject, verdict: Verdict, comment: str
) -> Decision:
    why_not = _why_not_counted(ws, policy)
    labels = [why_not] if why_not else []
    if verdict is Verdict.APPROVE and is_author(candidate, ws.actor.name):
        labels.append("self-approved")
    return Decision(
        actor=ws.actor,
        verdict=verdict,
        comment=comment,
        evidence_digest=review.evidence_digest,
        at=ws.now(),
        counts=not why_not,
        note=", ".join(labels),
    )


def _why_not_counted(ws: Workspace, policy: Policy | None) -> str:
    """Return why the policy leaves this person's decision out of the count; empty where it does not."""
    if policy is None:
        return ""
    if policy.reviewers and not any(same_person(ws.actor.name, name) for name in policy.reviewers):
        return f"not counted: {ws.actor.name} is not among the reviewers"
    if policy.doors and ws.actor.via.value not in policy.doors:
        return f"not counted: came through the {ws.actor.via}, the policy counts {' and '.join(policy.doors)}"
    # A policy that names the server wants people a server knows, not whoever holds its token.
    if policy.doors and ws.actor.via is Door.SERVER and not ws.actor.authenticated:
        return "not counted: the server did not know who it was"
    return ""


def _enter(tx: Transaction, ws: Workspace, review: Review, decision: Decision) -> Review:
    if len(review.decisions) >= _MOST:
        raise Conflict(f"the review has {_MOST} decisions already", remedy="Withdraw it and open a new one.")
    earlier = tuple(
        _replaced(d) if same_person(d.actor.name, decision.actor.name) else d for d in review.decisions
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
    note = ", ".join(filter(None, ("replaced by a later decision", decision.note)))
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
