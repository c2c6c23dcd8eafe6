"""The run before: which it is, and that it is never one that goes on, failed, or came later."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import Conflict, NotFound
from jupyter_mlops.ledger import history
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.settings import OnRerun
from jupyter_mlops.tracking import archive_run, finish_run, start_run
from jupyter_mlops.tracking.live import begin_unseen
from jupyter_mlops.tracking.reruns import resume_run, run_before, start_or_continue, usual_seconds
from jupyter_mlops.tracking.runs import draft_run


def ended(ws, clock, name="baseline", experiment="air", status=RunStatus.FINISHED):
    run = start_run(ws, name=name, experiment=experiment)
    clock.advance(1)
    return finish_run(ws, run=run.id, status=status)


def test_the_latest_finished_run_of_the_same_name_and_experiment_is_the_one_before(ws, clock):
    ended(ws, clock)
    before = ended(ws, clock)
    ended(ws, clock, name="another")
    ended(ws, clock, experiment="elsewhere")
    ended(ws, clock, status=RunStatus.FAILED)
    now = start_run(ws, name="baseline", experiment="air")
    assert run_before(ws, now).id == before.id


def test_how_long_a_run_takes_is_told_by_the_one_before_unless_that_one_had_been_resumed(ws, clock):
    assert usual_seconds(None) is None
    before = ended(ws, clock)
    assert before.seconds
    assert usual_seconds(before) == before.seconds
    assert usual_seconds(ended(ws, clock, status=RunStatus.FAILED)) is None
    resume_run(ws, before.id)
    again = finish_run(ws, run=before.id)
    assert again.earlier is not None
    assert usual_seconds(again) is None


def test_a_run_is_not_before_itself_and_what_came_later_or_was_put_away_does_not_count(ws, clock):
    first = ended(ws, clock)
    assert run_before(ws, first) is None
    second = ended(ws, clock)
    assert run_before(ws, second).id == first.id
    assert run_before(ws, first) is None
    archive_run(ws, run=first.id)
    assert run_before(ws, second) is None


def test_the_one_before_is_found_however_many_came_later(ws, clock):
    first = ended(ws, clock)
    second = ended(ws, clock)
    for _ in range(12):
        ended(ws, clock)
    assert run_before(ws, second).id == first.id


def test_an_ended_run_is_resumed_by_its_name_of_several_the_last(ws, clock):
    ended(ws, clock)
    last = ended(ws, clock, status=RunStatus.FAILED)
    elsewhere = ended(ws, clock, experiment="elsewhere")
    resumed = resume_run(ws, "baseline", experiment="air")
    assert (resumed.id, resumed.status, resumed.ended) == (last.id, RunStatus.RUNNING, None)
    assert resume_run(ws, "baseline").id == elsewhere.id
    assert [event.kind for event in history(ws, subject=last.id)][-1] == "run.continued"


def test_a_run_that_goes_on_was_put_away_or_is_not_there_is_not_resumed(ws, clock):
    going = start_run(ws, name="going", experiment="air")
    with pytest.raises(Conflict, match="still going on"):
        resume_run(ws, going.id)
    away = ended(ws, clock, name="away")
    archive_run(ws, run=away.id)
    with pytest.raises(Conflict, match="put away") as caught:
        resume_run(ws, away.short)
    assert away.short in caught.value.remedy
    with pytest.raises(NotFound, match="no run is called 'baseline' in water"):
        resume_run(ws, "baseline", experiment="water")


def test_a_child_finds_a_parent_that_stands_in_its_journal_only_so_far(sql_ws):
    """A tracked cell waits for no store, and the first thing in it may be a block."""
    parent = begin_unseen(sql_ws, draft_run(sql_ws, name="cell"))
    child = start_or_continue(sql_ws, draft_run(sql_ws, name="block", parent=parent.run.id), OnRerun.FORK)
    assert child.parent == parent.run.id
    with sql_ws.store.read() as tx:
        assert tx.runs.get(child.id).parent == tx.runs.get(parent.run.id).id
