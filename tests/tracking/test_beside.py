"""What a stored run's card says beyond the run: as true as what its own session had seen."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import pytest

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.beside import KeptModel
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.event import canonical
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.run import DocumentState, Grade, RunError, RunStatus
from jupyter_mlops.records.source import Source
from jupyter_mlops.records.trust import RunTrust
from jupyter_mlops.tracking import (
    archive_run,
    find_artifacts,
    finish_run,
    get_run,
    log_artifact,
    log_metrics,
    log_model,
    run_beside,
    start_run,
)
from jupyter_mlops.tracking.environment import this_environment
from tests.capture.sessions import Session
from tests.registry.books import fitted, small_data


def ended(ws, clock, *, name="baseline", status=RunStatus.FINISHED, **metrics):
    run = start_run(ws, name=name, experiment="air")
    clock.advance(1)
    if metrics:
        log_metrics(ws, run=run.id, metrics=metrics)
    return finish_run(ws, run=run.id, status=status)


def test_each_metric_stands_beside_that_of_the_run_before_by_its_own_direction_the_telling_ones_first(
    ws, clock
):
    before = ended(ws, clock, train_mae=31.0, mae=42.0, r2=0.9, odd=1.0, same=2.0, gone=1.0, nan=math.nan)
    ended(ws, clock, name="another", mae=1.0)
    run = ended(ws, clock, train_mae=30.0, mae=41.0, r2=0.8, odd=3.0, same=2.0, new=5.0, nan=1.0)

    told = run_beside(ws, run=run.short)
    rows = {row.name: row for row in told.metrics}
    assert (told.run, told.before) == (run.id, before.id)
    assert list(rows)[-1] == "train_mae"
    assert set(rows) == set(run.metrics)
    assert (rows["mae"].values, rows["mae"].direction, rows["mae"].difference) == (
        (42.0, 41.0),
        Direction.LOWER,
        -1.0,
    )
    assert {name: row.best for name, row in rows.items()} == {
        "train_mae": 1, "mae": 1, "r2": 0, "odd": None, "same": None, "new": None, "nan": None,
    }  # fmt: skip
    assert (rows["same"].difference, rows["odd"].difference) == (0.0, 2.0)
    assert rows["new"].values == (None, 5.0)
    assert (rows["new"].difference, rows["nan"].difference) == (None, None)


def test_a_run_that_goes_on_is_compared_with_none_and_a_first_run_has_none(ws, clock):
    first = ended(ws, clock, mae=42.0)
    assert (run_beside(ws, run=first.id).before, run_beside(ws, run=first.id).usual) == (None, None)
    going = start_run(ws, name="baseline", experiment="air")
    log_metrics(ws, run=going.id, metrics={"mae": 50.0}, step=6)
    told = run_beside(ws, run=going.id)
    assert (told.before, [row.values for row in told.metrics], told.steps) == (None, [(None, 50.0)], 7)
    assert told.usual == first.seconds == 1.0
    finish_run(ws, run=going.id)
    over = run_beside(ws, run=going.id)
    assert (over.before, over.usual) == (first.id, None)


def test_cells_have_the_numbers_before_them_and_the_one_that_raised_is_told(ws, clock):
    session = Session(["a", "b"])
    cells = [session.run("a", "x = 1"), session.run("b", "y = x"), session.run("b", "y = 1 / 0")]
    run = ended(ws, clock, status=RunStatus.FAILED)
    with ws.store.write() as tx:
        tx.cells.append(run.id, cells)
        error = RunError(kind="ZeroDivisionError", message="division by zero", cell="b", line=1)
        tx.runs.replace(replace(tx.runs.get(run.id), error=error))
    told = run_beside(ws, run=run.id)
    assert told.counts == tuple(cell.count for cell in cells)
    assert None not in told.counts
    assert told.failed == cells[-1].count
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(run.id), error=replace(error, cell="elsewhere")))
    assert run_beside(ws, run=run.id).failed is None


def test_models_are_told_by_their_manifests_and_one_that_cannot_be_read_is_left_out(ws):
    rows, _ = small_data()
    run = start_run(ws, name="baseline")
    log_model(ws, run=run.id, model=fitted(), name="model", data=rows)
    log_model(ws, run=run.id, model=fitted(alpha=0.1), name="small")
    log_artifact(ws, run=run.id, content=b"{}", name="models/broken/manifest.json")
    log_artifact(ws, run=run.id, content=b"{}", name="models/model/deeper/manifest.json")
    finish_run(ws, run=run.id)
    model, small = run_beside(ws, run=run.id).models
    size = next(
        file.size for file in find_artifacts(ws, run=run.id) if file.name == "models/model/model.skops"
    )
    assert model == KeptModel(name="model", format="skops", kind=model.kind, size=size, columns=3)
    assert (small.name, small.columns) == ("small", 3)


def test_steps_are_counted_from_one_and_the_machines_own_do_not_count(ws, clock):
    run = start_run(ws, name="loop")
    log_metrics(ws, run=run.id, metrics={"system/cpu": 1.0}, step=99)
    assert run_beside(ws, run=run.id).steps == 0
    for step in range(3):
        log_metrics(ws, run=run.id, metrics={"loss": 1.0}, step=step)
    finish_run(ws, run=run.id)
    assert run_beside(ws, run=run.id).steps == 3
    assert get_run(ws, run.id).metrics == {"loss": 1.0}


def test_a_run_that_is_not_there_has_nothing_beside_it(ws):
    with pytest.raises(NotFound):
        run_beside(ws, run="nobody")


def test_what_a_run_is_part_of_and_what_is_part_of_it_are_named_with_the_metric_that_says_most(ws, clock):
    outer = start_run(ws, name="search", experiment="air")
    trials = []
    for number in range(22):
        clock.advance(1)
        trial = start_run(ws, name=f"trial {number}", experiment="air", parent=outer.id)
        log_metrics(ws, run=trial.id, metrics={"train_mae": 1.0, "mae": 40.0 + number})
        trials.append(
            finish_run(ws, run=trial.id, status=RunStatus.FAILED if number == 0 else RunStatus.FINISHED)
        )
    archive_run(ws, run=trials[1].id)
    finish_run(ws, run=outer.id)

    told = run_beside(ws, run=outer.id)
    assert (told.parent, told.has_children, len(told.children)) == (None, 21, 20)
    first, second = told.children[:2]
    assert (first.name, first.status, first.metric, first.value) == ("trial 0", RunStatus.FAILED, "mae", 40.0)
    assert second.run == trials[2].id
    assert (first.trust, second.trust) == (RunTrust(grade=Grade.UNKNOWN),) * 2
    with ws.store.write() as tx:
        kept = tx.runs.get(trials[0].id)
        tx.runs.replace(replace(kept, grade=Grade.STALE, grade_reason="why", document=DocumentState.UNSAVED))
    assert run_beside(ws, run=outer.id).children[0].trust == RunTrust(
        grade=Grade.STALE, grade_reason="why", document=DocumentState.UNSAVED
    )
    inner = run_beside(ws, run=trials[3].id)
    assert inner.parent is not None
    assert (inner.parent.run, inner.parent.name, inner.parent.value) == (outer.id, "search", None)
    assert inner.children == ()


def test_a_relative_that_goes_on_has_no_grade_yet(ws):
    outer = start_run(ws, name="search")
    inner = start_run(ws, name="trial", parent=outer.id)
    finish_run(ws, run=inner.id)
    told = run_beside(ws, run=inner.id)
    assert told.parent is not None
    assert (told.parent.status, told.parent.trust) == (RunStatus.RUNNING, None)


def test_what_a_run_ran_with_is_read_once_and_not_while_it_goes_on(ws, monkeypatch):
    run = start_run(ws, name="here")
    with ws.store.write() as tx:
        kept = tx.runs.get(run.id)
        content = canonical(encode(replace(this_environment(), processor="of another machine")))
        digest = ws.blobs.put(io.BytesIO(content))
        tx.runs.replace(replace(kept, source=Source(environment=digest)))
    assert run_beside(ws, run=run.id).environment is None
    finish_run(ws, run=run.id)
    told = run_beside(ws, run=run.id).environment
    assert told is not None
    assert (told.processor, told.packages) == ("of another machine", this_environment().packages)
    ws.blobs.remove(digest)
    assert run_beside(ws, run=run.id).environment == told
