"""Who is told of what, and messages with how far each got."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_mlops.records.notification import Desktop, Email, Notification, Subscription, Webhook
from jupyter_mlops.render.blocks import Block, Facts, Line, Title
from jupyter_mlops.render.states import state_face
from jupyter_mlops.render.words import moment, value

__all__ = [
    "channel_in_words",
    "notification_blocks",
    "notification_row",
    "subscription_blocks",
    "subscription_row",
]


def channel_in_words(subscription: Subscription) -> str:
    """Return where the messages go; of a webhook's address only the machine, since the rest may be a secret."""
    channel = subscription.channel
    if isinstance(channel, Webhook):
        signed = ", signed" if channel.secret else ""
        return f"webhook {value(_machine(channel.address), 40)}{signed}"
    if isinstance(channel, Email):
        return f"e-mail to {value(', '.join(channel.to), 60)}"
    return f"desktop of {value(channel.host, 40)}" if isinstance(channel, Desktop) else "JupyterLab"


def _machine(address: str) -> str:
    return address.split("/")[2] if address.count("/") > 1 else address


def _about(subscription: Subscription) -> str:
    said = []
    if subscription.schedule:
        said.append(f"schedule {subscription.schedule[-6:]}")
    if subscription.notebook:
        said.append(value(subscription.notebook, 40))
    return ", ".join(said) or "all jobs"


def subscription_blocks(subscription: Subscription) -> Iterator[Block]:
    """One subscription."""
    yield Title(subscription.name, aside=f"{subscription.actor.name} · {moment(subscription.created)}")
    facts = [
        ("tells", ", ".join(subscription.on)),
        ("of", _about(subscription)),
        ("over", channel_in_words(subscription)),
    ]
    if subscription.late_after is not None:
        facts.append(("late after", f"{subscription.late_after:g} s"))
    yield Facts(tuple(facts))


def subscription_row(subscription: Subscription) -> tuple[str, ...]:
    """The row of one in a list."""
    return (
        subscription.name,
        ", ".join(subscription.on),
        _about(subscription),
        channel_in_words(subscription),
        subscription.actor.name,
    )


def notification_blocks(notification: Notification) -> Iterator[Block]:
    """One message."""
    status = str(notification.status)
    sign, tone = state_face(status)
    aside = f"{notification.name} · {moment(notification.made)}"
    yield Title(value(notification.title, 200), sign=sign, tone=tone, state=status, aside=aside)
    for line in notification.text.splitlines():
        yield Line(line)
    facts = [("over", str(notification.channel))]
    if notification.attempts > 1:
        facts.append(("tries", str(notification.attempts)))
    if notification.error:
        facts.append(("trouble", notification.error))
    yield Facts(tuple(facts))


def notification_row(notification: Notification) -> tuple[str, ...]:
    """The row of one in a list."""
    status = str(notification.status)
    sign, _ = state_face(status)
    return (
        f"{sign} {status}".strip(),
        value(notification.title, 60),
        str(notification.occasion or "trial"),
        notification.name,
        str(notification.channel),
        moment(notification.made),
        value(notification.error, 80) if notification.error else "",
    )
