"""Some jobs at once, waited for by the process that starts them."""

from __future__ import annotations

import time

import pytest

from jupyter_mlops.jobs.crew import Crew
from jupyter_mlops.jobs.submit import prepare_spec, read_job
from jupyter_mlops.records.job import JobOptions, JobStatus


@pytest.mark.kernel
def test_jobs_under_a_roof_that_is_left_are_ended(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    path = write(f"open({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)")
    spec = prepare_spec(place, notebook=str(path), parameters={}, options=JobOptions())

    with pytest.raises(KeyboardInterrupt), Crew(place) as crew:
        job = crew.start(spec)
        while not mark.exists():
            time.sleep(0.02)
        raise KeyboardInterrupt

    ended = read_job(place, job.id)
    assert (ended.status, ended.error.message) == (JobStatus.CANCELLED, "interrupted at the keyboard")
