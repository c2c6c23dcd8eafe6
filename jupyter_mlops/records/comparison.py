"""Runs beside each other: what they measured, and in what they differ."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.review import CodeChange
from jupyter_mlops.records.run import Param, Run

__all__ = [
    "CodeDifference",
    "FigureRow",
    "MetricRow",
    "ModuleChange",
    "OutputChange",
    "RunComparison",
    "ValueRow",
]


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
    """A parameter, input, package or fact that is not the same in all runs; None where a run has none.

    An input is called by its name, with its role and a number (``X (train) #2``) where that alone would not tell it.
    """

    name: str
    values: tuple[Param, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleChange:
    """An imported file of the project that is not what it was; an empty digest where it was not imported."""

    path: str
    kind: str  # added, removed, edited; unsure: the digests are the same, but do not vouch for what ran
    before: str = ""
    after: str = ""
    note: str = ""  # why a digest may not be of what ran


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputChange:
    """What a cell showed in two runs, where it is not the same.

    Of a figure the files that were kept of it; a side without one has none to show, or ``missing`` says why.
    """

    cell: str
    kind: str  # what became of the cell itself: same, edited, moved, added, removed
    what: str  # figure; output for anything else
    label: str = ""  # for people: "In [12]"
    before: Artifact | None = None
    after: Artifact | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """A figure of which no cell is known, and which is not the same in all runs; None where a run has none."""

    name: str
    files: tuple[Artifact | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeDifference:
    """How the cells of one run, what they showed, and the files that it imported differ from those of the first."""

    run: str
    changes: tuple[CodeChange, ...]
    modules: tuple[ModuleChange, ...] = ()
    outputs: tuple[OutputChange, ...] = ()  # in the order of the cells, what is gone last


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class RunComparison:
    """Two or more runs; the others are compared with the first. Only what differs is listed, but for metrics."""

    runs: tuple[Run, ...]
    headline: str  # one sentence that answers the question
    metrics: tuple[MetricRow, ...] = ()
    params: tuple[ValueRow, ...] = ()
    data: tuple[ValueRow, ...] = ()  # input name to digest
    # commit, interpreter and machine, variables and seeds by name, then packages by name
    environment: tuple[ValueRow, ...] = ()
    code: tuple[CodeDifference, ...] = ()
    figures: tuple[FigureRow, ...] = ()  # of a few runs
