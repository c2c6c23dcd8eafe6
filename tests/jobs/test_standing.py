"""A worker that takes one job after the other: each as if it had one of its own."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from jupyter_mlops.jobs import cancel_job, submit_job
from jupyter_mlops.jobs.launcher import LOG, handing_over, worker_environment
from jupyter_mlops.jobs.places import job_folder
from jupyter_mlops.jobs.settle import settle_job
from jupyter_mlops.jobs.standing import StandingWorker, Turn
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.workspace import Workspace
from tests.jobs.running import LIMIT, executed, text_of, until

pytestmark = pytest.mark.kernel


@pytest.fixture
def worker(place, tmp_path):
    made = StandingWorker(worker_environment(place), tmp_path / "start.log")
    yield made
    made.close()
    made.process.wait(LIMIT)


def given(ws: Workspace, worker: StandingWorker, path, **options: object) -> tuple[Job, Turn]:
    job = submit_job(ws, notebook=str(path), **options)
    with handing_over(ws, job.id):
        return job, worker.give(job.id, job_folder(ws.settings, job.id) / LOG, None)


def done(ws: Workspace, worker: StandingWorker, path, **options: object) -> Job:
    job, turn = given(ws, worker, path, **options)
    until(lambda: turn.gone(0.2))
    return settle_job(ws, read_job(ws, job.id))


def test_one_process_takes_all_of_them_and_each_has_a_fresh_kernel(place, write, worker) -> None:
    cells = ("import os; print(os.getpid(), os.getppid(), os.environ['JUPYTER_MLOPS_JOB'])", "left = 1")
    path = write("print('left' in globals())", *cells)

    jobs = [done(place, worker, path) for _ in range(2)]

    words = [text_of(executed(place, job)).split() for job in jobs]
    assert [word[0] for word in words] == ["False", "False"]
    assert words[0][1] != words[1][1]
    assert words[0][2] == words[1][2] == str(worker.process.pid)
    assert [word[3] for word in words] == [job.id for job in jobs]


def test_a_failure_a_dead_kernel_and_a_missing_one_touch_no_other_job(place, write, worker) -> None:
    from jupyter_mlops.records.job import JobOptions

    failing = [
        done(place, worker, write("1 / 0")),
        done(place, worker, write("import os; os._exit(3)")),
        done(place, worker, write("1"), options=JobOptions(kernel="no-such-kernel")),
    ]
    good = done(place, worker, write("print(1)"))

    assert [job.error.kind for job in failing] == ["ZeroDivisionError", "kernel_died", "Invalid"]
    assert good.status is JobStatus.SUCCEEDED
    assert worker.process.poll() is None


def test_each_job_has_its_own_log_and_its_own_folder(place, write, worker, tmp_path) -> None:
    from jupyter_mlops.records.job import JobOptions

    for word in ("first", "second"):
        (tmp_path / word).mkdir()
        path = write(
            f"import os; os.write(2, b'{word}'); os.chdir('..'); os.environ['LEFT'] = '1'\nprint(os.getcwd())",
            "!echo",
        )
        job = done(place, worker, path, options=JobOptions(folder=str(tmp_path / word)))
        assert job.status is JobStatus.SUCCEEDED
    seen = done(place, worker, write("import os; print(os.getcwd(), os.environ.get('LEFT'))"))

    assert text_of(executed(place, seen)).split() == [str(tmp_path / "project"), "None"]


def test_what_a_job_writes_to_the_workers_output_is_in_its_log_and_nobody_elses(place, write, worker) -> None:
    first = done(
        place,
        worker,
        write(
            "import subprocess, sys; subprocess.run(['sh', '-c', 'echo said > /proc/$PPID/fd/2'], check=False)"
        ),
    )
    second = done(
        place,
        worker,
        write(
            "import sys; sys.__stderr__.flush(); open('/proc/%d/fd/2' % __import__('os').getppid(), 'a').write('worker\\n')"
        ),
    )

    logs = [(job_folder(place.settings, job.id) / LOG).read_text() for job in (first, second)]
    assert "worker" not in logs[0]
    assert "worker" in logs[1]


def test_a_running_job_can_be_cancelled_and_the_worker_takes_the_next(place, write, worker, tmp_path) -> None:
    mark = tmp_path / "mark"
    job, turn = given(
        place, worker, write(f"open({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)")
    )
    until(mark.exists)
    assert not turn.gone()
    assert not worker.can_take(worker.place[0])
    cancel_job(place, job.id)
    until(lambda: turn.gone(0.2))

    assert read_job(place, job.id).status is JobStatus.CANCELLED
    assert worker.can_take(worker.place[0])
    assert done(place, worker, write("1")).status is JobStatus.SUCCEEDED


def test_a_worker_that_is_killed_loses_the_job_it_was_at_and_takes_no_other(
    place, write, worker, tmp_path
) -> None:
    mark = tmp_path / "mark"
    job, turn = given(
        place, worker, write(f"open({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)")
    )
    until(mark.exists)

    worker.process.kill()
    until(lambda: turn.gone(0.2))

    assert settle_job(place, read_job(place, job.id)).status is JobStatus.LOST
    assert not worker.can_take(worker.place[0])


def test_a_worker_told_to_terminate_ends_its_job_and_itself(place, write, worker, tmp_path) -> None:
    mark = tmp_path / "mark"
    job, turn = given(
        place, worker, write(f"open({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)")
    )
    until(mark.exists)

    worker.process.send_signal(signal.SIGTERM)
    until(lambda: turn.gone(0.2))

    assert (read_job(place, job.id).status, read_job(place, job.id).error.kind) == (
        JobStatus.CANCELLED,
        "terminated",
    )
    assert worker.process.wait(LIMIT) == 0
    assert not worker.can_take(worker.place[0])


def test_told_to_terminate_between_two_jobs_it_ends(place, write, worker) -> None:
    done(place, worker, write("1"))

    worker.process.send_signal(signal.SIGTERM)

    assert worker.process.wait(LIMIT) == -signal.SIGTERM
    with pytest.raises(OSError, match="Broken pipe"):
        worker.give("job", place.settings.root / "log", None)


def test_let_go_at_work_it_ends_its_kernel_and_itself_and_says_so(place, write, worker, tmp_path) -> None:
    mark = tmp_path / "mark"
    job, turn = given(
        place, worker, write(f"open({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)")
    )
    until(mark.exists)

    turn.let_go()

    assert worker.process.wait(LIMIT) == 0
    assert (read_job(place, job.id).status, read_job(place, job.id).error.kind) == (
        JobStatus.CANCELLED,
        "launcher_gone",
    )


def test_let_go_after_its_job_it_stays(place, write, worker) -> None:
    _, turn = given(place, worker, write("1"))
    until(lambda: turn.gone(0.2))

    turn.let_go()

    assert done(place, worker, write("1")).status is JobStatus.SUCCEEDED


def test_a_worker_started_elsewhere_or_in_another_environment_takes_no_job(
    place, worker, monkeypatch, tmp_path
) -> None:
    assert worker.can_take(worker.place[0])
    assert not worker.can_take({**worker.place[0], "MORE": "1"})
    monkeypatch.chdir(tmp_path)

    assert not worker.can_take(worker.place[0])


def test_a_worker_that_does_not_come_up_is_known_by_its_end(place, tmp_path, monkeypatch) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'job and last' # no word of a worker\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    worker = StandingWorker(dict(os.environ), tmp_path / "log")
    worker.process.wait(LIMIT)

    assert not worker.can_take(dict(os.environ))
    assert worker.idle
    assert Turn(worker, "job", ended=True).gone()
