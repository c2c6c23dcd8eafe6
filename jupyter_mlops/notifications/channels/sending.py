"""One message over one channel, once: who tries again, and when, is decided elsewhere."""

from __future__ import annotations

import os
from collections.abc import Mapping

from jupyter_mlops.notifications.channels.desktop import send_desktop
from jupyter_mlops.notifications.channels.mail import check_mail, send_mail
from jupyter_mlops.notifications.channels.webhook import check_webhook, send_webhook
from jupyter_mlops.records.notification import Desktop, Email, Lab, Notification, Webhook
from jupyter_mlops.settings import Settings

__all__ = ["check_channel", "send"]


def check_channel(channel: Webhook | Email | Desktop | Lab) -> None:
    """Refuse a channel over which nothing could ever be sent. Nobody is asked for it, and no secret is read.

    Raises
    ------
    Invalid
        An address is wrong, or a secret stands where it says where the secret is.
    """
    if isinstance(channel, Webhook):
        check_webhook(channel)
    elif isinstance(channel, Email):
        check_mail(channel)


def send(
    settings: Settings,
    channel: Webhook | Email | Desktop | Lab,
    message: Notification,
    *,
    environ: Mapping[str, str] | None = None,
    seconds: float = 5.0,
) -> None:
    """Send *message* over *channel*, and wait for it no longer than *seconds*.

    Parameters
    ----------
    settings
        Name the mail server.
    channel
        Where to. For JupyterLab there is nothing to do: it reads what is told by itself.
    message
        What to say.
    environ
        Where secrets are read, by default the process's own environment.
    seconds
        Of all that it takes, from the look-up of a name to the answer.

    Raises
    ------
    Undelivered
        It did not get through; ``final`` says whether another try can help.
    """
    found = os.environ if environ is None else environ
    if isinstance(channel, Webhook):
        send_webhook(channel, message, environ=found, seconds=seconds)
    elif isinstance(channel, Email):
        send_mail(settings, channel, message, environ=found, seconds=seconds)
    elif isinstance(channel, Desktop):
        send_desktop(message, environ=found, seconds=seconds)
