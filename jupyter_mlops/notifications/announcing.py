"""What there is to tell becomes messages, in the transaction that settles that it happened.

A message's key is its subscription and what happened, so that however many processes find the same, it is told once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
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
    Field,
    Operator,
    Query,
    Scope,
    equal,
    parse_order,
)
from jupyter_mlops.records.schedule import Fire, FireStatus, JobDefinition
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["announce_end", "announce_late", "announce_missed", "announcement"]

_PAGE = 500
_MOST = 1_000  # subscriptions
_KEPT = 1_000  # messages of a subscription that are remembered
_SPARE = 50  # more than that before any is forgotten
_FAILURES = (JobStatus.FAILED, JobStatus.TIMED_OUT, JobStatus.LOST)
_TOLD_ENDS = (*_FAILURES, JobStatus.SUCCEEDED)  # who cancels a job knows of it


def announcement(
    ws: Workspace,
    to: Subscription,
    *,
    cause: str,
    occasion: Occasion | None,
    subject: str,
    title: str,
    text: str,
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
        title=title,
        text=text,
        made=ws.now(),
        due=ws.now(),
        status=NotificationStatus.SENT if shown else NotificationStatus.WAITING,
        sent=ws.now() if shown else None,
    )


def announce_end(ws: Workspace, tx: Transaction, job: Job) -> None:
    """Tell of the end of *job*, which nothing tries again by itself."""
    if job.status not in _TOLD_ENDS:
        return
    subscriptions = _subscriptions(tx)
    if not subscriptions:
        return
    fire, definition = _fire_of(tx, job)
    fitting = [each for each in subscriptions if _fits(each, job, definition)]
    if not fitting:
        return
    before = _was_failing(tx, job, fire)
    what, text = end_text(job)
    schedule = definition.name if definition is not None else ""
    for each in fitting:
        occasion = _occasion(tx, each, job, fire, before)
        if occasion not in each.on:
            # Who is told of every success is told of this one too, by the name that is known to be wanted.
            occasion = Occasion.SUCCESS if occasion is Occasion.RECOVERED else occasion
        if occasion in each.on:
            said = "recovered" if occasion is Occasion.RECOVERED else what
            title = headline(job, schedule, said)
            cause = f"job {job.id} {job.attempt}"
            _tell(ws, tx, each, cause=cause, occasion=occasion, subject=job.id, title=title, text=text)


def announce_late(ws: Workspace) -> None:
    """Tell of jobs that have not ended when they should have: those of schedules, and those that somebody submitted."""
    with ws.store.read() as tx:
        wanted = [each for each in _subscriptions(tx) if each.late_after is not None]
        if not wanted:
            return
        found = [
            (each, late) for each in wanted for late in _late(ws, tx, each) if not _told(tx, each, late[0])
        ]
    for seen, (cause, due, job, definition) in found:
        with ws.store.write() as tx:
            try:
                each = tx.subscriptions.get(seen.id)
                now = tx.jobs.get(job.id)
            except NotFound:  # removed meanwhile
                continue
            if now.status.ended and now.followed:
                continue
            title = headline(now, definition.name if definition else "", "is late")
            text = late_text(now, due, ws.now(), "")
            _tell(ws, tx, each, cause=cause, occasion=Occasion.LATE, subject=now.id, title=title, text=text)


def announce_missed(ws: Workspace, tx: Transaction, definition: JobDefinition, fire: Fire) -> None:
    """Tell that times of a schedule were missed and nothing makes up for them."""
    for each in _subscriptions(tx):
        named = _matches(each, definition.spec.notebook)
        if Occasion.LATE in each.on and each.schedule in {"", definition.id} and named:
            _tell(
                ws,
                tx,
                each,
                cause=f"late {definition.id} {fire.cause}",
                occasion=Occasion.LATE,
                subject="",
                title=f"{definition.name}: was missed",
                text=late_text(None, fire.moment, ws.now(), fire.reason),
            )


# --- who is told ---------------------------------------------------------------------------------------------


def _subscriptions(tx: Transaction) -> Sequence[Subscription]:
    return tx.subscriptions.find(Query(limit=_MOST)).items


def _fits(each: Subscription, job: Job, definition: JobDefinition | None) -> bool:
    if each.schedule:
        return definition is not None and definition.id == each.schedule and _matches(each, job.spec.notebook)
    # Of a sweep's hundred jobs each would be told apart: who wants that names their notebook.
    return _matches(each, job.spec.notebook) and (job.spec.parent is None or bool(each.notebook))


def _matches(each: Subscription, notebook: str) -> bool:
    return not each.notebook or fnmatchcase(notebook, each.notebook)


def _occasion(tx: Transaction, each: Subscription, job: Job, fire: Fire | None, failing: bool) -> Occasion:
    if job.status in _FAILURES:
        return Occasion.FAILURE
    late = _told(tx, each, _late_cause(job, fire))
    return Occasion.RECOVERED if failing or late else Occasion.SUCCESS


def _was_failing(tx: Transaction, job: Job, fire: Fire | None) -> bool:
    """Tell whether what *job* is about had failed before, with an end that people were told of."""
    told = [past for past in job.attempts if past.followed]
    if told:
        return told[-1].status in _FAILURES
    if fire is not None:
        where = And((equal(definition=fire.definition), Comparison(_field("claimed"), Operator.LESS_EQUAL, fire.claimed.isoformat())))  # fmt: skip
        for past in tx.fires.find(
            Query(where=where, order=parse_order("claimed desc, due desc"), limit=_PAGE)
        ):
            if past.job is not None and past.job != job.id and past.due <= fire.due:
                with_end = tx.jobs.get(past.job)
                if with_end.status in _TOLD_ENDS:
                    return with_end.status in _FAILURES
        return False
    same = equal(**{"spec.notebook": job.spec.notebook})
    earlier = Comparison(_field("queued"), Operator.LESS, job.queued.isoformat())
    for other in tx.jobs.find(Query(where=And((same, earlier)), order=parse_order("queued desc"), limit=20)):
        if other.status in _TOLD_ENDS and other.spec.name == job.spec.name:
            return other.status in _FAILURES
    return False


def _field(name: str) -> Field:
    return Field(Scope.ATTRIBUTE, name)


def _fire_of(tx: Transaction, job: Job) -> tuple[Fire | None, JobDefinition | None]:
    """Return the time of a schedule that *job* was made for, and the schedule."""
    found = tx.fires.find(Query(where=equal(job=job.id), limit=1)).items
    if not found:
        return None, None
    return found[0], tx.definitions.get(found[0].definition)


# --- what is late --------------------------------------------------------------------------------------------

_Late = tuple[str, datetime, Job, JobDefinition | None]


def _late_cause(job: Job, fire: Fire | None) -> str:
    return f"late job {job.id} {job.attempt}" if fire is None else f"late {fire.definition} {fire.cause}"


def _late(ws: Workspace, tx: Transaction, each: Subscription) -> Iterator[_Late]:
    """Yield what is late now and was not when the subscription was made."""
    limit = ws.now() - timedelta(seconds=each.late_after or 0)
    of_schedules = set()
    status = Comparison(_field("status"), Operator.EQUAL, str(FireStatus.STARTED))
    started = And((status, _between("due", each.created - timedelta(days=1), limit)))
    for fire in tx.fires.find(Query(where=started, order=parse_order("due"), limit=_PAGE)):
        if fire.job is None:
            continue
        job = tx.jobs.get(fire.job)
        of_schedules.add(job.id)
        definition = tx.definitions.get(fire.definition)
        if not job.status.ended and _fits(each, job, definition):
            yield _late_cause(job, fire), fire.due, job, definition
    if each.schedule:
        return
    states = tuple(str(status) for status in (JobStatus.QUEUED, *UNDER_WAY))
    open_ones = And(
        (Comparison(_field("status"), Operator.IN, states), _between("queued", each.created, limit))
    )
    for job in tx.jobs.find(Query(where=open_ones, order=parse_order("queued"), limit=_PAGE)):
        if job.id not in of_schedules and _fits(each, job, None) and _fire_of(tx, job)[0] is None:
            yield _late_cause(job, None), job.queued, job, None


def _between(name: str, first: datetime, last: datetime) -> And:
    after = Comparison(_field(name), Operator.GREATER_EQUAL, first.isoformat())
    return And((after, Comparison(_field(name), Operator.LESS_EQUAL, last.isoformat())))


# --- once ------------------------------------------------------------------------------------------------------


def _told(tx: Transaction, each: Subscription, cause: str) -> bool:
    try:
        tx.notifications.get(each.id, cause)
    except NotFound:
        return False
    return True


def _tell(  # noqa: PLR0913  # what a message consists of
    ws: Workspace,
    tx: Transaction,
    each: Subscription,
    *,
    cause: str,
    occasion: Occasion,
    subject: str,
    title: str,
    text: str,
) -> None:
    if not _told(tx, each, cause):
        message = announcement(
            ws, each, cause=cause, occasion=occasion, subject=subject, title=title, text=text
        )
        tx.notifications.add(message)
        _prune(tx, each)


def _prune(tx: Transaction, each: Subscription) -> None:
    """Forget all but the latest messages of a subscription; what is under way stays."""
    where = equal(subscription=each.id)
    if tx.notifications.find(Query(where=where, limit=1)).total < _KEPT + _SPARE:
        return
    newest = Query(where=where, order=parse_order("made desc, cause desc"), limit=_KEPT)
    kept = tx.notifications.find(newest)
    for old in tx.notifications.find(replace(newest, cursor=kept.cursor)).items:
        if old.status in {NotificationStatus.SENT, NotificationStatus.FAILED}:
            tx.notifications.remove(old.subscription, old.cause)
