"""Worker processes on this machine."""

from __future__ import annotations

import sys

import nbformat
import pytest

from jupyter_mlops.errors import Conflict, Unavailable
from jupyter_mlops.jobs import submit_job
from jupyter_mlops.jobs.engines.local import LocalEngine
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.records.job import JobStatus
from tests.contracts.engine import EngineContract
from tests.jobs.running import LIMIT


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


def test_a_workspace_in_memory_has_no_workers(memory_ws, tmp_path) -> None:
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "a.ipynb")
    job = submit_job(memory_ws, notebook=str(tmp_path / "a.ipynb"))

    with pytest.raises(Unavailable, match="in memory"):
        LocalEngine().start(memory_ws, job.id)
    assert read_job(memory_ws, job.id).status is JobStatus.QUEUED
