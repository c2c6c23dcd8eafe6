"""What becomes a message, for whom, and that it does so once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from contracts.samples import SPEC

from jupyter_mlops.automation import remove_schedule
from jupyter_mlops.automation.claiming import note_missed
from jupyter_mlops.automation.followup import follow_up
from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs import get_job
from jupyter_mlops.jobs.steps import requeue
from jupyter_mlops.jobs.submit import retry_job
from jupyter_mlops.ledger import history
from jupyter_mlops.notifications import add_subscription, find_notifications, remove_subscription
from jupyter_mlops.notifications.announcing import announce_late
from jupyter_mlops.records.job import Job, JobError, JobStatus
from jupyter_mlops.records.notification import Notification, NotificationStatus
from jupyter_mlops.records.schedule import Cron, Fire, FireStatus, JobDefinition
from jupyter_mlops.records.sweep import Choices, Sweep

EVERYTHING = ("success", "failure", "late", "recovered")


def ended(ws, status: JobStatus, *, of: str | None = None, **changes: Any) -> Job:
    """Have a job end, as a job of the schedule *of* where one is given, and its end followed."""
    job = a_job(ws, status, of=of, **changes)
    follow_up(ws, job.id)
    return job


def a_job(ws, status: JobStatus, *, of: str | None = None, spec: Any = SPEC, **changes: Any) -> Job:
    spec = replace(spec, register_as=None, review_for=None)
    over = {"started": ws.now(), "ended": ws.now() + timedelta(seconds=75)} if status.ended else {}
    made_by = {} if of is None else {"schedule": of, "due": ws.now()}
    job = Job(
        id=ws.new_id(), spec=spec, status=status, queued=ws.now(), actor=ws.actor, **{**over, **made_by, **changes}
    )  # fmt: skip
    with ws.store.write() as tx:
        tx.jobs.add(job)
        if of is not None:
            tx.fires.add(
                Fire(
                    definition=of, cause=job.id, status=FireStatus.STARTED, job=job.id, moment=job.queued,
                    due=job.queued, claimed=job.queued,
                )
            )  # fmt: skip
    return job


def a_schedule(ws, name: str = "nightly") -> JobDefinition:
    made = JobDefinition(
        id=ws.new_id(), name=name, spec=SPEC, when=Cron(expression="0 3 * * *"), created=ws.now(), actor=ws.actor
    )  # fmt: skip
    with ws.store.write() as tx:
        tx.definitions.add(made)
    return made


def told(ws) -> list[tuple[str | None, str]]:
    return [(one.occasion, one.title) for one in reversed(find_notifications(ws).items)]


def test_each_end_is_told_once_to_who_asked_for_it(ws) -> None:
    add_subscription(ws, "all", on=EVERYTHING, jupyterlab=True)
    error = JobError(
        kind="ValueError", message="no such column: pm25", index=2, remedy="Name one that is there."
    )
    job = ended(ws, JobStatus.FAILED, error=error)
    follow_up(ws, job.id)

    (message,) = find_notifications(ws).items
    assert (message.occasion, message.title, message.subject) == ("failure", "train.ipynb failed", job.id)
    assert message.text.splitlines() == [
        "no such column: pm25", f"In code cell 3 of {SPEC.notebook}.", "Name one that is there.",
        f"jupyter mlops job show {job.short}",
    ]  # fmt: skip
    assert (message.status, message.sent) == (NotificationStatus.SENT, message.made)


def test_any_number_of_processes_that_follow_an_end_tell_of_it_once(sql_ws) -> None:
    add_subscription(sql_ws, "all", on=EVERYTHING, desktop=True)
    job = a_job(sql_ws, JobStatus.FAILED)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: follow_up(sql_ws, job.id), range(8)))
    assert [one.status for one in find_notifications(sql_ws)] == [NotificationStatus.WAITING]


@pytest.mark.parametrize(
    ("status", "on", "expected"),
    [
        (JobStatus.SUCCEEDED, ("success",), ["success"]),
        (JobStatus.SUCCEEDED, ("failure", "late", "recovered"), []),
        (JobStatus.FAILED, ("success",), []),
        (JobStatus.FAILED, ("failure",), ["failure"]),
        (JobStatus.TIMED_OUT, ("failure",), ["failure"]),
        (JobStatus.LOST, ("failure",), ["failure"]),
        (JobStatus.CANCELLED, EVERYTHING, []),
    ],
)  # fmt: skip
def test_what_was_not_asked_for_is_not_told(ws, status, on, expected) -> None:
    add_subscription(ws, "a", on=on, jupyterlab=True)
    ended(ws, status)
    assert [occasion for occasion, _ in told(ws)] == expected


def test_a_success_after_a_failure_is_a_recovery_and_the_next_one_is_not(ws, clock) -> None:
    add_subscription(ws, "all", on=EVERYTHING, jupyterlab=True)
    add_subscription(ws, "some", on=("success",), jupyterlab=True)
    for status in (
        JobStatus.SUCCEEDED,
        JobStatus.FAILED,
        JobStatus.CANCELLED,
        JobStatus.SUCCEEDED,
        JobStatus.SUCCEEDED,
    ):
        ended(ws, status)
        clock.advance(60)
    assert [one for one in told(ws) if one[0] != "success"] == [
        ("failure", "train.ipynb failed"), ("recovered", "train.ipynb recovered")
    ]  # fmt: skip
    by_name = [one.name for one in find_notifications(ws) if one.occasion == "success"]
    assert (by_name.count("all"), by_name.count("some")) == (2, 3)


def test_a_schedule_recovers_by_its_own_jobs_only(ws, clock) -> None:
    nightly, hourly = a_schedule(ws), a_schedule(ws, "hourly")
    add_subscription(ws, "nightly", on=EVERYTHING, jupyterlab=True, schedule="nightly")
    ended(ws, JobStatus.FAILED, of=hourly.id)
    clock.advance(60)
    ended(ws, JobStatus.SUCCEEDED, of=nightly.id)
    clock.advance(60)
    ended(ws, JobStatus.FAILED, of=nightly.id)
    clock.advance(60)
    ended(ws, JobStatus.SUCCEEDED, of=hourly.id)
    ended(ws, JobStatus.SUCCEEDED)
    clock.advance(60)
    ended(ws, JobStatus.SUCCEEDED, of=nightly.id)
    assert told(ws) == [
        ("success", "nightly: train.ipynb succeeded"), ("failure", "nightly: train.ipynb failed"),
        ("recovered", "nightly: train.ipynb recovered"),
    ]  # fmt: skip


def test_a_job_that_somebody_tried_again_recovers(ws, clock) -> None:
    add_subscription(ws, "all", on=("failure", "recovered"), jupyterlab=True)
    job = ended(ws, JobStatus.FAILED)
    clock.advance(60)
    again = retry_job(ws, job.id)
    with ws.store.write() as tx:
        tx.jobs.replace(replace(again, status=JobStatus.SUCCEEDED, ended=ws.now()))
    follow_up(ws, job.id)
    assert told(ws) == [("failure", "train.ipynb failed"), ("recovered", "train.ipynb recovered")]


def test_of_a_sweep_its_own_job_is_told_of_and_no_trial(ws) -> None:
    add_subscription(ws, "all", on=EVERYTHING, jupyterlab=True)
    add_subscription(ws, "named", on=EVERYTHING, jupyterlab=True, notebook="*train*")
    sweep = Sweep(axes={"alpha": Choices(values=(1, 2))}, trials=2)
    ended(ws, JobStatus.FAILED, spec=replace(SPEC, sweep=sweep))
    trial = a_job(ws, JobStatus.FAILED, spec=replace(SPEC, parent="r1"))
    with ws.store.write() as tx:
        tx.jobs.replace(replace(trial, sweep="s1", trial=0))
    follow_up(ws, trial.id)
    assert sorted(one.name for one in find_notifications(ws)) == ["all", "named"]


def test_jobs_of_a_pipeline_are_told_of_where_their_notebook_is_named_only(ws) -> None:
    add_subscription(ws, "all", on=EVERYTHING, jupyterlab=True)
    add_subscription(ws, "named", on=EVERYTHING, jupyterlab=True, notebook="*train*")
    add_subscription(ws, "other", on=EVERYTHING, jupyterlab=True, notebook="reports/*")
    ended(ws, JobStatus.FAILED, spec=replace(SPEC, parent="r1"))
    assert [one.name for one in find_notifications(ws)] == ["named"]


def test_what_has_not_ended_in_time_is_late_once_and_then_recovers(ws, clock) -> None:
    schedule = a_schedule(ws)
    add_subscription(ws, "slow", on=("late", "recovered"), jupyterlab=True, late_after="30m")
    of_schedule = a_job(ws, JobStatus.RUNNING, of=schedule.id)
    a_job(ws, JobStatus.QUEUED)
    clock.advance(29 * 60)
    announce_late(ws)
    assert told(ws) == []
    clock.advance(2 * 60)
    announce_late(ws)
    announce_late(ws)
    assert told(ws) == [("late", "nightly: train.ipynb is late"), ("late", "train.ipynb is late")]
    text = next(one.text for one in find_notifications(ws) if one.subject == of_schedule.id)
    assert "31 min ago" in text
    assert "Its job is running" in text
    with ws.store.write() as tx:
        tx.jobs.replace(replace(of_schedule, status=JobStatus.SUCCEEDED, started=ws.now(), ended=ws.now()))
    clock.advance(1)
    follow_up(ws, of_schedule.id)
    announce_late(ws)
    assert told(ws)[2:] == [("recovered", "nightly: train.ipynb recovered")]


def test_what_was_late_before_anybody_asked_is_not_told(ws, clock) -> None:
    a_job(ws, JobStatus.QUEUED)
    clock.advance(7200)
    add_subscription(ws, "slow", jupyterlab=True)
    clock.advance(10)
    announce_late(ws)
    assert told(ws) == []


def test_times_that_nothing_makes_up_for_are_late(ws, clock) -> None:
    schedule = a_schedule(ws)
    add_subscription(ws, "slow", jupyterlab=True)
    add_subscription(ws, "quiet", on=("failure",), jupyterlab=True)
    first = ws.now()
    clock.advance(7200)
    with ws.store.write() as tx:
        for good in (False, True):
            note_missed(
                ws, tx, schedule, first=first + timedelta(seconds=good), last=ws.now(), why="not made up for",
                for_good=good,
            )  # fmt: skip
    (message,) = find_notifications(ws).items
    assert (message.name, message.occasion, message.title) == ("slow", "late", "nightly: was missed")
    assert "1 h 59 min ago" in message.text
    assert "No job was started: not made up for." in message.text


def test_a_removed_subscription_takes_its_messages_along(ws) -> None:
    add_subscription(ws, "all", on=EVERYTHING, jupyterlab=True)
    ended(ws, JobStatus.FAILED)
    remove_subscription(ws, "all")
    assert find_notifications(ws).total == 0
    ended(ws, JobStatus.FAILED)
    assert find_notifications(ws).total == 0


def test_of_each_subscription_the_latest_messages_are_remembered(ws, monkeypatch, clock) -> None:
    monkeypatch.setattr("jupyter_mlops.notifications.announcing._KEPT", 3)
    monkeypatch.setattr("jupyter_mlops.notifications.announcing._SPARE", 2)
    add_subscription(ws, "all", on=EVERYTHING, jupyterlab=True)
    for _ in range(6):
        ended(ws, JobStatus.FAILED)
        clock.advance(1)
    assert find_notifications(ws).total == 6  # all of them are of this week
    clock.advance(8 * 86_400)
    ended(ws, JobStatus.FAILED)
    ended(ws, JobStatus.FAILED)
    assert find_notifications(ws).total == 4
    assert len({one.made for one in find_notifications(ws)}) == 3


def test_a_message_for_the_desktop_is_for_this_machine(ws) -> None:
    made = add_subscription(ws, "here", on=EVERYTHING, desktop=True)
    ended(ws, JobStatus.FAILED)
    (message,) = find_notifications(ws).items
    assert isinstance(message, Notification)
    assert message.host == made.channel.host != ""


def test_what_ended_before_anybody_asked_is_not_told(ws, clock) -> None:
    job = a_job(ws, JobStatus.FAILED)
    clock.advance(30 * 86_400)
    add_subscription(ws, "all", on=EVERYTHING, jupyterlab=True)
    follow_up(ws, job.id)
    assert told(ws) == []


@pytest.mark.parametrize("tag", ["pipeline", "reproduces"])
def test_a_part_of_something_else_is_told_of_where_its_notebook_is_named_only(ws, tag) -> None:
    add_subscription(ws, "all", on=EVERYTHING, jupyterlab=True)
    add_subscription(ws, "named", on=EVERYTHING, jupyterlab=True, notebook="./*train*")
    ended(ws, JobStatus.FAILED, spec=replace(SPEC, tags={tag: "x"}))
    assert [one.name for one in find_notifications(ws)] == ["named"]


def test_a_job_that_is_tried_again_by_itself_is_late_by_when_it_was_asked_for(ws, clock) -> None:
    add_subscription(ws, "slow", on=("late", "recovered"), jupyterlab=True, late_after="1h")
    job = a_job(ws, JobStatus.FAILED, error=JobError(kind="x", message="x"))
    clock.advance(50 * 60)
    with ws.store.write() as tx:
        again = requeue(ws, tx, job, not_before=ws.now() + timedelta(minutes=30))
    clock.advance(20 * 60)
    announce_late(ws)
    assert told(ws) == []  # it rests, as was agreed
    with ws.store.write() as tx:
        running = replace(again, status=JobStatus.RUNNING)
        tx.jobs.replace(running)
    clock.advance(15 * 60)
    announce_late(ws)
    assert told(ws) == [("late", "train.ipynb is late")]
    with ws.store.write() as tx:
        tx.jobs.replace(replace(running, status=JobStatus.SUCCEEDED, ended=ws.now()))
    clock.advance(1)
    follow_up(ws, job.id)
    assert told(ws)[1:] == [("recovered", "train.ipynb recovered")]


def test_a_job_of_a_removed_schedule_is_told_of_all_the_same(ws, clock) -> None:
    nightly = a_schedule(ws)
    add_subscription(ws, "nightly", jupyterlab=True, schedule="nightly")
    job = a_job(ws, JobStatus.FAILED, of=nightly.id)
    remove_schedule(ws, "nightly")
    follow_up(ws, job.id)
    assert told(ws) == [("failure", "train.ipynb failed")]


def test_of_more_than_a_page_of_late_jobs_each_is_told(ws, clock, monkeypatch) -> None:
    monkeypatch.setattr("jupyter_mlops.notifications.announcing._PAGE", 3)
    add_subscription(ws, "slow", jupyterlab=True)
    jobs = {a_job(ws, JobStatus.QUEUED).id for _ in range(8)}
    clock.advance(3700)
    announce_late(ws)
    assert {one.subject for one in find_notifications(ws)} == jobs


def test_a_subscription_that_cannot_be_read_keeps_no_job_from_being_followed_up(ws, monkeypatch) -> None:
    def unreadable(*_: object) -> None:
        raise Invalid("subscription s1: a field is unknown", remedy="")

    monkeypatch.setattr("jupyter_mlops.automation.followup.announce_end", unreadable)
    job = ended(ws, JobStatus.SUCCEEDED)
    assert get_job(ws, job.id).followed
    assert [event.data["error"] for event in history(ws) if event.kind == "notification.failed"]
