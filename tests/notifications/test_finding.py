"""Lists of subscriptions and messages."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.notifications import add_subscription, find_notifications, find_subscriptions
from jupyter_mlops.notifications.announcing import announcement


def some(ws, clock):
    made = add_subscription(ws, "all", jupyterlab=True)
    messages = []
    for number in range(3):
        clock.advance(60)
        one = announcement(
            ws, made, cause=f"c{number}", occasion=None, subject=f"j{number}", title=f"t{number}", text=""
        )
        messages.append(one)
        with ws.store.write() as tx:
            tx.notifications.add(one)
    return messages


def test_messages_are_found_the_newest_first_and_page_by_page(ws, clock) -> None:
    messages = some(ws, clock)
    first = find_notifications(ws, limit=2)
    assert [one.title for one in first] == ["t2", "t1"]
    assert [one.title for one in find_notifications(ws, limit=2, cursor=first.cursor)] == ["t0"]
    since = f"channel = 'jupyterlab' and made > '{messages[0].made.isoformat()}'"
    assert [one.title for one in find_notifications(ws, since, order="made")] == ["t1", "t2"]
    assert [one.title for one in find_notifications(ws, "subject = 'j1'")] == ["t1"]


def test_subscriptions_are_found_by_what_they_are_called(ws, clock) -> None:
    add_subscription(ws, "a", jupyterlab=True)
    clock.advance(1)
    add_subscription(ws, "b", jupyterlab=True)
    assert [one.name for one in find_subscriptions(ws)] == ["b", "a"]
    assert [one.name for one in find_subscriptions(ws, "name = 'a'")] == ["a"]


@pytest.mark.parametrize(
    "find", [find_subscriptions, find_notifications], ids=["subscriptions", "notifications"]
)
def test_a_filter_that_cannot_be_read_says_where(ws, find) -> None:
    with pytest.raises(Invalid, match="colour"):
        find(ws, "colour = 'red'")
