"""Does everything still say what was decided? The ledger's chain, and the evidence of every approval, recomputed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from jupyter_mlops.ledger import state_at, verify_chain
from jupyter_mlops.records.query import query as read_query
from jupyter_mlops.records.review import Lapse, Review, ReviewStatus, Verification
from jupyter_mlops.registry import lapse_within
from jupyter_mlops.registry.finding import held_alias
from jupyter_mlops.review.evidence import stale_parts
from jupyter_mlops.review.told import approval_is_told
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["verify"]

_BATCH = 100
# Once the alias has moved on, rules and champion have rightly moved on as well.
_OUTDATED = frozenset({"policy", "champion"})


def verify(ws: Workspace) -> Verification:
    """Recompute the ledger's chain and the evidence of every approval, model bytes included.

    An approval whose evidence changed lapses now, the parts named. Its alias stays where it is and is told of in
    ``lapsed`` until a new review moves or confirms it.

    Returns
    -------
    ``ok`` is true where the chain is whole, every alias points where the ledger says, and every approval stands.
    """
    chain = verify_chain(ws)
    approvals = list(_approvals(ws))
    lapsed = tuple(lapse for review in approvals for lapse in _checked(ws, review))
    problem = chain.problem or (_strayed(ws) if chain.ok else "")
    return Verification(
        ok=chain.ok and not problem and not lapsed,
        events=chain.events,
        head=chain.head,
        problem=problem,
        sequence=chain.first_bad,
        reviews=len(approvals),
        lapsed=lapsed,
    )


def _approvals(ws: Workspace) -> Iterator[Review]:
    """Every review that was approved, those that lapsed afterwards included."""
    cursor = None
    while True:
        with ws.store.read() as tx:
            condition = f"status in ('{ReviewStatus.APPROVED}', '{ReviewStatus.LAPSED}')"
            page = tx.reviews.find(read_query(condition, order="opened", limit=_BATCH, cursor=cursor))
        yield from (review for review in page if review.approvals >= review.required)
        cursor = page.cursor
        if cursor is None:
            return


def _checked(ws: Workspace, review: Review) -> Iterator[Lapse]:
    with ws.store.read() as tx:
        held = _holds(tx, review)
        parts = _changed(tx, ws, review, held=held)
    if not parts:
        return
    if review.status is ReviewStatus.APPROVED:
        with ws.store.write() as tx:
            lapse_within(tx, ws, review, parts)
    yield Lapse(
        review=review.id,
        model=review.model,
        version=review.version,
        alias=review.alias,
        parts=parts,
        held=held,
    )


def _holds(tx: Transaction, review: Review) -> bool:
    alias = held_alias(tx, review.model, review.alias)
    return alias is not None and alias.review == review.id


def _changed(tx: Transaction, ws: Workspace, review: Review, *, held: bool) -> tuple[str, ...]:
    parts = stale_parts(tx, ws.blobs, review)
    if (
        review.status is ReviewStatus.APPROVED
        and not approval_is_told(tx, review)
        and "evidence" not in parts
    ):
        parts = (*parts, "evidence")
    if held:
        # A lapse does not heal by itself: putting the bytes back is good, deciding anew is what clears it.
        return parts or (review.changed if review.status is ReviewStatus.LAPSED else ())
    return tuple(part for part in parts if part not in _OUTDATED)


def _strayed(ws: Workspace) -> str:
    """Return the sentence about the first alias that points elsewhere than the ledger's last move of it."""
    told = state_at(ws, datetime.max.replace(tzinfo=UTC)).aliases
    with ws.store.read() as tx:
        for alias in tx.aliases.find(read_query(limit=10_000)):
            if told.get(alias.reference) != alias.version:
                says = told.get(alias.reference)
                return f"{alias.reference} points at {alias.version}, but the ledger's last move of it " + (
                    f"says {says}" if says else "is missing"
                )
    return ""
