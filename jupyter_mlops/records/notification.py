"""Who is told of what, over which channel, and each message with how far it got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.brief import brief

__all__ = [
    "ChannelKind",
    "Desktop",
    "Email",
    "Lab",
    "Notification",
    "NotificationStatus",
    "Occasion",
    "Subscription",
    "Webhook",
]


class Occasion(StrEnum):
    """What there is to tell of a job."""

    SUCCESS = "success"
    FAILURE = "failure"  # it failed, timed out or was lost, and is not tried again by itself
    LATE = "late"  # it has not ended when it should have, or its time was missed
    RECOVERED = "recovered"  # it succeeded after it had failed, or after it was late


class ChannelKind(StrEnum):
    """How a message travels."""

    WEBHOOK = "webhook"
    EMAIL = "email"
    DESKTOP = "desktop"
    JUPYTERLAB = "jupyterlab"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A request that is sent to an address."""

    address: str  # http://…, https://…, or env:NAME where the address itself is a secret
    secret: str = ""  # env:NAME of what its signature is made with; without it, none is made


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """A mail, over the server that the settings name."""

    to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desktop:
    """A message of the desktop, on the machine it was asked for."""

    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """A message in every JupyterLab that is open on this workspace."""


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What is told over one channel."""

    id: str
    name: str
    on: tuple[Occasion, ...]
    channel: Webhook | Email | Desktop | Lab
    schedule: str = ""  # the id of the one schedule whose jobs are meant
    notebook: str = ""  # a pattern such as reports/*.ipynb that the jobs' notebooks match; without it, any
    late_after: float | None = None  # seconds behind its due time, or behind being queued
    created: datetime
    actor: Actor

    @property
    def kind(self) -> ChannelKind:
        """How its messages travel."""
        return _KINDS[type(self.channel)]


_KINDS: dict[type, ChannelKind] = {
    Webhook: ChannelKind.WEBHOOK,
    Email: ChannelKind.EMAIL,
    Desktop: ChannelKind.DESKTOP,
    Lab: ChannelKind.JUPYTERLAB,
}


class NotificationStatus(StrEnum):
    """How far a message got."""

    WAITING = "waiting"
    SENDING = "sending"  # a process is at it; where it dies, another takes it up
    SENT = "sent"
    FAILED = "failed"  # given up after several tries


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One message. To add it is to have told: its key can be there once."""

    subscription: str  # its id
    cause: str  # what happened, in words that name it: once for each subscription
    id: str  # the same at every try, so that a receiver can tell a repeated one
    name: str  # of the subscription
    channel: ChannelKind
    host: str = ""  # the only machine that may deliver it; without it, any
    occasion: Occasion | None = None  # None: it was sent to try the channel out
    subject: str = ""  # the job's id
    thing: str = ""  # what recovers: schedule ID, or notebook PATH and the job's name
    title: str  # one line
    text: str  # a few lines
    made: datetime
    status: NotificationStatus = NotificationStatus.WAITING
    due: datetime  # not to be sent before; while it is being sent, when it is taken to be stuck
    attempts: int = 0
    sent: datetime | None = None
    error: str = ""  # why the last try failed
