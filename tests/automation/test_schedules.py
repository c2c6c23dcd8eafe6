"""Schedules, and when they are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import nbformat
import pytest

from jupyter_mlops.automation.schedules import (
    add_schedule,
    change_schedule,
    find_schedules,
    keep_schedules,
    pause_schedule,
    remove_schedule,
    resume_schedule,
    show_schedule,
)
from jupyter_mlops.automation.tick import tick
from jupyter_mlops.errors import Conflict, Invalid, NotFound
from jupyter_mlops.jobs import cancel_job
from jupyter_mlops.records.deployment import Deployment
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.schedule import After, Cron, Ending, OnDrift, Overlap


@pytest.fixture
def train(tmp_path):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell("alpha = 0.5", metadata={"tags": ["parameters"]})]
    nbformat.write(notebook, tmp_path / "train.ipynb")
    return str(tmp_path / "train.ipynb")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_schedule_is_kept_found_paused_resumed_and_removed(ws, train, clock) -> None:
    made = add_schedule(
        ws, name="weekly", notebook=train, cron="0 6 * * mon", parameters={"alpha": "0.1"}, register_as="pm25"
    )

    assert [d.id for d in find_schedules(ws)] == [made.id]
    assert (made.spec.parameters["alpha"], made.spec.review_for) == (0.1, "champion")
    assert pause_schedule(ws, "weekly").active is False
    assert [d.active for d in find_schedules(ws, "active = true")] == []
    clock.advance(3600)
    assert resume_schedule(ws, "weekly").since == ws.now()
    assert remove_schedule(ws, made.id).name == "weekly"
    with pytest.raises(NotFound):
        remove_schedule(ws, "weekly")


def test_a_schedule_says_when_it_is_next_and_how_its_last_job_stands(ws, train, clock) -> None:
    made = add_schedule(ws, name="daily", notebook=train, cron="30 9 * * *")  # the clock says 9:00
    assert (made.due, made.last_job, made.last_status) == (at("2026-01-05T09:30:00+00:00"), None, None)

    clock.advance(3600)
    (job,) = tick(ws, workers=0).submitted
    (fired,) = find_schedules(ws)
    assert (fired.due, fired.last_job, fired.last_status) == (
        at("2026-01-06T09:30:00+00:00"),
        job,
        JobStatus.QUEUED,
    )
    cancel_job(ws, job)
    assert find_schedules(ws)[0].last_status is JobStatus.CANCELLED

    paused = pause_schedule(ws, "daily")
    assert (paused.due, paused.last_job) == (None, job)
    (kept,) = keep_schedules(ws, [{"name": "daily", "notebook": train, "cron": "30 10 * * *"}])
    assert (kept.last_job, kept.last_status) == (job, JobStatus.CANCELLED)


def test_what_is_worked_out_for_who_asks_is_kept_in_no_store(ws, train) -> None:
    made = add_schedule(ws, name="daily", notebook=train, cron="30 9 * * *")
    pause_schedule(ws, "daily")
    resume_schedule(ws, "daily")

    with ws.store.read() as tx:
        kept = tx.definitions.get(made.id)
    assert kept.last_status is None


def test_a_schedule_in_a_place_that_this_machine_does_not_know_is_listed_all_the_same(ws, train) -> None:
    made = add_schedule(ws, name="daily", notebook=train, cron="30 9 * * *")
    with ws.store.write() as tx:
        tx.definitions.replace(replace(made, when=Cron(expression="30 9 * * *", timezone="Mars/Base")))

    assert [(one.name, one.due) for one in find_schedules(ws)] == [("daily", made.due)]


def test_a_name_is_taken_once(ws, train) -> None:
    add_schedule(ws, name="weekly", notebook=train, cron="0 6 * * mon")

    with pytest.raises(Conflict):
        add_schedule(ws, name="weekly", notebook=train, on_drift="pm25@champion")


def test_a_schedule_needs_one_reason_and_values_that_fit(ws, train) -> None:
    for given in (
        {},
        {"cron": "* * * * *", "on_drift": "x"},
        {"cron": "* * * * *", "parameters": {"beta": 1}},
        {"cron": "never"},
    ):
        with pytest.raises(Invalid):
            add_schedule(ws, name="a", notebook=train, **given)
    assert len(find_schedules(ws)) == 0


def test_a_schedule_for_a_name_no_model_may_have_is_refused(ws, train) -> None:
    with pytest.raises(Invalid, match="cannot be called 'a b'"):
        add_schedule(ws, name="weekly", notebook=train, cron="0 6 * * mon", register_as="a b")


def test_a_schedule_on_drift_has_no_clock(ws, train) -> None:
    made = add_schedule(ws, name="drift", notebook=train, on_drift="pm25@champion")

    assert made.when == OnDrift(deployment="pm25@champion")
    assert (made.due, made.watches) == (None, "drift")


def test_kept_schedules_take_the_place_of_those_with_their_name(ws, train) -> None:
    add_schedule(ws, name="nightly", notebook=train, cron="0 3 * * *")
    before = pause_schedule(ws, "nightly")
    kept = keep_schedules(
        ws,
        [
            {"name": "nightly", "notebook": train, "cron": "0 4 * * *"},
            {"name": "weekly", "notebook": train, "cron": "0 5 * * mon", "parameters": {"alpha": 1.0}},
        ],
    )
    assert [order.name for order in kept] == ["nightly", "weekly"]
    assert (kept[0].id, kept[0].active, kept[0].created) == (before.id, False, before.created)
    assert kept[0].when == Cron(expression="0 4 * * *")
    assert {order.id for order in find_schedules(ws)} == {order.id for order in kept}


def test_two_kept_schedules_of_one_name_are_a_slip_of_the_hand(ws, train) -> None:
    with pytest.raises(Invalid, match="two schedules are called 'weekly'"):
        keep_schedules(
            ws, [{"name": name, "notebook": train, "cron": "0 4 * * *"} for name in ("weekly", " weekly")]
        )
    assert len(find_schedules(ws)) == 0


def test_where_one_schedule_is_wrong_nothing_changes(ws, train) -> None:
    order = add_schedule(ws, name="nightly", notebook=train, cron="0 3 * * *")
    with pytest.raises(Invalid):
        keep_schedules(
            ws,
            [
                {"name": "nightly", "notebook": train, "cron": "0 4 * * *"},
                {"name": "weekly", "notebook": train, "cron": "61 5 * * mon"},
            ],
        )
    assert list(find_schedules(ws)) == [order]


def test_a_deployment_is_named_by_the_end_of_its_id_and_one_that_is_not_there_is_refused(ws, train) -> None:
    served = Deployment(
        id=f"01kb{'0' * 16}zzza3f", model="pm25", alias="champion", version=1, started=ws.now()
    )
    with ws.store.write() as tx:
        tx.deployments.add(served)
    made = add_schedule(ws, name="drift", notebook=train, on_drift="zza3f")
    assert made.when == OnDrift(deployment=served.id)
    with pytest.raises(NotFound, match="no deployment ends in 'nowhere'"):
        add_schedule(ws, name="other", notebook=train, on_drift="nowhere")


# --- what is shown and changed ----------------------------------------------------------------------------------


def test_a_schedule_is_shown_with_the_times_to_come_and_what_became_of_those_that_were(
    ws, train, clock
) -> None:
    add_schedule(ws, name="daily", notebook=train, cron="30 9 * * *", timezone="Europe/Berlin", jitter=600)
    clock.advance(24 * 3600)
    (job,) = tick(ws, workers=0).submitted

    view = show_schedule(ws, "daily", times=3)

    assert [moment.day for moment in view.upcoming] == [7, 8, 9]
    assert view.upcoming[0] == view.schedule.due
    assert [(fire.job, fire.moment) for fire in view.fires] == [(job, at("2026-01-06T08:30:00+00:00"))]
    assert show_schedule(ws, "daily", times=0, fires=0).fires == ()
    for wrong in ({"times": 101}, {"fires": -1}):
        with pytest.raises(Invalid, match="must lie between 0 and 100"):
            show_schedule(ws, "daily", **wrong)


def test_what_is_named_is_changed_and_the_rest_stays(ws, train, clock) -> None:
    made = add_schedule(
        ws,
        name="daily",
        notebook=train,
        cron="30 9 * * *",
        parameters={"alpha": 0.1},
        overlap=Overlap.SKIP,
        maximum=9,
    )
    clock.advance(60)

    renamed = change_schedule(ws, "daily", name="nightly", experiment="air", jitter=60.0, without=["maximum"])
    timed = change_schedule(ws, "nightly", cron="0 3 * * *", timezone="Europe/Berlin")
    valued = change_schedule(ws, "nightly", parameters={"alpha": "0.7"})
    other = change_schedule(ws, "nightly", every="1h")

    assert (renamed.id, renamed.when, renamed.rules.overlap, renamed.rules.maximum) == (
        made.id, made.when, Overlap.SKIP, None,
    )  # fmt: skip
    assert (timed.when, timed.rules.timezone, timed.since) == (
        Cron(expression="0 3 * * *", timezone="Europe/Berlin"), "Europe/Berlin", ws.now(),
    )  # fmt: skip
    assert (valued.spec.parameters["alpha"], valued.spec.experiment, valued.moment) == (
        0.7,
        "air",
        timed.moment,
    )
    assert other.moment == ws.now() + timedelta(hours=1)


def test_a_change_that_cannot_be_is_refused_and_changes_nothing(ws, train) -> None:
    made = add_schedule(ws, name="daily", notebook=train, cron="30 9 * * *")
    add_schedule(ws, name="other", notebook=train, on_drift="pm25@champion")
    for wrong, error in (
        ({"cron": "61 * * * *"}, Invalid),
        ({"cron": "1 * * * *", "every": "1h"}, Invalid),
        ({"parameters": {"beta": 1}}, Invalid),
        ({"without": ["hope"]}, Invalid),
        ({"after": "daily"}, Invalid),
        ({"name": "other"}, Conflict),
        ({"name": " "}, Invalid),
    ):
        with pytest.raises(error):
            change_schedule(ws, "daily", **wrong)
    assert show_schedule(ws, "daily").schedule == made


def test_a_paused_schedule_stays_so_when_it_is_changed(ws, train) -> None:
    add_schedule(ws, name="daily", notebook=train, cron="30 9 * * *")
    pause_schedule(ws, "daily")
    assert not change_schedule(ws, "daily", cron="0 10 * * *").active
    assert resume_schedule(ws, "daily").due == at("2026-01-05T10:00:00+00:00")


def test_kept_schedules_may_wait_for_each_other_and_go_on_where_nothing_changed(ws, train, clock) -> None:
    orders = [
        {"name": "second", "notebook": train, "after": "first", "ending": Ending.ANY},
        {"name": "first", "notebook": train, "every": "2h", "blackout": ["22:00-06:00"]},
    ]
    second, first = keep_schedules(ws, orders)
    assert second.when == After(schedule=first.id, ending=Ending.ANY)
    clock.advance(600)
    assert [one.due for one in keep_schedules(ws, orders)] == [None, first.due]
