"""Messages are sent by whoever turns the clock, over a real connection; what cannot be sent is tried again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from jupyter_mlops.ledger import history
from jupyter_mlops.notifications import add_subscription, find_notifications, remove_subscription
from jupyter_mlops.notifications.announcing import announcement
from jupyter_mlops.notifications.delivery import deliver, deliver_one
from jupyter_mlops.records.notification import NotificationStatus, Occasion
from jupyter_mlops.workspace import open_workspace
from tests.notifications.receiving import Receiver, received


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with received() as made:
        yield made


def waiting(ws, to, number: int = 1):
    messages = [
        announcement(
            ws, to, cause=f"c{n}", occasion=Occasion.FAILURE, subject="j1", title=f"t{n}", text="why"
        )
        for n in range(number)
    ]
    with ws.store.write() as tx:
        for message in messages:
            tx.notifications.add(message)
    return messages


def test_what_is_due_is_sent_once_and_told_to_the_ledger(ws, receiver) -> None:
    messages = waiting(ws, add_subscription(ws, "hook", webhook=receiver.address), 3)
    done = deliver(ws)
    assert (sorted(done.sent), done.problems) == (sorted(one.id for one in messages), [])
    assert sorted(got["id"] for got in receiver.got) == sorted(done.sent)
    assert deliver(ws).sent == []
    assert {one.status for one in find_notifications(ws)} == {NotificationStatus.SENT}
    assert [event.kind for event in history(ws)].count("notification.sent") == 3


def test_any_number_of_clocks_send_a_message_once(sql_ws, receiver) -> None:
    waiting(sql_ws, add_subscription(sql_ws, "hook", webhook=receiver.address), 12)
    with ThreadPoolExecutor(6) as pool:
        sent = [one for done in pool.map(lambda _: deliver(sql_ws), range(6)) for one in done.sent]
    assert len(sent) == len(set(sent)) == len(receiver.got) == 12


def test_a_receiver_that_is_away_is_asked_again_after_longer_and_longer_and_given_up_after_days(
    ws, clock, receiver
) -> None:
    waiting(ws, add_subscription(ws, "hook", webhook=receiver.address))
    receiver.answer = 503
    for pause in (30, 120, 600, 3600, 14_400, 14_400):
        assert len(deliver(ws).problems) == 1
        clock.advance(pause - 1)
        assert deliver(ws).problems == []
        clock.advance(1)
    clock.advance(2 * 86_400)
    assert "two days; http" in deliver(ws).problems[0]
    (message,) = find_notifications(ws).items
    assert (message.status, message.attempts, len(receiver.got)) == (NotificationStatus.FAILED, 6, 6)
    assert "503" in message.error
    assert len({got["id"] for got in receiver.got}) == 1
    clock.advance(100_000)
    assert deliver(ws).problems == []
    assert [event.kind for event in history(ws)].count("notification.failed") == 1


def test_it_arrives_when_the_receiver_is_back(ws, clock, receiver) -> None:
    waiting(ws, add_subscription(ws, "hook", webhook=receiver.address))
    receiver.answer = 500
    deliver(ws)
    receiver.answer = 204
    clock.advance(30)
    assert len(deliver(ws).sent) == 1
    (message,) = find_notifications(ws).items
    assert (message.status, message.attempts, message.error) == (NotificationStatus.SENT, 2, "")


def test_what_another_try_cannot_help_is_given_up_at_once(ws, receiver) -> None:
    waiting(ws, add_subscription(ws, "hook", webhook=receiver.address))
    receiver.answer = 404
    assert "404" in deliver(ws).problems[0]
    assert find_notifications(ws).items[0].status is NotificationStatus.FAILED


def test_what_a_process_died_over_is_sent_by_another_under_the_same_id(ws, clock, receiver) -> None:
    (message,) = waiting(ws, add_subscription(ws, "hook", webhook=receiver.address))
    with ws.store.write() as tx:
        tx.notifications.replace(
            replace(message, status=NotificationStatus.SENDING, attempts=1, due=ws.now().replace(minute=1))
        )
    assert deliver(ws).sent == []
    clock.advance(60)
    assert deliver(ws).sent == [message.id]


def test_a_process_that_lacks_the_secret_leaves_a_message_to_one_that_has_it(
    ws, clock, receiver, monkeypatch
) -> None:
    waiting(ws, add_subscription(ws, "hook", webhook="env:MLOPS_TEST_HOOK"))
    for _ in range(10):
        assert "MLOPS_TEST_HOOK" in deliver(ws).problems[0]
        assert deliver(ws).problems == []
        clock.advance(60)
    monkeypatch.setenv("MLOPS_TEST_HOOK", receiver.address)
    assert len(deliver(ws).sent) == len(receiver.got) == 1


def test_what_goes_the_same_way_as_one_that_failed_waits_with_it_and_the_rest_does_not(
    ws, clock, receiver
) -> None:
    waiting(ws, add_subscription(ws, "dead", webhook="http://127.0.0.1:9/"), 5)
    waiting(ws, add_subscription(ws, "hook", webhook=receiver.address), 2)
    done = deliver(ws)
    assert (len(done.sent), len(done.problems), len(receiver.got)) == (2, 1, 2)
    clock.advance(30)
    assert len(deliver(ws).problems) == 1


def test_what_nobody_foresaw_in_one_message_stops_no_other(ws, receiver, monkeypatch) -> None:
    def breaks(_settings, _channel, message, **_) -> None:
        if message.title == "t0":
            raise RuntimeError("can't start new thread")
        kept(_settings, _channel, message)

    from jupyter_mlops.notifications.channels.sending import send as kept

    waiting(ws, add_subscription(ws, "one", webhook=receiver.address), 1)
    monkeypatch.setattr("jupyter_mlops.notifications.delivery.send", breaks)
    assert deliver(ws).problems == ["notification 'one': sending broke off: RuntimeError"]


def test_a_message_for_a_desktop_that_is_gone_is_given_up_by_anybody(ws, clock) -> None:
    made = add_subscription(ws, "there", desktop=True)
    elsewhere = replace(made, channel=replace(made.channel, host="another-machine"))
    with ws.store.write() as tx:
        tx.subscriptions.replace(elsewhere)
    (message,) = waiting(ws, elsewhere)
    assert deliver_one(ws, message).status is NotificationStatus.WAITING
    clock.advance(2 * 86_400 + 1)
    assert "two days" in deliver(ws).problems[0]
    assert find_notifications(ws).items[0].status is NotificationStatus.FAILED


_SENDS = """
import sys
from datetime import datetime
from pathlib import Path
from jupyter_mlops.notifications.delivery import deliver
from jupyter_mlops.workspace import open_workspace
deliver(open_workspace(Path(sys.argv[1])))
"""


def test_what_a_process_was_killed_over_as_it_sent_it_comes_again_under_the_same_id(
    tmp_path, receiver
) -> None:
    ws = open_workspace(tmp_path, start=tmp_path, environ={})
    (message,) = waiting(ws, add_subscription(ws, "hook", webhook=receiver.address))
    receiver.hold.clear()
    sender = subprocess.Popen([sys.executable, "-c", _SENDS, str(tmp_path)])
    receiver.asked.wait(60)
    sender.kill()
    sender.wait()
    receiver.hold.set()
    assert deliver(ws).sent == []  # whoever sends it may live
    later = replace(ws, now=lambda: ws.now() + timedelta(minutes=6))
    assert deliver(later).sent == [message.id]
    assert [got["id"] for got in receiver.got] == [message.id, message.id]
    ws.store.close()


def test_a_message_is_not_sent_days_later(ws, clock, receiver) -> None:
    waiting(ws, add_subscription(ws, "hook", webhook=receiver.address))
    clock.advance(3 * 86_400)
    assert "two days" in deliver(ws).problems[0]
    assert receiver.got == []


def test_what_was_removed_or_is_for_another_desktop_is_not_sent(ws, receiver) -> None:
    waiting(ws, add_subscription(ws, "hook", webhook=receiver.address))
    remove_subscription(ws, "hook")
    assert deliver(ws).sent == []
    elsewhere = add_subscription(ws, "there", desktop=True)
    other = replace(elsewhere, channel=replace(elsewhere.channel, host="another-machine"))
    with ws.store.write() as tx:
        tx.subscriptions.replace(other)
    waiting(ws, other)
    done = deliver(ws)
    assert (done.sent, done.problems, receiver.got) == ([], [], [])


def test_a_turn_gives_messages_no_more_than_its_share(ws, receiver) -> None:
    waiting(ws, add_subscription(ws, "hook", webhook=receiver.address), 5)
    assert deliver(ws, seconds=0.0).sent == []
    assert len(deliver(ws).sent) == 5


def test_one_that_was_sent_is_not_sent_again_by_name(ws, receiver) -> None:
    (message,) = waiting(ws, add_subscription(ws, "hook", webhook=receiver.address))
    assert deliver_one(ws, message).status is NotificationStatus.SENT
    assert deliver_one(ws, message).status is NotificationStatus.SENT
    assert len(receiver.got) == 1
