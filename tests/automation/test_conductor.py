"""The process of a sweep that nobody waits for: what its exit code says, and that it ends when it is told to."""

from __future__ import annotations

import signal

import pytest

from jupyter_mlops.automation import submit_sweep, sweep_trials
from jupyter_mlops.automation.conductor import main
from jupyter_mlops.jobs.launcher import launch
from jupyter_mlops.jobs.submit import get_job, read_job
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.retry import FailureClass
from tests.jobs.running import LIMIT, until


@pytest.mark.kernel
@pytest.mark.parametrize(("values", "code"), [("1", 0), ("0", 1)], ids=["good", "bad"])
def test_the_exit_code_says_whether_all_trials_succeeded(place, write, values, code) -> None:
    job = submit_sweep(place, notebook=str(write("1 / a", parameters="a = 1")), parameters={"a": values})

    worker = launch(place, job.id)

    assert worker.process.wait(LIMIT) == code
    ended = get_job(place, job.id)
    assert ended.status is (JobStatus.FAILED if code else JobStatus.SUCCEEDED)
    with place.store.read() as tx:
        assert tx.runs.get(ended.run).actor.via is Door.AUTOMATION


@pytest.mark.kernel
def test_a_conductor_that_is_told_to_end_ends_its_trials_first(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    code = f"import pathlib, time\npathlib.Path({str(mark)!r}).touch()\ntime.sleep(100)"
    job = submit_sweep(place, notebook=str(write(code, parameters="a = 1")), parameters={"a": "1"})
    worker = launch(place, job.id)
    until(mark.exists)

    worker.process.send_signal(signal.SIGTERM)

    assert worker.process.wait(LIMIT) == 1
    ended = read_job(place, job.id)
    assert (ended.status, ended.error.message) == (
        JobStatus.CANCELLED,
        "the sweep was told to end (SIGTERM)",
    )
    # Nobody has asked for it: a policy for failures of the infrastructure goes on with it.
    assert ended.error.failure is FailureClass.INFRASTRUCTURE
    assert [row.status for row in sweep_trials(place, job.id).rows] == [JobStatus.CANCELLED]


def test_a_job_that_is_not_there_is_said_and_is_a_failure(place, capsys, monkeypatch) -> None:
    monkeypatch.chdir(place.settings.root)

    assert main(["zzzz"]) == 1
    assert "zzzz" in capsys.readouterr().err
