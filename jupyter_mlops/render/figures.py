"""Metrics by name: which come first, which way is better, and which only tell how busy the machine was."""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_mlops.records.policy import Direction, direction_of, told_at
from jupyter_mlops.render.words import number, signed

__all__ = ["difference", "headline", "named"]

_MARKS = {Direction.LOWER: " ↓", Direction.HIGHER: " ↑"}


def named(name: str) -> str:
    """Return the name with an arrow to where it is better, where that is known."""
    direction = direction_of(name)
    return name + (_MARKS[direction] if direction is not None else "")


def headline(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return *metrics*, the telling ones first."""
    return dict(sorted(metrics.items(), key=lambda pair: told_at(pair[0])))


def difference(name: str, now: float, before: float | None) -> str:
    """Return how *now* differs from *before*, with its sign and, where that is known, whether it is better."""
    if before is None or now != now or before != before:  # noqa: PLR0124 - not a number
        return ""
    if now == before:
        return "(same)"
    if number(now) == number(before):
        return "(about the same)"  # in all the digits that are shown
    direction = direction_of(name)
    if direction is None:
        return f"({signed(now - before)})"
    better = (now < before) == (direction is Direction.LOWER)
    return f"({signed(now - before)} {'▲ better' if better else '▼ worse'})"
