"""What happened, and what pointed where when."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.chain import State
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.query import MAXIMUM_PAGE
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.store.short_ids import by_id
from jupyter_mlops.workspace import Workspace

__all__ = ["history", "state_at"]

_BATCH = 1000


def history(
    ws: Workspace,
    subject: str = "",
    *,
    kind: str = "",
    after: int = 0,
    limit: int = 1000,
    newest: bool = False,
) -> Sequence[Event]:
    """List lines of the ledger, in order.

    Parameters
    ----------
    subject
        What they are about: the id of a run, a job, a review or a deployment, or the last characters of it;
        ``pm25:2``, ``pm25@champion``; a model's name for all of these of it; empty for everything.
    kind
        Such as ``alias.moved``, or ``alias.`` for all that begin so; empty for every kind.
    after
        A sequence; only later lines are returned. The last one seen is the cursor to go on from.
    limit
        At most so many.
    newest
        The last *limit* lines instead of the first.

    Raises
    ------
    NotFound
        Nothing was ever written down about the subject.
    Invalid
        *limit* or *after* is out of range, or more than one id ends so.
    """
    if not 1 <= limit <= MAXIMUM_PAGE:
        raise Invalid(
            f"limit is {limit}; it must lie between 1 and {MAXIMUM_PAGE}",
            remedy=f"Give --limit from 1 to {MAXIMUM_PAGE}.",
        )
    if after < 0:
        raise Invalid(
            f"after is {after}; a sequence starts at 1",
            remedy="Give 0 for the beginning, or the sequence of the last event you have.",
        )
    with ws.store.read() as tx:
        if _is_model(tx, subject):
            found = (e for e in _lines(tx, after=after, kind=kind) if _is_of(subject, e.subject))
            return tuple(deque(found, limit)) if newest else tuple(islice(found, limit))
        meant = _meant(tx, subject)
        if not newest:
            return tuple(tx.events.read(after=after, limit=limit, subject=meant, kind=kind))
        return tuple(_lines(tx, after=after, subject=meant, kind=kind))[-limit:]


def _meant(tx: Transaction, subject: str) -> str:
    """Return the subject as the ledger writes it."""
    model = re.split("[:@]", subject)[0]
    if not subject or tx.events.read(subject=subject, limit=1) or (model != subject and _is_model(tx, model)):
        return subject
    with suppress(NotFound):
        return by_id(tx.runs, "run", subject).id
    with suppress(NotFound):
        return by_id(tx.jobs, "job", subject).id
    with suppress(NotFound):
        return by_id(tx.reviews, "review", subject).id
    with suppress(NotFound):
        return by_id(tx.deployments, "deployment", subject).id
    raise NotFound(
        f"nothing was ever written down about {subject!r:.60}",
        remedy="Give a model, pm25:2, pm25@champion or an id; jupyter mlops history lists everything.",
    )


def _is_model(tx: Transaction, subject: str) -> bool:
    with suppress(NotFound):
        return bool(subject) and tx.models.get(subject) is not None
    return False


def _is_of(model: str, subject: str) -> bool:
    """Tell whether *subject* is the model, a version of it, or a name that moves between them."""
    return subject == model or subject.startswith((f"{model}:", f"{model}@"))


def state_at(ws: Workspace, moment: datetime) -> State:
    """Tell which version each alias pointed at, at a moment, by telling the ledger's moves again."""
    if moment.tzinfo is None:
        raise Invalid(f"{moment.isoformat()} has no time zone", remedy="Write 2026-01-31T12:00:00+00:00.")
    aliases: dict[str, int] = {}
    reviews: dict[str, str] = {}
    last = 0
    with ws.store.read() as tx:
        for event in _lines(tx, kind="alias."):
            if event.at > moment:
                continue  # not break: a clock that went backwards leaves later lines with earlier times
            last = max(last, event.sequence)
            _follow(event, aliases, reviews)
    return State(at=moment, sequence=last, aliases=aliases, reviews=reviews)


def _follow(event: Event, aliases: dict[str, int], reviews: dict[str, str]) -> None:
    version, review = event.data.get("version"), event.data.get("review")
    if isinstance(version, int):
        aliases[event.subject] = version
    else:
        aliases.pop(event.subject, None)
    if isinstance(review, str):
        reviews[event.subject] = review
    else:
        reviews.pop(event.subject, None)


def _lines(tx: Transaction, *, after: int = 0, subject: str = "", kind: str = "") -> Iterator[Event]:
    while batch := tx.events.read(after=after, limit=_BATCH, subject=subject, kind=kind):
        yield from batch
        after = batch[-1].sequence
