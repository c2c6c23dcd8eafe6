from __future__ import annotations

import socket
import threading

import pytest

from jupyter_mlops.notifications.channels import deadline
from jupyter_mlops.notifications.channels.deadline import Line, within


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_what_is_done_in_time_is_done_and_its_errors_are_raised_here() -> None:
    done = []
    within(60, lambda _way: done.append(threading.current_thread()))
    assert done
    assert done[0] is not threading.current_thread()

    def fail(_way: Line) -> None:
        raise KeyError("x")

    with pytest.raises(KeyError, match="x"):
        within(60, fail)


def test_who_only_listens_is_freed_when_the_time_is_over(listener) -> None:
    heard, freed = [], threading.Event()

    def converse(way: Line) -> None:
        connection = way.connect(*listener.getsockname())
        connection.settimeout(None)  # as if each byte came just in time
        heard.append(connection.recv(1))
        freed.set()

    with pytest.raises(TimeoutError):
        within(0.2, converse)
    assert freed.wait(60)
    assert heard == [b""]
    peer, _ = listener.accept()
    with peer:
        assert peer.recv(1) == b""  # the other side is told, too


def test_encryption_that_takes_the_socket_over_does_not_keep_the_line_open(listener) -> None:
    freed = threading.Event()

    def converse(way: Line) -> None:
        taken = socket.socket(fileno=way.connect(*listener.getsockname()).detach())
        taken.settimeout(600)
        taken.recv(1)
        freed.set()

    with pytest.raises(TimeoutError):
        within(0.2, converse)
    assert freed.wait(60)


def test_who_is_connected_too_late_may_say_nothing(listener, monkeypatch) -> None:
    """The look-up of a name may take longer than there is time."""
    late, ended, failures = threading.Event(), threading.Event(), []
    connect = socket.create_connection

    def slowly(*place, **options):
        late.wait(60)
        return connect(*place)

    def converse(way: Line) -> None:
        try:
            way.connect(*listener.getsockname()).sendall(b"too late")
        except TimeoutError as failure:
            failures.append(failure)
        ended.set()

    monkeypatch.setattr(deadline.socket, "create_connection", slowly)
    with pytest.raises(TimeoutError):
        within(0.1, converse)
    late.set()
    assert ended.wait(60)
    assert len(failures) == 1
    peer, _ = listener.accept()
    with peer:
        assert peer.recv(100) == b""


def test_the_line_is_shut_behind_who_is_done(listener) -> None:
    kept = []
    within(60, lambda way: kept.append(way.connect(*listener.getsockname())))
    peer, _ = listener.accept()
    with peer, kept[0]:
        assert peer.recv(1) == b""
