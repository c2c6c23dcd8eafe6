"""One step back by hand: the alias returns to the version it pointed at before."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_mlops.errors import Conflict, Invalid
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.model import Alias
from jupyter_mlops.records.query import equal, query
from jupyter_mlops.records.review import Outcome, ReviewStatus
from jupyter_mlops.registry import alias_history, move_alias_within
from jupyter_mlops.registry.finding import held_alias
from jupyter_mlops.review import check_version
from jupyter_mlops.review.evidence import stale_parts
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["rollback"]

_LABEL = "rollback"


def rollback(ws: Workspace, *, model: str, alias: str = "champion", reason: str) -> Alias:
    """Point an alias at the version it pointed at before, past any review; repeated, it goes further back.

    This is the emergency path: a policy that protects the alias does not stop it, and the ledger says who took it
    and why. The approval that version once had is bound to it again where its evidence still stands.

    Parameters
    ----------
    reason
        Why; it stands in the ledger.

    Raises
    ------
    Conflict
        There is no earlier version, its bytes are damaged, or somebody moved the alias meanwhile.
    Invalid
        No reason was given.
    """
    if not reason.strip():
        raise Invalid("a rollback needs a reason", remedy="Say what went wrong with --reason.")
    before, now = _last_two(alias_history(ws, model, alias), f"{model}@{alias}")
    _check_bytes(ws, f"{model}:{before}", alias)
    with ws.store.write() as tx:
        held = held_alias(tx, model, alias)
        if held is None or held.version != now:
            points = f"points at {held.version}" if held else "does not exist"
            raise Conflict(
                f"{model}@{alias} {points}, and the ledger's last move of it says {now}",
                remedy="Look at `jupyter mlops history` and `jupyter mlops verify`.",
            )
        review = _standing(tx, ws, model, before, alias)
        return move_alias_within(
            tx,
            ws,
            model=model,
            alias=alias,
            version=before,
            expected=now,
            reason=reason.strip(),
            review=review,
            label=_LABEL,
        )


def _last_two(moves: Iterable[Event], reference: str) -> tuple[int, int]:
    """Replay the moves as a pile: a promotion lies on top, a rollback takes off what it went back from."""
    pile: list[int] = []
    for move in moves:
        version = move.data.get("version")
        if not isinstance(version, int):
            continue
        if move.data.get("label") == _LABEL and version in pile:
            while pile[-1] != version:
                pile.pop()
        elif not pile or pile[-1] != version:
            pile.append(version)
    if len(pile) < 2:  # noqa: PLR2004 - where it is, and where it was
        held = f"only ever pointed at {pile[0]}" if pile else "was never moved"
        raise Conflict(f"{reference} {held}: there is nothing to go back to", remedy="Move it by a review.")
    return pile[-2], pile[-1]


def _check_bytes(ws: Workspace, reference: str, alias: str) -> None:
    (loads,) = (check for check in check_version(ws, reference, alias).checks if check.name == "loads")
    if loads.outcome is not Outcome.PASSED:
        raise Conflict(
            f"{reference} cannot be gone back to: {loads.summary}",
            remedy="Restore the blob folder from a copy, or move the alias to a sound version.",
        )


def _standing(tx: Transaction, ws: Workspace, model: str, version: int, alias: str) -> str | None:
    """The approval of the version, where it still stands: loading then goes on checking against it."""
    condition = equal(model=model, version=version, alias=alias, status=ReviewStatus.APPROVED.value)
    found = tx.reviews.find(query(order="opened desc", limit=1, also=condition))
    return found[0].id if found.total and not stale_parts(tx, ws.blobs, found[0]) else None
