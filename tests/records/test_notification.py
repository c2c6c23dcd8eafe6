"""Subscriptions and messages as records."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from contracts.records import RecordContract

from jupyter_mlops.records import notification
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.notification import (
    ChannelKind,
    Desktop,
    Email,
    Lab,
    Occasion,
    Subscription,
    Webhook,
)

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


class TestRecords(RecordContract):
    module = notification
    required = {
        "Webhook": "address",
        "Email": "to",
        "Desktop": "host",
        "Lab": "",
        "Subscription": "id name on channel created actor",
        "Notification": "subscription cause id name channel title text made due",
    }


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        (Webhook(address="https://example.org"), ChannelKind.WEBHOOK),
        (Email(to=("ana@example.org",)), ChannelKind.EMAIL),
        (Desktop(host="here"), ChannelKind.DESKTOP),
        (Lab(), ChannelKind.JUPYTERLAB),
    ],
    ids=["webhook", "email", "desktop", "jupyterlab"],
)
def test_a_subscription_knows_how_its_messages_travel(channel, kind) -> None:
    one = Subscription(
        id="s1", name="a", on=(Occasion.LATE,), channel=channel, created=NOON, actor=Actor(name="ana", via=Door.PYTHON)
    )  # fmt: skip
    assert one.kind is kind
