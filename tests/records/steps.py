"""What a table of steps between states must hold."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

S = TypeVar("S", bound=Enum)


def reachable(steps: Mapping[S, frozenset[S]], start: S) -> set[S]:
    """The states that can be come to from *start*."""
    found, waiting = {start}, [start]
    while waiting:
        new = steps[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def check_steps(steps: Mapping[S, frozenset[S]], start: S) -> None:
    """Every state stands in the table, can be come to, and is no step from itself."""
    states = set(type(start))
    assert set(steps) == states
    assert reachable(steps, start) == states
    assert all(state not in following for state, following in steps.items())
