"""The thread beside an execution: it beats, tells how far the job is, and ends what must end."""

from __future__ import annotations

import pytest

from jupyter_mlops.jobs import cancel_job
from jupyter_mlops.jobs.launcher import wait_for
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.records.job import JobOptions, JobStatus
from jupyter_mlops.records.run import RunStatus
from tests.jobs.running import at_cell, executed, kernel_of, run, run_of, started, until


@pytest.mark.kernel
def test_progress_and_heartbeat_are_in_the_store_while_a_cell_runs(place, write, tmp_path) -> None:
    mark = tmp_path / "go"
    path = write("x = 1", f"import os, time\nwhile not os.path.exists({str(mark)!r}): time.sleep(0.02)")
    job, worker = started(place, path)

    until(lambda: (read_job(place, job.id).progress or None) and read_job(place, job.id).progress.index == 1)
    seen = read_job(place, job.id)
    mark.touch()
    ended = wait_for(place, worker)

    assert (seen.status, seen.progress.total, seen.progress.cell) == (JobStatus.RUNNING, 2, "cell-1")
    assert seen.progress.source == "import os, time"
    assert seen.lease.pid == worker.process.pid
    assert seen.heartbeat > seen.queued
    assert ended.status is JobStatus.SUCCEEDED


@pytest.mark.kernel
def test_a_time_limit_for_cells_ends_the_job_at_the_cell(place, write) -> None:
    path = write("x = 1", "import time; time.sleep(1000)", "print('never')")

    job = run(place, path, JobOptions(cell_timeout=2.0))

    assert (job.status, job.error.kind, job.error.cell) == (JobStatus.TIMED_OUT, "timed_out", "cell-1")
    assert run_of(place, job).status is RunStatus.FAILED
    assert [c.metadata.papermill.status for c in executed(place, job).cells] == [
        "completed",
        "failed",
        "pending",
    ]


@pytest.mark.kernel
def test_a_time_limit_for_the_job_ends_it_wherever_it_is(place, write) -> None:
    job = run(place, write("import time; time.sleep(1000)", "print('never')"), JobOptions(timeout=2.0))

    assert (job.status, job.error.kind) == (JobStatus.TIMED_OUT, "timed_out")
    assert "completed" not in [c.metadata.papermill.status for c in executed(place, job).cells]


@pytest.mark.kernel
def test_a_cell_that_ignores_interrupts_is_killed_after_a_grace(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    path = write(
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN)",
        f"open({str(mark)!r}, 'w').close()\nwhile True: time.sleep(0.05)",
    )
    job, worker = started(place, path)
    at_cell(place, job, mark)
    kernel = kernel_of(worker)

    cancel_job(place, job.id, reason="enough")
    ended = wait_for(place, worker)

    assert (ended.status, ended.error.message, ended.error.cell) == (JobStatus.CANCELLED, "enough", "cell-1")
    assert run_of(place, ended).status is RunStatus.CANCELLED
    assert not kernel.is_running()


@pytest.mark.kernel
def test_cancelling_swallowed_by_the_cell_still_stops_before_the_next(place, write, tmp_path) -> None:
    mark, second = tmp_path / "mark", tmp_path / "second"
    path = write(
        f"open({str(mark)!r}, 'w').close()\ntry:\n    import time; time.sleep(1000)\nexcept KeyboardInterrupt:\n    print('swallowed')",
        f"open({str(second)!r}, 'w').close()",
    )
    job, worker = started(place, path)
    at_cell(place, job, mark)

    cancel_job(place, job.id)

    assert wait_for(place, worker).status is JobStatus.CANCELLED
    assert not second.exists()
