"""What was deleted long enough is erased; what anything else speaks of stays."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest

from jupyter_mlops.automation import collect_deleted
from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.ledger import history, verify_chain
from jupyter_mlops.records.job import Job, JobSpec, JobStatus
from jupyter_mlops.tracking import (
    delete_run,
    find_runs,
    get_run,
    log_artifact,
    log_metrics,
    metric_history,
    restore_run,
)
from tests.registry.books import logged_run


@pytest.fixture
def blobs_of_old(monkeypatch):
    """Let the collection begin tomorrow: bytes put a moment ago are too young for one that begins now."""
    from jupyter_mlops.workspace import utc_now

    monkeypatch.setattr("jupyter_mlops.automation.collecting.utc_now", lambda: utc_now() + timedelta(days=1))


def test_a_run_can_be_restored_until_its_days_are_over(ws, clock, blobs_of_old):
    run = logged_run(ws)
    delete_run(ws, run=run.id)
    first = collect_deleted(ws, days=30)
    assert (first.runs, first.waiting) == ((), 1)
    restore_run(ws, run=run.id)
    assert get_run(ws, run.id).deleted is None
    delete_run(ws, run=run.id)
    clock.advance(31 * 86_400)
    collected = collect_deleted(ws, days=30)
    assert (collected.runs, collected.names) == ((run.id,), (run.name,))
    with pytest.raises(NotFound):
        get_run(ws, run.id)


def test_points_cells_files_and_bytes_go_and_a_line_of_the_ledger_stays(ws, blobs_of_old):
    run = logged_run(ws)
    with ws.store.read() as tx:
        digest = tx.artifacts.get(run.id, "models/model/manifest.json").digest
    assert ws.blobs.has(digest)
    delete_run(ws, run=run.id)
    collected = collect_deleted(ws, days=0)
    assert collected.blobs >= 3
    assert collected.size > 0
    assert not ws.blobs.has(digest)
    with ws.store.read() as tx:
        assert tuple(tx.cells.read(run.id)) == ()
        assert tuple(tx.metrics.read(run.id)) == ()
        with pytest.raises(NotFound):
            tx.artifacts.get(run.id, "models/model/manifest.json")
    last = history(ws, subject=run.id)[-1]
    assert (last.kind, last.data["name"]) == ("run.erased", "baseline")
    assert verify_chain(ws).ok


def test_bytes_that_another_run_names_stay_with_all_they_lead_to(ws, blobs_of_old):
    one, other = logged_run(ws, name="one"), logged_run(ws, name="other")  # the same model, the same bytes
    with ws.store.read() as tx:
        shared = tx.artifacts.get(one.id, "models/model/manifest.json").digest
        assert tx.artifacts.get(other.id, "models/model/manifest.json").digest == shared
    delete_run(ws, run=one.id)
    assert collect_deleted(ws, days=0).blobs == 0
    assert ws.blobs.has(shared)
    from jupyter_mlops.registry import get_manifest  # noqa: F401 - reading it proves that its files are there too

    with ws.blobs.open(shared) as content:
        from jupyter_mlops.store.references import digests_in

        assert all(ws.blobs.has(digest) for digest in digests_in(content.read().decode()))


def test_bytes_put_down_a_moment_ago_stay(ws):
    run = logged_run(ws)
    delete_run(ws, run=run.id)
    log = ws.blobs.put(io.BytesIO(b"from a run that is about to name them"))
    collect_deleted(ws, days=0)
    assert ws.blobs.has(log)


def test_a_dry_run_tells_and_erases_nothing(ws, blobs_of_old):
    run = logged_run(ws)
    delete_run(ws, run=run.id)
    told = collect_deleted(ws, days=0, dry_run=True)
    assert (told.dry, told.runs) == (True, (run.id,))
    assert told.blobs >= 3
    assert get_run(ws, run.id).deleted
    done = collect_deleted(ws, days=0)
    assert (done.runs, done.blobs, done.size) == (told.runs, told.blobs, told.size)


def test_the_job_of_an_erased_run_stays_and_names_it_no_more(ws, blobs_of_old):
    run = logged_run(ws)
    job = Job(
        id=ws.new_id(),
        spec=JobSpec(notebook="a.ipynb", content="c" * 64),
        status=JobStatus.SUCCEEDED,
        run=run.id,
        queued=ws.now(),
        actor=ws.actor,
    )
    with ws.store.write() as tx:
        tx.jobs.add(job)
    delete_run(ws, run=run.id)
    collect_deleted(ws, days=0)
    with ws.store.read() as tx:
        assert tx.jobs.get(job.id) == replace(job, run=None)


def test_a_family_is_erased_from_the_youngest_up(ws, clock, blobs_of_old):
    parent = logged_run(ws, name="parent")
    clock.advance(1)
    child = logged_run(ws, name="child")
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(child.id), parent=parent.id))
    delete_run(ws, run=parent.id)
    restore_run(ws, run=child.id)
    for dry in (True, False):  # what is said before is what is done
        kept = collect_deleted(ws, days=0, dry_run=dry)
        assert (kept.runs, kept.kept, kept.waiting) == ((), 1, 0)
    delete_run(ws, run=child.id)
    assert set(collect_deleted(ws, days=0).runs) == {parent.id, child.id}
    assert find_runs(ws, archived=True).total == 0


def test_a_new_run_may_take_the_place_of_one_that_was_erased(ws, blobs_of_old):
    run = logged_run(ws)
    delete_run(ws, run=run.id)
    collect_deleted(ws, days=0)
    again = logged_run(ws)
    log_metrics(ws, run=again.id, metrics={"mae": 2.0})
    log_artifact(ws, run=again.id, content=b"x", name="note.txt")
    assert [point.value for point in metric_history(ws, run=again.id, key="mae")][-1] == 2.0


def test_a_time_that_is_none_is_refused(ws):
    with pytest.raises(Invalid, match="0 or more"):
        collect_deleted(ws, days=-1)
