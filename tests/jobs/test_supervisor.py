"""The thread beside an execution: it beats, tells how far the job is, and ends what must end."""

from __future__ import annotations

import os
import threading
from dataclasses import replace

import nbformat
import pytest
from contracts.samples import SPEC

from jupyter_mlops.jobs import cancel_job
from jupyter_mlops.jobs.crew import run_attended
from jupyter_mlops.jobs.ending import Ended, begin_job, claim_job, end_job
from jupyter_mlops.jobs.launcher import wait_for
from jupyter_mlops.jobs.steps import requeue
from jupyter_mlops.jobs.submit import prepare_spec, read_job
from jupyter_mlops.jobs.supervisor import Supervisor
from jupyter_mlops.jobs.watch import Watch
from jupyter_mlops.records.job import Job, JobOptions, JobStatus
from jupyter_mlops.records.retry import FailureClass
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.records.source import Source
from tests.jobs.running import LIMIT, at_cell, executed, kernel_of, run, run_of, started, text_of, until


@pytest.mark.kernel
def test_progress_and_heartbeat_are_in_the_store_while_a_cell_runs(place, write, tmp_path) -> None:
    mark = tmp_path / "go"
    path = write("x = 1", f"import os, time\nwhile not os.path.exists({str(mark)!r}): time.sleep(0.02)")
    job, worker = started(place, path)

    until(lambda: (read_job(place, job.id).progress or None) and read_job(place, job.id).progress.index == 1)
    seen = read_job(place, job.id)
    until(lambda: read_job(place, job.id).heartbeat > seen.heartbeat)  # the very same cell goes on
    later = read_job(place, job.id)
    mark.touch()
    ended = wait_for(place, worker)

    assert (later.progress.cell, later.lease.pid) == ("cell-1", seen.lease.pid)
    assert later.lease.until > seen.lease.until
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
def test_a_kernel_that_holds_more_than_its_limit_is_ended_and_tried_again_with_more(place, write) -> None:
    path = write("import time\nheld = bytearray(b'x' * 400_000_000)\ntime.sleep(2)\nprint(len(held))")
    options = JobOptions(memory="300MB", retry=("out_of_memory=2,wait=0,memory=3",))
    spec = prepare_spec(place, notebook=str(path), parameters={}, options=options)

    job = run_attended(place, spec)

    (past,) = job.attempts
    assert (past.status, past.error.kind, past.error.failure) == (
        JobStatus.FAILED,
        "out_of_memory",
        FailureClass.OUT_OF_MEMORY,
    )
    assert past.error.message.endswith("their limit is 300 MB")
    assert (past.error.index, past.memory) == (0, 300_000_000)
    assert (job.status, job.spec.memory) == (JobStatus.SUCCEEDED, 900_000_000)
    assert text_of(executed(place, job)) == "400000000\n"


@pytest.mark.kernel
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system knows no affinity")
def test_a_kernel_is_kept_to_its_processors(place, write) -> None:
    path = write(
        "import os, subprocess, sys\nprint(len(os.sched_getaffinity(0)), os.environ['OMP_NUM_THREADS'])",
        "print(subprocess.check_output([sys.executable, '-c', 'import os; print(len(os.sched_getaffinity(0)))']).decode().strip())",
    )

    job = run(place, path, JobOptions(cpus=1))

    assert text_of(executed(place, job)) == "1 1\n1\n"


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


# --- without a kernel: the execution is a watch that the test turns ---------------------------------------------


@pytest.fixture
def held(ws):
    """A job that has begun, its watch, and what the supervisor did at the very last."""
    with ws.store.write() as tx:
        tx.jobs.add(Job(id="job1", spec=replace(SPEC, timeout=None), queued=ws.now(), actor=ws.actor))
    claim_job(ws, "job1")
    job, _ = begin_job(ws, "job1", params={}, source=Source())
    return job


def watching(ws, job, monkeypatch, **spec):
    monkeypatch.setattr("jupyter_mlops.jobs.supervisor._LOOK", 0.0)
    watch, gave_up = Watch(job.id, 2, ws.now), threading.Event()
    supervisor = Supervisor(ws, replace(job, spec=replace(job.spec, **spec)), watch, gave_up.set)
    supervisor.start()
    return watch, supervisor, gave_up


def finished(watch, supervisor) -> None:
    watch.executed.set()
    watch.done.set()
    supervisor.join()


def test_what_the_watch_knows_is_soon_in_the_store(ws, held, monkeypatch) -> None:
    watch, supervisor, _ = watching(ws, held, monkeypatch)
    watch.running = True
    watch.cell_started(nbformat.v4.new_code_cell("x = 1", id="a"), 0)

    until(lambda: read_job(ws, held.id).progress is not None)
    finished(watch, supervisor)

    seen = read_job(ws, held.id)
    assert (seen.status, seen.progress.cell) == (JobStatus.RUNNING, "a")
    assert run_of(ws, seen).last_cell == "a"


def test_a_wish_to_cancel_reaches_the_watch_with_its_reason(ws, held, monkeypatch) -> None:
    watch, supervisor, _ = watching(ws, held, monkeypatch)

    cancel_job(ws, held.id, reason="enough")
    until(watch.stopping)
    finished(watch, supervisor)

    assert (watch.stop[0], watch.stop[1].message) == (JobStatus.CANCELLED, "enough")


def test_a_worker_whose_job_was_tried_again_meanwhile_stops_and_writes_nothing_more(
    ws, held, monkeypatch
) -> None:
    watch, supervisor, _ = watching(ws, held, monkeypatch)
    end_job(ws, held.id, Ended(status=JobStatus.LOST))
    with ws.store.write() as tx:
        requeue(ws, tx, tx.jobs.get(held.id))
    claim_job(ws, held.id)
    again, _ = begin_job(ws, held.id, params={}, source=Source())
    watch.running = True
    watch.cell_started(nbformat.v4.new_code_cell("x = 1", id="a"), 0)

    until(watch.stopping)
    finished(watch, supervisor)

    assert watch.stop[1].kind == "superseded"
    assert read_job(ws, held.id) == again


def test_whatever_goes_wrong_beside_a_job_limits_are_kept_and_wishes_heard(ws, held, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jupyter_mlops.jobs.supervisor.Supervisor._beat", full)
    monkeypatch.setattr("sys.stderr.write", full)
    watch, supervisor, _ = watching(ws, held, monkeypatch, timeout=0.2)
    watch.running = True
    watch.cell_started(nbformat.v4.new_code_cell("x = 1", id="a"), 0)

    until(watch.stopping)
    finished(watch, supervisor)

    assert watch.stop[1].kind == "timed_out"


@pytest.mark.parametrize("limit", ["timeout", "cell_timeout"])
def test_a_limit_that_has_passed_is_a_reason_to_stop_that_names_it(ws, held, monkeypatch, limit) -> None:
    watch, supervisor, _ = watching(ws, held, monkeypatch, **{limit: 0.01})
    watch.cell_started(nbformat.v4.new_code_cell("x = 1", id="a"), 0)

    until(watch.stopping)
    finished(watch, supervisor)

    status, error = watch.stop
    assert (status, error.kind) == (JobStatus.TIMED_OUT, "timed_out")
    assert "longer than 0.01 s" in error.message
    assert error.remedy


def test_an_execution_that_does_not_come_back_is_given_up(ws, held, monkeypatch) -> None:
    monkeypatch.setattr("jupyter_mlops.jobs.supervisor._GRACE", 0.0)
    monkeypatch.setattr("jupyter_mlops.jobs.supervisor._LAST", 0.2)
    watch, supervisor, gave_up = watching(ws, held, monkeypatch)

    watch.ask_to_stop(JobStatus.CANCELLED, "cancelled", "enough")

    assert gave_up.wait(LIMIT)
    finished(watch, supervisor)


def test_an_execution_that_is_over_is_neither_stopped_nor_given_up(ws, held, monkeypatch) -> None:
    monkeypatch.setattr("jupyter_mlops.jobs.supervisor._GRACE", 0.0)
    monkeypatch.setattr("jupyter_mlops.jobs.supervisor._LAST", 0.0)
    watch, gave_up = Watch(held.id, 2, ws.now), threading.Event()
    watch.executed.set()
    supervisor = Supervisor(ws, replace(held, spec=replace(held.spec, timeout=1e-9)), watch, gave_up.set)
    supervisor.start()
    watch.running = True  # what it tells the store proves that it turned

    monkeypatch.setattr("jupyter_mlops.jobs.supervisor._LOOK", 0.0)
    until(lambda: read_job(ws, held.id).status is JobStatus.RUNNING)
    finished(watch, supervisor)

    assert watch.stop is None
    assert not gave_up.is_set()


def test_a_store_that_does_not_answer_ends_nothing_and_is_told_of(ws, held, monkeypatch, capfd) -> None:
    unknown = replace(held, id="job2")
    watch, supervisor, _ = watching(ws, unknown, monkeypatch)
    said: list[str] = []
    until(lambda: said.append(capfd.readouterr().err) or "job job2: " in "".join(said))
    with ws.store.write() as tx:
        tx.jobs.add(unknown)
    watch.running = True

    until(lambda: read_job(ws, "job2").status is JobStatus.RUNNING)
    finished(watch, supervisor)

    assert watch.stop is None


def test_a_job_that_another_has_ended_is_not_brought_back(ws, held, monkeypatch) -> None:
    end_job(ws, held.id, Ended(status=JobStatus.LOST))
    watch, supervisor, _ = watching(ws, held, monkeypatch)
    watch.running = True
    until(watch.stopping)
    finished(watch, supervisor)

    assert read_job(ws, held.id).status is JobStatus.LOST
