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

    An alias moved by hand has nothing to compare with. Where something changed the review lapses (once), and then

    - changed model bytes always refuse,
    - anything else refuses where a policy protects the alias, and warns where none does.

    Raises
    ------
    Untrusted
        The model's bytes are not those that were approved.
    Conflict
        Another part changed and the alias is protected.
    """
    if alias.review is None:
        return ()
    with ws.store.read() as tx:
        review = tx.reviews.get(alias.review)
        policy = policy_of(tx, alias.model)
        changed = changed_parts(tx, ws.blobs, review) or _moved_on(alias, review)
    if not changed:
        return ()
    _mark(ws, review, changed)
    sentence = lapse_sentence(review, changed)
    data = {"review": review.id, "parts": list(changed), "alias": alias.reference}
    if any(part in changed for part in _BYTES):
        raise Untrusted(sentence, remedy=_remedy(review, "Restore the bytes from a copy"), data=data)
    if policy is not None and alias.name in policy.protected:
        raise Conflict(
            sentence, remedy=_remedy(review, "Find out who changed it (jupyter mlops verify)"), data=data
        )
    warnings.warn(f"{sentence}. {_remedy(review, 'It was loaded all the same')}", LapsedWarning, stacklevel=3)
    return changed


def _moved_on(alias: Alias, review: Review) -> tuple[str, ...]:
    """An alias that points elsewhere than its review says was changed behind the ledger's back."""
    same = (alias.model, alias.name, alias.version) == (review.model, review.alias, review.version)
    return () if same else ("evidence",)


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
