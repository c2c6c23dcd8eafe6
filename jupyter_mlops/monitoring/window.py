"""The last rows that a deployment was asked about, and what became known of them."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.deployment import Prediction
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.store.tail import last_sequence

__all__ = ["last_predictions", "outcomes_of"]

_BATCH = 1000
_MAXIMUM = 100_000


def last_predictions(tx: Transaction, owner: str, rows: int) -> Sequence[Prediction]:
    """Return the last *rows* predictions of a deployment, the oldest first."""
    if not 1 <= rows <= _MAXIMUM:
        raise Invalid(
            f"rows is {rows}; it must lie between 1 and {_MAXIMUM}",
            remedy=f"Give --rows from 1 to {_MAXIMUM}.",
        )
    end = last_sequence(tx.predictions, owner)
    found: list[Prediction] = []
    after = max(end - rows, 0)
    while batch := tx.predictions.read(owner, after=after, limit=_BATCH):
        found.extend(batch)
        after = batch[-1].sequence
    return found[-rows:]


def outcomes_of(tx: Transaction, owner: str) -> dict[str, object]:
    """Return what became known, by request; a later word replaces an earlier one."""
    known: dict[str, object] = {}
    after = 0
    while batch := tx.predictions.read(f"{owner}/outcomes", after=after, limit=_BATCH):
        known |= {item.request: item.outcome for item in batch}
        after = batch[-1].sequence
    return known
