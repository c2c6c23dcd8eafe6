"""Jobs whose worker is gone: the next process that looks says so."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psutil
import pytest
from clocks import START, Clock
from contracts.samples import SPEC, run

from jupyter_mlops.jobs import get_job, settle_jobs
from jupyter_mlops.jobs.places import job_folder
from jupyter_mlops.jobs.settle import UNDER_WAY, settle_job
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.ledger import history
from jupyter_mlops.records.job import CellProgress, Job, JobStatus
from jupyter_mlops.records.run import Lease, RunStatus
from jupyter_mlops.tracking.lease import take_lease
from jupyter_mlops.workspace import Workspace
from tests.jobs.running import at_cell, kernel_of, run_of, started, until


@pytest.mark.kernel
def test_a_killed_worker_leaves_a_lost_job_a_lost_run_and_no_kernel(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    job, worker = started(
        place, write("x = 1", f"open({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)")
    )
    at_cell(place, job, mark)
    until(lambda: (read_job(place, job.id).progress or None) and read_job(place, job.id).progress.index == 1)
    kernel = kernel_of(worker)

    worker.process.kill()
    worker.process.wait()

    lost = get_job(place, job.id)
    assert (lost.status, lost.error.kind, lost.error.cell) == (JobStatus.LOST, "lost", "cell-1")
    assert run_of(place, lost).status is RunStatus.LOST
    until(lambda: not kernel.is_running() or kernel.status() == psutil.STATUS_ZOMBIE)
    assert settle_jobs(place) == ()


ELSEWHERE = Lease(host="another machine", pid=1, process_started=1.0, until=START + timedelta(seconds=30))


def gone() -> Lease:
    """A lease of a process that has ended on this machine."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return replace(take_lease(START, 30.0), pid=process.pid)


def held(ws: Workspace, status: JobStatus, lease: Lease | None, **changes: Any) -> Job:
    made = run(ws.new_id(), started=ws.now(), lease=lease)
    job = Job(
        id=ws.new_id(),
        spec=SPEC,
        status=status,
        run=made.id,
        queued=ws.now(),
        lease=lease,
        actor=ws.actor,
        **changes,
    )
    with ws.store.write() as tx:
        tx.runs.add(made)
        tx.jobs.add(job)
    return job


@pytest.mark.parametrize("status", UNDER_WAY)
def test_a_job_whose_process_is_gone_is_lost_with_its_run_whatever_its_lease_says(
    ws: Workspace, status: JobStatus
) -> None:
    at = CellProgress(index=2, total=5, cell="c3")
    job = held(ws, status, gone(), progress=at)
    (lost,) = settle_jobs(ws)
    assert (lost.id, lost.status, lost.ended, lost.lease) == (job.id, JobStatus.LOST, ws.now(), None)
    assert lost.error is not None
    assert lost.error.remedy
    assert run_of(ws, lost).status is RunStatus.LOST
    assert {e.kind for e in history(ws, subject=job.id)} == {"job.lost"}
    assert settle_jobs(ws) == ()
    if status is JobStatus.RUNNING:
        assert (lost.error.message.endswith("at cell 3 of 5"), run_of(ws, lost).last_cell) == (True, "c3")


def test_a_job_that_is_held_is_left_alone_however_old_its_lease(ws: Workspace, clock: Clock) -> None:
    held(ws, JobStatus.RUNNING, take_lease(ws.now(), 1.0))
    clock.advance(100_000)
    assert settle_jobs(ws) == ()


def test_a_worker_on_another_machine_is_believed_until_its_lease_runs_out(
    ws: Workspace, clock: Clock
) -> None:
    job = held(ws, JobStatus.RUNNING, ELSEWHERE)
    clock.advance(30)
    assert settle_jobs(ws) == ()
    clock.advance(1)
    assert [lost.id for lost in settle_jobs(ws)] == [job.id]


def test_a_claimed_job_is_lost_once_its_worker_had_time_to_come_up(ws: Workspace, clock: Clock) -> None:
    job = held(ws, JobStatus.CLAIMED, take_lease(ws.now(), 30.0))
    clock.advance(30 + 5 * 60)
    assert settle_jobs(ws) == ()
    clock.advance(1)
    (lost,) = settle_jobs(ws)
    assert lost.error is not None
    assert (lost.id, lost.error.message) == (job.id, "the job's worker process did not come up")


def test_the_last_words_of_a_worker_are_kept(sql_ws: Workspace) -> None:
    job = held(sql_ws, JobStatus.CLAIMED, gone())
    (job_folder(sql_ws.settings, job.id) / "worker.log").write_bytes(
        b"x" * 5000 + b"\xff\nImportError: no wood\n"
    )
    (lost,) = settle_jobs(sql_ws)
    assert lost.error is not None
    assert lost.error.message.endswith("did not come up: ImportError: no wood")
    assert lost.error.traceback.endswith("ImportError: no wood\n")
    assert len(lost.error.traceback) == 2000


@pytest.mark.parametrize("status", [s for s in JobStatus if s not in UNDER_WAY])
def test_what_nobody_holds_cannot_be_lost(ws: Workspace, status: JobStatus) -> None:
    job = held(ws, status, None)
    assert settle_jobs(ws) == ()
    if status.ended:
        assert settle_job(ws, job) == job


def test_a_job_that_moved_since_it_was_looked_at_stays_as_it_is(ws: Workspace) -> None:
    seen = held(ws, JobStatus.RUNNING, gone())
    moved = replace(seen, status=JobStatus.SUCCEEDED, lease=None)
    with ws.store.write() as tx:
        tx.jobs.replace(moved)
    assert settle_job(ws, seen) == moved
    with ws.store.write() as tx:
        tx.jobs.replace(replace(seen, lease=take_lease(ws.now(), 30.0)))
    assert settle_job(ws, seen).status is JobStatus.RUNNING


def test_what_a_later_attempt_wrote_is_not_touched_for_an_earlier_one(sql_ws: Workspace, monkeypatch) -> None:
    seen = held(sql_ws, JobStatus.RUNNING, gone())
    with sql_ws.store.write() as tx:
        tx.jobs.replace(replace(seen, lease=take_lease(sql_ws.now(), 30.0)))
    touched: list[str] = []
    monkeypatch.setattr("jupyter_mlops.jobs.settle.rescue_notebook", lambda _, job: touched.append(job.id))
    assert settle_job(sql_ws, seen).status is JobStatus.RUNNING
    assert touched == []


def test_a_run_that_had_ended_by_itself_keeps_its_end(ws: Workspace) -> None:
    job = held(ws, JobStatus.RUNNING, gone())
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(str(job.run)), status=RunStatus.FINISHED))
    settle_jobs(ws)
    assert run_of(ws, job).status is RunStatus.FINISHED


def test_many_that_look_at_once_find_a_job_lost_once(sql_ws: Workspace) -> None:
    job = held(sql_ws, JobStatus.RUNNING, gone())
    with ThreadPoolExecutor(4) as pool:
        found = [lost for some in pool.map(lambda _: settle_jobs(sql_ws), range(4)) for lost in some]
    assert [lost.id for lost in found] == [job.id]
    assert len(history(sql_ws, subject=job.id)) == 1
