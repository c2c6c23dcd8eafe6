"""What autolog saw, as values, and who wants to hear of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from jupyter_mlops.records.autolog import AutologOptions
from jupyter_mlops.records.model import Signature
from jupyter_mlops.records.profile import Profile
from jupyter_mlops.records.run import RunError, RunInput

__all__ = [
    "CandidateSeen",
    "FitSeen",
    "MetricSeen",
    "PredictionSeen",
    "Progress",
    "Role",
    "Series",
    "Sink",
]

Param = str | int | float | bool | None
Series = Mapping[str, tuple[tuple[int, float], ...]]  # a metric's values by step


class Role(StrEnum):
    """What a fit is to the run it happened in."""

    MODEL = "model"  # something that answers; it is kept
    STEP = "step"  # a transformer: its parameters and data belong to the run, no model comes of it
    EVALUATION = "evaluation"  # scores of an estimator that was fitted on parts of the data and thrown away
    FAILED = "failed"  # a fit or an evaluation that raised: nothing but what it was made with


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateSeen:
    """One candidate of a search: what was tried, and how it did on each split."""

    name: str
    params: Mapping[str, Param] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    series: Series = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a training that comes in many calls has come to."""

    metrics: Mapping[str, float] = field(default_factory=dict)
    inputs: tuple[RunInput, ...] = ()
    series: Series = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSeen:
    """One finished ``fit``, or one that raised: the live estimator, and what is known about it.

    ``estimator`` is a reference, never a copy; ``features`` are at most twenty rows, so that nobody who keeps
    this keeps the data alive.
    """

    estimator: Any
    features: Any
    kind: str  # qualified class name
    role: Role = Role.MODEL
    name: str = ""  # the variable it is bound to, where that could be seen
    params: Mapping[str, Param] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)  # on the training data: train_…
    series: Series = field(default_factory=dict)
    inputs: tuple[RunInput, ...] = ()
    signature: Signature = field(default_factory=Signature)
    profile: Profile | None = None
    seconds: float = 0.0
    candidates: tuple[CandidateSeen, ...] = ()  # of a search, the best first
    artifacts: Mapping[str, bytes] = field(default_factory=dict)  # small files about it
    further: Mapping[str, Any] = field(default_factory=dict)  # further models: a search's best estimator
    error: RunError | None = None  # what it raised; then there is no estimator
    attempted: Role = Role.MODEL  # of one that raised: the role that it would have had
    kept: bool = True  # False where no safe format takes the model
    # Training that comes in many calls (``partial_fit``, a loop): asked when the run ends.
    progress: Callable[[], Progress] | None = None
    number: int = field(default=0, compare=False)  # of the fit, in the order they ended; see latest.py
    ended: float = field(
        default_factory=time.time, compare=False
    )  # when, in seconds; of many calls the first


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSeen:
    """A metric the user computed, and the model whose predictions went into it.

    ``estimator`` is None where that is ambiguous; ``candidates`` then says how many models it could be.
    """

    name: str  # the function's name, with the data's name where one model was scored on several
    value: float
    estimator: Any = None
    model: str = ""  # the variable that holds the estimator, where that could be seen
    data: str = ""  # the variable the predictions were made from
    inputs: tuple[RunInput, ...] = ()
    candidates: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionSeen:
    """A model was asked about data; whether anybody scores the answers is not known yet."""

    estimator: Any
    # Returns the records of the data, with the role ``predict``: digested by this call, unless ``known``. Whoever
    # wants them calls it at once, for the data may be changed or gone later.
    inputs: Callable[[], tuple[RunInput, ...]]
    data: str = ""  # the variable that holds them, where that could be seen
    role: Role = Role.MODEL  # STEP: a transformer
    known: bool = False  # the digest was taken before
    training: bool = False  # these are the data that the estimator was fitted on last


class Sink(Protocol):
    """Where observations go. Called in the user's thread, after the user's own call has its result."""

    def fit(self, seen: FitSeen) -> None:
        """Take note of a finished fit; one with the same ``progress`` again means that its training goes on."""

    def metric(self, seen: MetricSeen) -> None:
        """Take note of a metric the user computed."""

    def predicted(self, seen: PredictionSeen) -> None:
        """Take note that a model was asked about data."""

    def note(self, text: str) -> None:
        """Take note of something the reader of the run should know: a skipped prediction, an ambiguity."""

    def keeps(self) -> bool:
        """Tell whether models are kept, and with them what describes one: signature, profile, pictures."""

    def options(self) -> AutologOptions:
        """Return what the user chose for what is recorded now."""

    def wanted(self) -> bool:
        """Tell, in nanoseconds, whether anything is being recorded now; observing costs nothing when not."""
