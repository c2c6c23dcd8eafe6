"""Messages on their way: each is claimed before it is sent, tried again after a while, and given up in the end.

Where a process dies between sending a message and noting it, another sends it again under the same id: whoever
receives it can tell. Nothing is lost, and what goes the same way as a message that failed waits with it.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta

from jupyter_mlops.errors import NotFound
from jupyter_mlops.notifications.channels.sending import send
from jupyter_mlops.notifications.channels.undelivered import Undelivered
from jupyter_mlops.records.notification import ChannelKind, Notification, NotificationStatus, Subscription
from jupyter_mlops.records.query import (
    And,
    Comparison,
    Expression,
    Field,
    Operator,
    Query,
    Scope,
    equal,
    parse_order,
)
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["Delivered", "deliver", "deliver_one"]

_TURN = 10.0  # seconds that one turn of the clock gives to messages
_STUCK = timedelta(
    minutes=5
)  # after so long, a message that is being sent is taken up by another; clocks may differ
_PAUSES = (30, 120, 600, 3600, 14_400)  # seconds before the next try; the last one over and over
_ELSEWHERE = timedelta(minutes=1)  # that a process leaves to others what it lacks the means to send
_MOST_HELD = 500  # messages of a subscription that wait with one that failed
_OLDEST = timedelta(days=2)  # a message that could not be sent for so long says nothing any more
_CLAIMABLE = (NotificationStatus.WAITING, NotificationStatus.SENDING)
_OPEN = tuple(str(status) for status in _CLAIMABLE)


@dataclass(slots=True)
class Delivered:
    """What became of the messages that were due."""

    sent: list[str] = field(default_factory=list)  # ids
    problems: list[str] = field(default_factory=list)  # one sentence for each that could not be sent


def deliver(ws: Workspace, *, seconds: float = _TURN, into: Delivered | None = None) -> Delivered:
    """Send what is due, for at most about so many *seconds*; what is left is sent by the next turn."""
    done, end = into or Delivered(), time.monotonic() + seconds
    done.problems += _expired(ws)
    while time.monotonic() < end:
        message = _next(ws)
        if message is None:
            break
        message = _send(ws, message)
        if message is None:  # somebody else was faster
            continue
        if message.status is NotificationStatus.SENT:
            done.sent.append(message.id)
        elif message.error:
            done.problems.append(f"notification {message.name!r}: {message.error}")
    return done


def deliver_one(ws: Workspace, message: Notification) -> Notification:
    """Claim *message*, send it and note how that went; return it as it then stands."""
    sent = _send(ws, message)
    if sent is not None:
        return sent
    with ws.store.read() as tx:
        return tx.notifications.get(message.subscription, message.cause)


def _send(ws: Workspace, message: Notification) -> Notification | None:
    """Claim a message and send it; None where somebody else has taken it, or it is gone."""
    claimed = _claim(ws, message)
    if claimed is None:
        return None
    message, subscription = claimed
    try:
        send(ws.settings, subscription.channel, message)
    except Undelivered as failure:
        return _note(ws, _failed(ws, message, failure))
    except Exception as failure:  # noqa: BLE001  (what nobody foresaw in one message must not stop the others)
        unforeseen = Undelivered(f"sending broke off: {type(failure).__name__}", final=False)
        return _note(ws, _failed(ws, message, unforeseen))
    return _note(ws, replace(message, status=NotificationStatus.SENT, sent=ws.now(), error=""))


def _field(name: str) -> Field:
    return Field(Scope.ATTRIBUTE, name)


def _next(ws: Workspace) -> Notification | None:
    """Return the message that is due longest among those that this machine may send."""
    due = Comparison(_field("due"), Operator.LESS_EQUAL, ws.now().isoformat())
    shown = Comparison(_field("channel"), Operator.UNEQUAL, str(ChannelKind.JUPYTERLAB))
    here = Comparison(_field("host"), Operator.IN, ("", socket.gethostname()))
    where: tuple[Expression, ...] = (Comparison(_field("status"), Operator.IN, _OPEN), due, shown, here)
    with ws.store.read() as tx:
        found = tx.notifications.find(Query(where=And(where), order=parse_order("due"), limit=1)).items
    return found[0] if found else None


def _claim(ws: Workspace, seen: Notification) -> tuple[Notification, Subscription] | None:
    with ws.store.write() as tx:
        try:
            kept = tx.notifications.get(seen.subscription, seen.cause)
            subscription = tx.subscriptions.get(kept.subscription)
        except NotFound:  # removed meanwhile
            return None
        if kept.host not in {"", socket.gethostname()}:
            return None
        if kept.status not in _CLAIMABLE or kept.due != seen.due or kept.attempts != seen.attempts:
            return None
        mine = replace(
            kept, status=NotificationStatus.SENDING, due=ws.now() + _STUCK, attempts=kept.attempts + 1
        )
        tx.notifications.replace(mine)
    return mine, subscription


def _failed(ws: Workspace, message: Notification, failure: Undelivered) -> Notification:
    if failure.final:
        return replace(message, status=NotificationStatus.FAILED, error=failure.message)
    pause = timedelta(seconds=_PAUSES[min(message.attempts, len(_PAUSES)) - 1])
    if failure.elsewhere:
        pause = _ELSEWHERE
    due = ws.now() + pause
    return replace(message, status=NotificationStatus.WAITING, due=due, error=failure.message)


def _note(ws: Workspace, message: Notification) -> Notification:
    with ws.store.write() as tx:
        if not _is_mine(tx, message):
            return message
        tx.notifications.replace(message)
        if message.status is NotificationStatus.WAITING:
            _hold_back(tx, message)
        else:
            kind = f"notification.{message.status}"
            told = ws.event(
                kind, message.id, subscription=message.name, of=message.subject, error=message.error
            )
            tx.events.append([told])
    return message


def _hold_back(tx: Transaction, failed: Notification) -> None:
    """Let what goes the same way wait as long: a receiver that is slow must not take the time of all others."""
    same = equal(subscription=failed.subscription, status=str(NotificationStatus.WAITING))
    sooner = Comparison(_field("due"), Operator.LESS, failed.due.isoformat())
    for other in tx.notifications.find(Query(where=And((same, sooner)), limit=_MOST_HELD)):
        tx.notifications.replace(replace(other, due=failed.due))


def _expired(ws: Workspace) -> list[str]:
    """Give up what could not be sent for days, also what only another machine may send; tell it."""
    old = Comparison(_field("made"), Operator.LESS, (ws.now() - _OLDEST).isoformat())
    where = And((Comparison(_field("status"), Operator.IN, _OPEN), old))
    with ws.store.read() as tx:
        found = tx.notifications.find(Query(where=where, limit=_MOST_HELD)).items
    if not found:
        return []
    problems = []
    with ws.store.write() as tx:
        for seen in found:
            try:
                kept = tx.notifications.get(seen.subscription, seen.cause)
            except NotFound:
                continue
            if kept.status not in _CLAIMABLE:
                continue
            error = f"it could not be sent for two days; {kept.error}".rstrip("; ")
            tx.notifications.replace(replace(kept, status=NotificationStatus.FAILED, error=error))
            told = {"subscription": kept.name, "of": kept.subject, "error": error}
            tx.events.append([ws.event("notification.failed", kept.id, **told)])
            problems.append(f"notification {kept.name!r}: {error}")
    return problems


def _is_mine(tx: Transaction, message: Notification) -> bool:
    """Tell whether nobody else has taken the message up meanwhile, nor removed it."""
    try:
        kept = tx.notifications.get(message.subscription, message.cause)
    except NotFound:
        return False
    return kept.status is NotificationStatus.SENDING and kept.attempts == message.attempts
