"""One worker process a job: started, waited for, never left behind by accident.

An *attended* worker holds a pipe from this process and ends with it; a detached one outlives it and is reached
through the store alone: its heartbeat tells that it lives, a flag asks it to stop.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from jupyter_mlops.errors import Conflict, Unavailable
from jupyter_mlops.jobs.ending import claim_job
from jupyter_mlops.jobs.leftovers import MARK
from jupyter_mlops.jobs.places import job_folder
from jupyter_mlops.jobs.settle import settle_job
from jupyter_mlops.jobs.steps import give_back
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.workspace import Workspace

__all__ = [
    "LOG",
    "Worker",
    "handing_over",
    "launch",
    "launch_claimed",
    "wait_for",
    "wait_until_taken",
    "worker_environment",
]

LOG = "worker.log"
_WORKER = "jupyter_mlops.jobs.worker"
_CONDUCTOR = (
    "jupyter_mlops.automation.conductor"  # a room above this one: entered as a program, never imported
)
_OF_A_JOB = frozenset(
    {
        "JUPYTER_MLOPS_JOB",
        MARK,
        "JUPYTER_MLOPS_EXPERIMENT",
        "JUPYTER_MLOPS_DOCUMENT",
        "JUPYTER_MLOPS_NOTEBOOK",
    }
)
_LOOK = 0.2  # seconds between two looks at a job that is waited for
_TAKEN = 60.0  # seconds a worker has to take its job over


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that this process has started."""

    job: str
    process: subprocess.Popen[bytes]

    def gone(self, seconds: float = 0) -> bool:
        """Tell whether the process has ended, after waiting for it at most so long."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
            return True
        return False

    def let_go(self) -> None:
        """Close the pipe: an attended worker ends its kernel and then itself."""
        if self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()


def launch(ws: Workspace, job: str, *, attended: bool = False, python: str | None = None) -> Worker:
    """Claim a queued job and start its worker, by this interpreter or by *python*.

    Raises
    ------
    Conflict
        Another process has claimed it.
    Unavailable
        The workspace lies in this process's memory, where no worker could see it.
    """
    with handing_over(ws, job) as claimed:
        return _worker(ws, claimed, attended=attended, python=python)


def launch_claimed(ws: Workspace, claimed: Job) -> Worker:
    """Start the worker of a job that this process has claimed; where that fails, the job is given back.

    Raises
    ------
    Unavailable
        No worker could be started.
    """
    with _given_back(ws, claimed):
        _refuse_memory(ws)
        return _worker(ws, claimed, attended=False)


def _worker(ws: Workspace, claimed: Job, *, attended: bool, python: str | None = None) -> Worker:
    command = [
        python or sys.executable,
        "-P",
        "-m",
        _WORKER if claimed.spec.sweep is None else _CONDUCTOR,
        claimed.id,
    ]
    log = job_folder(ws.settings, claimed.id) / LOG
    process = _start([*command, "--attended"] if attended else command, ws, log, attended=attended)
    return Worker(claimed.id, process)


@contextmanager
def handing_over(ws: Workspace, job: str) -> Iterator[Job]:
    """Claim a queued job for a worker; it is queued again where no worker comes of the block.

    Raises
    ------
    Conflict
        Another process has claimed it.
    Unavailable
        The workspace lies in this process's memory, or no process could be started.
    """
    _refuse_memory(ws)  # before it is claimed
    claimed = claim_job(ws, job)
    with _given_back(ws, claimed):
        yield claimed


def _refuse_memory(ws: Workspace) -> None:
    """Refuse a workspace that no worker could see."""
    if ws.settings.store.startswith("memory:") or ws.settings.blobs.startswith("memory:"):
        raise Unavailable(
            "a job runs in a process of its own, and cannot reach a workspace in memory",
            remedy="Use a workspace in a folder: jupyter mlops init.",
        )


@contextmanager
def _given_back(ws: Workspace, claimed: Job) -> Iterator[None]:
    try:
        yield
    except Unavailable as failure:
        _unclaim(ws, claimed, str(failure))
        raise
    except OSError as failure:
        _unclaim(ws, claimed, str(failure))
        raise Unavailable(
            f"no worker process could be started: {failure}",
            remedy="Close what fills the machine, or raise its limit of processes, then try again.",
        ) from failure


def _start(command: list[str], ws: Workspace, log: Path, *, attended: bool) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE if attended else subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=worker_environment(ws),
            start_new_session=True,  # Ctrl-C in the terminal is for the launcher, who then asks the worker to stop
        )


def _unmarked(environ: Mapping[str, str]) -> dict[str, str]:
    """A job that a cell of another job starts is not that one's: it may outlive it."""
    return {name: value for name, value in environ.items() if name not in _OF_A_JOB}


def worker_environment(ws: Workspace) -> dict[str, str]:
    """Return this process's environment, with what leads a worker to this very workspace."""
    settings = ws.settings
    named = {"JUPYTER_MLOPS_STORE": settings.store, "JUPYTER_MLOPS_BLOBS": settings.blobs}
    return {
        **_unmarked(os.environ),
        **named,
        "JUPYTER_MLOPS_WORKSPACE": str(settings.folder or settings.store),
    }


def _unclaim(ws: Workspace, job: Job, why: str) -> None:
    with ws.store.write() as tx, suppress(Conflict):  # somebody may have cancelled it meanwhile
        give_back(ws, tx, tx.jobs.get(job.id), why)


def wait_until_taken(ws: Workspace, worker: Worker) -> Job:
    """Wait until the worker holds its job by itself, so that this process may end."""
    deadline = time.monotonic() + _TAKEN
    while True:
        job = read_job(ws, worker.job)
        if job.status is not JobStatus.CLAIMED or time.monotonic() > deadline:
            return job
        if worker.gone(_LOOK):
            return settle_job(ws, read_job(ws, worker.job))


def wait_for(ws: Workspace, worker: Worker, progress: Callable[[Job], None] | None = None) -> Job:
    """Wait for a worker's end and return the job as it then stands; *progress* is called at each change."""
    seen: Job | None = None
    while True:
        gone = worker.gone(_LOOK)
        job = read_job(ws, worker.job)
        if progress is not None and job != seen:
            progress(job)
        if gone:
            return settle_job(ws, job)
        seen = job
