"""Many records of one kind as a table: the columns that people look for, in the order they look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.dataset import Dataset
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.job import Job
from jupyter_mlops.records.model import Model, ModelVersion
from jupyter_mlops.records.notification import Notification, Subscription
from jupyter_mlops.records.parameter import Parameter
from jupyter_mlops.records.schedule import JobDefinition
from jupyter_mlops.render.blocks import Block, Column, Table, Title
from jupyter_mlops.render.happened import happened
from jupyter_mlops.render.notifications import notification_row, subscription_row
from jupyter_mlops.render.parameters import listed
from jupyter_mlops.render.schedules import last_job, standing, when_in_words
from jupyter_mlops.render.states import signed_trust, state_face
from jupyter_mlops.render.sweeps import job_tally
from jupyter_mlops.render.words import DASH, TIMES, counted, duration, first_line, moment, short, size, value

__all__ = ["LISTED", "list_blocks"]

_MOST = 200  # rows


def _job(job: Job) -> tuple[str, ...]:
    sign, _ = state_face(job.status)
    return (
        f"{sign} {str(job.status).replace('_', ' ')}".strip(),
        signed_trust(job.trust),
        job.short,
        value(job.spec.name or PurePosixPath(job.spec.notebook).name, 40),
        value(_values(job), 60),
        _progress(job),
        value(f"{job.error.kind}: {first_line(job.error.message)}", 60) if job.error is not None else "",
        job.actor.name,
        moment(job.queued),
    )


def _values(job: Job) -> str:
    if job.spec.sweep is not None:
        return f"sweep of {f' {TIMES} '.join(job.spec.sweep.varying)}"
    return listed(job.spec.parameters, 4, 20)


def _progress(job: Job) -> str:
    if job.tally is not None and job.ended is None:
        return job_tally(job)
    if job.ended is not None:
        return duration((job.ended - (job.started or job.queued)).total_seconds())
    return f"cell {job.progress.index + 1} of {job.progress.total}" if job.progress is not None else DASH


def _version(version: ModelVersion) -> tuple[str, ...]:
    return (
        version.reference,
        version.kind.rpartition(".")[2],
        version.format,
        size(version.size),
        (version.run or DASH)[-6:],
        signed_trust(version.trust),
        moment(version.created),
        version.actor.name,
    )


def _model(model: Model) -> tuple[str, ...]:
    champion = model.aliases.get("champion")
    others = " · ".join(f"{name} {at}" for name, at in sorted(model.aliases.items()) if name != "champion")
    return (
        model.name,
        str(model.newest or ""),
        signed_trust(model.newest_trust),
        str(champion or (DASH if model.newest else "")),
        signed_trust(model.alias_trust.get("champion")),
        value(others, 40),
        str(model.open_reviews or ""),
        moment(model.created),
        model.actor.name,
        value(model.description, 60),
    )


def _event(event: Event) -> tuple[str, ...]:
    subject = event.subject
    return (
        str(event.sequence),
        moment(event.at),
        event.kind,
        subject[-6:] if event.kind.startswith(("run.", "job.")) else value(subject, 40),
        happened(event, 80),
        event.actor.name,
    )


def _dataset(dataset: Dataset) -> tuple[str, ...]:
    return (
        f"{dataset.name}:{dataset.version}",
        f"{dataset.rows:,}",
        f"{len(dataset.columns):,}",
        short(dataset.digest),
        value(dataset.source or "", 50),
        moment(dataset.created),
        dataset.actor.name,
    )


def _schedule(schedule: JobDefinition) -> tuple[str, ...]:
    return (
        schedule.name,
        value(PurePosixPath(schedule.spec.notebook).name, 40),
        when_in_words(schedule.when),
        moment(schedule.due) if schedule.due is not None else "",
        last_job(schedule) if schedule.last_job is not None else "",
        "" if schedule.active else " ".join(standing(schedule)),
    )


def _artifact(artifact: Artifact) -> tuple[str, ...]:
    return (artifact.name, size(artifact.size), artifact.media_type, short(artifact.digest))


def _parameter(parameter: Parameter) -> tuple[str, ...]:
    default = parameter.default
    said = "" if default is None else value(default, 40)
    nothing = "None" if parameter.type.nullable else DASH  # only running the cell would tell
    return (
        parameter.name,
        value(parameter.type.spelled, 60),
        "required" if parameter.required else (said or nothing),
        value(", ".join(parameter.type.limits), 80),
        value(parameter.help, 80),
    )


def _columns(*names: str) -> tuple[Column, ...]:
    """Columns by their names; ``#`` in front of a name says that numbers stand in it."""
    return tuple(Column(name.lstrip("#") or "#", numeric=name.startswith("#")) for name in names)


LISTED: Mapping[type, tuple[str, tuple[Column, ...], Callable[[Any], tuple[str, ...]]]] = {
    Job: ("job", _columns("status", "grade", "id", "notebook", "parameters", "took", "error", "by", "queued"), _job),
    ModelVersion: ("version", _columns("version", "kind", "format", "#size", "run", "grade", "created", "by"), _version),
    Model: (
        "model",
        _columns("model", "#newest", "its grade", "#champion", "its grade", "other aliases", "#open reviews", "created", "by", "description"),
        _model,
    ),
    Event: ("event", _columns("#", "when", "event", "to", "what", "by"), _event),
    JobDefinition: ("schedule", _columns("schedule", "notebook", "when", "next", "last job", "state"), _schedule),
    Subscription: ("subscription", _columns("subscription", "tells", "of", "over", "by"), subscription_row),
    Notification: (
        "notification",
        _columns("status", "message", "of", "subscription", "over", "made", "trouble"),
        notification_row,
    ),
    Parameter: ("parameter", _columns("parameter", "type", "default", "rule", "what it is"), _parameter),
    Artifact: ("artifact", _columns("artifact", "#size", "type", "digest"), _artifact),
    Dataset: ("dataset", _columns("dataset", "#rows", "#columns", "digest", "source", "created", "by"), _dataset),
}  # fmt: skip


def list_blocks(items: Sequence[object], total: int) -> Iterator[Block]:
    """The table of *items*, which are of one kind of ``LISTED``; a column with nothing in it is left out."""
    noun, columns, row_of = LISTED[type(items[0])]
    yield Title(counted(total, noun) if total == len(items) else f"{len(items):,} of {counted(total, noun)}")
    rows = [row_of(item) for item in items[:_MOST]]
    kept = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    left = len(items) - len(rows)
    yield Table(
        tuple(columns[place] for place in kept),
        tuple(tuple(row[place] for place in kept) for row in rows),
        note=f"{left:,} more rows are not shown" if left > 0 else "",
    )
