"""What autolog saw, as values, and who wants to hear of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from jupyter_mlops.records.model import Signature
from jupyter_mlops.records.profile import Profile
from jupyter_mlops.records.run import RunInput

__all__ = ["FitSeen", "MetricSeen", "Sink"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSeen:
    """One finished ``fit``: the live estimator, and what is known about it.

    ``estimator`` and ``features`` are references, never copies: whoever keeps them keeps the data alive.
    """

    estimator: Any
    features: Any
    kind: str  # qualified class name
    name: str = ""  # the variable it is bound to, where that could be seen
    params: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)  # on the training data: train_…
    inputs: tuple[RunInput, ...] = ()
    signature: Signature = field(default_factory=Signature)
    profile: Profile | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSeen:
    """A metric the user computed, and the model whose predictions went into it.

    ``estimator`` is None where that is ambiguous; ``candidates`` then says how many models it could be.
    """

    name: str  # the function's name, with the data's name where one model was scored on several
    value: float
    estimator: Any = None
    data: str = ""  # the variable the predictions were made from
    inputs: tuple[RunInput, ...] = ()
    candidates: int = 1


class Sink(Protocol):
    """Where observations go. Called in the user's thread, after the user's own call has its result."""

    def fit(self, seen: FitSeen) -> None:
        """Take note of a finished fit."""

    def metric(self, seen: MetricSeen) -> None:
        """Take note of a metric the user computed."""

    def note(self, text: str) -> None:
        """Take note of something the reader of the run should know: a skipped prediction, an ambiguity."""

    def wanted(self) -> bool:
        """Tell, in nanoseconds, whether anything is being recorded now; observing costs nothing when not."""
