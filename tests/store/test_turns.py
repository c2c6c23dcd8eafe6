"""Writers who wait are noted for as long as they do."""

from __future__ import annotations

import time

import pytest

from jupyter_mlops.store.turns import Turns


def test_the_first_who_waits_is_told_of_until_the_turn_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [10.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    turns = Turns()
    assert turns.waited() == 0.0
    with turns.asked():
        now[0] = 12.0
        with turns.asked():
            now[0] = 13.0
            assert turns.waited() == 3.0
        assert turns.waited() == 3.0
    assert turns.waited() == 0.0


def test_a_wait_in_vain_is_over_too() -> None:
    turns = Turns()
    with pytest.raises(RuntimeError), turns.asked():
        raise RuntimeError
    assert turns.waited() == 0.0
