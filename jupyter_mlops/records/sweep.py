"""A sweep: over which values a notebook is run, how they are drawn, when a trial is given up, and how far it all is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from jupyter_mlops.records.frozen import freeze_mappings
from jupyter_mlops.records.policy import Direction

__all__ = [
    "Axis",
    "Best",
    "Choices",
    "EarlyStop",
    "Goal",
    "Sampler",
    "Span",
    "Sweep",
    "SweepOptions",
    "Tally",
]


class Sampler(StrEnum):
    """How the values of trials are drawn."""

    GRID = "grid"  # every combination, the last name varying fastest
    RANDOM = "random"
    SOBOL = "sobol"  # a scrambled Sobol sequence: evenly spread, however many are taken
    BAYESIAN = "bayesian"  # Optuna's tree of Parzen estimators: where it has been good so far


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """An axis that takes one of some values; a single one keeps the parameter fixed."""

    values: tuple[object, ...]  # JSON-ready, as a spec's parameters are


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An axis that takes any number between two, both of which may come."""

    low: float
    high: float
    log: bool = False  # evenly spread by order of magnitude; low is above 0 then
    step: float | None = None  # only low, low + step, low + 2 step and so on
    whole: bool = False  # whole numbers only


Axis = Choices | Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """The metric that says which trial is best."""

    metric: str
    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyStop:
    """When a trial is given up: its best value so far is worse than the median of the others' running averages.

    The median stopping rule of Golovin et al., Google Vizier (KDD 2017), section 3.2.2: each other trial counts with
    the mean of what it had logged up to the step that this one has come to.
    """

    after: int = 5  # values that a trial has logged before it is judged
    among: int = 5  # trials that must have succeeded, and come as far, before any is judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What a sweep's job does instead of running its notebook once."""

    axes: Mapping[str, Axis]
    sampler: Sampler = Sampler.GRID
    trials: int  # how many there are
    seed: int = 0
    workers: int = 2  # trials at once
    engine: str = "local"
    goal: Goal | None = None
    early_stop: EarlyStop | None = None

    def __post_init__(self) -> None:
        freeze_mappings(self, "axes")

    @property
    def varying(self) -> tuple[str, ...]:
        """Return the names of the axes that trials differ in."""
        return tuple(n for n, axis in self.axes.items() if isinstance(axis, Span) or len(axis.values) > 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepOptions:
    """What is seldom said of a sweep."""

    sampler: Sampler = Sampler.GRID  # grid, random, sobol or bayesian
    trials: int | None = None  # how many; a grid has as many as it has combinations
    seed: int = 0  # of what is drawn: the same seed, the same values
    metric: str | None = None  # what says which trial is best
    direction: Direction | None = None  # which way the metric is better; read off its name where it says so
    early_stop: bool = False  # give up a trial that is worse than the median of the others at its step
    early_stop_after: int = 5  # values that a trial has logged before it may be given up
    early_stop_among: int = 5  # trials that must have succeeded before any may be given up
    workers: int = 2  # trials at once
    engine: str = "local"  # local, dask, or dask:ADDRESS of a scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best trial so far."""

    job: str
    value: float
    parameters: Mapping[str, object] = field(default_factory=dict)  # of those that vary

    def __post_init__(self) -> None:
        freeze_mappings(self, "parameters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How far a sweep is."""

    trials: int
    succeeded: int = 0
    failed: int = 0
    stopped: int = 0  # given up early
    running: int = 0
    best: Best | None = None
    left: float | None = None  # seconds until its end, by how long trials have taken so far

    @property
    def remaining(self) -> int:
        """Return how many trials have not begun."""
        return max(0, self.trials - self.succeeded - self.failed - self.stopped - self.running)
