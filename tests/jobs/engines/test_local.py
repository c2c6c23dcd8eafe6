"""Worker processes on this machine."""

from __future__ import annotations

import sys
from dataclasses import replace

import nbformat
import pytest

from jupyter_mlops.errors import Conflict, Unavailable
from jupyter_mlops.jobs import submit_job
from jupyter_mlops.jobs.engines.local import LocalEngine
from jupyter_mlops.jobs.places import job_folder
from jupyter_mlops.jobs.settle import settle_job
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.settings import PreparedKernels
from tests.contracts.engine import EngineContract
from tests.jobs.running import LIMIT, executed, text_of, until


@pytest.mark.kernel
class TestLocal(EngineContract):
    @pytest.fixture
    def engine(self):
        engine = LocalEngine()
        yield engine
        engine.close()


def test_a_worker_ends_with_whoever_started_it(place, write, monkeypatch) -> None:
    """It is attended: it holds the other end of a pipe, and here it does nothing but wait for its end."""
    waiting = place.settings.root / "python"
    waiting.write_text("#!/bin/sh\ncat\n")
    waiting.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(waiting))
    job = submit_job(place, notebook=str(write("1")))
    engine = LocalEngine()

    worker = engine.start(place, job.id)
    engine.close()
    assert not worker.gone()
    assert "--attended" in worker.process.args
    with pytest.raises(Conflict):
        engine.start(place, job.id)
    worker.let_go()

    assert worker.gone(LIMIT)


@pytest.fixture
def engine():
    engine = LocalEngine()
    yield engine
    engine.close()


def in_turn(engine: LocalEngine, place, path, times: int, **options: object) -> list[Job]:
    """Run a notebook so often, one after the other."""
    jobs = [submit_job(place, notebook=str(path), **options) for _ in range(times)]
    for job in jobs:
        handle = engine.start(place, job.id)
        until(lambda handle=handle: handle.gone(0.2))
    return [read_job(place, job.id) for job in jobs]


WHO = "import os, sys, json\nprint(os.getppid(), open(f'/proc/{os.getppid()}/cmdline').read().split(chr(0)))"


@pytest.mark.kernel
@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
def test_a_notebook_that_comes_again_has_its_kernels_forked_and_the_first_has_not(
    engine, place, write
) -> None:
    jobs = in_turn(engine, place, write(WHO), 3)

    parents = [text_of(executed(place, job)) for job in jobs]
    assert ["server.py" in parent for parent in parents] == [False, True, True]
    assert parents[1] == parents[2]
    assert (job_folder(place.settings, jobs[2].id) / "worker.log").read_text() == ""


@pytest.mark.kernel
@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
def test_where_the_setting_says_never_all_kernels_start_cold(engine, place, write) -> None:
    never = replace(place, settings=replace(place.settings, prepared_kernels=PreparedKernels.NEVER))
    jobs = in_turn(engine, never, write(WHO), 3)

    assert not any("server.py" in text_of(executed(place, job)) for job in jobs)


@pytest.mark.kernel
def test_one_worker_takes_one_job_after_the_other_and_is_gone_with_the_engine(place, write) -> None:
    engine = LocalEngine()
    handles = []
    for _ in range(2):
        handles.append(engine.start(place, submit_job(place, notebook=str(write("1"))).id))
        until(lambda: handles[-1].gone(0.2))
        handles[-1].let_go()
    assert handles[0].process is handles[1].process

    engine.close()

    assert handles[0].process.wait(LIMIT) == 0


@pytest.mark.kernel
def test_after_one_that_was_killed_a_fresh_worker_takes_the_next(engine, place, write) -> None:
    (before,) = in_turn(engine, place, write("import os, signal; os.kill(os.getppid(), signal.SIGKILL)"), 1)
    (after,) = in_turn(engine, place, write("1"), 1)

    assert settle_job(place, before).status is JobStatus.LOST
    assert after.status is JobStatus.SUCCEEDED


@pytest.mark.kernel
def test_a_notebook_that_is_gone_is_for_the_worker_to_tell(engine, place, write) -> None:
    job = submit_job(place, notebook=str(write("1")))
    place.blobs.remove(job.spec.content)
    handle = engine.start(place, job.id)
    until(lambda: handle.gone(0.2))

    assert read_job(place, job.id).status is JobStatus.FAILED


def test_a_workspace_in_memory_has_no_workers(memory_ws, tmp_path) -> None:
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "a.ipynb")
    job = submit_job(memory_ws, notebook=str(tmp_path / "a.ipynb"))

    with pytest.raises(Unavailable, match="in memory"):
        LocalEngine().start(memory_ws, job.id)
    assert read_job(memory_ws, job.id).status is JobStatus.QUEUED
