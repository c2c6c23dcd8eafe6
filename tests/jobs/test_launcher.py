"""One worker process a job: started, waited for, never left behind by accident."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from jupyter_mlops.errors import Conflict, Unavailable
from jupyter_mlops.jobs import get_job, retry_job, submit_job
from jupyter_mlops.jobs.ending import claim_job
from jupyter_mlops.jobs.launcher import LOG, Worker, launch, wait_for, wait_until_taken
from jupyter_mlops.jobs.places import job_folder
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.records.job import JobStatus
from tests.jobs.running import LIMIT, at_cell, executed, run, started, text_of, until


@pytest.mark.kernel
def test_a_worker_that_never_comes_up_leaves_a_lost_job_also_while_its_launcher_lives(
    place, write, monkeypatch
) -> None:
    job = submit_job(place, notebook=str(write("1")))
    broken = place.settings.root / "python"
    broken.write_text("#!/bin/sh\necho 'no module named anything' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))

    taken = wait_until_taken(place, launch(place, job.id))

    assert (taken.status, taken.error.kind) == (JobStatus.LOST, "lost")
    assert "did not come up: no module named anything" in taken.error.message


@pytest.mark.kernel
def test_an_attended_worker_ends_with_the_process_that_started_it(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    job, worker = started(place, write(f"open({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)"))
    at_cell(place, job, mark)

    worker.process.stdin.close()
    worker.process.wait(LIMIT)

    assert (read_job(place, job.id).status, read_job(place, job.id).error.kind) == (
        JobStatus.CANCELLED,
        "launcher_gone",
    )


@pytest.mark.kernel
def test_a_detached_worker_outlives_the_process_that_started_it(place, write, tmp_path) -> None:
    mark = tmp_path / "go"
    path = write(f"import os, time\nwhile not os.path.exists({str(mark)!r}): time.sleep(0.02)")
    job = submit_job(place, notebook=str(path))
    code = (
        "from jupyter_mlops.workspace import open_workspace\n"
        "from jupyter_mlops.jobs.launcher import launch, wait_until_taken\n"
        f"ws = open_workspace({str(place.settings.root)!r})\n"
        f"wait_until_taken(ws, launch(ws, {job.id!r}))\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=LIMIT)
    taken = get_job(place, job.id)
    mark.touch()
    until(lambda: read_job(place, job.id).status.ended)

    assert taken.status in {JobStatus.STARTING, JobStatus.RUNNING}
    assert read_job(place, job.id).status is JobStatus.SUCCEEDED


@pytest.mark.kernel
def test_a_job_is_claimed_once(place, write) -> None:
    job = submit_job(place, notebook=str(write("1")))
    worker = launch(place, job.id)

    with pytest.raises(Conflict):
        launch(place, job.id)

    assert wait_for(place, worker).status is JobStatus.SUCCEEDED
    with pytest.raises(Conflict):
        launch(place, job.id)


@pytest.mark.kernel
def test_a_failed_job_can_be_run_again(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    job = run(place, write(f"import os\nassert os.path.exists({str(mark)!r}), 'not yet'"))
    mark.touch()

    again = wait_for(place, launch(place, retry_job(place, job.id).id))

    assert (job.status, job.error.kind) == (JobStatus.FAILED, "AssertionError")
    assert (again.status, again.attempt, again.error) == (JobStatus.SUCCEEDED, 2, None)
    assert again.run != job.run


@pytest.mark.kernel
def test_a_workspace_in_memory_cannot_run_jobs_and_says_so(memory_ws, tmp_path) -> None:
    notebook = nbformat.v4.new_notebook()
    nbformat.write(notebook, tmp_path / "a.ipynb")
    job = submit_job(memory_ws, notebook=str(tmp_path / "a.ipynb"))

    with pytest.raises(Unavailable, match="in memory"):
        launch(memory_ws, job.id)
    assert read_job(memory_ws, job.id).status is JobStatus.QUEUED


@pytest.mark.kernel
def test_jobs_side_by_side_do_not_disturb_each_other(place, write) -> None:
    paths = [write(f"import os; print({i}, os.getcwd())", name=f"n{i}/a.ipynb") for i in range(2)]
    workers = [launch(place, submit_job(place, notebook=str(path)).id) for path in paths]

    ended = [wait_for(place, worker) for worker in workers]

    assert [text_of(executed(place, job)).strip() for job in ended] == [
        f"{i} {p.parent}" for i, p in enumerate(paths)
    ]
    assert os.getcwd() == str(Path.cwd())


def test_where_no_process_can_be_started_the_job_waits_again(place, write, monkeypatch) -> None:
    job = submit_job(place, notebook=str(write("1")))
    monkeypatch.setattr(sys, "executable", str(place.settings.root / "no-python"))

    with pytest.raises(Unavailable, match="no worker process could be started") as refusal:
        launch(place, job.id)

    assert refusal.value.remedy
    again = read_job(place, job.id)
    assert (again.status, again.lease) == (JobStatus.QUEUED, None)


def sleeper(job: str, code: str = "import sys; sys.stdin.read()") -> Worker:
    return Worker(job, subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE))


def test_a_worker_is_gone_once_its_process_has_ended_and_letting_go_twice_does_no_harm() -> None:
    worker = sleeper("j")
    assert not worker.gone()
    worker.let_go()
    worker.let_go()

    assert worker.gone(LIMIT)
    assert worker.gone()


def test_each_change_of_a_job_that_is_waited_for_is_told_once(place, write) -> None:
    job = submit_job(place, notebook=str(write("1")))
    claimed = claim_job(place, job.id)
    seen: list[JobStatus] = []

    ended = wait_for(place, sleeper(job.id, ""), lambda changed: seen.append(changed.status))

    # It ended without a word: whoever waited knows that it is lost.
    assert seen == [JobStatus.CLAIMED]
    assert (ended.status, claimed.status) == (JobStatus.LOST, JobStatus.CLAIMED)


def test_a_worker_is_led_to_the_very_workspace_also_where_the_surroundings_name_another(
    place, write, monkeypatch
) -> None:
    for name in ("WORKSPACE", "STORE", "BLOBS"):
        monkeypatch.setenv(f"JUPYTER_MLOPS_{name}", "sqlite:////elsewhere/store.db")
    job = submit_job(place, notebook=str(write("1")))
    show = place.settings.root / "python"
    show.write_text("#!/bin/sh\nenv | grep -E '^JUPYTER_MLOPS_(BLOBS|STORE|WORKSPACE)=' | sort\n")
    show.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(show))

    wait_for(place, launch(place, job.id))

    said = (job_folder(place.settings, job.id) / LOG).read_text().splitlines()
    assert said == [
        f"JUPYTER_MLOPS_BLOBS={place.settings.blobs}",
        f"JUPYTER_MLOPS_STORE={place.settings.store}",
        f"JUPYTER_MLOPS_WORKSPACE={place.settings.folder}",
    ]
