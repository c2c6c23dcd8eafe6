"""Subscriptions and messages as people read them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from contracts.samples import everything

from jupyter_mlops.records.notification import Desktop, Email, Lab, NotificationStatus, Webhook
from jupyter_mlops.render.blocks import Facts, Line, Title
from jupyter_mlops.render.notifications import (
    channel_in_words,
    notification_blocks,
    notification_row,
    subscription_blocks,
    subscription_row,
)

SUBSCRIPTION = everything()["subscriptions"]
NOTIFICATION = everything()["notifications"]


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        (Webhook(address="https://hooks.example.org/services/T0/secret"), "webhook hooks.example.org"),
        (Webhook(address="env:HOOK", secret="env:KEY"), "webhook env:HOOK, signed"),
        (Email(to=("ana@example.org", "bo@example.org")), "e-mail to ana@example.org, bo@example.org"),
        (Desktop(host="lab-3"), "desktop of lab-3"),
        (Lab(), "JupyterLab"),
    ],
    ids=["webhook", "signed", "email", "desktop", "jupyterlab"],
)
def test_a_channel_is_said_without_what_may_be_secret(channel, said) -> None:
    assert channel_in_words(replace(SUBSCRIPTION, channel=channel)) == said


def test_a_subscription_says_what_it_tells_of_what_over_what() -> None:
    title, facts = subscription_blocks(replace(SUBSCRIPTION, notebook="reports/*"))
    assert isinstance(title, Title)
    assert title.text == "night watch"
    assert isinstance(facts, Facts)
    assert dict(facts.pairs) == {
        "tells": "failure, late", "of": "schedule d1, reports/*", "over": "webhook example.org, signed",
        "late after": "60 s",
    }  # fmt: skip
    row = subscription_row(replace(SUBSCRIPTION, schedule=""))
    assert row[:4] == ("night watch", "failure, late", "all jobs", "webhook example.org, signed")


def test_a_message_says_how_far_it_got() -> None:
    stuck = replace(
        NOTIFICATION, status=NotificationStatus.FAILED, attempts=6, error="nobody listens there", text="a\nb"
    )
    title, first, second, facts = notification_blocks(stuck)
    assert isinstance(title, Title)
    assert (title.text, title.state, title.sign) == ("failed", "failed", "✕")
    assert (first, second) == (Line("a"), Line("b"))
    assert dict(facts.pairs) == {"over": "webhook", "tries": "6", "trouble": "nobody listens there"}
    assert notification_row(stuck)[:5] == ("✕ failed", "failed", "failure", "night watch", "webhook")
    assert notification_row(replace(NOTIFICATION, occasion=None))[2] == "trial"
