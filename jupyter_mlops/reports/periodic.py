"""What happened, what failed, what drifted, since when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.drift import DriftReport
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.records.query import query
from jupyter_mlops.records.report import Report
from jupyter_mlops.records.review import Outcome, Review
from jupyter_mlops.records.run import Run, RunStatus
from jupyter_mlops.render.happened import happened
from jupyter_mlops.reports.page import Section, as_html, as_markdown
from jupyter_mlops.review.wording import counted
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["report"]

_MOST = 200  # rows of a table; what is left out is counted
_BATCH = 1000


def report(ws: Workspace, since: datetime | None = None) -> Report:
    """Tell what happened in the workspace since a moment, in Markdown and HTML.

    Parameters
    ----------
    since
        From when on, with its time zone; by default from the beginning.
    """
    if since is not None and since.tzinfo is None:
        raise Invalid(f"{since.isoformat()} has no time zone", remedy="Write 2026-01-31T12:00:00+00:00.")
    with ws.store.read() as tx:
        runs = tx.runs.find(query(_after("started", since), order="started", limit=10_000))
        jobs = tx.jobs.find(query(_after("queued", since), order="queued", limit=10_000))
        drift = tx.reports.find(query(_after("ended", since), order="ended", limit=10_000))
        waiting = tx.reviews.find(query("status = 'open'", order="opened", limit=_MOST))
        events = list(_events(tx, since))
    sections = (
        _models(events),
        _waiting(waiting.items, waiting.total),
        _runs(runs.items, runs.total),
        _jobs(jobs.items, jobs.total),
        _drift(drift.items),
    )
    title = f"What happened since {since:%Y-%m-%d %H:%M %Z}" if since else "What happened so far"
    return Report(
        title=title,
        at=ws.now(),
        since=since,
        markdown=as_markdown(title, sections),
        html=as_html(title, sections),
    )


def _after(field: str, since: datetime | None) -> str:
    return f"{field} >= '{since.isoformat()}'" if since else ""


def _events(tx: Transaction, since: datetime | None) -> Iterator[Event]:
    after = 0
    while batch := tx.events.read(after=after, limit=_BATCH):
        yield from (event for event in batch if since is None or event.at >= since)
        after = batch[-1].sequence


_TOLD = ("version.registered", "alias.moved", "policy.set", "review.")


def _models(events: Sequence[Event]) -> Section:
    told = [event for event in events if event.kind.startswith(_TOLD)]
    rows = [
        (f"{e.at:%Y-%m-%d %H:%M}", e.kind, e.subject, e.actor.name, happened(e, 1000), f"line {e.sequence}")
        for e in told
    ]
    said = [f"{counted(len(told), 'entry', 'entries')} in the ledger about models."]
    said += [f"The last {_MOST} are shown."] if len(told) > _MOST else []
    return Section(
        title="Models, reviews and aliases",
        sentences=said if told else ["Nothing happened to models."],
        heads=("when (UTC)", "what", "to", "by", "detail", "ledger"),
        rows=rows[-_MOST:],
    )


def _waiting(reviews: Sequence[Review], total: int) -> Section:
    return Section(
        title="Waiting for a decision",
        sentences=[f"{counted(total, 'review')} open."] if total else ["No review is open."],
        heads=("version", "for", "asked by", "since (UTC)", "says"),
        rows=[
            (r.reference, r.alias, r.actor.name, f"{r.opened:%Y-%m-%d %H:%M}", r.evidence.headline)
            for r in reviews
        ],
    )


def _runs(runs: Sequence[Run], total: int) -> Section:
    states = Counter(run.status.value for run in runs)
    bad = [run for run in runs if run.status in {RunStatus.FAILED, RunStatus.LOST}]
    said = (
        f"{counted(total, 'run')}: {', '.join(f'{n} {s}' for s, n in states.most_common())}."
        if total
        else "No run."
    )
    return Section(
        title="Runs",
        sentences=[said],
        heads=("failed run", "experiment", "by", "error"),
        rows=[(f"{r.name} {r.short}", r.experiment, r.actor.name, _error(r)) for r in bad[-_MOST:]],
    )


def _error(run: Run) -> str:
    return f"{run.error.kind}: {run.error.message}"[:200] if run.error else run.status.value


def _jobs(jobs: Sequence[Job], total: int) -> Section:
    states = Counter(job.status.value for job in jobs)
    bad = [job for job in jobs if job.status in {JobStatus.FAILED, JobStatus.TIMED_OUT, JobStatus.LOST}]
    said = (
        f"{counted(total, 'job')}: {', '.join(f'{n} {s}' for s, n in states.most_common())}."
        if total
        else "No job."
    )
    return Section(
        title="Jobs",
        sentences=[said],
        heads=("failed job", "notebook", "status", "error"),
        rows=[
            (j.short, j.spec.notebook, j.status, j.error.message[:200] if j.error else "")
            for j in bad[-_MOST:]
        ],
    )


def _drift(reports: Sequence[DriftReport]) -> Section:
    moved = [found for found in reports if found.verdict is Outcome.FAILED]
    said = (
        f"{counted(len(reports), 'window')} measured, {len(moved)} drifted."
        if reports
        else "No live data were measured."
    )
    return Section(
        title="Drift",
        sentences=[said],
        heads=("version", "until (UTC)", "says"),
        rows=[(f"{r.model}:{r.version}", f"{r.ended:%Y-%m-%d %H:%M}", r.summary) for r in moved[-_MOST:]],
    )
