"""What every engine owes: jobs end as the store says, whoever runs them."""

from __future__ import annotations

from jupyter_mlops.errors import Conflict
from jupyter_mlops.jobs.engines.protocol import Engine
from jupyter_mlops.jobs.submit import cancel_job, prepare_spec, queue_job, read_job
from jupyter_mlops.records.job import JobOptions, JobStatus
from tests.jobs.running import until


class EngineContract:
    """Inherit it in the engine's test file, with a fixture ``engine``; ``place`` and ``write`` are those of the jobs' tests."""

    @staticmethod
    def queued(place, path):
        """A job that the engine may start."""
        spec = prepare_spec(place, notebook=str(path), parameters={}, options=JobOptions())
        return queue_job(place, spec, attended=True)

    def test_jobs_end_as_the_store_says(self, engine: Engine, place, write) -> None:
        good, bad = (
            self.queued(place, write(text, name=name))
            for name, text in (("good.ipynb", "1"), ("bad.ipynb", "1 / 0"))
        )
        handles = [engine.start(place, job.id) for job in (good, bad)]
        until(lambda: all(handle.gone(0.2) for handle in handles))
        assert read_job(place, good.id).status is JobStatus.SUCCEEDED
        failed = read_job(place, bad.id)
        assert (failed.status, failed.attempt, failed.error.kind) == (
            JobStatus.FAILED,
            1,
            "ZeroDivisionError",
        )

    def test_a_running_job_can_be_cancelled_and_its_worker_ends(
        self, engine: Engine, place, write, tmp_path
    ) -> None:
        mark = tmp_path / "mark"
        path = write(f"open({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)")
        job = self.queued(place, path)
        handle = engine.start(place, job.id)
        until(mark.exists)
        assert not handle.gone()
        cancel_job(place, job.id)
        until(lambda: handle.gone(0.2))
        assert read_job(place, job.id).status is JobStatus.CANCELLED

    def test_a_job_that_has_ended_is_not_run_again(self, engine: Engine, place, write, tmp_path) -> None:
        mark = tmp_path / "mark"
        job = self.queued(place, write(f"open({str(mark)!r}, 'w').close()"))
        cancel_job(place, job.id)
        before = read_job(place, job.id)
        try:
            handle = engine.start(place, job.id)
        except Conflict:
            pass  # refused outright is as good as run to no effect
        else:
            until(lambda: handle.gone(0.2))
        assert read_job(place, job.id) == before
        assert not mark.exists()
