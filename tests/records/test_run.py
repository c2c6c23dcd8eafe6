"""One tracked execution and what it measured."""

from __future__ import annotations

from datetime import timedelta, timezone

from contracts.records import RecordContract
from contracts.samples import NOON
from contracts.samples import run as a_run

from jupyter_mlops.records import run
from jupyter_mlops.records.run import RUN_STEPS, Grade, RunStatus
from tests.records.steps import check_steps


class TestRecords(RecordContract):
    module = run
    required = {
        "EarlierLives": "grade",
        "MetricPoint": "owner sequence key value at",
        "MetricSummary": "last step minimum maximum mean count",
        "RunCurve": "run key count steps values",
        "RunInput": "name role digest",
        "RunError": "kind message",
        "Lease": "host pid process_started until",
        "Run": "id experiment name started actor",
    }


def test_every_state_of_a_run_is_come_to_while_it_runs() -> None:
    check_steps(RUN_STEPS, RunStatus.RUNNING)


def test_a_run_that_ended_ends_otherwise_only_by_running_again() -> None:
    for ended in (RunStatus.FINISHED, RunStatus.FAILED, RunStatus.CANCELLED):
        assert RUN_STEPS[ended] == {RunStatus.RUNNING}


def test_a_run_taken_for_lost_may_turn_up_again_in_any_state() -> None:
    assert RUN_STEPS[RunStatus.LOST] == set(RunStatus) - {RunStatus.LOST}


def test_nothing_is_taken_for_clean_before_it_was_looked_at() -> None:
    assert a_run().grade is Grade.UNKNOWN


def test_a_run_is_told_from_its_neighbours_by_the_tail_of_its_id() -> None:
    assert a_run("01jq0000000000000000a3f91c").short == "a3f91c"
    assert a_run("r1").short == "r1"


def test_how_long_a_run_took_is_known_once_it_has_ended() -> None:
    assert a_run().seconds is None
    assert a_run(ended=NOON + timedelta(seconds=2.5)).seconds == 2.5
    there = timezone(timedelta(hours=5, minutes=30))
    assert a_run(ended=(NOON + timedelta(days=1)).astimezone(there)).seconds == 86400.0
