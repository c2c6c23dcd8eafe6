"""Jobs, models, aliases, events, drift reports; and whatever has no drawing of its own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence

from jupyter_mlops.records.drift import DriftReport
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.job import Attempt, Job, JobStatus
from jupyter_mlops.records.model import Alias, Model, ModelVersion
from jupyter_mlops.records.report import Report
from jupyter_mlops.records.slice import RunSlice
from jupyter_mlops.records.trust import RunTrust
from jupyter_mlops.render.blocks import Block, Column, Facts, Fold, Line, Table, Title
from jupyter_mlops.render.happened import happened
from jupyter_mlops.render.parameters import listed
from jupyter_mlops.render.states import explained_trust, signed_trust, state_face, trust
from jupyter_mlops.render.sweeps import job_tally, plan_facts
from jupyter_mlops.render.words import DASH, counted, duration, first_line, moment, number, short, size, value

__all__ = [
    "alias_blocks",
    "drift_blocks",
    "event_blocks",
    "fallback_blocks",
    "job_blocks",
    "model_blocks",
    "report_blocks",
    "rows_blocks",
    "slice_blocks",
    "version_blocks",
]

_SHOWN_ROWS = 200
_SHOWN_COLUMNS = 8
_SHOWN_ITEMS = 20


def job_blocks(job: Job) -> Iterator[Block]:
    """One job: where it stands, at which cell, what went wrong."""
    sign, tone = state_face(job.status)
    begun = job.started or job.queued
    took = duration((job.ended - begun).total_seconds()) if job.ended else ""
    aside = " · ".join(filter(None, [job.spec.experiment, job.short, took, moment(job.queued)]))
    yield Title(job.spec.name or job.spec.notebook, sign=sign, tone=tone, state=str(job.status), aside=aside)
    yield from _standing(job)
    yield from _trusted(job.trust)
    if job.tally is not None:
        yield Line(job_tally(job), strong=True)
    yield Facts((*_submitted(job), *_limits(job)))
    if job.error is not None and job.error.traceback:
        yield Fold("Traceback", job.error.traceback)
    if job.attempts:
        yield Table(
            (
                Column("Attempt", numeric=True),
                Column("State"),
                Column("Queued"),
                Column("Run"),
                Column("Why"),
            ),
            tuple(_attempt(past) for past in job.attempts),
            title="Earlier attempts",
        )


def _submitted(job: Job) -> Iterator[tuple[str, str]]:
    yield "notebook", job.spec.notebook
    if job.spec.sweep is not None:
        yield from plan_facts(job.spec.sweep)
    if job.sweep:
        yield "trial", f"{job.trial} of sweep {job.sweep[-6:]}"
    if job.spec.parameters:
        yield "parameters", listed(job.spec.parameters, _SHOWN_ITEMS)
    if job.run:
        yield "run", job.run[-6:]
    if job.notebook:
        yield "executed notebook", short(job.notebook)


def _limits(job: Job) -> Iterator[tuple[str, str]]:
    if job.attempt > 1:
        yield "attempt", str(job.attempt)
    if job.spec.memory is not None:
        yield "memory limit", size(job.spec.memory)
    if job.spec.cpus is not None:
        yield "processors", number(job.spec.cpus)
    if job.spec.gpus:
        yield "GPUs", ", ".join(map(str, job.gpus)) or f"{job.spec.gpus} needed"
    if job.spec.priority:
        yield "priority", str(job.spec.priority)


def _attempt(past: Attempt) -> tuple[str, ...]:
    why = f"{past.error.kind}: {first_line(past.error.message)}" if past.error else DASH
    return str(past.number), str(past.status), moment(past.queued), (past.run or DASH)[-6:], why


def _trusted(trust: RunTrust | None) -> Iterator[Line]:
    """How far the run can be trusted that stands behind a job or a version."""
    if trust is not None:
        yield Line(f"its run is {explained_trust(trust)}", *state_face(trust.grade))


def _standing(job: Job) -> Iterator[Line]:
    yield from (Line(warning, *state_face("stale")) for warning in job.warnings)
    if job.error is not None:
        yield Line(f"{job.error.kind}: {first_line(job.error.message)}", *state_face("failed"), strong=True)
        if job.error.remedy:
            yield Line(job.error.remedy)
        if job.status in {JobStatus.FAILED, JobStatus.TIMED_OUT, JobStatus.LOST}:
            yield Line(
                f"jupyter mlops job fix {job.short} looks for a remedy, and changes nothing by itself.",
                faint=True,
            )
    elif job.progress is not None and not job.status.ended:
        at = job.progress
        yield Line(f"cell {at.index + 1} of {at.total}: {first_line(at.source, 80)}")
    elif job.status is JobStatus.QUEUED and job.waits:
        yield Line(job.waits)
    elif job.status is JobStatus.QUEUED and job.not_before is not None:
        yield Line(f"It is tried again, not before {moment(job.not_before)}.")
    elif job.status is JobStatus.QUEUED:
        yield Line(
            "It starts when a Jupyter server or jupyter mlops scheduler is up; jupyter mlops run does not wait."
        )


def version_blocks(version: ModelVersion) -> Iterator[Block]:
    """One version of a model."""
    yield Title(version.reference, aside=f"{version.actor.name} · {moment(version.created)}")
    yield from _trusted(version.trust)
    rows = version.profile.rows if version.profile is not None else None
    yield Facts(
        (
            ("kind", version.kind),
            ("stored as", f"{version.format}, {size(version.size)}"),
            ("takes", _columns([column.name for column in version.signature.inputs])),
            ("gives", _columns([column.name for column in version.signature.outputs])),
            ("trained on", f"{rows:,} rows" if rows is not None else DASH),
            ("run", (version.run or DASH)[-6:]),
            ("digest", version.digest),
        )
    )


def _columns(names: Sequence[str]) -> str:
    if not names:
        return DASH
    shown = ", ".join(names[:_SHOWN_COLUMNS])
    return f"{counted(len(names), 'column')}: {shown}{', …' if len(names) > _SHOWN_COLUMNS else ''}"


def model_blocks(model: Model) -> Iterator[Block]:
    """A named model."""
    yield Title(model.name, aside=f"{model.actor.name} · {moment(model.created)}")
    if model.description:
        yield Line(model.description)
    facts = [("newest version", _graded(str(model.newest), model.newest_trust))] if model.newest else []
    facts += [
        (name, _graded(f"{model.name}:{version}", model.alias_trust.get(name)))
        for name, version in sorted(model.aliases.items())
    ]
    facts += [("open reviews", str(model.open_reviews))] if model.open_reviews else []
    facts += list(model.tags.items())
    if facts:
        yield Facts(tuple(facts))


def _graded(reference: str, trust: RunTrust | None) -> str:
    return f"{reference}  {signed_trust(trust)}".rstrip()


def alias_blocks(alias: Alias) -> Iterator[Block]:
    """Where an alias points, since when and why."""
    how = f"by review {alias.review[-6:]}" if alias.review else "by hand, unreviewed"
    yield Title(
        f"{alias.reference} is {alias.model}:{alias.version}",
        aside=alias.actor.name,
    )
    # Also what a move to where it points already gives back: nothing has been moved then.
    yield Line(
        f"There since {moment(alias.moved)}, moved {how}." + (f" {alias.reason}" if alias.reason else "")
    )


def event_blocks(event: Event) -> Iterator[Block]:
    """One line of the ledger."""
    yield Title(
        f"{event.sequence}  {event.kind}  {event.subject}", aside=f"{event.actor.name} · {moment(event.at)}"
    )
    if said := happened(event, 300):
        yield Line(said, strong=True)
    if event.data:
        yield Facts(tuple((key, _deep(item)) for key, item in event.data.items()))


def drift_blocks(report: DriftReport) -> Iterator[Block]:
    """A window against its reference, what moved most on top."""
    sign, tone = state_face(report.verdict)
    yield Title(
        f"{report.model}:{report.version}",
        sign=sign,
        tone=tone,
        state=str(report.verdict),
        aside=f"{counted(report.rows, 'row')} · {moment(report.started)} to {moment(report.ended)}",
    )
    yield Line(report.summary, strong=True)
    ordered = sorted(report.columns, key=lambda column: (not column.moved, -column.effect))
    rows = tuple(
        (
            column.name,
            "⚠ moved" if column.moved else "✓ same",
            column.statistic,
            number(column.effect),
            number(column.p_value),
            column.summary,
        )
        for column in ordered[:_SHOWN_ROWS]
    )
    if rows:
        heads = (Column("column"), Column("verdict"), Column("measure"), Column("effect", numeric=True))
        yield Table((*heads, Column("p", numeric=True), Column("in words")), rows)


def report_blocks(report: Report) -> Iterator[Block]:
    """A report brings its own text."""
    yield Title(report.title, aside=moment(report.at))
    yield Fold("Report", report.markdown, open=True)


def slice_blocks(found: RunSlice) -> Iterator[Block]:
    """What a run rests on, as its text says it."""
    sign, tone = state_face(found.grade)
    yield Title(f"slice of run {found.run[-6:]}", sign=sign, tone=tone, state=trust(found))
    if found.reason:
        yield Line(found.reason)
    yield Fold(counted(len(found.cells), "cell"), found.text, open=True)


def rows_blocks(items: Sequence[object], total: int, noun: str) -> Iterator[Block]:
    """Records of one kind as a table of their plain fields."""
    yield Title(counted(total, noun) if total == len(items) else f"{len(items):,} of {counted(total, noun)}")
    rows = [dict(_plain_fields(item)) for item in items[:_SHOWN_ROWS]]
    names = list(dict.fromkeys(name for row in rows for name in row))
    names = [name for name in names if any(row.get(name) for row in rows)]
    left = len(items) - len(rows)
    yield Table(
        tuple(Column(name, numeric=_numeric(items, name)) for name in names),
        tuple(tuple(row.get(name, "") for name in names) for row in rows),
        note=f"{left:,} more rows are not shown" if left > 0 else "",
    )


def _numeric(items: Sequence[object], name: str) -> bool:
    found = getattr(items[0], name, None)
    return isinstance(found, (int, float)) and not isinstance(found, bool)


def _plain_fields(item: object) -> Iterator[tuple[str, str]]:
    if not dataclasses.is_dataclass(item):
        yield "value", value(item)
        return
    for field in dataclasses.fields(item):
        found = getattr(item, field.name)
        name = getattr(found, "name", None)
        if dataclasses.is_dataclass(found) and isinstance(name, str):
            yield field.name, name  # an actor is a name in a table
        elif not dataclasses.is_dataclass(found) and not isinstance(found, (tuple, list, Mapping)):
            yield field.name, "" if found is None else _field(field.name, found)


def _field(name: str, found: object) -> str:
    if name in {"id", "run", "review", "job"} and isinstance(found, str):
        return found[-6:]
    if name.endswith("digest") or name in {"previous", "file", "content"}:
        return short(str(found)) if found else ""
    return number(found) if isinstance(found, float) else value(found, 60)


def fallback_blocks(thing: object) -> Iterator[Block]:
    """Anything else: its fields by name."""
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        yield Title(_named(thing) or _spaced(type(thing).__name__))
        pairs = {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing)}
        yield Facts(tuple((name, _deep(item)) for name, item in pairs.items() if item not in (None, "", ())))
    elif isinstance(thing, Mapping):
        yield Facts(tuple((str(name), _deep(item)) for name, item in thing.items()))
    elif isinstance(thing, str) and "\n" in thing:
        yield Fold("Text", thing, open=True)
    else:
        yield Line(value(thing, 2000))


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _deep(item: object) -> str:
    if isinstance(item, float):
        return number(item)
    if isinstance(item, Mapping):
        return " · ".join(f"{key} {_deep(found)}" for key, found in list(item.items())[:_SHOWN_ITEMS]) or DASH
    if isinstance(item, (tuple, list, set, frozenset)):
        left = len(item) - _SHOWN_ITEMS
        return " · ".join(_deep(found) for found in list(item)[:_SHOWN_ITEMS]) + (
            f"  (+{left})" if left > 0 else ""
        )
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        return _named(item) or " ".join(
            f"{field.name} {_deep(found)}"
            for field in dataclasses.fields(item)
            if (found := getattr(item, field.name)) not in (None, "", (), False)
        )
    return value(item, 200)


def _named(item: object) -> str:
    """Return the name people know a record by, if it has one. Its ``repr`` is for programmers."""
    return str(getattr(item, "reference", None) or getattr(item, "name", None) or "")
