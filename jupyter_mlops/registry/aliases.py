"""The names that move between versions."""

from __future__ import annotations

from jupyter_mlops.errors import Conflict, Forbidden, Invalid, NotFound
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.lineage import Resolved
from jupyter_mlops.records.model import Alias, ModelVersion
from jupyter_mlops.records.query import Page, query
from jupyter_mlops.records.query import equal as where
from jupyter_mlops.registry.finding import held_alias, known_model, policy_of, version_of
from jupyter_mlops.registry.names import checked_alias, checked_name
from jupyter_mlops.registry.soundness import check_bytes, check_registered
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["alias_history", "find_aliases", "move_alias", "move_alias_within", "resolve"]

_BATCH = 1000
_FIRST = "champion"  # every model is to have one


def resolve(ws: Workspace, reference: str) -> Resolved:
    """Say which version is meant now by an alias, a number or the bare name of a model.

    Raises
    ------
    NotFound
        There is nothing under that name; the remedy lists what there is.
    Invalid
        It is no reference, or a bare name with several versions.
    """
    with ws.store.read() as tx:
        version, alias = version_of(tx, reference)
    return Resolved(model=version.model, version=version.version, alias=None if alias is None else alias.name)


def find_aliases(
    ws: Workspace, model: str = "", *, limit: int = 100, cursor: str | None = None
) -> Page[Alias]:
    """List aliases and the versions they point at; of one model, or of all."""
    with ws.store.read() as tx:
        if model:
            known_model(tx, checked_name(model))
        return tx.aliases.find(query(limit=limit, cursor=cursor, also=where(model=model) if model else None))


def alias_history(ws: Workspace, model: str, alias: str = "champion") -> tuple[Event, ...]:
    """List every move of an alias, the oldest first, as the ledger has it.

    Raises
    ------
    NotFound
        There is no such model, or it never had an alias of that name. One that waits for its first champion has
        a history without lines.
    """
    subject = f"{checked_name(model)}@{checked_alias(alias)}"
    with ws.store.read() as tx:
        known_model(tx, model)
        found: list[Event] = []
        while batch := tx.events.read(
            after=found[-1].sequence if found else 0, limit=_BATCH, subject=subject
        ):
            found.extend(batch)
        if not found and alias != _FIRST and held_alias(tx, model, alias) is None:
            raise NotFound(
                f"there is no alias {subject}, and never was",
                remedy=f"jupyter mlops aliases {model} lists them.",
            )
    return tuple(event for event in found if event.kind.startswith("alias."))


def move_alias(
    ws: Workspace,
    *,
    model: str,
    alias: str,
    version: int,
    reason: str,
    expected: int | None = None,
    emergency: bool = False,
) -> Alias:
    """Point an alias at a version by hand, unless somebody moved it first; where it points there already, nothing is done.

    What the version is made of is hashed again first: no alias is pointed at bytes that are not those registered, in
    an emergency neither.

    Parameters
    ----------
    version
        The number of the version it shall point at.
    expected
        The version the alias must point at now (0: it must not exist); without it, whatever it points at.
    reason
        Why; kept in the ledger.
    emergency
        Move an alias that a policy protects, past its reviews. Recorded as such, for everybody to see.

    Raises
    ------
    Invalid
        No reason is given.
    Forbidden
        A policy lets only a review move this alias.
    Conflict
        It points elsewhere than *expected*.
    NotFound
        There is no such model or version, or its bytes are gone.
    Untrusted
        Its bytes, or its record, are not what was registered.
    """
    if not reason.strip():
        raise Invalid(
            "moving an alias needs a reason", remedy="Say why with --reason; it stands in the ledger."
        )
    with ws.store.read() as tx:
        known_model(tx, checked_name(model))
        meant = tx.versions.get(model, version)
        if not emergency:
            _require_unprotected(tx, meant, alias)
        check_registered(tx, meant)
    check_bytes(ws.blobs, meant)  # before the store is held: it may be gigabytes
    with ws.store.write() as tx:
        if not emergency:
            _require_unprotected(tx, meant, alias)
        held = held_alias(tx, model, alias)
        if held is not None and held.version == version and expected in (None, version):
            return held
        label = "emergency" if emergency else "unreviewed"
        return move_alias_within(
            tx, ws, model=model, alias=alias, version=version, expected=expected, reason=reason, label=label
        )


def _require_unprotected(tx: Transaction, version: ModelVersion, alias: str) -> None:
    policy = policy_of(tx, version.model)
    if policy is not None and alias in policy.protected:
        raise Forbidden(
            f"the policy of {version.model!r} lets only an approved review move {alias!r}",
            remedy=f"Open one: jupyter mlops review open {version.reference} --alias {alias}.",
            data={"model": version.model, "alias": alias, "version": version.version},
        )


def move_alias_within(  # noqa: PLR0913 - the words of move_alias, and what its two callers say of the move
    tx: Transaction,
    ws: Workspace,
    *,
    model: str,
    alias: str,
    version: int,
    expected: int | None = None,
    reason: str = "",
    review: str | None = None,
    label: str = "",
) -> Alias:
    """Point *alias* at *version* inside the caller's write transaction, with its event. Asks no policy.

    *review* is the review that decided it, *label* what the event says of a move that none decided. *expected* is as
    in ``move_alias``.
    """
    tx.versions.get(model, version)
    held = held_alias(tx, model, checked_alias(alias))
    was = held.version if held is not None else None
    if expected is not None and (was or 0) != expected:
        points = f"points at {was}{' already' if was == version else ''}" if was else "does not exist"
        raise Conflict(
            f"{model}@{alias} {points}, and not at {expected}" if expected else f"{model}@{alias} {points}",
            remedy="Somebody moved it: look at `jupyter mlops history`, then decide again.",
            data={"model": model, "alias": alias, "held": was, "expected": expected},
        )
    moved = Alias(
        model=model, name=alias, version=version, moved=ws.now(), actor=ws.actor, reason=reason, review=review
    )
    tx.aliases.replace(moved)
    data = {"version": version, "was": was, "reason": reason, "review": review}
    tx.events.append(
        [ws.event("alias.moved", moved.reference, **data, **({"label": label} if label else {}))]
    )
    return moved
