"""One job in a process of its own."""

from __future__ import annotations

import signal
import sys

import pytest

from jupyter_mlops.jobs import cancel_job, submit_job
from jupyter_mlops.jobs.launcher import wait_for
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.jobs.worker import main
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


def run_main(place, monkeypatch, *arguments: str) -> int:
    monkeypatch.setenv("JUPYTER_MLOPS_WORKSPACE", str(place.settings.root))
    return main(arguments)


def test_a_job_that_cannot_be_run_is_told_in_one_sentence_and_a_code(
    place, write, monkeypatch, capsys
) -> None:
    monkeypatch.setitem(sys.modules, "rfc3987_syntax", None)
    assert run_main(place, monkeypatch, "nowhere") == 1
    assert capsys.readouterr().err.startswith("no job ends in 'nowhere'")

    job = submit_job(place, notebook=str(write("1")))
    cancel_job(place, job.id)
    assert run_main(place, monkeypatch, job.id) == 1
    assert "is cancelled" in capsys.readouterr().err


def test_a_job_whose_notebook_is_gone_ends_with_the_code_of_a_failure(place, write, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "rfc3987_syntax", None)
    job = submit_job(place, notebook=str(write("1")))
    place.blobs.remove(job.spec.content)

    assert run_main(place, monkeypatch, job.id) == 1
    assert read_job(place, job.id).status is JobStatus.FAILED


def test_a_job_must_be_named(capsys) -> None:
    with pytest.raises(SystemExit) as refusal:
        main([])
    assert refusal.value.code == 2
    assert "job" in capsys.readouterr().err
