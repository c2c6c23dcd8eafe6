"""What a worker that was killed has left: its notebook is kept, and says what is true."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from jupyter_mlops.jobs import get_job, retry_job
from jupyter_mlops.jobs.launcher import launch, wait_for
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.run import Grade, RunStatus
from jupyter_mlops.records.source import CellStatus
from tests.jobs.running import at_cell, executed, run_of, started, text_of, until


@pytest.mark.kernel
def test_the_notebook_of_a_killed_worker_is_kept_as_far_as_it_was(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    path = write(
        "print('first'); x = 1",
        "1 / 0",
        f"import time; print('second', flush=True); time.sleep(3); open({str(mark)!r}, 'w').close(); time.sleep(1000)",
        "print('never')",
    )
    text = path.read_text().replace(
        '"id": "cell-1",\n   "metadata": {}', '"id": "cell-1",\n   "metadata": {"tags": ["raises-exception"]}'
    )
    path.write_text(text)
    job, worker = started(place, path)
    at_cell(place, job, mark)
    until(lambda: read_job(place, job.id).progress and read_job(place, job.id).progress.index == 2)

    worker.process.kill()
    worker.process.wait()
    lost = get_job(place, job.id)

    assert (lost.status, lost.error.index) == (JobStatus.LOST, 2)
    notebook = executed(place, lost)
    assert text_of(notebook) == "first\nsecond\n"
    assert [cell.metadata.papermill.status for cell in notebook.cells] == [
        "completed",
        "completed",
        "failed",
        "pending",
    ]
    assert notebook.metadata.papermill.exception is True
    with place.store.read() as tx:
        chain = tx.cells.read(lost.run)
        assert tx.artifacts.get(lost.run, "notebook.ipynb").digest == lost.notebook
    assert [(cell.cell, cell.status) for cell in chain] == [
        ("cell-0", CellStatus.OK),
        ("cell-1", CellStatus.OK),
        ("cell-2", CellStatus.ERROR),
    ]
    assert chain[0].started < chain[0].ended <= chain[1].started
    run = run_of(place, lost)
    assert (run.status, run.last_cell, run.grade) == (RunStatus.LOST, "cell-2", Grade.CLEAN)


@pytest.mark.kernel
def test_what_a_cell_left_running_ends_with_a_worker_and_a_warden_that_are_killed(
    place, write, tmp_path
) -> None:
    mark = tmp_path / "mark"
    daemon = "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'], start_new_session=True)"
    path = write(f"{daemon}\nopen({str(mark)!r}, 'w').write(str(p.pid))\ntime.sleep(1000)")
    job, worker = started(place, path)
    until(lambda: mark.exists() and mark.read_text())
    left = int(mark.read_text())
    wardens = [
        p for p in psutil.Process(worker.process.pid).children() if "leftovers" in " ".join(p.cmdline())
    ]
    assert len(wardens) == 1
    # Both die: whoever looks next is the one that cleans up.
    os.kill(wardens[0].pid, signal.SIGKILL)
    worker.process.kill()
    worker.process.wait()

    assert get_job(place, job.id).status is JobStatus.LOST

    until(lambda: not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE)


@pytest.mark.kernel
def test_the_notebook_of_an_earlier_attempt_is_not_taken_for_this_ones(place, write, tmp_path) -> None:
    job, worker = started(place, write("print('first attempt'); 1 / 0"))
    failed = wait_for(place, worker)
    again = launch(place, retry_job(place, failed.id).id, attended=True)
    until(lambda: read_job(place, job.id).run is not None)
    again.process.kill()
    again.process.wait()
    lost = get_job(place, job.id)
    assert (lost.status, lost.attempts[0].notebook) == (JobStatus.LOST, failed.notebook)
    assert lost.notebook is None or "first attempt" not in text_of(executed(place, lost))
