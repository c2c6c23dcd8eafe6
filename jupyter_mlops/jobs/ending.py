"""The beginning and the end of a job in the books: each one transaction, so that job and run never disagree."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jupyter_mlops.capture.secrets import mask_secrets
from jupyter_mlops.errors import Conflict, MlopsError
from jupyter_mlops.jobs.failures import classified
from jupyter_mlops.jobs.machine import Room, needs, room_here
from jupyter_mlops.jobs.queue import free_gpus, held_here
from jupyter_mlops.jobs.steps import end_step, take_step
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.job import CellProgress, Job, JobError, JobStatus
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.run import DocumentState, Grade, MetricPoint, Param, Run, RunError, RunStatus
from jupyter_mlops.records.source import CellExecution, Source
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.tracking.masking import masked_params
from jupyter_mlops.tracking.runs import draft_run
from jupyter_mlops.workspace import Workspace

__all__ = ["EXECUTED", "Ended", "as_job_error", "begin_job", "claim_job", "end_job", "end_run", "worst_grade"]

EXECUTED = "notebook.ipynb"  # the artifact of a job's run
_GRADES = (Grade.CLEAN, Grade.REORDERED, Grade.STALE, Grade.UNKNOWN)  # the worst last
_RUN_STATUS = {
    JobStatus.SUCCEEDED: RunStatus.FINISHED,
    JobStatus.FAILED: RunStatus.FAILED,
    JobStatus.TIMED_OUT: RunStatus.FAILED,
    JobStatus.CANCELLED: RunStatus.CANCELLED,
    JobStatus.LOST: RunStatus.LOST,
}
_MOST_CHILDREN = 10_000
_TAKEN_OVER = 1 << 40  # sequences behind any that the kernel's own journal may still bring in
_UNSAID = "default"  # the experiment of a job that named none


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What an execution came to."""

    status: JobStatus
    error: JobError | None = None
    notebook: str | None = None  # digest of the executed notebook
    size: int = 0  # its bytes
    cells: Sequence[CellExecution] = ()
    warnings: Sequence[str] = ()
    progress: CellProgress | None = None
    source: Source | None = None


def as_job_error(failure: MlopsError) -> JobError:
    """Return one of our own refusals as the reason why a job did not succeed."""
    return JobError(kind=type(failure).__name__, message=failure.message, remedy=failure.remedy)


def claim_job(ws: Workspace, job: str) -> Job:
    """Take a queued job for this process; ``Conflict`` where another was faster."""
    with ws.store.write() as tx:
        kept = tx.jobs.get(job)
        if kept.status is not JobStatus.QUEUED:
            raise Conflict(
                f"job {kept.short} is {kept.status}, not queued",
                remedy=f"Somebody else has taken it: jupyter mlops job show {kept.short}.",
                data={"job": job, "status": str(kept.status)},
            )
        wanted = needs(kept.spec).gpus
        whole = room_here(ws.settings) if wanted else Room()
        return take_step(ws, tx, kept, JobStatus.CLAIMED, gpus=free_gpus(whole, held_here(tx), wanted))


def begin_job(ws: Workspace, job: str, *, params: Mapping[str, object], source: Source) -> tuple[Job, Run]:
    """Move a claimed job to ``starting`` and begin its run; ``Conflict`` where it is not ours to start."""
    with ws.store.write() as tx:
        kept = tx.jobs.get(job)
        if kept.status is not JobStatus.CLAIMED:
            raise Conflict(
                f"job {kept.short} is {kept.status}, not claimed",
                remedy=f"Somebody else has ended it: jupyter mlops job show {kept.short}.",
            )
        spec = kept.spec
        drafted = draft_run(
            ws,
            name=spec.name,
            experiment=spec.experiment,
            source=source,
            tags={"notebook": spec.notebook, **spec.tags},
            parent=spec.parent,
            job=job,
        )
        # The job itself keeps what it was given: it is run with that, and again.
        told = masked_params({name: _as_param(value) for name, value in params.items()})
        begun = take_step(ws, tx, kept, JobStatus.STARTING, run=drafted.id, started=ws.now())
        run = replace(drafted, lease=begun.lease, params=told)
        tx.runs.add(run)
        tx.events.append([ws.event("run.started", run.id, name=run.name, experiment=run.experiment, job=job)])
    return begun, run


def _as_param(value: object) -> Param:
    return value if value is None or isinstance(value, (str, int, float, bool)) else json.dumps(value)


def end_job(ws: Workspace, job: str, ended: Ended, *, run: str | None = None) -> Job:
    """Write down how a job and its run ended, with the executed notebook and the cells that ran.

    A job that somebody has ended already (another machine thought it lost) stays as it is; so does one that is
    at another *run* by now, since it was tried again.
    """
    ended = replace(ended, error=_masked(classified(ended.status, ended.error)))
    with ws.store.write() as tx:
        kept = tx.jobs.get(job)
        if kept.status.ended or (run is not None and kept.run != run):
            return kept
        if kept.status is JobStatus.STARTING and ended.cells:
            # It was over before the supervisor told that it was on: the ledger has each step all the same.
            kept = take_step(ws, tx, kept, JobStatus.RUNNING)
        final = end_step(
            ws,
            tx,
            kept,
            ended.status,
            error=ended.error,
            warnings=tuple(ended.warnings),
            notebook=ended.notebook or kept.notebook,
            progress=ended.progress or kept.progress,
            heartbeat=ws.now(),
        )
        if kept.run is not None:
            end_run(ws, tx, kept.run, ended)
    return final


def _masked(error: JobError | None) -> JobError | None:
    if error is None:
        return None
    message, trace = mask_secrets(error.message).text, mask_secrets(error.traceback).text
    return replace(error, message=message, traceback=trace, remedy=mask_secrets(error.remedy).text)


def end_run(ws: Workspace, tx: Transaction, key: str, ended: Ended) -> None:
    """Write down in the caller's transaction how a job's run ended."""
    run = tx.runs.get(key)
    found = tx.runs.find(Query(where=equal(parent=key), limit=_MOST_CHILDREN))
    children = sorted(found, key=lambda child: (child.started, child.id))
    grade, reason = worst_grade(children, ended)
    status = _RUN_STATUS[ended.status]
    error = ended.error
    said = None if error is None else RunError(
        kind=error.kind, message=error.message, traceback=error.traceback, cell=error.cell
    )  # fmt: skip
    tx.runs.replace(
        replace(
            run,
            experiment=_experiment(run, children),
            status=status,
            ended=ws.now(),
            grade=grade,
            grade_reason=reason,
            document=DocumentState.SAVED,  # what was submitted is what is on file, under its digest
            error=said,
            lease=None,
            source=_with_modules(ended.source or run.source, children),
            last_cell=ended.progress.cell if ended.progress else run.last_cell,
        )
    )
    _take_over(ws, tx, key, children)
    if ended.cells:
        tx.cells.append(key, ended.cells)
    if ended.notebook is not None:
        made = Artifact(
            run=key,
            name=EXECUTED,
            digest=ended.notebook,
            size=ended.size,
            media_type="application/x-ipynb+json",
        )
        tx.artifacts.replace(made)
    tx.events.append([ws.event(f"run.{status}", key, grade=str(grade), error=error.kind if error else None)])


def _with_modules(source: Source, children: Sequence[Run]) -> Source:
    """Give a job's run the imported files that its tracked cells have seen: the job itself does not see into its kernel."""
    modules, notes = dict(source.modules), dict(source.module_notes)
    for child in children:
        modules |= child.source.modules
        notes |= child.source.module_notes
    return replace(source, modules=modules, module_notes=notes)


def _experiment(run: Run, children: Sequence[Run]) -> str:
    """A job that named no experiment belongs where all of its tracked cells do."""
    theirs = {child.experiment for child in children}
    return theirs.pop() if run.experiment == _UNSAID and len(theirs) == 1 else run.experiment


def _take_over(ws: Workspace, tx: Transaction, key: str, children: Sequence[Run]) -> None:
    """Give a job's run the last value of each metric of its tracked cells, so that it can be found and compared by it.

    Of two cells that measured the same, the one that began later is told. The children of cells, such as the
    candidates of a search, are theirs alone.
    """
    told = {
        name: (summary.last, summary.step)
        for child in children
        for name, summary in tx.metrics.summaries(child.id).items()
        if name in child.metrics  # how busy the machine was stays with the cell
    }
    points = [
        MetricPoint(owner=key, sequence=_TAKEN_OVER + number, key=name, value=value, step=step, at=ws.now())
        for number, (name, (value, step)) in enumerate(sorted(told.items()))
    ]
    if points:
        tx.metrics.append(points)


def worst_grade(children: Sequence[Run], ended: Ended) -> tuple[Grade, str]:
    """Return a job's grade: the worst of its tracked cells'; without any, that of a notebook run once, in order."""
    if children:
        worst = max(children, key=lambda run: _GRADES.index(run.grade))
        return (
            worst.grade,
            f"{worst.name}: {worst.grade_reason}" if worst.grade_reason else f"as its cell {worst.name}",
        )
    if not ended.cells:
        return Grade.UNKNOWN, "no cell was executed"
    if ended.status is not JobStatus.SUCCEEDED:
        return Grade.CLEAN, "executed by a job in a fresh kernel, from the top until it ended, each cell once"
    return Grade.CLEAN, "executed by a job in a fresh kernel, top to bottom, each cell once"
