"""Who is told of what: made, tried out and removed."""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from dataclasses import replace

from jupyter_mlops.errors import Conflict, Invalid, NotFound
from jupyter_mlops.notifications.announcing import MOST_SUBSCRIPTIONS, announcement
from jupyter_mlops.notifications.channels.sending import check_channel
from jupyter_mlops.notifications.delivery import deliver_one
from jupyter_mlops.records.notification import (
    Desktop,
    Email,
    Lab,
    Notification,
    Occasion,
    Subscription,
    Webhook,
)
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["add_subscription", "remove_subscription", "subscription_named", "try_subscription"]

_USUAL = (Occasion.FAILURE, Occasion.LATE, Occasion.RECOVERED)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d{1,7})([smhd])")
_LONGEST_NAME = 100
_LONGEST_PATTERN = 300
_PAGE = 500


def add_subscription(  # noqa: PLR0913  # each is a field of the form a person fills in
    ws: Workspace,
    name: str,
    *,
    on: Sequence[Occasion] = (),
    webhook: str = "",
    secret: str = "",
    email: Sequence[str] = (),
    desktop: bool = False,
    jupyterlab: bool = False,
    schedule: str = "",
    notebook: str = "",
    late_after: str = "",
) -> Subscription:
    """Have messages sent about how jobs end: over a webhook, by e-mail, on this desktop, or in JupyterLab.

    Of jobs that are part of a sweep, a pipeline or a reproduction only those are told whose notebook is named.

    Parameters
    ----------
    name
        What to call it.
    on
        Of success, failure, late and recovered; without any, the last three.
    webhook
        The address that gets a request for each message, or ``env:NAME`` where the address itself is a secret.
    secret
        ``env:NAME`` of the secret that the webhook's requests are signed with.
    email
        Addresses that get a mail for each message; the settings name the server.
    desktop
        On the desktop of this machine.
    jupyterlab
        In every JupyterLab that is open on this workspace.
    schedule
        Only jobs of this schedule: its name or id.
    notebook
        Only jobs whose notebook matches this, such as ``reports/*.ipynb``.
    late_after
        How long behind its time a job is late that has not ended, such as 90s, 30m, 2h or 1d; without it, an hour.

    Raises
    ------
    Invalid
        No channel is given or several are, or a value cannot be read; the message names it.
    Conflict
        There is one of this name.
    NotFound
        There is no such schedule.
    """
    channel = _channel(webhook, secret, email, desktop=desktop, jupyterlab=jupyterlab)
    occasions = _occasions(on)
    late = _span(late_after) if late_after or Occasion.LATE in occasions else None
    if late_after and Occasion.LATE not in occasions:
        raise Invalid(
            "late_after is given, and late is not among what is told",
            remedy="Add late to 'on', or leave it out.",
        )
    made = Subscription(
        id=ws.new_id(),
        name=_checked(name),
        on=occasions,
        channel=channel,
        notebook=_pattern(notebook),
        late_after=late,
        created=ws.now(),
        actor=ws.actor,
    )
    with ws.store.write() as tx:
        if tx.subscriptions.find(Query(limit=1)).total >= MOST_SUBSCRIPTIONS:
            raise Conflict(
                f"there are {MOST_SUBSCRIPTIONS} subscriptions already, and no more are looked at",
                remedy="Remove some: jupyter mlops notify list shows them.",
            )
        if _named(tx, made.name) is not None:
            raise Conflict(
                f"a subscription {made.name!r} exists already",
                remedy=f"Choose another name, or remove it first: jupyter mlops notify remove {made.name!r}.",
            )
        if schedule:
            made = replace(made, schedule=_schedule(tx, schedule))
        tx.subscriptions.add(made)
        said = [str(each) for each in made.on]
        tx.events.append(
            [ws.event("subscription.added", made.id, name=made.name, channel=str(made.kind), on=said)]
        )
    return made


def remove_subscription(ws: Workspace, subscription: str) -> Subscription:
    """Send no more messages for a subscription, and forget those that were made.

    Parameters
    ----------
    subscription
        Its name or id.
    """
    with ws.store.write() as tx:
        found = subscription_named(tx, subscription)
        its = Query(where=equal(subscription=found.id), limit=_PAGE)
        while page := tx.notifications.find(its).items:
            for message in page:
                tx.notifications.remove(message.subscription, message.cause)
        tx.subscriptions.remove(found.id)
        tx.events.append([ws.event("subscription.removed", found.id, name=found.name)])
    return found


def try_subscription(ws: Workspace, subscription: str) -> Notification:
    """Send a message that says it is a trial, at once; the answer says how it went.

    Parameters
    ----------
    subscription
        Its name or id.
    """
    with ws.store.write() as tx:
        found = subscription_named(tx, subscription)
        here = socket.gethostname()
        if isinstance(found.channel, Desktop) and found.channel.host != here:
            raise Invalid(
                f"{found.name!r} shows on the desktop of {found.channel.host}, and this is {here}",
                remedy="Try it there; a clock has to turn on that machine, too.",
            )
        message = announcement(
            ws,
            found,
            cause=f"trial {ws.new_id()}",
            occasion=None,
            subject="",
            title="a trial message",
            text=f"The subscription {found.name!r} works: what it is for will arrive here.",
        )
        tx.notifications.add(message)
    return deliver_one(ws, message)


def subscription_named(tx: Transaction, subscription: str) -> Subscription:
    """Return the subscription with this name or id.

    Raises
    ------
    NotFound
        There is none.
    """
    found = _named(tx, subscription)
    if found is not None:
        return found
    try:
        return tx.subscriptions.get(subscription)
    except NotFound:
        raise NotFound(
            f"there is no subscription {subscription!r}", remedy="jupyter mlops notify list shows them."
        ) from None


def _named(tx: Transaction, name: str) -> Subscription | None:
    found = tx.subscriptions.find(Query(where=equal(name=name), limit=1)).items
    return found[0] if found else None


def _schedule(tx: Transaction, schedule: str) -> str:
    found = tx.definitions.find(Query(where=equal(name=schedule), limit=1)).items
    try:
        return (found[0] if found else tx.definitions.get(schedule)).id
    except NotFound:
        raise NotFound(
            f"there is no schedule {schedule!r}", remedy="jupyter mlops schedule list shows them."
        ) from None


def _channel(
    webhook: str, secret: str, email: Sequence[str], *, desktop: bool, jupyterlab: bool
) -> Webhook | Email | Desktop | Lab:
    channels: list[Webhook | Email | Desktop | Lab] = []
    if webhook:
        channels.append(Webhook(address=webhook, secret=secret))
    if email:
        channels.append(Email(to=tuple(email)))
    if desktop:
        channels.append(Desktop(host=socket.gethostname()))
    if jupyterlab:
        channels.append(Lab())
    if len(channels) != 1:
        raise Invalid(
            f"a subscription has one channel; {len(channels)} are given",
            remedy="Give one of webhook, email, desktop and jupyterlab; add another subscription for another channel.",
        )
    if secret and not webhook:
        raise Invalid(
            "a secret is given, and only a webhook is signed with one", remedy="Leave the secret out."
        )
    check_channel(channels[0])
    return channels[0]


def _occasions(on: Sequence[str]) -> tuple[Occasion, ...]:
    known = [str(each) for each in Occasion]
    for word in on:
        if word not in known:
            raise Invalid(f"on: {word[:40]!r} is nothing to be told of", remedy=f"Known: {', '.join(known)}.")
    wanted = tuple(each for each in Occasion if str(each) in on) or _USUAL
    if Occasion.RECOVERED in wanted and not {Occasion.FAILURE, Occasion.LATE} & set(wanted):
        raise Invalid(
            "on: recovered is told to who was told of the trouble, and neither failure nor late is among what is told",
            remedy="Add failure or late to 'on'.",
        )
    return wanted


def _pattern(notebook: str) -> str:
    pattern = notebook.strip().removeprefix("./")
    if len(pattern) > _LONGEST_PATTERN or not pattern.isprintable():
        raise Invalid(
            f"notebook: {pattern[:40]!r} is no pattern of paths",
            remedy=f"Write up to {_LONGEST_PATTERN} printable characters, such as reports/*.ipynb.",
        )
    return pattern


def _span(text: str) -> float:
    found = _SPAN.fullmatch((text or "1h").strip().lower())
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not 1 <= seconds <= 366 * _SECONDS["d"]:
        raise Invalid(
            f"late_after: {text[:40]!r} is no span of time",
            remedy="Write a whole number and a unit, up to 366d: 90s, 30m, 2h, 1d.",
        )
    return float(seconds)


def _checked(name: str) -> str:
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise Invalid(
            f"{name[:40]!r} cannot name a subscription", remedy="1 to 100 printable characters can."
        )
    return name.strip()
