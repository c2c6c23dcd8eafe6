"""What a sampler must do: say the values of one trial after the other, from what is known of those before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Known", "Proposer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A trial that has begun."""

    number: int
    values: Mapping[str, object]  # of each axis
    value: float | None  # what the goal's metric came to; None: it has failed, or is under way
    running: bool


class Proposer(Protocol):
    """Draws the values of trials. It keeps nothing: whoever opens it again goes on as if there had been one only."""

    def propose(self, number: int, known: Sequence[Known]) -> dict[str, object]:
        """Return the values of the trial *number*, counted from 0: one of each axis, JSON-ready, in the axes' order."""
