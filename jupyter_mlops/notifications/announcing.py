"""What there is to tell becomes messages, in the transaction that settles that it happened.

A message's key is its subscription and what happened, so that however many processes find the same, it is told once.
What recovers is what the same subscription was last told had failed or was late.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from jupyter_mlops.errors import NotFound
from jupyter_mlops.notifications.wording import end_text, headline, late_text
from jupyter_mlops.records.job import UNDER_WAY, Job, JobStatus
from jupyter_mlops.records.notification import (
    ChannelKind,
    Desktop,
    Notification,
    NotificationStatus,
    Occasion,
    Subscription,
)
from jupyter_mlops.records.query import (
    And,
    Comparison,
    Expression,
    Field,
    Operator,
    Query,
    Scope,
    equal,
    parse_order,
)
from jupyter_mlops.records.schedule import Fire, JobDefinition
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["MOST_SUBSCRIPTIONS", "announce_end", "announce_late", "announce_missed", "announcement"]

MOST_SUBSCRIPTIONS = 1_000
_PAGE = 500
_MOST_OPEN = 10_000  # jobs that wait, of those that are looked at for being late
_KEPT = 1_000  # messages of a subscription that are remembered, and those of the last week
_SPARE = 50  # more than that before any is forgotten
_WEEK = timedelta(days=7)
_FAILURES = (JobStatus.FAILED, JobStatus.TIMED_OUT, JobStatus.LOST)
_TOLD_ENDS = (*_FAILURES, JobStatus.SUCCEEDED)  # who cancels a job knows of it
_TROUBLE = (Occasion.FAILURE, Occasion.LATE)
_PARTS = ("pipeline", "reproduces")  # tags of jobs that are part of something, or whose failure is the answer


def announcement(  # noqa: PLR0913  # what a message consists of
    ws: Workspace,
    to: Subscription,
    *,
    cause: str,
    occasion: Occasion | None,
    subject: str,
    title: str,
    text: str,
    thing: str = "",
) -> Notification:
    """Return a message that is not kept yet. One for JupyterLab has arrived as it is made: it is read from the store."""
    shown = to.kind is ChannelKind.JUPYTERLAB
    return Notification(
        subscription=to.id,
        cause=cause,
        id=ws.new_id(),
        name=to.name,
        channel=to.kind,
        host=to.channel.host if isinstance(to.channel, Desktop) else "",
        occasion=occasion,
        subject=subject,
        thing=thing,
        title=title,
        text=text,
        made=ws.now(),
        due=ws.now(),
        status=NotificationStatus.SENT if shown else NotificationStatus.WAITING,
        sent=ws.now() if shown else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """What happened to a job or a schedule, whoever is to be told."""

    cause: str
    subject: str
    thing: str
    title: str
    text: str


def announce_end(ws: Workspace, tx: Transaction, job: Job) -> None:
    """Tell of the end of *job*, which nothing tries again by itself."""
    if job.status not in _TOLD_ENDS:
        return
    ended = job.ended or ws.now()
    fitting = [each for each in _subscriptions(tx) if each.created <= ended and _fits(each, job)]
    if not fitting:
        return
    schedule = _name_of(tx, job)
    what, text = end_text(job)
    news = _News(
        cause=f"job {job.id} {job.attempt}",
        subject=job.id,
        thing=_thing(job),
        title=headline(job, schedule, what),
        text=text,
    )
    for each in fitting:
        if job.status in _FAILURES:
            _tell(ws, tx, each, Occasion.FAILURE, news)
        elif Occasion.RECOVERED in each.on and _in_trouble(tx, each, news.thing):
            recovered = replace(news, title=headline(job, schedule, "recovered"))
            _tell(ws, tx, each, Occasion.RECOVERED, recovered)
        else:
            _tell(ws, tx, each, Occasion.SUCCESS, news)


def announce_late(ws: Workspace) -> None:
    """Tell of jobs that have not ended when they should have: those of schedules, and those that somebody submitted."""
    with ws.store.read() as tx:
        wanted = [each for each in _subscriptions(tx) if each.late_after is not None]
        found = list(_late(ws, tx, wanted)) if wanted else []
    for each, job in found:
        with ws.store.write() as tx:
            try:
                now = tx.jobs.get(job.id)
                tx.subscriptions.get(each.id)
            except NotFound:  # removed meanwhile
                continue
            if now.status.ended:
                continue
            news = _News(
                cause=_late_cause(now),
                subject=now.id,
                thing=_thing(now),
                title=headline(now, _name_of(tx, now), "is late"),
                text=late_text(now, _due(now), ws.now(), ""),
            )
            _tell(ws, tx, each, Occasion.LATE, news)


def announce_missed(ws: Workspace, tx: Transaction, definition: JobDefinition, fire: Fire) -> None:
    """Tell that times of a schedule were missed and nothing makes up for them."""
    news = _News(
        cause=f"missed {definition.id} {fire.cause}",
        subject="",
        thing=f"schedule {definition.id}",
        title=f"{definition.name}: was missed",
        text=late_text(None, fire.moment, ws.now(), fire.reason),
    )
    for each in _subscriptions(tx):
        named = each.schedule in {"", definition.id} and _matches(each, definition.spec.notebook)
        if named and each.late_after is not None:
            late_at = fire.moment + timedelta(seconds=each.late_after)
            if each.created <= late_at <= ws.now():
                _tell(ws, tx, each, Occasion.LATE, news)


# --- who is told ---------------------------------------------------------------------------------------------


def _subscriptions(tx: Transaction) -> Sequence[Subscription]:
    return tx.subscriptions.find(Query(limit=MOST_SUBSCRIPTIONS)).items


def _fits(each: Subscription, job: Job) -> bool:
    if job.sweep:  # the sweep's own job is told of
        return False
    if each.schedule:
        return job.schedule == each.schedule and _matches(each, job.spec.notebook)
    # Of a pipeline's many jobs each would be told apart: who wants that names their notebook.
    part = job.spec.parent is not None or any(tag in job.spec.tags for tag in _PARTS)
    return _matches(each, job.spec.notebook) and (not part or bool(each.notebook))


def _matches(each: Subscription, notebook: str) -> bool:
    return not each.notebook or fnmatchcase(notebook, each.notebook)


def _thing(job: Job) -> str:
    return f"schedule {job.schedule}" if job.schedule else f"notebook {job.spec.notebook} {job.spec.name}"


def _name_of(tx: Transaction, job: Job) -> str:
    """Return the name of the schedule that made *job*; nothing without one, or where it is gone."""
    try:
        return tx.definitions.get(job.schedule).name if job.schedule else ""
    except NotFound:
        return ""


def _in_trouble(tx: Transaction, each: Subscription, thing: str) -> bool:
    """Tell whether the last that a subscription was told of *thing* is that it had failed or was late."""
    last = Query(where=equal(subscription=each.id, thing=thing), order=parse_order("made desc"), limit=1)
    return any(one.occasion in _TROUBLE for one in tx.notifications.find(last))


# --- what is late --------------------------------------------------------------------------------------------


def _late_cause(job: Job) -> str:
    return f"late {job.id} {_first_attempt(job)}"


def _first_attempt(job: Job) -> int:
    """Return the attempt that somebody asked for; those behind it were tried by themselves."""
    return max((past.number + 1 for past in job.attempts if past.followed), default=1)


def _due(job: Job) -> datetime:
    """Return since when *job* should be at work: its schedule's time, or when somebody asked for it last."""
    first = _first_attempt(job)
    if first == 1 and job.due is not None:
        return job.due
    return next((past.queued for past in job.attempts if past.number == first), job.queued)


def _late(
    ws: Workspace, tx: Transaction, wanted: Sequence[Subscription]
) -> Iterator[tuple[Subscription, Job]]:
    """Yield what is late now and has not been told, by who is to be told of it."""
    now = ws.now()
    soonest = now - timedelta(seconds=min(each.late_after or 0 for each in wanted))
    for page in _open_jobs(tx, soonest):
        overdue = [
            job for job in page if _due(job) <= soonest and (job.not_before is None or job.not_before <= now)
        ]
        told = _told_of(tx, [job.id for job in overdue])
        for job in overdue:
            for each in wanted:
                late_at = _due(job) + timedelta(seconds=each.late_after or 0)
                new = (each.id, _late_cause(job)) not in told
                if new and each.created <= late_at <= now and _fits(each, job):
                    yield each, job


def _open_jobs(tx: Transaction, queued_by: datetime) -> Iterator[Sequence[Job]]:
    """Yield the jobs that have not ended, page by page: those under way, and those that have waited long enough."""
    status = _field("status")
    under_way = Comparison(status, Operator.IN, tuple(str(one) for one in UNDER_WAY))
    waiting = Comparison(status, Operator.EQUAL, str(JobStatus.QUEUED))
    long_since = Comparison(_field("queued"), Operator.LESS_EQUAL, queued_by.isoformat())
    wheres: tuple[Expression, ...] = (under_way, And((waiting, long_since)))
    for where in wheres:
        query, seen = Query(where=where, order=parse_order("queued, id"), limit=_PAGE), 0
        while seen < _MOST_OPEN:
            page = tx.jobs.find(query)
            yield page.items
            seen += len(page.items)
            if page.cursor is None:
                break
            query = replace(query, cursor=page.cursor)


def _told_of(tx: Transaction, jobs: Sequence[str]) -> set[tuple[str, str]]:
    """Return what has been told of these jobs, to whom: subscription and cause."""
    if not jobs:
        return set()
    told: set[tuple[str, str]] = set()
    query = Query(where=Comparison(_field("subject"), Operator.IN, tuple(jobs)), limit=_PAGE)
    while True:
        page = tx.notifications.find(query)
        told |= {(one.subscription, one.cause) for one in page}
        if page.cursor is None:
            return told
        query = replace(query, cursor=page.cursor)


def _field(name: str) -> Field:
    return Field(Scope.ATTRIBUTE, name)


# --- once ------------------------------------------------------------------------------------------------------


def _tell(ws: Workspace, tx: Transaction, each: Subscription, occasion: Occasion, news: _News) -> None:
    """Make the message, where it is wanted and has not been made."""
    if occasion not in each.on or _told(tx, each, news.cause):
        return
    message = announcement(
        ws,
        each,
        cause=news.cause,
        occasion=occasion,
        subject=news.subject,
        thing=news.thing,
        title=news.title,
        text=news.text,
    )
    tx.notifications.add(message)
    if message.status is NotificationStatus.SENT:
        told = {"subscription": each.name, "of": news.subject, "error": ""}
        tx.events.append([ws.event("notification.sent", message.id, **told)])
    _prune(ws, tx, each)


def _told(tx: Transaction, each: Subscription, cause: str) -> bool:
    try:
        tx.notifications.get(each.id, cause)
    except NotFound:
        return False
    return True


def _prune(ws: Workspace, tx: Transaction, each: Subscription) -> None:
    """Forget what is neither of the last week nor among the latest messages of a subscription."""
    where = equal(subscription=each.id)
    if tx.notifications.find(Query(where=where, limit=1)).total < _KEPT + _SPARE:
        return
    before = Comparison(_field("made"), Operator.LESS, (ws.now() - _WEEK).isoformat())
    oldest = Query(where=And((where, before)), order=parse_order("made"), limit=_SPARE)
    for old in tx.notifications.find(oldest).items:
        tx.notifications.remove(old.subscription, old.cause)
