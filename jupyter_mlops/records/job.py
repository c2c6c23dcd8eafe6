"""What to run, and one execution of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.frozen import freeze_mappings
from jupyter_mlops.records.model import DERIVED
from jupyter_mlops.records.retry import FailureClass, RetryRule
from jupyter_mlops.records.run import Lease
from jupyter_mlops.records.sweep import Sweep, Tally
from jupyter_mlops.records.trust import RunTrust

__all__ = [
    "JOB_STEPS",
    "UNDER_WAY",
    "Attempt",
    "CellProgress",
    "Job",
    "JobError",
    "JobOptions",
    "JobSpec",
    "JobStatus",
]


class JobStatus(StrEnum):
    """Where a job stands; the truth, whatever the executed notebook's own metadata says."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    STARTING = "starting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    LOST = "lost"

    @property
    def ended(self) -> bool:
        """True for a state that a job does not leave by itself."""
        return self in _ENDS


_ENDS = frozenset(
    {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.TIMED_OUT, JobStatus.LOST}
)
# Back to queued is a retry; from claimed, a worker could not be started.
JOB_STEPS: Mapping[JobStatus, frozenset[JobStatus]] = {
    JobStatus.QUEUED: frozenset({JobStatus.CLAIMED, JobStatus.CANCELLED}),
    JobStatus.CLAIMED: frozenset({JobStatus.STARTING, JobStatus.QUEUED}) | _ENDS,
    JobStatus.STARTING: frozenset({JobStatus.RUNNING}) | _ENDS,
    JobStatus.RUNNING: _ENDS,
    JobStatus.SUCCEEDED: frozenset(),
    JobStatus.FAILED: frozenset({JobStatus.QUEUED}),
    JobStatus.CANCELLED: frozenset({JobStatus.QUEUED}),
    JobStatus.TIMED_OUT: frozenset({JobStatus.QUEUED}),
    JobStatus.LOST: frozenset({JobStatus.QUEUED}),
}

UNDER_WAY = (JobStatus.CLAIMED, JobStatus.STARTING, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """What to run. ``content`` is the digest of the notebook as submitted, so later edits change nothing."""

    notebook: str  # the path it was submitted from, for people
    content: str
    parameters: Mapping[str, object] = field(default_factory=dict)  # JSON-ready values
    experiment: str = "default"
    name: str = ""
    register_as: str | None = None
    review_for: str | None = None  # the alias to ask for once registered
    output: str | None = None  # where to put a copy of the executed notebook, absolute
    folder: str | None = None  # the kernel's working folder, absolute
    kernel: str | None = None
    timeout: float | None = None  # seconds, the whole job
    cell_timeout: float | None = None  # seconds for each cell; without any, no limit
    retries: int = 0  # of each class of failure that ``retry`` does not name
    retry: tuple[RetryRule, ...] = ()
    memory: int | None = None  # bytes that the kernel and all it starts may hold
    cpus: float | None = None  # processors that they may keep busy
    gpus: int = 0  # accelerators that it needs for itself
    priority: int = 0  # each point puts it ten minutes forward
    parent: str | None = None  # the run under which this job's run stands: a sweep's, a pipeline's
    sweep: Sweep | None = None  # instead of one execution: many, each a job of its own
    tags: Mapping[str, str] = field(default_factory=dict)  # of its run

    def __post_init__(self) -> None:
        freeze_mappings(self, "parameters", "tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """What is seldom said when a notebook is submitted."""

    output: str | None = None  # where to put a copy of the executed notebook
    folder: str | None = None  # the kernel's working folder; without one, the notebook's own
    kernel: str | None = None  # the kernel's name; without one, the notebook's own
    timeout: float | None = None  # seconds for the whole job; without any, no limit
    cell_timeout: float | None = None  # seconds for each cell; without any, no limit
    retries: int = 0  # how often it is tried again after it failed
    retry: tuple[str, ...] = ()  # for a class of failure, such as out_of_memory=2,wait=30,memory=1.5
    memory: str | None = (
        None  # what the kernel and all it starts may hold, such as 2GB; without any, no limit
    )
    cpus: float | None = None  # processors that they may keep busy; without any, no limit
    gpus: int = 0  # accelerators that it needs for itself
    priority: int = 0  # -100 to 100; each point puts it ten minutes forward in the queue


@dataclass(frozen=True, slots=True, kw_only=True)
class CellProgress:
    """Which cell a job is at."""

    index: int  # code cells, from 0
    total: int
    cell: str | None = None
    source: str = ""  # its first line
    started: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobError:
    """Why a job did not succeed, and what helps."""

    kind: str  # the exception's class name, or kernel_died, timed_out, cancelled, lost
    message: str
    cell: str | None = None
    index: int | None = None
    traceback: str = ""
    remedy: str = ""
    failure: FailureClass | None = None  # None: it was cancelled, or nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An earlier execution of a job that was tried again."""

    number: int
    status: JobStatus
    run: str | None = None
    notebook: str | None = None  # digest of the executed notebook
    queued: datetime
    started: datetime | None = None
    ended: datetime | None = None
    error: JobError | None = None
    memory: int | None = None  # bytes, the limit it ran under
    followed: bool = False  # it was over for good until somebody tried it again


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One execution of a spec."""

    id: str
    spec: JobSpec
    status: JobStatus = JobStatus.QUEUED
    run: str | None = None
    notebook: str | None = None  # digest of the executed notebook
    queued: datetime
    started: datetime | None = None
    heartbeat: datetime | None = None
    ended: datetime | None = None
    error: JobError | None = None
    warnings: tuple[str, ...] = ()  # what is to be known of a job although it is no failure
    progress: CellProgress | None = None
    lease: Lease | None = None
    sequence: int = 0  # grows by one with each step from state to state, and never shrinks
    attempt: int = 1
    attempts: tuple[Attempt, ...] = ()  # the earlier ones, the oldest first
    not_before: datetime | None = None  # a retry waits until then
    turn: datetime | None = (
        None  # when it was queued, put forward by its priority: what the queue is ordered by
    )
    gpus: tuple[int, ...] = ()  # the accelerators that it was given
    cancel: bool = False  # somebody asked it to stop
    followed: bool = False  # automation has done what follows its end
    schedule: str = ""  # the id of the schedule that made it
    due: datetime | None = None  # when that had it start
    sweep: str = ""  # the id of the job whose trial this is
    trial: int | None = None  # the place of its values among those of the sweep, from 0
    tally: Tally | None = None  # of a sweep: how far it is
    attended: bool = False  # a process waits for it: it starts the job itself and does what follows
    actor: Actor
    # Filled when it is asked for: how far its run can be trusted. None: it has none, or none that has ended.
    trust: RunTrust | None = field(default=None, compare=False, metadata=DERIVED)
    # Why it has not begun; filled as it is asked for.
    waits: str = field(default="", compare=False, metadata=DERIVED)

    @property
    def short(self) -> str:
        """Six characters that tell this job from its neighbours."""
        return self.id[-6:]
