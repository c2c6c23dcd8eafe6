"""Does an approval still stand? Asked at load, at the decision and by ``verify``; here is what happens if not."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace

from jupyter_mlops.errors import Conflict, MlopsError, Untrusted
from jupyter_mlops.records.model import Alias
from jupyter_mlops.records.review import REVIEW_STEPS, Review, ReviewStatus
from jupyter_mlops.registry.finding import policy_of
from jupyter_mlops.registry.parts import changed_parts
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["LapsedWarning", "check_standing", "lapse_sentence", "lapse_within"]

# Losing one of these means that the bytes themselves are not what was approved.
_BYTES = ("model", "evidence")


class LapsedWarning(UserWarning):
    """A model was loaded although the approval behind its alias no longer stands."""


def lapse_sentence(review: Review, parts: Sequence[str]) -> str:
    """Return why the approval in *review* no longer stands, the changed parts named."""
    return (
        f"the approval of {review.reference} for {review.alias!r} rests on evidence that has changed since: "
        f"{', '.join(parts)}"
    )


def lapse_within(tx: Transaction, ws: Workspace, review: Review, parts: Sequence[str]) -> Review:
    """Mark *review* lapsed because of *parts*, in the caller's transaction; one that is closed stays as it is."""
    current = tx.reviews.get(review.id)
    if ReviewStatus.LAPSED not in REVIEW_STEPS[current.status]:
        return current
    lapsed = replace(
        current,
        status=ReviewStatus.LAPSED,
        reason=lapse_sentence(current, parts),
        closed=ws.now(),
        changed=tuple(parts),
    )
    tx.reviews.replace(lapsed)
    tx.events.append(
        [
            ws.event(
                "review.lapsed",
                current.reference,
                review=current.id,
                alias=current.alias,
                parts=list(parts),
                evidence=current.evidence_digest,
            )
        ]
    )
    return lapsed


def check_standing(ws: Workspace, alias: Alias) -> tuple[str, ...]:
    """Compare the books with what was approved when *alias* was moved; return the parts that changed.

    Whatever moved the alias, its record must agree with the ledger's last word on it. Behind a review the evidence is
    recomputed; where something changed the review lapses (once), and then

    - changed model bytes always refuse,
    - anything else refuses where a policy protects the alias, and warns where none does,
    - a lapse does not heal by itself: only a new review clears it.

    Raises
    ------
    Untrusted
        The alias or the model's bytes are not those that were approved.
    Conflict
        Another part changed and the alias is protected.
    """
    with ws.store.read() as tx:
        _check_told(tx, alias)
        if alias.review is None:
            return ()
        review = tx.reviews.get(alias.review)
        policy = policy_of(tx, alias.model)
        changed = changed_parts(tx, ws.blobs, review) or _never_signed(tx, alias, review)
    said = changed or (review.changed or ("evidence",) if review.status is ReviewStatus.LAPSED else ())
    if not said:
        return ()
    _mark(ws, review, said)
    sentence = lapse_sentence(review, said)
    data = {"review": review.id, "parts": list(said), "alias": alias.reference}
    if any(part in changed for part in _BYTES):
        raise Untrusted(sentence, remedy=_remedy(review, "Restore the bytes from a copy"), data=data)
    if policy is not None and alias.name in policy.protected:
        raise Conflict(
            sentence,
            remedy=_remedy(review, f"Find out who changed it (jupyter mlops history {alias.model})"),
            data=data,
        )
    warnings.warn(f"{sentence}. {_remedy(review, 'It was loaded all the same')}", LapsedWarning, stacklevel=3)
    return said


def _check_told(tx: Transaction, alias: Alias) -> None:
    """Refuse an alias that points elsewhere than the ledger's last move of it: somebody went past the ledger."""
    told: object = None
    after = 0
    while batch := tx.events.read(after=after, subject=alias.reference, kind="alias.moved"):
        told, after = (batch[-1].data.get("version"), batch[-1].data.get("review")), batch[-1].sequence
    if told != (alias.version, alias.review):
        raise Untrusted(
            f"{alias.reference} points at version {alias.version}, and the ledger's last move of it says otherwise",
            remedy="Somebody changed the store: jupyter mlops verify tells more. Name a version outright meanwhile.",
            data={"alias": alias.reference, "version": alias.version},
        )


def _never_signed(tx: Transaction, alias: Alias, review: Review) -> tuple[str, ...]:
    """A review about something else, or one whose approval the ledger does not know, approves nothing."""
    same = (alias.model, alias.name, alias.version) == (review.model, review.alias, review.version)
    approvals = tx.events.read(subject=review.reference, kind="review.approved")
    signed = {(event.data.get("review"), event.data.get("evidence")) for event in approvals}
    return () if same and (review.id, review.evidence_digest) in signed else ("evidence",)


def _remedy(review: Review, first: str) -> str:
    return f"{first}, or review it anew: jupyter mlops review open {review.reference} --alias {review.alias}."


def _mark(ws: Workspace, review: Review, changed: Sequence[str]) -> None:
    try:
        with ws.store.write() as tx:
            lapse_within(tx, ws, review, changed)
    except MlopsError as failure:
        # A reader of a store that cannot be written now must still be told.
        warnings.warn(
            f"the lapse of review {review.id} could not be recorded: {failure}", LapsedWarning, stacklevel=3
        )
