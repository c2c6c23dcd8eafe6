"""Subscriptions and messages, found by a query."""

from __future__ import annotations

from jupyter_mlops.records.notification import Notification, Subscription
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.query import query as asked
from jupyter_mlops.workspace import Workspace

__all__ = ["find_notifications", "find_subscriptions"]


def find_subscriptions(
    ws: Workspace, query: str = "", *, order: str = "", limit: int = 100, cursor: str | None = None
) -> Page[Subscription]:
    """Find who is told of what, the newest first.

    Raises
    ------
    Invalid
        The filter or the order cannot be read.
    """
    wanted = asked(query, order=order, limit=limit, cursor=cursor, now=ws.now(), of=Subscription)
    with ws.store.read() as tx:
        return tx.subscriptions.find(wanted)


def find_notifications(
    ws: Workspace, query: str = "", *, order: str = "", limit: int = 100, cursor: str | None = None
) -> Page[Notification]:
    """Find messages, the newest first, with how far each got.

    Raises
    ------
    Invalid
        The filter or the order cannot be read.
    """
    wanted = asked(query, order=order, limit=limit, cursor=cursor, now=ws.now(), of=Notification)
    with ws.store.read() as tx:
        return tx.notifications.find(wanted)
