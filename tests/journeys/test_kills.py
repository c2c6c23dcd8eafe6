"""Whatever is killed, and whenever: every view agrees on what became of the job, and nothing runs on behind it."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import nbformat
import psutil
import pytest
from store.sql.postgres import execute, server

from jupyter_mlops.automation import tick
from jupyter_mlops.jobs import find_jobs, get_job, submit_job
from jupyter_mlops.jobs.leftovers import leftovers
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.ledger import history
from jupyter_mlops.records.job import JOB_STEPS, Job, JobStatus
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.workspace import Workspace, open_workspace
from tests.jobs.running import until

pytestmark = pytest.mark.kernel

# The cell leaves a process in a session of its own, as a careless notebook does.
CELLS = (
    "import subprocess, sys, time\nleft = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'], start_new_session=True)",
    "from pathlib import Path\nPath('at').touch()\nwhile not Path('go').exists(): time.sleep(0.02)",
    "print('done')",
)
OF_RUN = {
    JobStatus.SUCCEEDED: RunStatus.FINISHED,
    JobStatus.FAILED: RunStatus.FAILED,
    JobStatus.CANCELLED: RunStatus.CANCELLED,
    JobStatus.LOST: RunStatus.LOST,
}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workspace]:
    made = open_workspace(tmp_path, start=tmp_path, environ={})
    yield made
    made.store.close()


def notebook(folder: Path, *cells: str) -> Path:
    path = folder / "train.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells]), path)
    return path


def command(ws: Workspace, *words: str) -> list[str]:
    return [sys.executable, "-m", "jupyter_mlops", "--workspace", str(ws.settings.folder), *words]


def said(ws: Workspace, *words: str) -> str:
    done = subprocess.run(
        command(ws, *words), capture_output=True, text=True, check=True, cwd=ws.settings.root
    )
    return done.stdout


def agree(ws: Workspace, key: str) -> Job:
    """Return the job once it has ended, after every view of it was asked."""
    until(lambda: get_job(ws, key).status.ended)
    job = get_job(ws, key)
    (listed,) = [one for one in find_jobs(ws) if one.id == key]
    shown = json.loads(said(ws, "job", "show", key, "--json"))
    events = [e for e in history(ws, subject=key) if e.kind.startswith("job.")]
    assert (listed.status, shown["status"]) == (job.status, str(job.status))
    assert str(job.status) in said(ws, "job", "show", key)
    assert events[-1].kind == f"job.{job.status}"
    steps = [JobStatus(e.data["was"]) for e in events if "was" in e.data and e.kind != "job.retried"]
    assert all(after in JOB_STEPS[before] for before, after in itertools.pairwise(steps))
    if job.run is not None:
        with ws.store.read() as tx:
            run = tx.runs.get(job.run)
        assert (run.status, run.lease) == (OF_RUN[job.status], None)
        until(lambda: not list(leftovers(job.run)))
    until(lambda: not behind(ws))
    return job


def behind(ws: Workspace) -> list[psutil.Process]:
    """Return the workers, wardens and prepared processes of this workspace that live."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words, environ = " ".join(process.cmdline()), process.environ()
            ours = environ.get("JUPYTER_MLOPS_WORKSPACE") == str(ws.settings.folder)
            if (
                process.status() != psutil.STATUS_ZOMBIE
                and "jupyter_mlops" in words
                and "/jobs" in words.replace(".", "/")
                and ours
            ):
                found.append(process)
    return found


class Launched:
    """``jupyter mlops run`` in a process of its own, at the cell that waits."""

    def __init__(self, ws: Workspace) -> None:
        notebook(ws.settings.root, *CELLS)
        self.ws = ws
        self.process = subprocess.Popen(
            command(ws, "run", "train.ipynb"), cwd=ws.settings.root, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until(lambda: find_jobs(ws).items)
        self.key = find_jobs(ws)[0].id

    def at_cell(self) -> psutil.Process:
        until((self.ws.settings.root / "at").exists)
        return psutil.Process(read_job(self.ws, self.key).lease.pid)

    def go(self) -> None:
        (self.ws.settings.root / "go").touch()
        self.process.wait(60)


def test_a_killed_kernel_fails_its_job(place: Workspace) -> None:
    launched = Launched(place)
    worker = launched.at_cell()
    for child in worker.children():
        if "ipykernel_launcher" in child.cmdline():
            child.kill()
    launched.process.wait(60)
    job = agree(place, launched.key)
    assert (job.status, job.error.kind, launched.process.returncode) == (JobStatus.FAILED, "kernel_died", 1)


def test_a_killed_worker_loses_its_job(place: Workspace) -> None:
    launched = Launched(place)
    launched.at_cell().kill()
    launched.process.wait(60)
    job = agree(place, launched.key)
    assert (job.status, job.error.kind, launched.process.returncode) == (JobStatus.LOST, "lost", 1)


def test_a_job_whose_launcher_is_killed_is_cancelled(place: Workspace) -> None:
    launched = Launched(place)
    launched.at_cell()
    launched.process.kill()
    launched.process.wait(60)
    job = agree(place, launched.key)
    assert (job.status, job.error.kind) == (JobStatus.CANCELLED, "launcher_gone")


def test_all_three_killed_at_once_lose_the_job(place: Workspace) -> None:
    launched = Launched(place)
    worker = launched.at_cell()
    for process in (worker, *worker.children(), psutil.Process(launched.process.pid)):
        process.kill()
    launched.process.wait(60)
    assert agree(place, launched.key).status is JobStatus.LOST


def test_a_clock_that_is_killed_leaves_its_workers_to_their_jobs(place: Workspace) -> None:
    notebook(place.settings.root, *CELLS)
    job = submit_job(
        place,
        notebook="train.ipynb"
        if Path.cwd() == place.settings.root
        else str(place.settings.root / "train.ipynb"),
    )
    clock = subprocess.Popen(command(place, "scheduler"), cwd=place.settings.root, start_new_session=True,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    until((place.settings.root / "at").exists)
    clock.kill()
    clock.wait()
    (place.settings.root / "go").touch()
    assert agree(place, job.id).status is JobStatus.SUCCEEDED
    until(lambda: get_job(place, job.id).followed, lambda: tick(place))


@pytest.mark.parametrize("moment", range(4))
def test_a_worker_that_is_killed_at_any_moment_is_told_of_truly(place: Workspace, moment: int) -> None:
    """From the first breath of its worker to past the end of the job; the moments are spread, not chosen."""
    path = notebook(place.settings.root, CELLS[0], "print('done')")
    job = submit_job(place, notebook=str(path))
    tick(place)
    until(lambda: read_job(place, job.id).lease and read_job(place, job.id).lease.pid != os.getpid())
    worker = read_job(place, job.id).lease.pid
    time.sleep(moment * 0.45)
    with suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)
    ended = agree(place, job.id)
    assert ended.status in {JobStatus.LOST, JobStatus.SUCCEEDED}
    assert (ended.status is JobStatus.LOST) is (ended.error is not None)


def test_a_database_whose_connections_are_killed_takes_the_rest_when_it_is_back(tmp_path: Path) -> None:
    """SIGKILL of one connection's process: the database ends all others and comes up again."""
    import psycopg

    with server() as address:
        execute(address.format("postgres"), "CREATE DATABASE jobs")
        url = address.format("jobs")
        environ = {"JUPYTER_MLOPS_STORE": url}
        ws = open_workspace(tmp_path, start=tmp_path, environ=environ)
        path = notebook(tmp_path, *CELLS)
        job = submit_job(ws, notebook=str(path))
        tick(ws)
        until((tmp_path / "at").exists)
        with psycopg.connect(url, autocommit=True) as connection:
            (victim,) = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = 'jobs' AND pid <> pg_backend_pid() LIMIT 1"
            ).fetchone()
            os.kill(victim, signal.SIGKILL)
        (tmp_path / "go").touch()
        until(lambda: _ended(ws, job.id))
        assert read_job(ws, job.id).status is JobStatus.SUCCEEDED
        ws.store.close()


def _ended(ws: Workspace, key: str) -> bool:
    from jupyter_mlops.errors import Unavailable

    try:
        return read_job(ws, key).status.ended
    except Unavailable:  # it is coming up again
        return False
