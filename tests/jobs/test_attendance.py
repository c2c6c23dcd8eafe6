"""The process at the other end of a worker's standard input."""

from __future__ import annotations

import os
import threading

import pytest

from jupyter_mlops.jobs.attendance import Launcher
from tests.jobs.running import LIMIT


@pytest.fixture
def pipe():
    """Standard input, and the end that a launcher writes to."""
    kept = os.dup(0)
    hears, says = os.pipe()
    os.dup2(hears, 0)
    os.close(hears)
    yield os.fdopen(says, "wb", buffering=0)
    os.dup2(kept, 0)
    os.close(kept)


def test_lines_are_orders_however_they_come_and_their_end_is_the_last(pipe) -> None:
    launcher = Launcher()
    pipe.write(b"one\ntw")
    pipe.write(b"o\n")
    pipe.close()

    assert [launcher.order() for _ in range(3)] == [b"one", b"two", None]


def test_whoever_listens_is_told_that_the_launcher_is_gone(pipe) -> None:
    launcher, told = Launcher(), threading.Event()
    launcher.when_gone(told.set)
    assert not told.is_set()

    pipe.close()

    assert told.wait(LIMIT)


def test_only_the_last_to_listen_is_told(pipe) -> None:
    launcher, earlier, told = Launcher(), threading.Event(), threading.Event()
    launcher.when_gone(earlier.set)
    launcher.when_gone(None)
    launcher.when_gone(told.set)

    pipe.close()

    assert told.wait(LIMIT)
    assert not earlier.is_set()


def test_whoever_comes_later_is_told_at_once(pipe) -> None:
    launcher, told = Launcher(), threading.Event()
    pipe.close()
    assert launcher.order() is None

    launcher.when_gone(told.set)

    assert told.is_set()
