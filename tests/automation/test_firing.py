"""Schedules as the clock turns: what is missed, what overlaps, what waits, what happens, and when they are done."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jupyter_mlops.automation import (
    add_schedule,
    change_schedule,
    firing,
    pause_schedule,
    remove_schedule,
    resume_schedule,
    show_schedule,
)
from jupyter_mlops.automation.firing import MOST_CAUGHT_UP, fire_due
from jupyter_mlops.datasets import register_dataset
from jupyter_mlops.jobs import find_jobs, retry_job, submit_job
from jupyter_mlops.jobs.ending import claim_job
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.query import Query
from jupyter_mlops.records.schedule import CatchUp, Ending, FireStatus, Overlap

HOUR = 3600


@pytest.fixture
def timed(place, clock):
    """The workspace in a folder, with a clock that moves when told to: it says nine in the morning."""
    return replace(place, now=clock)


@pytest.fixture
def train(write) -> str:
    return str(write("1"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-01-05T{text}").replace(tzinfo=UTC)


def end(ws, job: str, status: JobStatus = JobStatus.SUCCEEDED) -> None:
    """Let a job have ended, as its worker would."""
    with ws.store.write() as tx:
        tx.jobs.replace(replace(tx.jobs.get(job), status=status, ended=ws.now(), followed=True))


def became(ws, schedule: str) -> list[tuple[str, str, str]]:
    """What became of each time, the earliest first: its time of day, its status and the reason."""
    fires = show_schedule(ws, schedule, fires=100).fires
    ordered = sorted(fires, key=lambda fire: (fire.moment, fire.cause))
    return [(f"{fire.moment:%H:%M}", str(fire.status), fire.reason) for fire in ordered]


def statuses(ws, schedule: str) -> list[str]:
    return [status for _, status, _ in became(ws, schedule)]


# --- what was missed -----------------------------------------------------------------------------------------


def test_of_what_was_missed_the_last_makes_up_for_all_unless_told_otherwise(timed, train, clock) -> None:
    add_schedule(timed, name="hourly", notebook=train, cron="0 * * * *")
    clock.advance(5 * HOUR + 60)

    first, second = fire_due(timed), fire_due(timed)

    assert (len(first.submitted), second.submitted) == (1, [])
    assert became(timed, "hourly") == [
        ("09:00", "skipped", "missed: the last time makes up for those before it"),
        ("14:00", "started", ""),
    ]
    assert first.skipped == ["schedule hourly: missed: the last time makes up for those before it"]


def test_all_that_was_missed_is_made_up_for_in_order_and_no_more_than_can_be(timed, train, clock) -> None:
    add_schedule(timed, name="hourly", notebook=train, cron="0 * * * *", catch_up=CatchUp.ALL)
    clock.advance(3 * HOUR)

    assert len(fire_due(timed).submitted) == 4  # from nine o'clock on
    assert became(timed, "hourly") == [(f"{hour:02}:00", "started", "") for hour in (9, 10, 11, 12)]
    clock.advance((MOST_CAUGHT_UP + 7) * HOUR)
    done = fire_due(timed)
    assert len(done.submitted) == MOST_CAUGHT_UP
    assert f"the latest {MOST_CAUGHT_UP} are made up for" in done.skipped[0]
    assert fire_due(timed).submitted == []


def test_nothing_is_made_up_for_where_that_is_the_rule_but_what_is_a_little_late_runs(
    timed, train, clock
) -> None:
    add_schedule(timed, name="hourly", notebook=train, cron="30 * * * *", catch_up=CatchUp.NONE)
    clock.advance(3 * HOUR)  # the last was half an hour ago
    assert fire_due(timed).submitted == []
    clock.advance(HOUR / 2 + 300)
    assert len(fire_due(timed).submitted) == 1
    assert became(timed, "hourly") == [
        ("09:30", "skipped", "missed, and not made up for"),
        ("12:30", "started", ""),
    ]


def test_a_time_that_is_none_any_more_is_let_go_and_its_schedule_goes_on(timed, train, clock) -> None:
    made = add_schedule(timed, name="daily", notebook=train, cron="0 12 * * *")
    once = add_schedule(timed, name="once", notebook=train, cron="0 12 * * *", end=at("12:30"))
    for kept in (made, once):  # as other data on its time zone had it
        with timed.store.write() as tx:
            early = replace(kept, moment=at("09:30"), due=at("09:30"))
            tx.definitions.replace(early)
    clock.advance(HOUR)
    done = fire_due(timed)
    assert (done.submitted, done.problems) == ([], [])
    assert show_schedule(timed, "daily").schedule.due == at("12:00")
    with timed.store.write() as tx:
        tx.definitions.replace(replace(once, moment=at("12:10"), due=at("12:10")))
    clock.advance(2.5 * HOUR)
    fire_due(timed)
    assert show_schedule(timed, "once").schedule.done == "its end has come"


def test_a_failure_that_nobody_foresaw_is_told_and_keeps_no_other_from_its_turn(
    timed, train, clock, monkeypatch
) -> None:
    bad = add_schedule(timed, name="bad", notebook=train, cron="30 * * * *")
    add_schedule(timed, name="good", notebook=train, cron="30 * * * *")
    latest = firing.latest

    def failing(*args, salt, **more):
        if salt == bad.id:
            raise IndexError("no such thing")
        return latest(*args, salt=salt, **more)

    monkeypatch.setattr(firing, "latest", failing)
    clock.advance(HOUR)
    done = fire_due(timed)
    assert done.problems == ["schedule bad: IndexError: no such thing"]
    assert (len(done.submitted), statuses(timed, "good")) == (1, ["started"])


def test_a_job_whose_end_cannot_be_noted_is_told_and_keeps_no_other_from_its_turn(
    timed, train, clock, monkeypatch
) -> None:
    add_schedule(timed, name="hourly", notebook=train, cron="30 * * * *")
    clock.advance(HOUR)
    (job,) = fire_due(timed).submitted
    end(timed, job)

    def failing(*_args):
        raise KeyError("gone")

    monkeypatch.setattr(firing, "prune", failing)
    clock.advance(HOUR)
    done = fire_due(timed)
    assert done.problems == [f"the end of job {job[-6:]}: KeyError: 'gone'"]
    assert len(done.submitted) == 1


# --- overlap ------------------------------------------------------------------------------------------------


def test_jobs_may_overlap_unless_told_otherwise(timed, train, clock) -> None:
    add_schedule(timed, name="hourly", notebook=train, cron="30 * * * *")
    for _ in range(3):
        clock.advance(HOUR)
        fire_due(timed)
    assert statuses(timed, "hourly") == ["started"] * 3


def test_a_time_is_skipped_with_its_reason_while_an_earlier_job_is_under_way(timed, train, clock) -> None:
    add_schedule(timed, name="hourly", notebook=train, cron="30 * * * *", overlap=Overlap.SKIP)
    clock.advance(HOUR)
    (job,) = fire_due(timed).submitted
    clock.advance(HOUR)
    assert fire_due(timed).submitted == []
    end(timed, job)
    clock.advance(HOUR)
    assert len(fire_due(timed).submitted) == 1
    assert became(timed, "hourly") == [
        ("09:30", "ended", ""),
        ("10:30", "skipped", f"job {job[-6:]} had not ended"),
        ("11:30", "started", ""),
    ]


def test_a_job_that_was_retried_by_hand_is_under_way_as_well(timed, train, clock) -> None:
    add_schedule(timed, name="hourly", notebook=train, cron="30 * * * *", overlap=Overlap.SKIP)
    clock.advance(HOUR)
    (job,) = fire_due(timed).submitted
    end(timed, job, JobStatus.FAILED)
    assert statuses(timed, "hourly") == ["started"]
    fire_due(timed)
    assert statuses(timed, "hourly") == ["ended"]
    retry_job(timed, job)
    clock.advance(HOUR)
    assert fire_due(timed).skipped == [f"schedule hourly: job {job[-6:]} had not ended"]


def test_times_wait_in_order_for_earlier_jobs(timed, train, clock) -> None:
    add_schedule(timed, name="hourly", notebook=train, cron="30 * * * *", overlap=Overlap.QUEUE)
    started = []
    for _ in range(3):
        clock.advance(HOUR)
        started += fire_due(timed).submitted
    assert statuses(timed, "hourly") == ["started", "queued", "queued"]
    end(timed, started[0])
    (second,) = fire_due(timed).submitted
    assert fire_due(timed).submitted == []
    assert statuses(timed, "hourly") == ["ended", "started", "queued"]
    end(timed, second)
    fire_due(timed)
    assert statuses(timed, "hourly") == ["ended", "ended", "started"]


def test_an_earlier_job_is_cancelled_and_the_new_one_starts_once_it_has_ended(timed, train, clock) -> None:
    add_schedule(timed, name="hourly", notebook=train, cron="30 * * * *", overlap=Overlap.REPLACE)
    clock.advance(HOUR)
    (old,) = fire_due(timed).submitted
    held = claim_job(timed, old)
    with timed.store.write() as tx:
        tx.jobs.replace(replace(held, status=JobStatus.RUNNING))
    for _ in range(2):
        clock.advance(HOUR)
        assert fire_due(timed).submitted == []
    fire_due(timed)
    with timed.store.read() as tx:
        held = tx.jobs.get(old)
    assert held.cancel
    assert held.error.message == "schedule hourly starts it anew"
    end(timed, old, JobStatus.CANCELLED)
    assert len(fire_due(timed).submitted) == 1
    assert became(timed, "hourly") == [
        ("09:30", "ended", ""),
        ("10:30", "skipped", "a later one took its place"),
        ("11:30", "started", "waits for an earlier job"),
    ]


# --- blackouts, limits, pauses --------------------------------------------------------------------------------


def test_what_happens_in_a_blackout_waits_for_its_end(timed, train, clock, place) -> None:
    file = place.settings.root / "data.csv"
    add_schedule(
        timed,
        name="on data",
        notebook=train,
        on_file="data.csv",
        blackout=["08:00-10:00"],
        overlap=Overlap.SKIP,
    )
    written(file, "1", clock() - timedelta(minutes=1))
    assert fire_due(timed).submitted == []
    assert became(timed, "on data") == [
        ("08:59", "queued", "waits for the end of a blackout; data.csv changed")
    ]
    written(file, "22", clock())
    clock.advance(60)
    fire_due(timed)
    assert became(timed, "on data")[1:] == [("09:00", "skipped", "an earlier one was waiting still")]
    clock.advance(HOUR)
    assert len(fire_due(timed).submitted) == 1


def test_a_schedule_that_has_run_as_often_as_it_may_is_done_and_says_so(timed, train, clock) -> None:
    add_schedule(timed, name="twice", notebook=train, cron="0 * * * *", maximum=2)
    assert len(show_schedule(timed, "twice", times=9).upcoming) == 2
    for _ in range(4):
        clock.advance(HOUR)
        fire_due(timed)
    done = show_schedule(timed, "twice").schedule
    assert (statuses(timed, "twice").count("started"), done.active, done.done) == (2, False, "it ran 2 times")
    assert show_schedule(timed, "twice").upcoming == ()
    with pytest.raises(Exception, match="has run 2 times, and 2 are the most"):
        resume_schedule(timed, "twice")
    assert change_schedule(timed, "twice", maximum=3).active
    clock.advance(HOUR)
    assert len(fire_due(timed).submitted) == 1


def test_a_schedule_begins_and_ends_when_it_is_told_to(timed, train, clock) -> None:
    add_schedule(timed, name="noon", notebook=train, cron="0 * * * *", start=at("11:30"), end=at("13:30"))
    fired = []
    for _ in range(7):
        clock.advance(HOUR)
        fired += fire_due(timed).submitted
    assert [time for time, _, _ in became(timed, "noon")] == ["12:00", "13:00"]
    assert show_schedule(timed, "noon").schedule.done == "its end has come"


@pytest.mark.parametrize("catch_up", CatchUp)
def test_what_was_missed_is_not_made_up_for_after_the_end(timed, train, clock, catch_up) -> None:
    add_schedule(
        timed, name="noon", notebook=train, cron="0 * * * *", start=at("10:30"), end=at("12:30"), catch_up=catch_up
    )  # fmt: skip
    clock.advance(3.5 * HOUR)
    done = fire_due(timed)
    assert done.submitted == []
    assert done.skipped == ["schedule noon: missed: its end has come"]
    assert show_schedule(timed, "noon").schedule.done == "its end has come"


def test_what_a_blackout_or_an_earlier_job_holds_does_not_start_after_the_end(
    timed, train, clock, place
) -> None:
    file = place.settings.root / "data.csv"
    add_schedule(
        timed, name="held", notebook=train, on_file="data.csv", blackout=["08:00-10:00"], end=at("10:00")
    )
    add_schedule(
        timed, name="queued", notebook=train, cron="15 * * * *", overlap=Overlap.QUEUE, end=at("10:30")
    )
    written(file, "1", clock() - timedelta(minutes=1))
    clock.advance(HOUR / 2)
    (first,) = fire_due(timed).submitted
    assert became(timed, "held")[0][1:] == ("skipped", "a blackout lasts until its end")
    clock.advance(0.9 * HOUR)
    fire_due(timed)
    assert statuses(timed, "queued") == ["started", "queued"]
    clock.advance(HOUR / 4)
    end(timed, first)
    done = fire_due(timed)
    assert (done.submitted, done.skipped) == ([], ["schedule queued: its end has come"])
    assert became(timed, "queued")[1] == ("10:15", "skipped", "its end has come")


def test_an_interval_is_counted_from_its_start(timed, train, clock) -> None:
    made = add_schedule(timed, name="often", notebook=train, every="90m", start=at("09:20"))
    assert made.due == at("09:20")
    assert add_schedule(timed, name="other", notebook=train, every="90m").due == at("10:30")
    clock.advance(4 * HOUR)
    fire_due(timed)
    assert show_schedule(timed, "often", times=2).upcoming == (at("13:50"), at("15:20"))


def test_what_was_due_while_a_schedule_was_paused_stays_missed(timed, train, clock) -> None:
    add_schedule(timed, name="hourly", notebook=train, cron="30 * * * *", overlap=Overlap.QUEUE)
    for _ in range(2):
        clock.advance(HOUR)
        fire_due(timed)
    pause_schedule(timed, "hourly")
    assert became(timed, "hourly")[1] == ("10:30", "skipped", "the schedule was paused")
    clock.advance(5 * HOUR)
    assert fire_due(timed).submitted == []
    resume_schedule(timed, "hourly")
    assert fire_due(timed).submitted == []
    assert len(became(timed, "hourly")) == 2


def test_jitter_puts_a_start_off_and_no_time_is_lost(timed, train, clock) -> None:
    made = add_schedule(
        timed, name="spread", notebook=train, cron="0 * * * *", jitter=3000, catch_up=CatchUp.ALL
    )
    started = 0
    for _ in range(12 * 6):
        clock.advance(300)
        started += len(fire_due(timed).submitted)
    assert started in {6, 7}
    assert [time for time, _, _ in became(timed, "spread")] == [f"{9 + n:02}:00" for n in range(started)]
    assert made.due >= made.moment


# --- what happens -----------------------------------------------------------------------------------------------


def written(path, text: str, when: datetime) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (when.timestamp(), when.timestamp()))


def test_files_that_are_new_or_changed_and_still_make_a_schedule_due_once(timed, train, clock, place) -> None:
    folder = place.settings.root / "data"
    written(folder / "old.csv", "1", clock())
    made = add_schedule(timed, name="files", notebook=train, on_file="data/*.csv")
    assert made.when.pattern == "data/*.csv"
    clock.advance(60)
    assert fire_due(timed).submitted == []  # what is there already is no news
    written(folder / "new.csv", "1", clock())
    written(folder / ".part.csv", "1", clock())
    written(folder / "note.txt", "1", clock())
    assert fire_due(timed).submitted == []  # it may be written to still
    clock.advance(10)
    assert [len(fire_due(timed).submitted) for _ in range(2)] == [1, 0]
    (folder / "old.csv").unlink()
    assert fire_due(timed).submitted == []
    written(folder / "old.csv", "1", clock() - timedelta(seconds=60))
    written(folder / "new.csv", "12", clock() - timedelta(seconds=60))
    assert len(fire_due(timed).submitted) == 1
    assert [reason for _, _, reason in became(timed, "files")][-2:] == [
        "new.csv, old.csv changed",
        "new.csv changed",
    ]


def test_more_files_than_can_be_looked_at_are_a_problem_that_is_told(
    timed, train, clock, place, monkeypatch
) -> None:
    monkeypatch.setattr("jupyter_mlops.automation.watching._MOST_FILES", 2)
    add_schedule(timed, name="files", notebook=train, on_file="data/*.csv")
    for number in range(3):
        written(place.settings.root / "data" / f"{number}.csv", "1", clock())
    assert "names more than 2 files" in fire_due(timed).problems[0]


def test_a_new_version_of_a_dataset_makes_a_schedule_due_once(timed, train, clock, place) -> None:
    file = place.settings.root / "air.csv"
    written(file, "a\n1\n", clock())
    register_dataset(timed, "air", str(file))
    add_schedule(timed, name="data", notebook=train, on_dataset="air")
    assert fire_due(timed).submitted == []
    written(file, "a\n2\n", clock())
    register_dataset(timed, "air", str(file))
    assert [len(fire_due(timed).submitted) for _ in range(2)] == [1, 0]
    assert [reason for _, _, reason in became(timed, "data")] == ["air:2 is new"]


@pytest.mark.parametrize(
    ("ending", "status", "due"),
    [
        (Ending.SUCCESS, JobStatus.SUCCEEDED, True),
        (Ending.SUCCESS, JobStatus.FAILED, False),
        (Ending.FAILURE, JobStatus.LOST, True),
        (Ending.ANY, JobStatus.CANCELLED, True),
    ],
)
def test_a_schedule_is_due_after_each_job_of_another_that_ended_so(
    timed, train, clock, ending, status, due
) -> None:
    add_schedule(timed, name="first", notebook=train, cron="30 * * * *")
    add_schedule(timed, name="second", notebook=train, after="first", ending=ending)
    for _ in range(2):
        clock.advance(HOUR)
        (job,) = fire_due(timed).submitted
        end(timed, job, status)
        assert len(fire_due(timed).submitted) == due
        assert fire_due(timed).submitted == []
    assert statuses(timed, "second") == ["started"] * (2 * due)


def test_a_schedule_after_one_job_is_due_once_and_then_done(timed, train, clock) -> None:
    job = submit_job(timed, notebook=train)
    add_schedule(timed, name="then", notebook=train, after=job.id)
    assert fire_due(timed).submitted == []
    end(timed, job.id)
    assert [len(fire_due(timed).submitted) for _ in range(2)] == [1, 0]
    assert show_schedule(timed, "then").schedule.done == "the job it waited for has ended"


def test_a_job_that_is_tried_again_has_not_ended(timed, train, clock) -> None:
    add_schedule(timed, name="first", notebook=train, cron="30 * * * *", overlap=Overlap.SKIP)
    clock.advance(HOUR)
    (job,) = fire_due(timed).submitted
    with timed.store.write() as tx:
        kept = tx.jobs.get(job)
        again = replace(kept.spec, retries=2)
        tx.jobs.replace(replace(kept, spec=again, status=JobStatus.FAILED, ended=timed.now()))
    clock.advance(HOUR)
    assert fire_due(timed).submitted == []
    assert statuses(timed, "first") == ["started", "skipped"]


# --- however many look --------------------------------------------------------------------------------------------


def test_more_schedules_than_a_page_holds_all_fire(timed, train, clock, monkeypatch) -> None:
    monkeypatch.setattr("jupyter_mlops.automation.firing._PAGE", 5)
    made = add_schedule(timed, name="one", notebook=train, cron="30 * * * *")
    with timed.store.write() as tx:
        for number in range(22):
            tx.definitions.add(replace(made, id=f"d{number:04}", name=f"n{number}"))
    clock.advance(HOUR)
    assert len(fire_due(timed).submitted) == 23


def test_one_that_cannot_be_read_is_told_and_keeps_no_other_from_its_turn(timed, train, clock) -> None:
    bad = add_schedule(timed, name="bad", notebook=train, cron="0 * * * *")
    add_schedule(timed, name="good", notebook=train, cron="0 * * * *")
    with timed.store.write() as tx:
        tx.definitions.replace(replace(bad, when=replace(bad.when, timezone="Mars/Base")))
    clock.advance(HOUR)
    done = fire_due(timed)
    assert len(done.submitted) == 1
    assert "schedule bad: 'Mars/Base' is no known time zone" in done.problems[0]


def test_a_schedule_of_an_earlier_version_goes_on_from_when_it_was_due_last(timed, train, clock) -> None:
    made = add_schedule(timed, name="old", notebook=train, cron="30 * * * *")
    with timed.store.write() as tx:  # as the migration leaves it
        tx.definitions.replace(replace(made, moment=None, since=None, due=made.created))
    assert fire_due(timed).submitted == []
    assert show_schedule(timed, "old").schedule.due == at("09:30")
    clock.advance(HOUR)
    assert len(fire_due(timed).submitted) == 1


def test_old_times_are_forgotten_and_never_due_again(timed, train, clock, monkeypatch) -> None:
    monkeypatch.setattr("jupyter_mlops.automation.claiming._KEPT", 3)
    monkeypatch.setattr("jupyter_mlops.automation.claiming._SPARE", 3)
    add_schedule(timed, name="hourly", notebook=train, cron="30 * * * *")
    for count in range(6):
        clock.advance(HOUR)
        (job,) = fire_due(timed).submitted
        assert len(became(timed, "hourly")) == count + 1  # some more are kept, and then forgotten together
        end(timed, job)
    fire_due(timed)
    assert [time for time, _, _ in became(timed, "hourly")] == ["12:30", "13:30", "14:30"]


def test_with_a_schedule_go_its_times_and_the_jobs_stay(timed, train, clock) -> None:
    add_schedule(timed, name="hourly", notebook=train, cron="30 * * * *")
    clock.advance(HOUR)
    fire_due(timed)
    remove_schedule(timed, "hourly")
    with timed.store.read() as tx:
        assert tx.fires.find(Query()).total == 0
    assert find_jobs(timed).total == 1
    assert fire_due(timed).submitted == []


def test_threads_that_look_at_once_claim_each_thing_once(timed, train, clock, place) -> None:
    file = place.settings.root / "data.csv"
    add_schedule(timed, name="clock", notebook=train, cron="30 * * * *", overlap=Overlap.QUEUE)
    add_schedule(timed, name="file", notebook=train, on_file="data.csv")
    add_schedule(timed, name="after", notebook=train, after="clock")
    for _ in range(4):
        clock.advance(HOUR)
        written(file, str(clock()), clock() - timedelta(minutes=1))
        with timed.store.read() as tx:
            for job in tx.jobs.find(Query()):
                if not job.status.ended:
                    end(timed, job.id)
        gate = threading.Barrier(4)

        def once(gate: threading.Barrier = gate) -> None:
            gate.wait()
            fire_due(timed)

        threads = [threading.Thread(target=once) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [time for time, _, _ in became(timed, "clock")] == ["09:30", "10:30", "11:30", "12:30"]
    assert len(became(timed, "file")) == 4
    assert len(became(timed, "after")) == 3
    started = {FireStatus.STARTED, FireStatus.ENDED}
    with timed.store.read() as tx:
        jobs = [fire.job for fire in tx.fires.find(Query(limit=500)) if fire.status in started]
        assert len(jobs) == len(set(jobs)) == tx.jobs.find(Query()).total == 11
