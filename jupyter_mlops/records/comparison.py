"""Runs beside each other: what they measured, and in what they differ."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.review import CodeChange
from jupyter_mlops.records.run import Param, Run

__all__ = ["CodeDifference", "MetricRow", "RunComparison", "ValueRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """One metric over all runs compared, in their order."""

    name: str
    values: tuple[float | None, ...]
    direction: Direction | None = None  # None: the name does not say which way is better
    best: int | None = None  # place of the best run; None: equal, or not to be said
    difference: float | None = None  # of two runs: the second minus the first


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRow:
    """A parameter, input, package or fact that is not the same in all runs; None where a run has none."""

    name: str
    values: tuple[Param, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeDifference:
    """How the cells of one run differ from those of the first."""

    run: str
    changes: tuple[CodeChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunComparison:
    """Two or more runs; the others are compared with the first. Only what differs is listed, but for metrics."""

    runs: tuple[Run, ...]
    headline: str  # one sentence that answers the question
    metrics: tuple[MetricRow, ...] = ()
    params: tuple[ValueRow, ...] = ()
    data: tuple[ValueRow, ...] = ()  # input name to digest
    environment: tuple[ValueRow, ...] = ()  # python, commit, and packages by name
    code: tuple[CodeDifference, ...] = ()
