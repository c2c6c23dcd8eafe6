"""One job from its claim to its end, in the process that calls it.

The executing thread runs papermill with our engine; a supervisor beats and ends what must end. Whatever happens
to the kernel, the store is told the truth; if this process itself is killed, whoever looks next tells it.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import nbformat
import papermill
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError

from jupyter_mlops.capture.environment import variables
from jupyter_mlops.errors import MlopsError, Unavailable
from jupyter_mlops.jobs import notebook as notebooks
from jupyter_mlops.jobs.attendance import Launcher
from jupyter_mlops.jobs.ending import Ended, as_job_error, begin_job, claim_job, end_job
from jupyter_mlops.jobs.fence import Fence, thread_variables
from jupyter_mlops.jobs.kernels import OWN, KernelPlace, kernel_for
from jupyter_mlops.jobs.output_log import log_beside
from jupyter_mlops.jobs.papermill_engine import MlopsEngine
from jupyter_mlops.jobs.patience import patiently
from jupyter_mlops.jobs.places import job_folder, write_whole
from jupyter_mlops.jobs.rescue import LIVE
from jupyter_mlops.jobs.scripts import SUFFIX
from jupyter_mlops.jobs.secrets import JobSecrets, read_secrets
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.jobs.supervisor import Supervisor
from jupyter_mlops.jobs.values import effective_values
from jupyter_mlops.jobs.watch import Watch
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.job import Job, JobError, JobStatus
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.source import CellExecution, Source
from jupyter_mlops.tracking.commits import commit_now
from jupyter_mlops.tracking.environment import environment_digest
from jupyter_mlops.tracking.log import keep_note
from jupyter_mlops.tracking.patches import patch_note
from jupyter_mlops.tracking.seeds import seeds_of
from jupyter_mlops.tracking.settling import settle_lost
from jupyter_mlops.workspace import Workspace

__all__ = ["run_job"]

_START_TIMEOUT = 120  # seconds for a kernel to answer
_LOOKING = 10.0  # seconds git may take, all in all
T = TypeVar("T")
_node: Callable[[object], nbformat.NotebookNode] = nbformat.from_dict


def run_job(ws: Workspace, job: str, *, launcher: Launcher | None = None, prepared: str | None = None) -> Job:
    """Execute a queued or claimed job here and now, and return it as it ended.

    Parameters
    ----------
    job
        Its id or tail.
    launcher
        Who attends it; the job is ended when that process is gone.
    prepared
        Where a kernel can be forked (see ``prepared``); without it, or if that cannot be, one is started.

    Raises
    ------
    Conflict
        Another process has it.
    """
    found = read_job(ws, job)
    if found.status is JobStatus.QUEUED:
        found = claim_job(ws, found.id)
    ws = ws.acting_as(Actor(name=found.actor.name, via=Door.JOB, authenticated=found.actor.authenticated))
    try:
        document, values, secrets = _load(ws, found)
    except MlopsError as failure:
        return end_job(ws, found.id, Ended(status=JobStatus.FAILED, error=as_job_error(failure)))
    source = Source(notebook=found.spec.notebook, session=found.id)
    begun, run = begin_job(ws, found.id, params=values, source=source)
    return _Execution(ws, begun, run, document, secrets, prepared).to_its_end(launcher)


def _load(ws: Workspace, job: Job) -> tuple[notebooks.Notebook, Mapping[str, object], JobSecrets]:
    with ws.blobs.open(job.spec.content) as file:
        document = notebooks.from_bytes(file.read(), job.spec.notebook)
    parameters = notebooks.parameters_of(document)
    ready = notebooks.with_values(document, parameters, job.spec.parameters)
    secrets = read_secrets(
        ws.settings, parameters, job.spec.parameters, notebooks.cells_with_parameters(ready)
    )
    return ready, effective_values(parameters, job.spec.parameters), secrets


class _Execution:
    """One job on its way from ``starting`` to an end."""

    def __init__(
        self,
        ws: Workspace,
        job: Job,
        run: Run,
        document: notebooks.Notebook,
        secrets: JobSecrets,
        prepared: str | None,
    ) -> None:
        self.ws, self.job, self.run, self.document = ws, job, run, document
        self.secrets, self.prepared = secrets, prepared
        self.live = job_folder(ws.settings, job.id) / LIVE
        for left in (self.live, log_beside(self.live)):  # of an earlier attempt, which has put them away
            left.unlink(missing_ok=True)
        self.fence = Fence(run.id)
        self.watch = Watch(
            job.id, len(notebooks.code_cells(document)), ws.now, self.fence, cpus=job.spec.cpus
        )
        self.watch.recorder.document([cell["id"] for cell in document["cells"]])
        self._commit: dict[str, Any] = {}
        self._looking = threading.Thread(target=self._look_around, name="mlops-environment", daemon=True)

    def to_its_end(self, launcher: Launcher | None) -> Job:
        supervisor = Supervisor(self.ws, self.job, self.watch, self._give_up)
        self._heed_signals()
        if launcher is not None:
            launcher.when_gone(self._launcher_gone)
        supervisor.start()
        # Taken while this thread waits for the kernel, and at hand when the run ends.
        self._looking.start()
        raised = self._execute()
        self.watch.executed.set()
        outcome = self.watch.outcome(raised)
        status, error = self.secrets.verdict(*outcome, fail=self.ws.settings.secret_fails)
        ended = self._put_away(status, error)
        self.watch.done.set()
        supervisor.join()
        try:
            return patiently(lambda: end_job(self.ws, self.job.id, ended, run=self.run.id))
        finally:
            self.secrets.forget()

    def _execute(self) -> BaseException | None:
        """Run the notebook; return what was raised beside a failing cell, which the watch knows of."""
        place = KernelPlace()
        papermill_engines.register("mlops", MlopsEngine)
        try:
            name = self.job.spec.kernel or self._kernel_name()
            manager = kernel_for(name, place, self.prepared)
            self.watch.attend(manager)
            papermill.execute_notebook(
                _node(self.document),
                None,  # papermill would rewrite its output in place, and read braces in a path as a template
                engine_name="mlops",
                kernel_name=name,
                progress_bar=False,
                start_timeout=_START_TIMEOUT,
                document=self.live,
                notebook=self.job.spec.notebook,
                script=self._script(),
                manager=manager,
                observer=self.watch,
                secrets=self.secrets,
                env=self._environment(),
                folder=self.job.spec.folder,
            )
        except PapermillExecutionError:
            pass  # papermill looks for error outputs, also in cells that may fail; the watch knows better
        except BaseException as failure:  # noqa: BLE001  # a dead kernel, a stop, our own fault: all end the job
            return failure
        finally:
            self.watch.kill()  # nothing that a cell started outlives the job
            self.fence.close()
            place.close()
        return None

    def _kernel_name(self) -> str:
        """Python is run by this interpreter, whatever the name of the environment the notebook was written in."""
        if notebooks.language_of(self.document) == "python":
            return OWN
        return MlopsEngine.nb_kernel_name(_node(self.document))

    def _script(self) -> str | None:
        """Return where the script lies that is run as a notebook; None for a notebook."""
        path = self.ws.settings.root / self.job.spec.notebook
        return str(path) if path.suffix == SUFFIX else None

    def _environment(self) -> dict[str, str]:
        spec = self.job.spec
        return {
            **self.ws.settings.explicit,
            **thread_variables(spec.cpus),
            **({"CUDA_VISIBLE_DEVICES": ",".join(map(str, self.job.gpus))} if self.job.gpus else {}),
            "JUPYTER_MLOPS_JOB": self.job.id,
            "JUPYTER_MLOPS_RUN": self.run.id,
            "JUPYTER_MLOPS_EXPERIMENT": spec.experiment,
            "JUPYTER_MLOPS_DOCUMENT": str(self.live),
            "JUPYTER_MLOPS_NOTEBOOK": spec.notebook,
        }

    def _put_away(self, status: JobStatus, error: JobError | None) -> Ended:
        """Keep the executed notebook, and fold what the kernel had not told the store."""
        digest, content = None, self._executed()
        if content:
            try:
                digest = patiently(lambda: self.ws.blobs.put(io.BytesIO(content)))
                if self.job.spec.output is not None:
                    write_whole(Path(self.job.spec.output), content)
            except Unavailable as failure:
                missed = JobError(kind="output", message=failure.message, remedy=failure.remedy)
                if error is None:
                    error, status = missed, JobStatus.FAILED
        with suppress(MlopsError):
            settle_lost(self.ws)
        chain = self.watch.recorder.chain
        return Ended(
            status=status,
            error=error,
            notebook=digest,
            size=len(content),
            cells=chain,
            warnings=self.secrets.warnings,
            progress=self.watch.progress,
            source=self._source(chain),
        )

    def _executed(self) -> bytes:
        try:
            return self.live.read_bytes()
        except FileNotFoundError:
            return b""  # it never came to a kernel

    def _source(self, chain: Sequence[CellExecution]) -> Source:
        if self._looking.is_alive():
            self._looking.join(_LOOKING)
        return replace(
            self.run.source,
            **self._commit,
            rests_on=tuple(cell.sequence for cell in chain),
            executed=len(chain),
            environment=self._environment_digest(),
            python=sys.version.split()[0],
            seeds=seeds_of(chain),
            variables=variables(self.ws.settings.environment_variables),
        )

    def _look_around(self) -> None:
        self._commit = commit_now(self.ws.settings.root)  # before the notebook's own files change anything
        with suppress(MlopsError, OSError):
            beside = patch_note(self.ws, self._commit["patch"])
            if beside:
                keep_note(self.ws, self.run.id, {"surroundings": {"beside": beside}})
        self._environment_digest()

    def _environment_digest(self) -> str | None:
        """A kernel of this interpreter sees the packages that this process sees."""
        with suppress(MlopsError, OSError):
            return environment_digest(self.ws)
        return None

    def _give_up(self) -> None:
        """The executing thread is stuck although its kernel is dead: say what is known and go."""
        stop = self.watch.stop or (
            JobStatus.FAILED,
            JobError(kind="stuck", message="the worker did not come back"),
        )
        try:
            end_job(self.ws, self.job.id, self._put_away(*stop), run=self.run.id)
        finally:
            os._exit(1)

    def _launcher_gone(self) -> None:
        self.watch.ask_to_stop(
            JobStatus.CANCELLED,
            "launcher_gone",
            "the process that started the job ended",
            "Run it again, or queue it.",
        )

    def _heed_signals(self) -> None:
        def stop(number: int, _frame: object) -> None:
            name = signal.Signals(number).name
            self.watch.ask_to_stop(JobStatus.CANCELLED, "terminated", f"the worker was told to end ({name})")

        if threading.current_thread() is threading.main_thread():
            for name in ("SIGTERM", "SIGINT", "SIGHUP"):
                if hasattr(signal, name):
                    signal.signal(getattr(signal, name), stop)
