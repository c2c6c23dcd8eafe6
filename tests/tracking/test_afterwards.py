"""What is added to runs that are over: in order, once, and before anybody reads."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from jupyter_mlops.errors import Conflict, Unavailable
from jupyter_mlops.store import pending
from jupyter_mlops.tracking import afterwards as module
from jupyter_mlops.tracking.afterwards import afterwards
from jupyter_mlops.workspace import Workspace


@pytest.fixture(autouse=True)
def nobody_else(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No background: what is done is done by who reads."""
    monkeypatch.setattr(module, "in_background", lambda call, **_how: None)
    yield
    module._queue.begin()
    pending.forget(module._queue.bring)


def read(ws: Workspace) -> None:
    with ws.store.read():
        pass


def test_calls_are_made_once_in_their_order_before_a_read(ws: Workspace) -> None:
    made: list[int] = []
    for number in range(3):
        afterwards(lambda number=number: made.append(number))  # type: ignore[misc]
    assert made == []
    read(ws)
    assert made == [0, 1, 2]
    read(ws)
    assert made == [0, 1, 2]


def test_one_that_the_store_refuses_keeps_no_other_waiting(ws: Workspace) -> None:
    made: list[str] = []

    def refused() -> None:
        raise Conflict("gone", remedy="Nothing.")

    afterwards(refused)
    afterwards(lambda: made.append("after"))
    read(ws)
    assert made == ["after"]


def test_a_call_may_read_the_store_and_have_more_done(ws: Workspace) -> None:
    made: list[str] = []

    def first() -> None:
        afterwards(lambda: made.append("second"))
        read(ws)  # which brings what waits, and must not wait for this very call
        made.append("first")

    afterwards(first)
    read(ws)
    assert made == ["first", "second"]


def test_who_reads_waits_for_another_thread_that_is_at_it(ws: Workspace) -> None:
    made: list[str] = []
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        inside.set()
        go_on.wait(10)
        made.append("slow")

    afterwards(slow)
    other = threading.Thread(target=module._queue.bring)
    other.start()
    inside.wait(10)
    afterwards(lambda: made.append("quick"))
    threading.Timer(0.05, go_on.set).start()
    read(ws)
    other.join()
    assert made == ["slow", "quick"]


def test_one_that_never_ends_keeps_a_reader_for_a_while_only(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LONGEST_WAIT", 0.05)
    inside, go_on = threading.Event(), threading.Event()
    afterwards(lambda: (inside.set(), go_on.wait(10)))
    other = threading.Thread(target=module._queue.bring)
    other.start()
    inside.wait(10)
    pending.remember(module._queue.bring)
    read(ws)  # comes back
    go_on.set()
    other.join()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_does_nothing_of_its_parents(ws: Workspace) -> None:
    out, into = os.pipe()
    afterwards(lambda: os.write(into, b"x"))
    child = os.fork()
    if not child:
        module._queue.bring()
        os._exit(0)
    os.waitpid(child, 0)
    read(ws)
    os.close(into)
    assert os.read(out, 10) == b"x"
    os.close(out)


def test_while_the_store_is_away_all_of_it_waits_in_its_order(ws: Workspace) -> None:
    made: list[str] = []
    away = [True]

    def first() -> None:
        if away:
            raise Unavailable("away", remedy="Wait.")
        made.append("first")

    afterwards(first)
    afterwards(lambda: made.append("second"))
    read(ws)
    assert made == []
    away.clear()
    read(ws)
    assert made == ["first", "second"]
