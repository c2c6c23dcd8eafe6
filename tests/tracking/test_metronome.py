"""What must be done in time is begun in time, however long it takes itself, and costs nothing where there is nothing to do."""

from __future__ import annotations

import threading

import pytest

from jupyter_mlops.tracking.metronome import Metronome


class Time:
    """A clock that moves by what is slept and by what the work takes."""

    def __init__(self, takes: list[float]) -> None:
        self.at, self.takes, self.slept = 100.0, takes, list[float]()
        self.begun: list[float] = []

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds

    def act(self) -> None:
        self.begun.append(self.at)
        self.at += self.takes.pop(0)


def metronome(time: Time, **changes) -> Metronome:
    given = {"seconds": 0.875, "wanted": lambda: True, "now": time.now, "sleep": time.sleep}
    return Metronome(time.act, **{**given, **changes})


def test_the_next_begins_in_time_however_long_the_one_before_took():
    time = Time([0.0, 0.25, 0.75, 0.0])
    beats = metronome(time)
    for _ in range(4):
        beats.turn()
    assert [later - earlier for earlier, later in zip(time.begun, time.begun[1:], strict=False)] == [
        0.875,
        0.875,
        0.875,
    ]
    assert time.slept == [0.875, 0.875, 0.625, 0.125]


def test_one_that_took_longer_than_that_is_followed_at_once():
    time = Time([2.0, 0.0])
    beats = metronome(time)
    beats.turn()
    beats.turn()
    assert time.slept[1] == 0.0
    assert time.begun[1] - time.begun[0] == 2.0


def test_a_failure_is_passed_over():
    time = Time([])
    beats = metronome(time)
    beats.turn()  # nothing left to pop: the work raises
    beats.turn()
    assert len(time.begun) == 2


def test_without_a_reason_it_sleeps_until_there_is_one():
    reasons, begun, done = [1], list[int](), threading.Semaphore(0)

    def act() -> None:
        begun.append(len(reasons))
        reasons.clear()
        done.release()

    beats = Metronome(act, seconds=0.0, wanted=lambda: bool(reasons))
    for _ in range(3):
        reasons[:] = [1]
        beats.begin()
        assert done.acquire(timeout=30)
    assert begun == [1, 1, 1]  # never for no reason


@pytest.mark.parametrize("count", [1, 5])
def test_beginning_again_starts_no_other_thread(count):
    before = set(threading.enumerate())
    beats = Metronome(lambda: None, seconds=3600, wanted=lambda: True)
    for _ in range(count):
        beats.begin()
    assert len(set(threading.enumerate()) - before) == 1
