"""Who reads a store sees what this process has said and the store has not yet taken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from contracts.samples import run

from jupyter_mlops.records.query import Query
from jupyter_mlops.store.pending import bring_home, forget, remember
from jupyter_mlops.workspace import Workspace

Remember = Callable[[Callable[[], object]], None]


@pytest.fixture
def left() -> Iterator[Remember]:
    """Leave something to be brought, and take it away again."""
    given: list[Callable[[], object]] = []

    def leave(bring: Callable[[], object]) -> None:
        given.append(bring)
        remember(bring)

    yield leave
    for bring in given:
        forget(bring)


def test_a_store_is_brought_what_waits_before_it_is_read(ws: Workspace, left: Remember) -> None:
    def bring() -> None:
        with ws.store.write() as tx:
            tx.runs.replace(run("waited"))

    left(bring)
    with ws.store.read() as tx:
        assert tx.runs.find(Query()).total == 1


def test_whoever_brings_may_read_the_store_himself(ws: Workspace, left: Remember) -> None:
    calls: list[int] = []

    def bring() -> None:
        calls.append(1)
        with ws.store.read() as tx:
            calls.append(tx.runs.find(Query()).total)

    left(bring)
    with ws.store.read():
        pass
    assert calls == [1, 0]


def test_a_thread_that_is_writing_is_brought_nothing(ws: Workspace, left: Remember) -> None:
    """Bringing means writing, and this thread's own transaction would stand in its way."""
    calls: list[int] = []
    left(lambda: calls.append(1))
    with ws.store.write() as tx:
        tx.runs.add(run())
        with ws.store.read():
            assert calls == []
    with ws.store.read():
        assert calls == [1]


def test_one_that_fails_stops_neither_the_others_nor_the_read(ws: Workspace, left: Remember) -> None:
    calls: list[str] = []

    def failing() -> None:
        calls.append("failing")
        raise OSError("the disk is full")

    left(failing)
    left(lambda: calls.append("next"))
    with ws.store.read() as tx:
        assert tx.runs.find(Query()).total == 0
    assert calls == ["failing", "next"]
    bring_home()  # and it is asked again the next time
    assert calls == ["failing", "next"] * 2


def test_what_is_left_twice_is_brought_once_and_what_is_forgotten_never(left: Remember) -> None:
    calls: list[int] = []

    def bring() -> None:
        calls.append(1)

    left(bring)
    left(bring)
    bring_home()
    assert calls == [1]
    forget(bring)
    forget(bring)  # a run may be ended by two who meet
    bring_home()
    assert calls == [1]


def test_one_that_ends_with_its_bringing_hides_no_other(left: Remember) -> None:
    calls: list[str] = []

    def ending() -> None:
        calls.append("ending")
        forget(ending)

    left(ending)
    left(lambda: calls.append("next"))
    bring_home()
    bring_home()
    assert calls == ["ending", "next", "next"]


def test_while_one_thread_brings_another_need_not_do_without(left: Remember) -> None:
    calls: list[int] = []

    def bring() -> None:
        calls.append(threading.get_ident())
        if len(calls) == 1:
            other = threading.Thread(target=bring_home)
            other.start()
            other.join()

    left(bring)
    bring_home()
    assert len(calls) == len(set(calls)) == 2


def test_an_interrupt_gets_through_and_the_next_read_brings_again(left: Remember) -> None:
    calls: list[int] = []

    def bring() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt

    left(bring)
    with pytest.raises(KeyboardInterrupt):
        bring_home()
    bring_home()
    assert calls == [1, 1]
