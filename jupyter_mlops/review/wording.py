"""Numbers and lists as people read them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from jupyter_mlops.records.review import Decision

__all__ = ["a_few", "counted", "difference", "marks", "number"]

_MINUS = "\u2212"  # as wide as a plus, unlike the hyphen


def number(value: float, unit: str = "") -> str:
    """Return *value* with four significant digits, and its unit."""
    if not math.isfinite(value):
        text = "not a number" if math.isnan(value) else f"{value}"
    elif value == int(value) and abs(value) < 1e15:  # noqa: PLR2004 - a float holds integers exactly up to here
        text = str(int(value))
    else:
        text = f"{value:.4g}"
    return f"{text} {unit}".strip()


def difference(value: float, unit: str = "") -> str:
    """Return *value* with its sign, a true minus included."""
    text = number(abs(value), unit)
    return f"+{text}" if value > 0 else (f"{_MINUS}{text}" if value < 0 else text)


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return ``1 cell`` or ``3 cells``; *plural* where an s does not make it."""
    return f"{count} {noun}" if count == 1 else f"{count} {plural or noun + 's'}"


def a_few(phrases: Sequence[str], *, limit: int, rest: str) -> tuple[str, ...]:
    """Return at most *limit* phrases, the last of them counting what was left out."""
    if len(phrases) <= limit:
        return tuple(phrases)
    return (*phrases[: limit - 1], f"{len(phrases) - limit + 1} more {rest}")


def marks(decision: Decision) -> str:
    """Return what has to be known about a decision beside its verdict, in brackets; empty where nothing has."""
    said = [decision.note, "" if decision.actor.authenticated else "unauthenticated"]
    listed = ", ".join(filter(None, said))
    return f" ({listed})" if listed else ""
