"""Messages to people: who is told of what, and each message on its way.

What happened and the message about it are kept in one transaction, so that nothing is told twice and nothing is
forgotten; sending comes afterwards, from any process that turns the clock.
"""

from __future__ import annotations

from jupyter_mlops.notifications.finding import find_notifications, find_subscriptions
from jupyter_mlops.notifications.subscribing import add_subscription, remove_subscription, try_subscription

__all__ = [
    "add_subscription",
    "find_notifications",
    "find_subscriptions",
    "remove_subscription",
    "try_subscription",
]
