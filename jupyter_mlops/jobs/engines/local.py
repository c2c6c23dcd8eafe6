"""The default: worker processes on this machine, which end with the process that started them.

A worker takes one job after the other. Where the same imports come up again, kernels are forked from a process that
has made them.
"""

from __future__ import annotations

import subprocess
from contextlib import suppress

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.jobs.launcher import LOG, Worker, handing_over, launch, worker_environment
from jupyter_mlops.jobs.places import job_folder
from jupyter_mlops.jobs.prepared.imports import Imports, leading_imports
from jupyter_mlops.jobs.prepared.process import PreparedProcesses
from jupyter_mlops.jobs.standing import StandingWorker, Turn
from jupyter_mlops.records.job import Job, JobSpec
from jupyter_mlops.settings import PreparedKernels
from jupyter_mlops.workspace import Workspace

__all__ = ["LocalEngine"]

_ENDING = 5.0  # seconds that workers without a job have to end


class LocalEngine:
    """Hands each job to a worker that is free, and starts one where none is."""

    def __init__(self, python: str | None = None) -> None:
        self._python = python  # another interpreter than this one; its workers take one job each
        self._workers: list[StandingWorker] = []
        self._prepared = PreparedProcesses()
        self._imports: dict[str, Imports | None] = {}

    def start(self, ws: Workspace, job: str) -> Worker | Turn:
        """Give the queued *job* to a worker."""
        if self._python is not None:
            return launch(ws, job, attended=True, python=self._python)
        with handing_over(ws, job) as claimed:
            log = job_folder(ws.settings, claimed.id) / LOG
            prepared = self._prepared_for(ws, claimed)
            self._workers = [worker for worker in self._workers if worker.process.poll() is None]
            for worker in self._workers:
                if worker.can_take(worker_environment(ws)):
                    with suppress(OSError):  # it has ended this very moment
                        return worker.give(claimed.id, log, prepared)
            worker = StandingWorker(worker_environment(ws), log)
            self._workers.append(worker)
            try:
                return worker.give(claimed.id, log, prepared)
            except OSError:  # it did not come up, as whoever waits for it will find
                worker.process.wait()
                return Turn(worker, claimed.id, ended=True)

    def _prepared_for(self, ws: Workspace, job: Job) -> str | None:
        if ws.settings.prepared_kernels is PreparedKernels.NEVER or job.spec.folder is None:
            return None
        if job.spec.cpus is not None or job.spec.gpus:
            return None  # libraries read how many threads and which accelerators they have when they are imported
        imports = self._imports_of(ws, job.spec)
        if imports is None:
            return None
        return self._prepared.offer(imports, job.spec.folder, worker_environment(ws))

    def _imports_of(self, ws: Workspace, spec: JobSpec) -> Imports | None:
        """Return what a notebook's kernel can have imported for it; None where it is no kernel of this interpreter."""
        from jupyter_mlops.jobs import notebook as notebooks

        if spec.kernel not in {None, "python3"}:
            return None
        if spec.content not in self._imports:
            found = None
            with suppress(MlopsError):  # the worker meets it too, and says so
                with ws.blobs.open(spec.content) as file:
                    document = notebooks.from_bytes(file.read(), spec.notebook)
                if notebooks.language_of(document) == "python":
                    found = leading_imports(cell["source"] for cell in notebooks.code_cells(document))
            self._imports[spec.content] = found
        return self._imports[spec.content]

    def close(self) -> None:
        """End the workers that have no job, and the prepared processes; the others end when they are let go."""
        idle = [worker for worker in self._workers if worker.idle]
        for worker in idle:
            worker.close()
        for worker in idle:
            try:
                worker.process.wait(_ENDING)
            except subprocess.TimeoutExpired:
                worker.process.kill()
        self._workers.clear()
        self._prepared.close()
