"""A schedule: what to run, when it is due and by which rules, and what became of each time it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.job import JobSpec, JobStatus
from jupyter_mlops.records.model import DERIVED

__all__ = [
    "After",
    "CatchUp",
    "Cron",
    "Ending",
    "Fire",
    "FireStatus",
    "Interval",
    "JobDefinition",
    "OnDataset",
    "OnDrift",
    "OnFile",
    "Overlap",
    "Rules",
    "ScheduleView",
    "When",
]


class CatchUp(StrEnum):
    """What becomes of the times that were missed while nothing turned."""

    NONE = "none"
    LAST = "last"
    ALL = "all"


class Overlap(StrEnum):
    """What becomes of a time at which an earlier job of the schedule has not ended."""

    ALLOW = "allow"
    SKIP = "skip"
    QUEUE = "queue"
    REPLACE = "replace"


class Ending(StrEnum):
    """How the job that is waited for must end."""

    SUCCESS = "success"
    FAILURE = "failure"
    ANY = "any"

    def matches(self, status: JobStatus) -> bool:
        """Tell whether a job that ended so is one that was waited for."""
        if self is Ending.ANY:
            return status.ended
        succeeded = status is JobStatus.SUCCEEDED
        return succeeded if self is Ending.SUCCESS else status.ended and not succeeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Due by the clock: five fields, in a named time zone."""

    expression: str
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Due each time so many seconds have passed, whatever a clock on the wall shows."""

    seconds: float
    first: datetime  # counted from here


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFile:
    """Due when a file is new or has changed, and nobody has written to it for a moment."""

    pattern: str  # a path or a glob, as seen from the project's folder


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDataset:
    """Due when a dataset has a new version."""

    dataset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """Due when a job of another schedule, or one certain job, has ended."""

    schedule: str = ""  # its id
    job: str = ""  # its id, in place of a schedule
    ending: Ending = Ending.SUCCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDrift:
    """Due when a deployment's last report says that its data moved."""

    deployment: str


When = Cron | Interval | OnFile | OnDataset | After | OnDrift


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a schedule does with the times at which it is due."""

    catch_up: CatchUp = CatchUp.LAST
    overlap: Overlap = Overlap.ALLOW
    jitter: float = 0.0  # seconds by which a start is put off at most, each time by another share of them
    blackout: tuple[str, ...] = ()  # 22:00-06:00 for each day, 2026-12-24/2026-12-27 for those days
    timezone: str = "UTC"  # of the blackout
    start: datetime | None = None  # not before
    end: datetime | None = None  # not at this moment, nor later
    maximum: int | None = None  # so many jobs; then it is done


class FireStatus(StrEnum):
    """What became of one time at which a schedule was due."""

    QUEUED = "queued"  # it waits for an earlier job, or for the end of a blackout
    STARTED = "started"  # its job was made and has not ended
    ENDED = "ended"
    SKIPPED = "skipped"


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """One time at which a schedule was due. To add it is to claim it: its key can be there once."""

    definition: str
    cause: str  # the moment of a clock; of anything else what happened, in words that name it
    status: FireStatus
    reason: str = ""  # why it waits or was skipped, or what set it off
    job: str | None = None
    moment: datetime  # when it was due, jitter and blackouts apart
    due: datetime  # when it may start
    claimed: datetime
    ended: datetime | None = None
    outcome: JobStatus | None = None  # how its job ended


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class JobDefinition:
    """A schedule: what to run, and when it is due."""

    id: str
    name: str
    spec: JobSpec
    when: Cron | Interval | OnFile | OnDataset | After | OnDrift | None = None
    rules: Rules = field(default_factory=Rules)
    active: bool = True
    last_fired: datetime | None = None
    created: datetime
    actor: Actor
    last_job: str | None = None  # the job it made last
    moment: datetime | None = None  # the next time by its clock
    due: datetime | None = None  # that time with its jitter: when a turn looks at it next
    since: datetime | None = None  # what happened before does not count; None: before it was made
    watches: str = ""  # what it waits for in place of a clock: file, dataset, drift, job, or after ID
    seen: tuple[str, ...] = ()  # what of it has been looked at
    fired: int = 0  # jobs it made, and times that still wait
    done: str = ""  # why it is never due again
    # Worked out when it is asked for, and no part of what two readings of it have in common; kept in no store.
    last_status: JobStatus | None = field(
        default=None, compare=False, metadata=DERIVED
    )  # how its last job stands


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleView:
    """A schedule with when it will be due next, and what became of the last times it was."""

    schedule: JobDefinition
    upcoming: tuple[datetime, ...] = ()  # with their jitter; without a clock there are none
    fires: tuple[Fire, ...] = ()  # the latest first
