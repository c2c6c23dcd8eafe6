"""The run before: which it is, and that it is never one that goes on, failed, or came later."""

from __future__ import annotations

from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking import archive_run, finish_run, start_run
from jupyter_mlops.tracking.reruns import run_before


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


def test_a_run_is_not_before_itself_and_what_came_later_or_was_put_away_does_not_count(ws, clock):
    first = ended(ws, clock)
    assert run_before(ws, first) is None
    second = ended(ws, clock)
    assert run_before(ws, second).id == first.id
    assert run_before(ws, first) is None
    archive_run(ws, run=first.id)
    assert run_before(ws, second) is None
