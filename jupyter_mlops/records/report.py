"""What the verbs that run notebooks hand back: one job from end to end, many at once, or one again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.frozen import freeze_mappings
from jupyter_mlops.records.job import JobError, JobStatus
from jupyter_mlops.records.reproduced import OutputDifference, ReproductionVerdict
from jupyter_mlops.records.run import Grade
from jupyter_mlops.records.sweep import Tally

__all__ = [
    "NotebookTest",
    "PipelinePlan",
    "PipelineReport",
    "PipelineStep",
    "PlannedStep",
    "Report",
    "Reproduction",
    "ReproductionVerdict",
    "RunReport",
    "StepProspect",
    "StepStatus",
    "SweepReport",
    "SweepRow",
    "TestReport",
    "TickReport",
]


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """A notebook run as a job, from submission to the review that waits.

    ``metrics`` are the last values of the job's run, which has those of its tracked cells; of two cells that
    measured the same, the one that began later counts.
    """

    job: str
    run: str | None
    status: JobStatus
    grade: Grade
    metrics: Mapping[str, float] = field(default_factory=dict)
    version: int | None = None  # the model version that was registered
    review: str | None = None  # the review that was opened
    notebook: str | None = None  # path of the executed notebook
    error: JobError | None = None  # why it did not succeed: which cell, what was raised, what to do
    follow_up_error: JobError | None = (
        None  # why a job that succeeded was not registered, or not brought to review
    )

    def __post_init__(self) -> None:
        freeze_mappings(self, "metrics")


@dataclass(frozen=True, slots=True, kw_only=True)
class TickReport:
    """What one turn of the clock did: ids of jobs."""

    submitted: tuple[str, ...] = ()  # jobs of schedules that were due
    skipped: tuple[str, ...] = ()  # one sentence for each time of a schedule that was passed over
    started: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()  # jobs found lost
    followed: tuple[str, ...] = ()  # jobs whose follow-up was done
    retried: tuple[str, ...] = ()
    notified: tuple[str, ...] = ()  # messages that were sent
    problems: tuple[str, ...] = ()  # one sentence for each thing that could not be done


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRow:
    """One combination of a sweep and what came of it."""

    parameters: Mapping[str, object]
    job: str
    run: str | None
    status: JobStatus
    grade: Grade = Grade.UNKNOWN
    metrics: Mapping[str, float] = field(default_factory=dict)
    error: JobError | None = None  # why it did not succeed
    number: int = 0  # its place in the sweep
    value: float | None = None  # of the metric that says which is best
    stopped: bool = False  # given up early

    def __post_init__(self) -> None:
        freeze_mappings(self, "parameters", "metrics")


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """A sweep: its trials, each a job, their runs children of the sweep's."""

    run: str | None
    job: str = ""
    status: JobStatus = JobStatus.QUEUED
    metric: str = ""  # what says which trial is best
    tally: Tally | None = None
    rows: tuple[SweepRow, ...] = ()  # by number
    version: int | None = None  # the model version that was registered
    review: str | None = None  # the review that was opened
    follow_up_error: JobError | None = None  # why nothing was registered, or not brought to review


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """The verdict on a run: ``run`` is the new run that holds it, linked to the one it judges by a tag."""

    verdict: ReproductionVerdict
    run: str
    of: str  # the run that was run again
    causes: tuple[str, ...] = ()  # one sentence for each difference, likely causes first
    parts: Mapping[str, str] = field(default_factory=dict)  # metric or input name to its own verdict
    job: str | None = None  # the job that ran it again
    error: JobError | None = None  # why it does not run any more
    outputs: tuple[OutputDifference, ...] = ()  # where what the cells showed is not the same, in their order
    environment: str = ""  # what it was run again in
    inputs: tuple[str, ...] = ()  # what was to be said of the files it reads, before anything ran

    def __post_init__(self) -> None:
        freeze_mappings(self, "parts")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookTest:
    """One notebook, run from top to bottom."""

    notebook: str
    passed: bool
    seconds: float
    job: str | None = None  # None: it could not even be started
    error: JobError | None = None  # why it did not pass
    verdict: ReproductionVerdict | None = None  # its outputs beside the saved ones; None: not compared
    outputs: tuple[OutputDifference, ...] = ()  # where they are not the same, in the order of the cells
    note: str = ""  # why nothing was compared


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class TestReport:
    """Every notebook of a folder, run from top to bottom."""

    __test__ = False  # not a test case, whatever its name makes pytest think

    folder: str
    passed: int
    failed: int
    notebooks: tuple[NotebookTest, ...] = ()


class StepStatus(StrEnum):
    """What became of a pipeline's step."""

    RAN = "ran"
    SKIPPED = "skipped"  # nothing it depends on has changed since it last succeeded
    FAILED = "failed"
    BLOCKED = "blocked"  # a step it needs did not succeed


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineStep:
    """One step of a pipeline's run, and the sentence that says why it ran or did not."""

    name: str
    status: StepStatus
    why: str
    job: str | None = None
    run: str | None = None
    error: JobError | None = None  # why its job did not succeed
    needs: tuple[str, ...] = ()  # the steps it comes after
    seconds: float | None = None  # that its job took; None: it had none


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineReport:
    """A pipeline's steps in the order they ended."""

    pipeline: str
    ok: bool
    steps: tuple[PipelineStep, ...] = ()


class StepProspect(StrEnum):
    """What would become of a pipeline's step."""

    RUN = "run"
    SKIP = "skip"  # nothing it depends on has changed since it last succeeded
    DEPENDS = "depends"  # on what a step gives that would run before it
    FAIL = "fail"  # something it takes or reads is not there
    BLOCKED = "blocked"  # a step it needs would fail


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One step of a pipeline, what would become of it, and the sentence that says why."""

    name: str
    would: StepProspect
    why: str
    notebook: str
    last: str | None = None  # the run in which it last succeeded


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class PipelinePlan:
    """A pipeline's steps in an order in which they could run; nothing was run to know it."""

    pipeline: str
    steps: tuple[PlannedStep, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A dossier or a regular report in two bodies; both say the same, and neither holds a script."""

    title: str
    at: datetime
    since: datetime | None = None  # None: from the beginning, or not about a span of time
    markdown: str = ""
    html: str = ""
