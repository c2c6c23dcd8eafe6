"""Jobs on a Dask cluster: each under a task that supervises a worker process of its own.

A task cannot be stopped once it runs, and its state dies with the scheduler. So the task only holds the worker's
pipe: the job is cancelled through the store, and when the task's process dies the worker ends by itself. A task that
Dask runs again (its process was lost) looks into the store first and takes up only what was cut short.
"""

from __future__ import annotations

import importlib
import ipaddress
import json
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from jupyter_mlops.errors import Conflict, Forbidden, Unavailable
from jupyter_mlops.jobs.launcher import launch, wait_for
from jupyter_mlops.jobs.retrying import next_try
from jupyter_mlops.jobs.settle import settle_jobs
from jupyter_mlops.jobs.submit import read_job, retry_job
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.records.retry import FailureClass
from jupyter_mlops.workspace import Workspace, open_workspace

__all__ = ["DaskEngine", "open_dask", "supervise"]

_ANSWER = 20.0  # seconds a cluster has to answer
_REST = 0.5  # seconds between two looks at a job that somebody works on
_STEP = 0.05  # seconds between two looks at a task
_CUT_SHORT = frozenset({"launcher_gone", "lost"})  # what the loss of a task's process leaves behind


def open_dask(address: str, workers: int) -> DaskEngine:
    """Connect to the cluster at *address*, or start one of this machine's own where that is empty.

    Raises
    ------
    Unavailable
        Dask is not installed, or the cluster does not answer.
    Forbidden
        The cluster is on another machine and its connections are not encrypted: anybody on the way could run code.
    """
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError as failure:
        raise Unavailable(
            "the engine 'dask' needs the library distributed", remedy="Run: pip install distributed"
        ) from failure
    if address:
        _refuse_open_wire(address)
        try:
            return DaskEngine(distributed.Client(address, timeout=_ANSWER, set_as_default=False), None)
        except (OSError, TimeoutError, ValueError) as failure:
            raise Unavailable(
                f"the Dask cluster at {address} does not answer: {failure}",
                remedy="Start its scheduler, or mend the address in --engine dask:ADDRESS; --engine local needs none.",
            ) from failure
    # One thread a process: a slot is a job.
    cluster = distributed.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
    return DaskEngine(distributed.Client(cluster, set_as_default=False), cluster)


def _refuse_open_wire(address: str) -> None:
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    here = parts.hostname == "localhost"
    with suppress(ValueError):
        here = here or ipaddress.ip_address(parts.hostname or "").is_loopback
    if parts.scheme not in {"tls", "wss"} and not here:
        raise Forbidden(
            f"the Dask cluster at {address} is on another machine and its connections are not encrypted",
            remedy="Start it with certificates and use a tls:// address.",
        )


class DaskEngine:
    """Dispatches jobs as tasks of a cluster."""

    def __init__(self, client: Any, cluster: Any | None) -> None:
        self._client, self._cluster = client, cluster

    def start(self, ws: Workspace, job: str) -> DaskHandle:
        """Submit a task that runs the queued *job*."""
        if ws.settings.store.startswith("memory:"):
            raise Unavailable(
                "a cluster cannot reach a workspace in memory", remedy="Use one in a folder or database."
            )
        queued = read_job(ws, job)
        # One opaque text: a text argument that equals a task's key would be replaced by that task's result.
        payload = json.dumps({"job": queued.id, **_place_of(ws)})
        future = self._client.submit(
            supervise,
            payload,
            key=f"mlops-job-{queued.id}-{queued.attempt}",
            pure=False,  # the same job again is not the same result
            retries=0,  # a notebook that fails is not Dask's to retry
        )
        return DaskHandle(ws, queued.id, future)

    def close(self) -> None:
        """Disconnect; a cluster of our own is shut down."""
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


class DaskHandle:
    """One job's task."""

    def __init__(self, ws: Workspace, job: str, future: Any) -> None:
        self._ws, self._job, self._future = ws, job, future

    def gone(self, seconds: float = 0) -> bool:
        """Tell whether the task has ended."""
        until = time.monotonic() + seconds
        while not self._future.done():
            if time.monotonic() >= until:
                return False
            time.sleep(_STEP)
        return True

    def let_go(self) -> None:
        """Forget the task; one that has not begun is taken back."""
        if not self._future.done():
            self._future.cancel()
        self._future.release()


def _place_of(ws: Workspace) -> dict[str, str]:
    settings = ws.settings
    return {
        "workspace": str(settings.folder or settings.store),
        "store": settings.store,
        "blobs": settings.blobs,
        "root": str(settings.root),
        "actor": ws.actor.name,
    }


def supervise(payload: str) -> str:
    """Run one job in a worker process, from inside a task; return the state it ended in.

    Called a second time for the same job (Dask lost the first process), it does nothing that is done already.
    """
    said = json.loads(payload)
    environ = {"JUPYTER_MLOPS_STORE": said["store"], "JUPYTER_MLOPS_BLOBS": said["blobs"]}
    ws = open_workspace(said["workspace"], via=Door.JOB, environ=environ)
    ws = ws.acting_as(Actor(name=said["actor"], via=Door.JOB))
    try:
        return str(_take_up(ws, said["job"]).status)
    finally:
        ws.store.close()


def _at_rest(ws: Workspace, key: str) -> Job:
    """Wait until nobody works on a job: the worker of a lost task is about to end, or will be found lost."""
    while True:
        settle_jobs(ws)
        job = read_job(ws, key)
        if job.status.ended or job.status is JobStatus.QUEUED:
            return job
        time.sleep(_REST)


def _is_final(job: Job) -> bool:
    """Tell whether a job whose task was lost stays as it is: somebody stopped it, or its policy says so by name."""
    said = next((rule for rule in job.spec.retry if rule.failure is FailureClass.INFRASTRUCTURE), None)
    return job.cancel or (said is not None and next_try(job) is None)


def _take_up(ws: Workspace, key: str) -> Job:
    job = _at_rest(ws, key)
    if job.status.ended and job.error is not None and job.error.kind in _CUT_SHORT and not _is_final(job):
        job = retry_job(ws, key)
    while job.status is JobStatus.QUEUED and job.not_before is not None and job.not_before > ws.now():
        time.sleep(_REST)
        job = read_job(ws, key)
    if job.status is not JobStatus.QUEUED:
        return job
    try:
        worker = launch(ws, key, attended=True)
    except Conflict:
        return read_job(ws, key)
    try:
        return wait_for(ws, worker)
    finally:
        worker.let_go()
