"""Child runs that had begun and ended before the store heard of them: told in notes, kept whole, and kept once."""

from __future__ import annotations

import math

import pytest

from jupyter_mlops.capture.estimators.seen import CandidateSeen
from jupyter_mlops.records.captured import Captured
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.run import Grade, RunInput, RunStatus
from jupyter_mlops.records.source import Source
from jupyter_mlops.tracking import (
    find_artifacts,
    find_runs,
    finish_run,
    get_run,
    metric_history,
    open_artifact,
    reopen_run,
    run_cells,
    start_run,
)
from jupyter_mlops.tracking.handle import ActiveRun
from jupyter_mlops.tracking.harvest import Yield
from jupyter_mlops.tracking.harvest_children import child_notes, file_notes
from jupyter_mlops.tracking.live import find_live
from tests.capture.sessions import Session

TRAIN = RunInput(name="X", role="train", digest="a" * 64, rows=80)
TEST = RunInput(name="X_test", role="test", digest="b" * 64, rows=20)
SEARCH = Yield(
    seen=None,
    name="search",
    params={"model": "GridSearchCV"},
    inputs=(TRAIN, TEST),
    candidates=(
        CandidateSeen(
            name="alpha=1",
            params={"alpha": 1, "solver": None, "scale": (1, 2)},
            metrics={"cv_score": 0.5, "fold_score": 0.6},
            series={"fold_score": ((0, 0.4), (1, 0.6))},
        ),
        CandidateSeen(name="", params={"alpha": 2}, metrics={"cv_score": math.nan}),
    ),
)


@pytest.fixture
def run(ws):
    begun = start_run(ws, name="cell", experiment="air", tags={"team": "risk"})
    return ActiveRun(find_live(ws, begun.id))


def kept_children(ws, run, own: Yield, others=(), captured: Captured | None = None):
    """Say the children in the run's journal, end it, and return them by name."""
    for note in child_notes(ws, run.begun, own, others, captured or Captured()):
        run.say(note)
    finish_run(ws, run=run.id)
    return {child.name: child for child in find_runs(ws, f"parent = '{run.id}'")}


def test_a_child_is_of_its_parents_experiment_and_has_what_is_its_own(ws, run):
    run.log_params(alpha="the parent's")
    other = Yield(
        seen=None, name="forest", params={"trees": 10}, metrics={"mae": 1.5}, inputs=(TRAIN,), artifacts={"a/b.csv": b"x"}
    )  # fmt: skip
    unnamed = Yield(seen=None)
    children = kept_children(ws, run, Yield(seen=None, params={"own": 1}), (other, unnamed))
    assert set(children) == {"forest", "fit"}
    child = children["forest"]
    assert (child.experiment, child.parent, child.actor, child.started) == (
        "air",
        run.id,
        ws.actor,
        run.begun.started,
    )
    assert (child.status, child.lease, child.ended) == (RunStatus.FINISHED, None, ws.now())
    assert (child.params, child.metrics, child.inputs, child.tags) == (
        {"trees": 10},
        {"mae": 1.5},
        (TRAIN,),
        {},
    )
    (file,) = find_artifacts(ws, run=child.id)
    assert (file.name, file.media_type, file.size) == ("a/b.csv", "text/csv", 1)
    assert open_artifact(ws, run=child.id, name="a/b.csv").read() == b"x"
    with ws.store.read() as tx:
        assert [event.kind for event in tx.events.read(subject=child.id)] == ["run.started", "run.finished"]


def test_the_candidates_of_every_search_stand_below_the_run_that_searched(ws, run):
    nested = Yield(seen=None, name="nested", candidates=SEARCH.candidates[:1])
    children = kept_children(ws, run, SEARCH, (nested,))
    assert set(children) == {"alpha=1", "fit", "nested"}
    tried = children["alpha=1"]
    assert tried.params == {"alpha": 1, "solver": None, "scale": "(1, 2)"}
    assert tried.inputs == (TRAIN,)  # a candidate is fitted; what the search was scored on is none of it
    assert (children["fit"].params, math.isnan(children["fit"].metrics["cv_score"])) == ({"alpha": 2}, True)
    (below,) = find_runs(ws, f"parent = '{children['nested'].id}'")
    assert (below.name, below.experiment) == ("alpha=1", "air")


@pytest.mark.parametrize(
    ("started", "ended", "began", "took"),
    [
        (30, 40, 30, 10),
        (-30, 40, 0, 40),  # never before its parent
        (30, 400, 30, 70),  # nor later than now
        (400, 500, 100, 0),
        (-30, -20, 0, 0),
        (30, None, 30, 70),
        (None, None, 0, 100),
    ],
)
def test_a_child_begins_and_ends_when_its_fit_did_within_its_parents_time(
    ws, run, clock, started, ended, began, took
):
    parent = run.begun.started
    clock.advance(100 - (ws.now() - parent).total_seconds())
    at = {
        name: None if seconds is None else parent.timestamp() + seconds
        for name, seconds in (("started", started), ("ended", ended))
    }
    child = kept_children(
        ws, run, Yield(seen=None), (Yield(seen=None, name="fit", metrics={"mae": 1.0}, **at),)
    )["fit"]
    assert (child.started - parent).total_seconds() == began
    assert (child.ended - child.started).total_seconds() == took
    assert [point.at for point in metric_history(ws, run=child.id, key="mae")] == [child.ended]


def test_a_candidate_begins_with_its_search_and_takes_as_long_as_all_its_splits(ws, run, clock):
    fold = {"fold_score": ((0, 0.4), (1, 0.6), (2, 0.5))}
    candidates = (
        CandidateSeen(name="splits", metrics={"fit_seconds": 2.0, "score_seconds": 0.5}, series=fold),
        CandidateSeen(name="trial", metrics={"seconds": 9.0, "fit_seconds": 2.0}, series=fold),
        CandidateSeen(name="failed", metrics={"fit_seconds": math.nan}, series=fold),
    )
    clock.advance(100 - (ws.now() - run.begun.started).total_seconds())
    begun = run.begun.started.timestamp()
    search = Yield(seen=None, candidates=candidates, started=begun + 60, ended=begun + 80)
    children = kept_children(ws, run, search)
    since = {child.name: (child.started - run.begun.started).total_seconds() for child in children.values()}
    took = {child.name: (child.ended - child.started).total_seconds() for child in children.values()}
    assert since == {"splits": 60, "trial": 60, "failed": 60}
    assert took == {"splits": 7.5, "trial": 9, "failed": 40}
    by_start = find_runs(ws, f"parent = '{run.id}'", order="started")
    assert [child.name for child in by_start] == ["splits", "trial", "failed"]


def test_a_metric_with_a_curve_is_not_said_a_second_time_as_one_value(ws, run):
    child = kept_children(ws, run, SEARCH)["alpha=1"]
    fold = metric_history(ws, run=child.id, key="fold_score")
    assert [(point.step, point.value) for point in fold] == [(0, 0.4), (1, 0.6)]
    single = metric_history(ws, run=child.id, key="cv_score")
    assert sorted(point.sequence for point in (*fold, *single)) == [1, 2, 3]


def test_a_child_rests_on_the_cells_of_its_parent_and_says_nothing_that_only_the_cell_did(ws, run):
    session = Session()
    cell = session.run("c1", "x = 1")
    written = RunInput(
        name="made.bin", role="write", digest="", kind="file", size=9, note="its digest is not taken yet"
    )
    captured = Captured(
        source=Source(notebook="air.ipynb", rests_on=(1,)),
        grade=Grade.CLEAN,
        grade_reason="one cell",
        cells=(cell,),
        inputs=(RunInput(name="air.csv", role="read", digest="c" * 64, kind="file"),),
        written=(written,),
        params={"alpha": 1},
        tags={"seen": "yes"},
        notes=("said of the cell",),
        last_cell="c1",
    )
    child = kept_children(ws, run, SEARCH, captured=captured)["alpha=1"]
    assert run_cells(ws, run=child.id) == (cell,)
    assert (child.grade, child.grade_reason, child.source, child.last_cell) == (
        Grade.CLEAN, "one cell", captured.source, "c1",
    )  # fmt: skip
    assert (child.inputs, child.written, child.notes, child.tags) == ((TRAIN,), (), (), {})
    assert "alpha" in child.params
    assert child.params["alpha"] == 1  # the candidate's, as it was tried


def test_a_child_of_a_run_that_goes_on_has_nothing_of_its_parents_first_life(ws, run):
    run.log_params(first=1)
    run.log_metrics(mae=1.0)
    run.note("in its first life")
    wrote = RunInput(name="old.bin", role="write", digest="d" * 64, kind="file")
    finish_run(ws, run=run.id, captured=Captured(written=(wrote,), inputs=(TEST,)))
    reopen_run(ws, run=run.id)
    again = ActiveRun(find_live(ws, run.id))
    child = kept_children(ws, again, Yield(seen=None), (Yield(seen=None, name="fresh"),))["fresh"]
    assert (child.params, child.metrics, child.inputs, child.written, child.notes) == ({}, {}, (), (), ())


def test_children_said_twice_are_kept_once(ws, run):
    """As when a process dies between the store's taking of its journal and the journal's removal."""
    notes = child_notes(ws, run.begun, SEARCH, (), Captured())
    for note in [*notes, *notes]:
        run.say(note)
    finish_run(ws, run=run.id)
    assert find_runs(ws, f"parent = '{run.id}'").total == 2


def test_notes_of_files_carry_their_bytes_and_what_they_are(ws, run):
    notes = file_notes(
        run.id, {"coefficients.json": b"{}", "estimator.html": b"<p>", "odd.whatever": b"\x00\xff"}
    )
    for note in notes:
        run.say(note)
    assert encode(notes) == notes  # plain JSON: it goes through a journal
    kept = {file.name: file for file in find_artifacts(ws, run=run.id)}
    assert {name: file.media_type for name, file in kept.items()} == {
        "coefficients.json": "application/json",
        "estimator.html": "text/html",
        "odd.whatever": "application/octet-stream",
    }
    assert open_artifact(ws, run=run.id, name="odd.whatever").read() == b"\x00\xff"
    assert all(ws.blobs.size(file.digest) == file.size for file in kept.values())
    finish_run(ws, run=run.id)
    assert get_run(ws, run.id).status is RunStatus.FINISHED
