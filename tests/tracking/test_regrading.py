"""Another grade, known after the end: written once, handed to the fits, and never over what was built on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from review.books import add_version

from jupyter_mlops.records.run import EarlierLives, Grade
from jupyter_mlops.tracking import finish_run, get_run, start_run
from jupyter_mlops.tracking.regrading import settle_grade


@pytest.fixture
def run(ws):
    return finish_run(ws, run=start_run(ws, name="work").id)


def graded(ws, run):
    with ws.store.read() as tx:
        return [event.data for event in tx.events.read(subject=run, kind="run.graded")]


def change(ws, run, **fields):
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(run), **fields))
        return tx.runs.get(run)


def test_it_is_written_once_with_its_reason(ws, run):
    for _ in range(2):
        kept = settle_grade(ws, run, Grade.CLEAN, "one cell")
        assert kept == get_run(ws, run.id) == replace(run, grade=Grade.CLEAN, grade_reason="one cell")
    assert graded(ws, run.id) == [{"grade": "clean", "reason": "one cell"}]


def test_a_run_that_went_on_keeps_the_grade_of_its_later_end(ws, run):
    later = change(
        ws, run.id, ended=run.ended + timedelta(seconds=9), grade=Grade.STALE, grade_reason="again"
    )
    assert later.ended != run.ended
    assert settle_grade(ws, run, Grade.CLEAN, "one cell") == later
    assert graded(ws, run.id) == []


def test_the_fits_of_an_earlier_life_are_graded_though_the_run_went_on(ws, run):
    was = change(ws, run.id, source=replace(run.source, session="s", cells="a" * 64))
    fit = change(ws, finish_run(ws, run=start_run(ws, name="fit", parent=run.id).id).id, source=was.source)
    change(ws, run.id, ended=run.ended + timedelta(seconds=9), source=replace(was.source, cells="b" * 64))
    settle_grade(ws, was, Grade.REORDERED, "moved")
    assert [get_run(ws, one).grade for one in (run.id, fit.id)] == [Grade.UNKNOWN, Grade.REORDERED]


def test_what_became_known_of_an_earlier_life_makes_the_whole_worse_and_no_fit_of_the_last_one(ws, run):
    later = change(
        ws,
        run.id,
        ended=run.ended + timedelta(seconds=9),
        grade=Grade.CLEAN,
        grade_reason="second",
        earlier=EarlierLives(grade=Grade.CLEAN, reason="first"),
        source=replace(run.source, session="s", cells="b" * 64),
    )
    fit = finish_run(ws, run=start_run(ws, name="fit", parent=run.id).id).id
    change(ws, fit, source=later.source, grade=Grade.CLEAN, grade_reason="second")
    settle_grade(ws, run, Grade.STALE, "moved")
    kept = get_run(ws, run.id)
    assert (kept.grade, kept.grade_reason, kept.earlier.grade) == (Grade.STALE, "moved", Grade.STALE)
    assert get_run(ws, fit).grade is Grade.CLEAN
    assert graded(ws, run.id) == [{"grade": "stale", "reason": "moved"}]
    # A better word changes nothing.
    settle_grade(ws, run, Grade.CLEAN, "as they stood")
    assert get_run(ws, run.id) == kept


def test_what_rests_on_the_same_cells_gets_it_too_and_what_does_not_does_not(ws, run):
    def child(of, **fields):
        made = finish_run(ws, run=start_run(ws, name="fit", parent=of).id)
        return change(ws, made.id, source=replace(run.source, **fields)).id

    fit = child(run.id)
    candidate = child(fit)
    other = child(run.id, cells="c" * 64)
    settle_grade(ws, run, Grade.REORDERED, "moved")
    assert [get_run(ws, one).grade for one in (run.id, fit, candidate, other)] == [
        Grade.REORDERED,
        Grade.REORDERED,
        Grade.REORDERED,
        Grade.UNKNOWN,
    ]
    assert len(graded(ws, candidate)) == 1


def test_once_a_version_is_registered_from_it_only_a_worse_one_is_written(ws):
    version = add_version(ws, grade=Grade.REORDERED)
    run = get_run(ws, version.run)
    assert settle_grade(ws, run, Grade.CLEAN, "as the page says").grade is Grade.REORDERED
    assert settle_grade(ws, run, Grade.STALE, "as the page says").grade is Grade.STALE
    assert len(graded(ws, run.id)) == 1
