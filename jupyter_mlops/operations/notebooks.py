"""The commands that run notebooks and wait for them."""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_mlops.operations.console import Answer, Console
from jupyter_mlops.operations.files import mapping_in
from jupyter_mlops.operations.telling import (
    cells_begun,
    folder_summary,
    pipeline_summary,
    progress_line,
    reproduction_summary,
    run_summary,
    sweep_summary,
    tally_line,
    trial_line,
)
from jupyter_mlops.records.job import Job, JobOptions, JobStatus
from jupyter_mlops.records.report import SweepReport
from jupyter_mlops.records.reproduced import ReproductionVerdict, RunIn
from jupyter_mlops.records.sweep import SweepOptions

__all__ = ["check_folder", "reproduce", "resume", "run", "run_pipeline", "sweep"]


def run(
    console: Console,
    notebook: str,
    *,
    parameters: Mapping[str, object] | None = None,
    file: str = "",
    experiment: str = "default",
    register_as: str | None = None,
    options: JobOptions | None = None,
) -> Answer:
    """Run a notebook as a job, wait for it, and register its model where that is asked.

    Parameters
    ----------
    notebook
        The notebook's path.
    parameters
        A value for a name of the notebook's parameters cell.
    file
        A YAML or JSON file with values (docs/files.md); -p wins over it.
    experiment
        The name its runs are filed under.
    register_as
        The model to register under; its review is opened too.
    options
        What is seldom said: output, kernel, working folder, limits, retries.
    """
    from jupyter_mlops.automation import run_notebook

    values = {**(mapping_in(console, file) if file else {}), **(parameters or {})}
    with console.opened() as ws:
        report = run_notebook(
            ws,
            notebook=notebook,
            parameters=values,
            experiment=experiment,
            register_as=register_as,
            options=options,
            progress=_progress(console),
        )
        code = 0 if report.status is JobStatus.SUCCEEDED and report.follow_up_error is None else 1
        return Answer(value=report, text=run_summary(ws, report, register_as), code=code)


class _progress:  # noqa: N801  (used like a function)
    """Tell where jobs are, each cell that has begun; where several are under way, how many have ended."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.seen: dict[str, bool] = {}
        self.known: dict[tuple[str, int], tuple[JobStatus, int]] = {}  # of each attempt: how many cells began

    def __call__(self, job: Job) -> None:
        self.seen[job.id] = job.status.ended
        attempt, now = (job.id, job.attempt), (job.status, cells_begun(job))
        before = self.known.get(attempt)
        if now == before:  # a heartbeat
            return
        self.known[attempt] = now
        told = before[1] if before else 0
        counted = f"{sum(self.seen.values())} of {len(self.seen)} ended · " if len(self.seen) > 1 else ""
        self.console.show(counted + progress_line(job, told))


def sweep(
    console: Console,
    notebook: str,
    *,
    parameters: Mapping[str, object],
    experiment: str = "default",
    register_as: str | None = None,
    sweep: SweepOptions | None = None,
    options: JobOptions | None = None,
) -> Answer:
    """Run a notebook once for each combination of values, and wait for all of them.

    Parameters
    ----------
    notebook
        The notebook's path.
    parameters
        A name and its values, with commas between them: -p alpha 0.1,0.3,0.5; or a span: -p alpha "0.001..0.1 log".
    experiment
        The name its runs are filed under.
    register_as
        The model to register under what the best trial logged; its review is opened too.
    sweep
        How values are drawn, which trial is best, when one is given up, how many run at once.
    options
        What is seldom said of each trial: kernel, working folder, limits, retries.
    """
    from jupyter_mlops.automation import sweep_notebook

    with console.opened() as ws:
        report = sweep_notebook(
            ws,
            notebook=notebook,
            parameters=parameters,
            experiment=experiment,
            register_as=register_as,
            sweep=sweep,
            options=options,
            progress=_sweep_progress(console),
        )
    return _swept(report)


def resume(console: Console, job: str) -> Answer:
    """Go on with a sweep that was interrupted or in which trials failed, and wait for it.

    Parameters
    ----------
    job
        The id of the sweep's job, or its tail; jupyter mlops jobs lists them.
    """
    from jupyter_mlops.automation import resume_sweep

    with console.opened() as ws:
        return _swept(resume_sweep(ws, job, progress=_sweep_progress(console)))


def _swept(report: SweepReport) -> Answer:
    ok = report.status is JobStatus.SUCCEEDED and report.follow_up_error is None
    return Answer(value=report, text=sweep_summary(report), code=0 if ok else 1)


class _sweep_progress:  # noqa: N801  (used like a function)
    """Tell of each trial that has ended, with how far the sweep is."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.tally = ""
        self.ended: set[tuple[str, int]] = set()
        self.began = False

    def __call__(self, job: Job) -> None:
        if job.spec.sweep is not None:
            self._tell_sweep(job)
        elif job.status.ended and (job.id, job.attempt) not in self.ended:
            self.ended.add((job.id, job.attempt))
            self.console.tell(trial_line(job))

    def _tell_sweep(self, job: Job) -> None:
        if not self.began:
            self.began = True
            self.console.tell(f"sweep {job.short}: Ctrl-C stops it, jupyter mlops resume {job.short} goes on")
        line = tally_line(job)
        if line != self.tally and not job.status.ended:
            self.tally = line
            self.console.show(line)


def run_pipeline(
    console: Console, file: str, *, workers: int = 2, force: bool = False, engine: str = "local"
) -> Answer:
    """Run a pipeline's notebooks, each after those it needs; what is unchanged is passed over.

    Parameters
    ----------
    file
        A YAML file with the steps; docs/files.md tells its keys.
    workers
        How many steps at once.
    force
        Pass over nothing.
    engine
        local, dask, or dask:ADDRESS of a scheduler.
    """
    from jupyter_mlops import automation

    with console.opened() as ws:
        report = automation.run_pipeline(
            ws, file, workers=workers, force=force, engine=engine, progress=_progress(console)
        )
    return Answer(value=report, text=pipeline_summary(report), code=0 if report.ok else 1)


def reproduce(
    console: Console,
    run: str,
    *,
    tolerance: float = 1e-6,
    timeout: float | None = None,
    environment: RunIn = RunIn.THIS,
) -> Answer:
    """Run a recorded run again in a fresh kernel and say whether the same comes of it.

    Parameters
    ----------
    tolerance
        The relative difference up to which two numbers count as equal (docs/reproducing.md).
    timeout
        Seconds the new run may take.
    environment
        this, or recreate: a virtual environment with the recorded packages.
    """
    from jupyter_mlops.jobs import reproduce_run

    with console.opened() as ws:
        report = reproduce_run(
            ws,
            run,
            tolerance=tolerance,
            timeout=timeout,
            environment=environment,
            tell=console.show,
            progress=_progress(console),
        )
    same = report.verdict in {ReproductionVerdict.IDENTICAL, ReproductionVerdict.WITHIN_TOLERANCE}
    return Answer(value=report, text=reproduction_summary(report), code=0 if same else 1)


def check_folder(
    console: Console,
    folder: str,
    *,
    workers: int = 1,
    timeout: float = 600.0,
    tolerance: float = 1e-6,
    only_run: bool = False,
) -> Answer:
    """Run every notebook of a folder from top to bottom, and compare what it shows with what was saved.

    Parameters
    ----------
    folder
        The folder, or one notebook.
    workers
        How many at once.
    timeout
        Seconds each of them may take.
    tolerance
        The relative difference up to which two numbers count as equal (docs/reproducing.md).
    only_run
        Compare nothing: only tell which still run.
    """
    from jupyter_mlops.automation import check_notebooks

    with console.opened() as ws:
        report = check_notebooks(
            ws,
            folder,
            workers=workers,
            timeout=timeout,
            tolerance=tolerance,
            only_run=only_run,
            progress=_progress(console),
        )
    return Answer(value=report, text=folder_summary(report), code=1 if report.failed else 0)
