"""Jobs as records: made, found, asked to stop. Nothing here starts a process."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.errors import Conflict, Invalid
from jupyter_mlops.jobs.limits import check_limits
from jupyter_mlops.jobs.places import find_notebook, find_output, for_people, read_bounded
from jupyter_mlops.jobs.queue import why_waiting
from jupyter_mlops.jobs.settle import settle_jobs
from jupyter_mlops.jobs.steps import add_job, end_step, requeue
from jupyter_mlops.records.job import Job, JobError, JobOptions, JobSpec, JobStatus
from jupyter_mlops.records.parameter import Parameter
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.query import query as asked
from jupyter_mlops.registry.finding import refuse_twin
from jupyter_mlops.registry.graded import with_trust
from jupyter_mlops.registry.names import checked_alias, checked_name
from jupyter_mlops.store.short_ids import by_id
from jupyter_mlops.workspace import Workspace

if TYPE_CHECKING:
    from jupyter_mlops.jobs.notebook import Notebook

__all__ = [
    "ask_to_cancel",
    "cancel_job",
    "checked_label",
    "find_jobs",
    "get_job",
    "inspect_notebook",
    "prepare_spec",
    "queue_job",
    "read_notebook",
    "retry_job",
    "submit_job",
]

_LONGEST_NAME = 200


def inspect_notebook(ws: Workspace, notebook: str) -> tuple[Parameter, ...]:
    """Read what a notebook's parameters cell declares; the code is not executed.

    Parameters
    ----------
    notebook
        The notebook's path.

    Raises
    ------
    NotFound
        There is no such notebook.
    Invalid
        It is not a notebook, or its parameters cell is not Python.
    """
    from jupyter_mlops.jobs.notebook import parameters_of

    return parameters_of(read_notebook(ws, notebook)[1])


def read_notebook(ws: Workspace, notebook: str) -> tuple[Path, Notebook]:
    """Return where a notebook, or a script that is run as one, lies, and what it holds."""
    from jupyter_mlops.jobs.notebook import from_bytes
    from jupyter_mlops.jobs.scripts import SUFFIX, from_script

    path = find_notebook(ws.settings, notebook)
    read = from_script if path.suffix == SUFFIX else from_bytes
    return path, read(read_bounded(path), path.name)


def submit_job(  # noqa: PLR0913  # each is a field of the form a person fills in
    ws: Workspace,
    *,
    notebook: str,
    parameters: Mapping[str, object] | None = None,
    experiment: str = "default",
    name: str = "",
    register_as: str | None = None,
    review_for: str | None = None,
    options: JobOptions | None = None,
) -> Job:
    """Queue a notebook as a job, once its parameters are known to fit.

    What is executed is the notebook as it is now: later edits change nothing.

    Parameters
    ----------
    notebook
        The notebook's path.
    parameters
        Values by name, checked against the cell tagged ``parameters``. Text is read as the declared type.
    experiment
        The experiment its runs belong to.
    name
        A name for its run; without one, the notebook's.
    register_as
        The model to register under what the notebook logs as a model.
    review_for
        The alias that a review is then opened for; without one, ``champion``.
    options
        What is seldom said: output, kernel, working folder, time limits, retries.

    Raises
    ------
    NotFound
        There is no such notebook.
    Invalid
        The notebook or a value is not valid; nothing has been started.
    Forbidden
        A path lies outside a confined workspace.
    """
    spec = prepare_spec(
        ws,
        notebook=notebook,
        parameters=parameters or {},
        options=options or JobOptions(),
        register_as=register_as,
        review_for=review_for,
    )
    return queue_job(
        ws,
        replace(
            spec,
            experiment=checked_label("experiment", experiment) or "default",
            name=checked_label("name", name) or spec.name,
        ),
    )


def prepare_spec(
    ws: Workspace,
    *,
    notebook: str,
    parameters: Mapping[str, object],
    options: JobOptions,
    register_as: str | None = None,
    review_for: str | None = None,
    later: Collection[str] = (),
) -> JobSpec:
    """Check everything that can be checked before a job starts, and keep the notebook's bytes.

    *later* names parameters whose values are only known, and checked, when the job starts.
    """
    # A name that cannot be given is refused now, not after an hour of training.
    model = checked_name(register_as) if register_as else None
    if model:
        with ws.store.read() as tx:
            refuse_twin(tx, model)
    alias = checked_alias(review_for) if review_for else ("champion" if model else None)
    from jupyter_mlops.jobs import notebook as notebooks

    path, document = read_notebook(ws, notebook)
    values = notebooks.checked_values(document, parameters, later)
    limits = check_limits(options)
    return JobSpec(
        notebook=for_people(ws.settings, path),
        content=ws.blobs.put(io.BytesIO(notebooks.as_submitted(document))),
        parameters=values,
        name=path.stem[:_LONGEST_NAME],
        output=str(find_output(ws.settings, options.output)) if options.output else None,
        folder=str(_find_folder(ws, options.folder, path)),
        kernel=options.kernel,
        timeout=options.timeout,
        cell_timeout=options.cell_timeout,
        retries=options.retries,
        retry=limits.retry,
        memory=limits.memory,
        cpus=options.cpus,
        gpus=options.gpus,
        priority=options.priority,
        register_as=model,
        review_for=alias,
    )


def queue_job(ws: Workspace, spec: JobSpec, *, attended: bool = False) -> Job:
    """Queue a prepared *spec*; an attended job is started and followed up by the process that waits for it."""
    job = Job(id=ws.new_id(), spec=spec, queued=ws.now(), actor=ws.actor, attended=attended)
    with ws.store.write() as tx:
        return add_job(ws, tx, job)


def get_job(ws: Workspace, job: str) -> Job:
    """Show a job: where it stands, at which cell, why it waits, what went wrong, and how far its run can be trusted.

    Parameters
    ----------
    job
        The job's id or its tail.

    Raises
    ------
    NotFound
        There is no such job.
    Invalid
        The tail fits several jobs.
    """
    settle_jobs(ws)
    with ws.store.read() as tx:
        (found,) = with_trust(tx, [by_id(tx.jobs, "job", job)])
        return replace(found, waits=why_waiting(ws, tx, found))


def read_job(ws: Workspace, job: str) -> Job:
    """Return a job as the store has it, without looking after its worker."""
    with ws.store.read() as tx:
        return by_id(tx.jobs, "job", job)


def find_jobs(
    ws: Workspace, query: str = "", *, order: str = "", limit: int = 100, cursor: str | None = None
) -> Page[Job]:
    """Find jobs, the newest first. Each says how far its run can be trusted.

    Parameters
    ----------
    query
        A filter; what was submitted begins with ``spec.``.

    Raises
    ------
    Invalid
        The filter or the order cannot be read.
    """
    settle_jobs(ws)
    wanted = asked(query, order=order, limit=limit, cursor=cursor, now=ws.now(), of=Job)
    with ws.store.read() as tx:
        page = tx.jobs.find(wanted)
        return replace(page, items=with_trust(tx, page.items))


def cancel_job(ws: Workspace, job: str, *, reason: str = "") -> Job:
    """Ask a job to stop. A queued one is cancelled at once; a running one within seconds, by its worker.

    Parameters
    ----------
    job
        The job's id or its tail.
    reason
        Why; kept with the job.

    Raises
    ------
    NotFound
        There is no such job.
    Conflict
        The job has ended already.
    """
    message = reason or f"cancelled by {ws.actor.name}"
    return ask_to_cancel(ws, get_job(ws, job).id, JobError(kind="cancelled", message=message))


def ask_to_cancel(ws: Workspace, job: str, why: JobError) -> Job:
    """Ask the job of this id to stop, for a reason that it keeps; ``Conflict`` where it has ended."""
    with ws.store.write() as tx:
        kept = tx.jobs.get(job)
        if kept.status.ended:
            raise Conflict(
                f"job {kept.short} has already ended: it is {kept.status}",
                remedy=f"There is nothing to cancel; jupyter mlops job show {kept.short} tells how it ended.",
            )
        asked = replace(kept, cancel=True, error=why)
        tx.jobs.replace(asked)
        tx.events.append([ws.event("job.cancel_asked", kept.id, reason=why.message, status=str(kept.status))])
        return end_step(ws, tx, asked, JobStatus.CANCELLED) if kept.status is JobStatus.QUEUED else asked


def retry_job(ws: Workspace, job: str) -> Job:
    """Queue a job that did not succeed once more. What became of it before stays with it.

    Parameters
    ----------
    job
        The job's id or its tail.

    Raises
    ------
    NotFound
        There is no such job.
    Conflict
        The job is still under way, or has succeeded.
    """
    found = get_job(ws, job)
    with ws.store.write() as tx:
        return requeue(ws, tx, tx.jobs.get(found.id), attended=False)


def _find_folder(ws: Workspace, folder: str | None, notebook: Path) -> Path:
    if folder is None:
        return notebook.parent
    path = find_output(ws.settings, str(Path(folder) / "_")).parent
    if not path.is_dir():
        raise Invalid(
            f"the working folder {folder!r} does not exist",
            remedy="Make it first, or name one that is there, as seen from here or from the project.",
        )
    return path


def checked_label(what: str, name: str) -> str:
    """Return *name* as a run or an experiment may be called, stripped; ``Invalid`` says the rule."""
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise Invalid(
            f"{what} {name[:40]!r} must be at most {_LONGEST_NAME} printable characters",
            remedy="Shorten it, and leave out line ends and control characters.",
        )
    return name.strip()
