"""What must not be lost is done again while the store is away."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.jobs import patience
from jupyter_mlops.jobs.patience import patiently


@pytest.fixture
def slept(monkeypatch):
    """A clock that only sleep moves."""
    now = [0.0]
    monkeypatch.setattr(patience.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(patience.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def away(times: int):
    left = [times]

    def act() -> str:
        left[0] -= 1
        if left[0] >= 0:
            raise Unavailable("the store is away", remedy="Wait.")
        return "done"

    return act


def test_it_is_done_as_soon_as_the_store_is_back(slept) -> None:
    assert patiently(away(3)) == "done"
    assert slept[0] == pytest.approx(0.2 + 0.4 + 0.8)


def test_after_two_minutes_it_is_said(slept) -> None:
    with pytest.raises(Unavailable):
        patiently(away(10_000))
    assert 120 < slept[0] < 130


def test_what_else_goes_wrong_is_not_waited_for(slept) -> None:
    with pytest.raises(ZeroDivisionError):
        patiently(lambda: 1 // 0)
    assert slept[0] == 0.0
