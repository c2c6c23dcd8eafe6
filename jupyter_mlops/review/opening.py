"""A review is asked for, looked up, shown and withdrawn."""

from __future__ import annotations

from dataclasses import replace

from jupyter_mlops.errors import Conflict, NotFound
from jupyter_mlops.records.query import Page, Query
from jupyter_mlops.records.query import equal as where
from jupyter_mlops.records.query import query as read_query
from jupyter_mlops.records.review import REVIEW_STEPS, Evidence, Review, ReviewStatus
from jupyter_mlops.registry import evidence_digest, lapse_sentence, lapse_within, policy_of, version_of
from jupyter_mlops.registry.finding import held_alias
from jupyter_mlops.registry.names import checked_alias
from jupyter_mlops.review.evidence import barred_from, gather, rules_of, stale_parts
from jupyter_mlops.review.prospect import weighed
from jupyter_mlops.review.sides import read_subject
from jupyter_mlops.review.told import shown_digest
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.store.short_ids import by_id
from jupyter_mlops.workspace import Workspace

__all__ = [
    "already_closed",
    "close",
    "find_reviews",
    "get_review",
    "open_review",
    "review_of",
    "show_review",
    "withdraw_review",
]


def open_review(ws: Workspace, reference: str, alias: str = "champion") -> Review:
    """Ask for an alias to be moved to a version, with the evidence as it stands now; where one is open, show that.

    An open review whose evidence has changed lapses and a new one is opened. A version that the alias points at
    already, by an approval that stands, needs no second one: that approved review is returned.

    Parameters
    ----------
    reference
        The version, such as ``pm25:2``.
    alias
        The name that shall point at it.

    Raises
    ------
    NotFound
        There is no such version.
    Invalid
        *reference* is no reference, or *alias* cannot be one.
    """
    checked_alias(alias)
    with ws.store.read() as tx:
        version, _ = version_of(tx, reference)
        model, number = version.model, version.version
        kept = _open_one(tx, model, number, alias) or _standing_one(tx, model, number, alias)
        stale = stale_parts(tx, ws.blobs, kept) if kept else ()
        if kept and not stale:
            return weighed(tx, ws, kept)
        evidence = gather(tx, ws.blobs, model=model, version=number, alias=alias)
    with ws.store.write() as tx:
        if kept:
            lapse_within(tx, ws, kept, stale)
        faster = _open_one(tx, model, number, alias)
        return weighed(tx, ws, faster or _opened(tx, ws, evidence, model, alias))


def _opened(tx: Transaction, ws: Workspace, evidence: Evidence, model: str, alias: str) -> Review:
    policy = policy_of(tx, model)
    candidate = read_subject(tx, ws.blobs, model, evidence.candidate.version)
    review = Review(
        id=ws.new_id(),
        model=model,
        version=evidence.candidate.version,
        alias=alias,
        evidence=evidence,
        evidence_digest=evidence_digest(evidence.parts),
        required=policy.quorum if policy else 1,
        opened=ws.now(),
        actor=ws.actor,
        rules=rules_of(policy),
        barred=barred_from(candidate, policy),
    )
    tx.reviews.add(review)
    champion = evidence.champion.version if evidence.champion else None
    told = {"review": review.id, "alias": alias, "evidence": review.evidence_digest, "champion": champion}
    told["shown"] = shown_digest(evidence)
    tx.events.append([ws.event("review.opened", review.reference, **told)])
    return review


def _open_one(tx: Transaction, model: str, version: int, alias: str) -> Review | None:
    condition = where(model=model, version=version, alias=alias, status=ReviewStatus.OPEN.value)
    found = tx.reviews.find(read_query(limit=1, also=condition))
    return found[0] if found.total else None


def _standing_one(tx: Transaction, model: str, version: int, alias: str) -> Review | None:
    """The approval the alias rests on, where it points at this version."""
    held = held_alias(tx, model, alias)
    if held is None or held.version != version or held.review is None:
        return None
    review = tx.reviews.get(held.review)
    return review if review.status is ReviewStatus.APPROVED else None


def find_reviews(
    ws: Workspace, query: str = "", *, order: str = "", limit: int = 100, cursor: str | None = None
) -> Page[Review]:
    """Find reviews, the newest first."""
    with ws.store.read() as tx:
        return tx.reviews.find(
            read_query(
                query, order=order or "opened desc", limit=limit, cursor=cursor, now=ws.now(), of=Review
            )
        )


def get_review(ws: Workspace, review: str) -> Review:
    """Show a review by its id, open or closed: the evidence as it was frozen, and the decisions.

    Returns
    -------
    While it is open, ``prospect`` says what a decision by whoever asks would come to.

    Raises
    ------
    NotFound
        There is none.
    Invalid
        Several end so.
    """
    with ws.store.read() as tx:
        return weighed(tx, ws, review_of(tx, review))


def review_of(tx: Transaction, review: str) -> Review:
    """Return the review with this id or unique tail, inside a transaction."""
    return by_id(tx.reviews, "review", review)


def show_review(ws: Workspace, reference: str) -> Review:
    """Show the open review of a version, else its latest, checked against the books but not changed.

    Where the evidence no longer agrees, what is returned says ``lapsed`` and names the parts; that is recorded when
    somebody decides, opens, loads or verifies.

    Parameters
    ----------
    reference
        A version (``pm25:2``, ``pm25@champion``), or a review's id.

    Returns
    -------
    While it is open, ``prospect`` says what a decision by whoever asks would come to.

    Raises
    ------
    NotFound
        The version has no review; the remedy is the command that opens one.
    """
    with ws.store.read() as tx:
        review = _shown(tx, reference)
        if ReviewStatus.LAPSED not in REVIEW_STEPS[review.status]:
            return review
        stale = stale_parts(tx, ws.blobs, review)
        if not stale:
            return weighed(tx, ws, review)
    sentence = lapse_sentence(review, stale)
    return replace(review, status=ReviewStatus.LAPSED, changed=stale, reason=sentence)


def _shown(tx: Transaction, reference: str) -> Review:
    if ":" not in reference and "@" not in reference and not tx.models.find(_named(reference)).total:
        return review_of(tx, reference)
    version, _ = version_of(tx, reference)
    of_version = where(model=version.model, version=version.version)
    found = tx.reviews.find(read_query("status = 'open'", order="opened desc", limit=1, also=of_version))
    found = (
        found if found.total else tx.reviews.find(read_query(order="opened desc", limit=1, also=of_version))
    )
    if not found.total:
        raise NotFound(
            f"{version.reference} has no review",
            remedy=f"Open one: jupyter mlops review open {version.reference}.",
            data={"reference": version.reference},
        )
    return found[0]


def _named(model: str) -> Query:
    return read_query(limit=1, also=where(name=model))


def withdraw_review(ws: Workspace, review: str, reason: str = "") -> Review:
    """Take back an open review; what was decided so far stays on record.

    Raises
    ------
    Conflict
        It is closed already.
    """
    with ws.store.write() as tx:
        return close(tx, ws, review_of(tx, review), ReviewStatus.WITHDRAWN, reason)


def close(tx: Transaction, ws: Workspace, review: Review, status: ReviewStatus, reason: str = "") -> Review:
    """Take *review* to an end, in the caller's transaction; ``Conflict`` where the step is not a legal one."""
    if status not in REVIEW_STEPS[review.status]:
        raise already_closed(review)
    closed = replace(review, status=status, reason=reason, closed=ws.now())
    tx.reviews.replace(closed)
    told = {"review": review.id, "alias": review.alias, "evidence": review.evidence_digest, "reason": reason}
    tx.events.append([ws.event(f"review.{status}", review.reference, **told)])
    return closed


def already_closed(review: Review) -> Conflict:
    """Return the error for a review that takes no more decisions."""
    why = f" ({review.reason})" if review.reason else ""
    return Conflict(
        f"the review of {review.reference} for {review.alias} is {review.status}{why}",
        remedy=f"Open a new one: jupyter mlops review open {review.reference} --alias {review.alias}.",
        data={"review": review.id, "status": review.status.value, "parts": list(review.changed)},
    )
