"""One tracked execution and what it measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.frozen import freeze_mappings
from jupyter_mlops.records.source import Source

__all__ = [
    "DIGEST_LATER",
    "RUN_STEPS",
    "SYSTEM",
    "DocumentState",
    "EarlierLives",
    "Grade",
    "Lease",
    "MetricPoint",
    "MetricSummary",
    "Param",
    "Run",
    "RunCurve",
    "RunError",
    "RunInput",
    "RunStatus",
]

SYSTEM = "system/"  # what the names of system metrics begin with

Param = str | int | float | bool | None


class RunStatus(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"


# lost → running: the run's own kernel renews its lease (a laptop slept).
RUN_STEPS: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.RUNNING: frozenset({RunStatus.FINISHED, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.LOST}),
    RunStatus.FINISHED: frozenset({RunStatus.RUNNING}),  # continued by --on-rerun continue
    RunStatus.FAILED: frozenset({RunStatus.RUNNING}),
    RunStatus.CANCELLED: frozenset({RunStatus.RUNNING}),
    RunStatus.LOST: frozenset({RunStatus.RUNNING, RunStatus.FINISHED, RunStatus.FAILED, RunStatus.CANCELLED}),
}


class Grade(StrEnum):
    """How far the cells a run rests on can be trusted to say what happened."""

    CLEAN = "clean"
    REORDERED = "reordered"
    STALE = "stale"
    UNKNOWN = "unknown"


class DocumentState(StrEnum):
    """Whether the saved notebook still says what ran."""

    SAVED = "saved"
    UNSAVED = "unsaved"
    ORPHANED = "orphaned"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPoint:
    """One measured value. Owned by a run, numbered from 1 in the order it was logged."""

    owner: str  # the run's id
    sequence: int
    key: str
    value: float
    step: int = 0
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSummary:
    """One metric of one run in five numbers; ``best`` follows the metric's direction at reading."""

    last: float
    step: int
    minimum: float
    maximum: float
    mean: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCurve:
    """How one metric of a run went: a few of its points, for a drawing no larger than a word."""

    run: str  # its id
    key: str  # the metric's name
    count: int  # of all its points
    steps: tuple[int, ...]  # as many as there are values
    values: tuple[float, ...]


DIGEST_LATER = "its digest is not taken yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput:
    """Data a run fitted or scored on, or a file it read; with the role ``write`` one that it wrote."""

    name: str
    role: str  # train, test, predict, read, write
    digest: str
    rows: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)  # column name to digest
    width: int | None = None  # how many columns, where they have no digests of their own
    kind: str = "frame"  # frame, array, file, object
    size: int | None = None  # bytes, for files
    sampled: bool = False  # never true: a digest is of all rows; older documents hold it
    note: str = ""  # why there is no digest, where there is none

    def __post_init__(self) -> None:
        freeze_mappings(self, "columns")

    @property
    def is_awaited(self) -> bool:
        """True while its digest is still being taken."""
        return not self.digest and self.note == DIGEST_LATER


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """The exception that ended a run."""

    kind: str  # its class name
    message: str
    traceback: str = ""
    cell: str | None = None
    line: int | None = None  # in the cell, from 1
    code: str = ""  # that line itself, secrets masked


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Which process holds a running run or job, and until when it need not say so again."""

    host: str
    pid: int
    process_started: (
        float  # tells a process of this host from a later one with the same number; see tracking.lease
    )
    until: datetime
    kernel: str | None = None  # what its server calls it; None in a script and in older records


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierLives:
    """What is to be known of a run's lives before it went on: the worst grade of them all, and what they rest on."""

    grade: Grade
    reason: str = ""
    # By kernel session: the digest over its cells, and their numbers in the session's chain.
    cells: Mapping[str, str] = field(default_factory=dict)
    rests_on: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        freeze_mappings(self, "cells", "rests_on")


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One tracked execution: a cell, a script's ``with`` block, or a whole notebook job.

    ``metrics`` maps a name to its last value, ``system`` does so for what the machine was busy with. Both are a view over the metric
    series: a store fills them when a run is read and ignores them when a run is written.
    """

    id: str
    experiment: str
    name: str
    status: RunStatus = RunStatus.RUNNING
    grade: Grade = Grade.UNKNOWN
    grade_reason: str = ""
    document: DocumentState = DocumentState.UNKNOWN
    source: Source = field(default_factory=Source)  # of its last life, where it went on
    earlier: EarlierLives | None = None
    inputs: tuple[RunInput, ...] = ()
    params: Mapping[str, Param] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    parent: str | None = None
    job: str | None = None
    lease: Lease | None = None
    started: datetime
    ended: datetime | None = None
    actor: Actor
    error: RunError | None = None
    last_cell: str | None = None  # the cell that was running when last heard of
    archived: bool = False
    deleted: datetime | None = None  # in the bin since; collected later
    # what the recorder itself wants to say: an ambiguous attribution, a skipped prediction, a lost hook
    notes: tuple[str, ...] = ()
    written: tuple[RunInput, ...] = ()  # files it wrote: name, size, digest; their content is not kept
    system: Mapping[str, float] = field(
        default_factory=dict
    )  # like metrics: those whose name begins with system/

    def __post_init__(self) -> None:
        busy = {key: value for key, value in self.metrics.items() if key.startswith(SYSTEM)}
        if busy:
            # How busy the machine was is no measure of a model: nobody should compare or promote by it.
            own = {key: value for key, value in self.metrics.items() if key not in busy}
            object.__setattr__(self, "metrics", own)
            named = {key.removeprefix(SYSTEM): value for key, value in busy.items()}
            object.__setattr__(self, "system", {**self.system, **named})
        freeze_mappings(self, "params", "metrics", "tags", "system")

    @property
    def short(self) -> str:
        """Six characters that tell this run from its neighbours: an id's tail, since its head is the time."""
        return self.id[-6:]

    @property
    def seconds(self) -> float | None:
        """How long it took, once it has ended."""
        return None if self.ended is None else (self.ended - self.started).total_seconds()
