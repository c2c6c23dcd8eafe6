"""Jobs whose worker is gone: the next process that looks says so."""

from __future__ import annotations

import psutil
import pytest

from jupyter_mlops.jobs import get_job, settle_jobs
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.run import RunStatus
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
