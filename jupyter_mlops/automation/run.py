"""One notebook from the command line to the review that waits: submit, run here, follow up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from jupyter_mlops.automation.followup import Followed, follow_up, job_metrics, job_runs
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.jobs.crew import run_attended
from jupyter_mlops.jobs.ending import as_job_error
from jupyter_mlops.jobs.places import job_folder
from jupyter_mlops.jobs.submit import prepare_spec, read_job
from jupyter_mlops.notifications.delivery import deliver
from jupyter_mlops.records.job import Job, JobError, JobOptions
from jupyter_mlops.records.model import ModelVersion
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.report import RunReport
from jupyter_mlops.records.run import Grade
from jupyter_mlops.workspace import Workspace

__all__ = ["report_of", "run_notebook"]

Progress = Callable[[Job], None]
_TELLING = 5.0  # seconds at most for the messages about its end


def run_notebook(  # what one line of the shell says
    ws: Workspace,
    *,
    notebook: str,
    parameters: Mapping[str, object] | None = None,
    experiment: str = "default",
    register_as: str | None = None,
    options: JobOptions | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Run a notebook as a job and wait for its end; register its model and open a review where that is asked.

    The job ends with this process. A notebook that fails is reported, not raised: see ``status`` and ``error``. So is
    one that logged nothing which could be registered: see ``follow_up_error``.

    Parameters
    ----------
    notebook
        The notebook's path.
    parameters
        Values by name, checked against the cell tagged ``parameters``. Text is read as the declared type.
    experiment
        The experiment its runs belong to.
    register_as
        The model to register under what the notebook logs; a review for ``champion`` is opened.
    options
        What is seldom said: output, kernel, working folder, limits, retries.
    progress
        Called with the job at each change.

    Raises
    ------
    NotFound
        There is no such notebook.
    Invalid
        The notebook or a value is not valid; nothing was started.
    """
    spec = prepare_spec(
        ws,
        notebook=notebook,
        parameters=parameters or {},
        options=options or JobOptions(),
        register_as=register_as,
    )
    spec = replace(spec, experiment=experiment or "default")
    job = run_attended(ws, spec, progress=progress)
    followed, refused = Followed(), None
    try:
        followed = follow_up(ws, job.id) or followed
    except MlopsError as failure:  # the run is there all the same, and has its numbers
        refused = as_job_error(failure)
        followed = Followed(version=_registered(ws, job))
    with suppress(Exception):  # who waits here must not wait for a clock that nobody may turn
        deliver(ws, seconds=_TELLING)
    return report_of(ws, read_job(ws, job.id), followed, refused)


def _registered(ws: Workspace, job: Job) -> ModelVersion | None:
    """Return the version that a job has made, where it came so far before something went wrong."""
    with ws.store.read() as tx:
        for run in reversed(job_runs(tx, job)):
            where = equal(run=run.id, model=job.spec.register_as)
            found = tx.versions.find(Query(where=where, limit=1))
            if found.items:
                return found[0]
    return None


def report_of(
    ws: Workspace, job: Job, followed: Followed, follow_up_error: JobError | None = None
) -> RunReport:
    """Return what ``jupyter mlops run`` says of a job that has ended."""
    grade = Grade.UNKNOWN
    if job.run is not None:
        with ws.store.read() as tx:
            grade = tx.runs.get(job.run).grade
    executed = job_folder(ws.settings, job.id) / "notebook.ipynb"
    return RunReport(
        job=job.id,
        run=job.run,
        status=job.status,
        grade=grade,
        metrics=job_metrics(ws, job),
        version=followed.version.version if followed.version else None,
        review=followed.review.id if followed.review else None,
        notebook=job.spec.output or (str(executed) if executed.exists() else None),
        error=job.error,
        follow_up_error=follow_up_error,
    )
