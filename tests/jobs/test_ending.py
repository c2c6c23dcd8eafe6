"""The beginning and the end of a job in the books."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from clocks import Clock
from contracts.samples import ANA, SPEC, cell, run

from jupyter_mlops.errors import Conflict, NotFound
from jupyter_mlops.jobs.ending import EXECUTED, Ended, begin_job, claim_job, end_job, worst_grade
from jupyter_mlops.jobs.steps import requeue
from jupyter_mlops.ledger import history
from jupyter_mlops.records.job import CellProgress, Job, JobError, JobStatus
from jupyter_mlops.records.query import query
from jupyter_mlops.records.run import DocumentState, Grade, MetricPoint, RunStatus
from jupyter_mlops.records.source import Source
from jupyter_mlops.workspace import Workspace

ENDS = {
    JobStatus.SUCCEEDED: RunStatus.FINISHED,
    JobStatus.FAILED: RunStatus.FAILED,
    JobStatus.TIMED_OUT: RunStatus.FAILED,
    JobStatus.CANCELLED: RunStatus.CANCELLED,
    JobStatus.LOST: RunStatus.LOST,
}


def queued(ws: Workspace, **changes: Any) -> Job:
    job = Job(**{"id": ws.new_id(), "spec": SPEC, "queued": ws.now(), "actor": ANA, **changes})
    with ws.store.write() as tx:
        tx.jobs.add(job)
    return job


def begun(ws: Workspace) -> Job:
    key = claim_job(ws, queued(ws).id).id
    return begin_job(ws, key, params={}, source=Source(notebook="train.ipynb"))[0]


def test_a_claimed_job_is_held_by_this_process_until_its_lease_ends(ws: Workspace) -> None:
    claimed = claim_job(ws, queued(ws).id)
    assert (claimed.status, claimed.heartbeat) == (JobStatus.CLAIMED, ws.now())
    assert claimed.lease is not None
    assert (claimed.lease.until - ws.now()).total_seconds() == ws.settings.lease_seconds


@pytest.mark.parametrize(
    ("cells", "steps"), [((cell(1),), ["job.running", "job.failed"]), ((), ["job.failed"])]
)
def test_a_job_whose_cells_ran_was_running_however_soon_it_was_over(ws: Workspace, cells, steps) -> None:
    job = begun(ws)
    end_job(ws, job.id, Ended(status=JobStatus.FAILED, cells=cells))
    with ws.store.read() as tx:
        told = [event.kind for event in tx.events.read(subject=job.id)]
    assert told == ["job.claimed", "job.started", *steps]


def test_of_many_that_want_a_job_one_gets_it(sql_ws: Workspace) -> None:
    key = queued(sql_ws).id

    def claim(_: int) -> str:
        try:
            return claim_job(sql_ws, key).id
        except Conflict as refusal:
            assert refusal.data["job"] == key
            return ""

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(claim, range(6))) == [*[""] * 5, key]


def test_what_is_not_there_cannot_be_claimed(ws: Workspace) -> None:
    with pytest.raises(NotFound):
        claim_job(ws, "nowhere")


@pytest.mark.parametrize("status", [s for s in JobStatus if s is not JobStatus.CLAIMED])
def test_only_a_claimed_job_is_begun(memory_ws: Workspace, status: JobStatus) -> None:
    key = queued(memory_ws, status=status).id
    with pytest.raises(Conflict, match=f"is {status}, not claimed"):
        begin_job(memory_ws, key, params={}, source=Source())
    if status is not JobStatus.QUEUED:
        with pytest.raises(Conflict, match=f"is {status}, not queued"):
            claim_job(memory_ws, key)


def test_a_job_begins_with_a_run_that_knows_it_and_its_values(ws: Workspace) -> None:
    key = claim_job(ws, queued(ws).id).id
    params: dict[str, object] = {"n": 3, "on": True, "none": None, "names": ["a", "ü"], "deep": {"x": 1}}
    job, made = begin_job(ws, key, params=params, source=Source(notebook="train.ipynb"))
    assert (job.status, job.run, job.started) == (JobStatus.STARTING, made.id, ws.now())
    with ws.store.read() as tx:
        kept = tx.runs.get(made.id)
    assert (kept.job, kept.status, kept.lease, kept.tags["notebook"]) == (
        key,
        RunStatus.RUNNING,
        job.lease,
        "train.ipynb",
    )
    assert dict(kept.params) == {
        "n": 3,
        "on": True,
        "none": None,
        "names": '["a", "\\u00fc"]',
        "deep": '{"x": 1}',
    }
    assert [e.kind for e in history(ws)][-2:] in (
        ["job.started", "run.started"],
        ["run.started", "job.started"],
    )


@pytest.mark.parametrize(("status", "of_run"), ENDS.items())
def test_job_and_run_end_together_and_agree(
    ws: Workspace, clock: Clock, status: JobStatus, of_run: RunStatus
) -> None:
    job = begun(ws)
    clock.advance(60)
    error = (
        None
        if status is JobStatus.SUCCEEDED
        else JobError(kind="ValueError", message="no", traceback="T", cell="c2")
    )
    ended = Ended(status=status, error=error, progress=CellProgress(index=1, total=2, cell="c2"))
    final = end_job(ws, job.id, ended)
    with ws.store.read() as tx:
        assert tx.jobs.get(job.id) == final
        made = tx.runs.get(str(job.run))
    failure = None if status in {JobStatus.SUCCEEDED, JobStatus.CANCELLED} else final.error.failure
    known = None if error is None else replace(error, failure=failure)
    assert (final.status, final.error, final.ended, final.lease) == (status, known, clock(), None)
    assert (failure is None) is (status in {JobStatus.SUCCEEDED, JobStatus.CANCELLED})
    assert (made.status, made.ended, made.lease, made.last_cell) == (of_run, clock(), None, "c2")
    assert made.document is DocumentState.SAVED
    assert (made.error is None) is (error is None)
    if made.error is not None:
        assert (made.error.kind, made.error.traceback, made.error.cell) == ("ValueError", "T", "c2")
    assert {e.kind for e in history(ws)} >= {f"job.{status}", f"run.{of_run}"}


def test_the_executed_notebook_and_the_cells_that_ran_are_kept_with_the_run(ws: Workspace) -> None:
    job = begun(ws)
    final = end_job(
        ws,
        job.id,
        Ended(
            status=JobStatus.SUCCEEDED,
            notebook="ab" * 32,
            size=9,
            cells=(cell(1), cell(2)),
            warnings=["an output was withheld"],
        ),
    )
    with ws.store.read() as tx:
        made = tx.artifacts.get(str(job.run), EXECUTED)
        cells = tx.cells.read(str(job.run))
    assert final.warnings == ("an output was withheld",)
    assert (final.notebook, made.digest, made.size) == ("ab" * 32, "ab" * 32, 9)
    assert [c.cell for c in cells] == ["c1", "c2"]


def test_the_first_end_counts(ws: Workspace, clock: Clock) -> None:
    """Another machine thought the job lost, and its worker comes back."""
    job = begun(ws)
    lost = end_job(ws, job.id, Ended(status=JobStatus.LOST))
    clock.advance(60)
    assert end_job(ws, job.id, Ended(status=JobStatus.SUCCEEDED, notebook="ab" * 32)) == lost
    with ws.store.read() as tx:
        assert tx.runs.get(str(job.run)).status is RunStatus.LOST
    assert [event.kind for event in history(ws, subject=job.id)][-1] == "job.lost"


def test_a_worker_that_comes_back_after_its_job_was_tried_again_changes_nothing(
    ws: Workspace, clock: Clock
) -> None:
    first = begun(ws)
    end_job(ws, first.id, Ended(status=JobStatus.LOST))
    with ws.store.write() as tx:
        requeue(ws, tx, tx.jobs.get(first.id))
    claim_job(ws, first.id)
    again, _ = begin_job(ws, first.id, params={}, source=Source())
    assert end_job(ws, first.id, Ended(status=JobStatus.SUCCEEDED), run=first.run) == again
    assert (
        end_job(ws, first.id, Ended(status=JobStatus.SUCCEEDED), run=again.run).status is JobStatus.SUCCEEDED
    )


def test_a_job_that_never_came_to_a_run_ends_all_the_same(ws: Workspace) -> None:
    job = claim_job(ws, queued(ws).id)
    assert end_job(ws, job.id, Ended(status=JobStatus.FAILED)).status is JobStatus.FAILED


def test_a_job_is_graded_by_the_worst_of_its_tracked_cells() -> None:
    ended = Ended(status=JobStatus.SUCCEEDED, cells=(cell(1),))
    order = [Grade.CLEAN, Grade.REORDERED, Grade.STALE, Grade.UNKNOWN]
    for place, worst in enumerate(order):
        children = [run(f"r{n}", name=f"cell {n}", grade=grade) for n, grade in enumerate(order[: place + 1])]
        assert worst_grade(children, ended) == (worst, f"as its cell cell {place}")
        assert worst_grade(children[::-1], ended)[0] is worst
    why = run("r", name="fit", grade=Grade.STALE, grade_reason="cell 3 ran again")
    assert worst_grade([why], ended) == (Grade.STALE, "fit: cell 3 ran again")


def test_a_job_without_tracked_cells_is_clean_where_any_cell_ran() -> None:
    assert worst_grade([], Ended(status=JobStatus.SUCCEEDED, cells=(cell(1),)))[0] is Grade.CLEAN
    assert worst_grade([], Ended(status=JobStatus.FAILED)) == (Grade.UNKNOWN, "no cell was executed")
    grade, reason = worst_grade([], Ended(status=JobStatus.TIMED_OUT, cells=(cell(1),)))
    assert grade is Grade.CLEAN
    assert "until it ended" in reason  # what comes below was not reached


def test_the_grade_of_a_jobs_cells_is_that_of_its_run(ws: Workspace) -> None:
    job = begun(ws)
    with ws.store.write() as tx:
        tx.runs.add(run("child", parent=job.run, name="fit", grade=Grade.STALE))
    end_job(ws, job.id, Ended(status=JobStatus.SUCCEEDED, cells=(cell(1),)))
    with ws.store.read() as tx:
        assert tx.runs.get(str(job.run)).grade is Grade.STALE


def measured(ws: Workspace, key: str, parent: str | None, /, **metrics: float) -> None:
    with ws.store.write() as tx:
        tx.runs.add(run(key, parent=parent, name=key, experiment="air", started=ws.now()))
        tx.metrics.append(
            [
                MetricPoint(owner=key, sequence=number, key=name, value=value, step=7, at=ws.now())
                for number, (name, value) in enumerate(metrics.items(), 1)
            ]
        )


def test_a_jobs_run_is_told_the_metrics_of_its_tracked_cells_the_later_cell_last(
    ws: Workspace, clock: Clock
) -> None:
    job = begun(ws)
    with ws.store.write() as tx:
        own = MetricPoint(owner=str(job.run), sequence=1, key="rows", value=3.0, at=ws.now())
        tx.metrics.append([own])
    measured(ws, "first", job.run, mae=5.0, r2=0.1, **{"system/cpu": 80.0})
    clock.advance(1)
    measured(ws, "second", job.run, mae=4.0)
    measured(ws, "candidate", "second", mae=1.0, depth=3.0)  # of a search: not what the cell came to
    end_job(ws, job.id, Ended(status=JobStatus.SUCCEEDED, cells=(cell(1),)))
    with ws.store.read() as tx:
        made = tx.runs.get(str(job.run))
        told = tx.metrics.summaries(str(job.run))
        found = [r.id for r in tx.runs.find(query("metrics.mae < 4.5 and metrics.rows = 3"))]
    assert (dict(made.metrics), dict(made.system)) == ({"rows": 3.0, "mae": 4.0, "r2": 0.1}, {})
    assert (told["mae"].step, told["mae"].count) == (7, 1)
    assert found == [job.run]


def test_points_that_a_kernel_said_late_find_their_place_beside_what_was_taken_over(ws: Workspace) -> None:
    job = begun(ws)
    measured(ws, "fit", job.run, mae=5.0)
    end_job(ws, job.id, Ended(status=JobStatus.SUCCEEDED))
    with ws.store.write() as tx:
        late = MetricPoint(owner=str(job.run), sequence=1, key="rows", value=3.0, at=ws.now())
        tx.metrics.append([late])
    with ws.store.read() as tx:
        assert dict(tx.runs.get(str(job.run)).metrics) == {"rows": 3.0, "mae": 5.0}


@pytest.mark.parametrize(
    ("named", "theirs", "filed"),
    [
        ("default", ["air", "air"], "air"),
        ("default", ["air", "water"], "default"),
        ("default", [], "default"),
        ("nightly", ["air"], "nightly"),
    ],
)
def test_a_job_that_named_no_experiment_is_filed_where_its_cells_are(
    ws: Workspace, named: str, theirs: list[str], filed: str
) -> None:
    key = claim_job(ws, queued(ws, spec=replace(SPEC, experiment=named)).id).id
    job, _ = begin_job(ws, key, params={}, source=Source())
    with ws.store.write() as tx:
        for number, experiment in enumerate(theirs):
            tx.runs.add(run(f"child{number}", parent=job.run, experiment=experiment))
    end_job(ws, key, Ended(status=JobStatus.SUCCEEDED, cells=(cell(1),)))
    with ws.store.read() as tx:
        assert tx.runs.get(str(job.run)).experiment == filed


def test_a_job_has_the_imported_files_that_its_tracked_cells_have_seen(memory_ws: Workspace) -> None:
    ws = memory_ws
    job = begun(ws)
    seen = (
        Source(modules={"a.py": "1", "b.py": "1"}, module_notes={"a.py": "edited after its import"}),
        Source(modules={"b.py": "2"}),
    )
    with ws.store.write() as tx:
        for number, source in enumerate(seen, 1):
            at = ws.now() + timedelta(seconds=number)
            tx.runs.add(run(f"r{number}", parent=job.run, source=source, started=at, ended=at))
    end_job(ws, job.id, Ended(status=JobStatus.SUCCEEDED))
    with ws.store.read() as tx:
        source = tx.runs.get(job.run).source
    assert (dict(source.modules), dict(source.module_notes)) == (
        {"a.py": "1", "b.py": "2"},
        {"a.py": "edited after its import"},
    )
    assert source.notebook == "train.ipynb"
