"""One job in a process of its own."""

from __future__ import annotations

import signal

import pytest

from jupyter_mlops.jobs.launcher import wait_for
from jupyter_mlops.records.job import JobStatus
from tests.jobs.running import at_cell, started


@pytest.mark.kernel
def test_a_worker_told_to_terminate_says_so(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    job, worker = started(
        place, write(f"open({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)"), attended=False
    )
    at_cell(place, job, mark)

    worker.process.send_signal(signal.SIGTERM)
    ended = wait_for(place, worker)

    assert (ended.status, ended.error.kind) == (JobStatus.CANCELLED, "terminated")
