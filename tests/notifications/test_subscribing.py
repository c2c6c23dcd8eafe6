"""Subscriptions are made, tried out and removed."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest
from contracts.samples import SPEC

from jupyter_mlops.errors import Conflict, Invalid, NotFound
from jupyter_mlops.ledger import history
from jupyter_mlops.notifications import (
    add_subscription,
    find_notifications,
    find_subscriptions,
    remove_subscription,
    try_subscription,
)
from jupyter_mlops.notifications.subscribing import subscription_named
from jupyter_mlops.records.notification import Desktop, Email, Lab, NotificationStatus, Webhook
from jupyter_mlops.records.schedule import Cron, JobDefinition


def test_it_tells_of_trouble_unless_something_else_is_said(ws) -> None:
    usual = add_subscription(ws, "usual", jupyterlab=True)
    assert (usual.on, usual.late_after, usual.actor) == (("failure", "late", "recovered"), 3600.0, ws.actor)
    other = add_subscription(ws, " other ", jupyterlab=True, on=["recovered", "failure", "failure"])
    assert (other.name, other.on, other.late_after) == ("other", ("failure", "recovered"), None)
    assert [event.kind for event in history(ws)] == ["subscription.added", "subscription.added"]


@pytest.mark.parametrize(
    ("given", "channel"),
    [
        ({"webhook": "https://example.org/x", "secret": "env:HOOK"}, Webhook(address="https://example.org/x", secret="env:HOOK")),
        ({"email": ["ana@example.org", "bo@example.org"]}, Email(to=("ana@example.org", "bo@example.org"))),
        ({"desktop": True}, Desktop(host=socket.gethostname())),
        ({"jupyterlab": True}, Lab()),
    ],
    ids=["webhook", "email", "desktop", "jupyterlab"],
)  # fmt: skip
def test_it_has_the_channel_that_is_given(ws, given, channel) -> None:
    made = add_subscription(ws, "a", **given)
    assert made.channel == channel
    assert list(find_subscriptions(ws)) == [made]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "one channel; 0 are given"),
        ({"desktop": True, "jupyterlab": True}, "one channel; 2 are given"),
        ({"jupyterlab": True, "secret": "env:A"}, "only a webhook is signed"),
        ({"jupyterlab": True, "on": ["sucess"]}, "'sucess' is nothing to be told of"),
        ({"jupyterlab": True, "late_after": "soon"}, "'soon' is no span of time"),
        ({"jupyterlab": True, "late_after": "0s"}, "'0s' is no span of time"),
        ({"jupyterlab": True, "late_after": "367d"}, "'367d' is no span of time"),
        ({"jupyterlab": True, "late_after": "1h", "on": ["failure"]}, "late is not among what is told"),
        ({"jupyterlab": True, "name": " "}, "cannot name a subscription"),
        ({"jupyterlab": True, "name": "a\nb"}, "cannot name a subscription"),
        ({"jupyterlab": True, "name": "x" * 101}, "cannot name a subscription"),
        ({"webhook": "ftp://example.org"}, "ftp"),
        ({"email": ["nobody"]}, "nobody"),
        ({"webhook": "https://hooks.example.org/services/T0/B0/aB3dE5gH7jK9mN1pQ3sT5vW7"}, "looks as if it held a secret"),
        ({"webhook": "https://example.org/?key=aB3dE5gH7jK9mN1pQ"}, "looks as if it held a secret"),
        ({"jupyterlab": True, "on": ["success", "recovered"]}, "recovered is told to who was told of the trouble"),
        ({"jupyterlab": True, "notebook": "x" * 301}, "no pattern of paths"),
    ],
    ids=[
        "no_channel", "two_channels", "secret", "occasion", "no_span", "no_time", "too_long", "not_late", "blank",
        "two_lines", "long_name", "scheme", "address", "token", "key", "only_recovered", "pattern",
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_kept(ws, given, said) -> None:
    with pytest.raises(Invalid, match=said) as refusal:
        add_subscription(ws, **{"name": "a", **given})
    assert refusal.value.remedy
    assert find_subscriptions(ws).total == 0


def test_a_schedule_is_found_by_name_or_id_and_one_that_is_not_there_is_refused(ws) -> None:
    nightly = JobDefinition(
        id=ws.new_id(), name="nightly", spec=replace(SPEC), when=Cron(expression="0 3 * * *"), created=ws.now(),
        actor=ws.actor,
    )  # fmt: skip
    with ws.store.write() as tx:
        tx.definitions.add(nightly)
    assert add_subscription(ws, "a", jupyterlab=True, schedule="nightly").schedule == nightly.id
    assert add_subscription(ws, "b", jupyterlab=True, schedule=nightly.id).schedule == nightly.id
    with pytest.raises(NotFound, match="no schedule 'weekly'"):
        add_subscription(ws, "c", jupyterlab=True, schedule="weekly")


def test_a_name_is_given_once(ws) -> None:
    add_subscription(ws, "a", jupyterlab=True)
    with pytest.raises(Conflict, match="'a' exists already"):
        add_subscription(ws, "a", desktop=True)


def test_it_is_found_and_removed_by_name_or_id(ws) -> None:
    first, second = (add_subscription(ws, name, jupyterlab=True) for name in ("a", "b"))
    with ws.store.read() as tx:
        assert subscription_named(tx, "a") == subscription_named(tx, first.id) == first
    assert (remove_subscription(ws, "a"), remove_subscription(ws, second.id)) == (first, second)
    assert find_subscriptions(ws).total == 0
    assert [event.kind for event in history(ws)].count("subscription.removed") == 2
    for verb in (remove_subscription, try_subscription):
        with pytest.raises(NotFound, match="no subscription 'a'"):
            verb(ws, "a")


def test_a_trial_says_how_it_went(ws, monkeypatch) -> None:
    add_subscription(ws, "lab", jupyterlab=True)
    assert try_subscription(ws, "lab").status is NotificationStatus.SENT
    add_subscription(ws, "mail", email=["ana@example.org"])
    message = try_subscription(ws, "mail")
    assert (message.status, "mail_server" in message.error) == (NotificationStatus.WAITING, True)
    assert [one.title for one in find_notifications(ws)] == ["a trial message", "a trial message"]


def test_a_desktop_is_tried_on_its_own_machine(ws) -> None:
    made = add_subscription(ws, "me", desktop=True)
    with ws.store.write() as tx:
        tx.subscriptions.replace(replace(made, channel=Desktop(host="another-machine")))
    with pytest.raises(Invalid, match="desktop of another-machine"):
        try_subscription(ws, "me")
    assert find_notifications(ws).total == 0


def test_no_more_are_made_than_are_looked_at(ws, monkeypatch) -> None:
    monkeypatch.setattr("jupyter_mlops.notifications.subscribing.MOST_SUBSCRIPTIONS", 1)
    add_subscription(ws, "a", jupyterlab=True)
    with pytest.raises(Conflict, match="1 subscriptions already"):
        add_subscription(ws, "b", jupyterlab=True)
