"""What is asked of a sweep: to be queued, to be run here and now, to go on, and how its trials stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from jupyter_mlops.automation.followup import Followed, follow_up
from jupyter_mlops.automation.sweeps.axes import read_axes
from jupyter_mlops.automation.sweeps.conducting import conduct
from jupyter_mlops.automation.sweeps.sampling import count_of, open_proposer
from jupyter_mlops.automation.sweeps.trials import trials_of, was_stopped
from jupyter_mlops.errors import Invalid, MlopsError
from jupyter_mlops.jobs.ending import as_job_error
from jupyter_mlops.jobs.engines import check_engine
from jupyter_mlops.jobs.steps import requeue
from jupyter_mlops.jobs.submit import (
    checked_label,
    get_job,
    inspect_notebook,
    prepare_spec,
    queue_job,
    read_job,
)
from jupyter_mlops.records.job import Job, JobOptions, JobSpec, JobStatus
from jupyter_mlops.records.policy import direction_of
from jupyter_mlops.records.query import Comparison, Field, Operator, Query, Scope
from jupyter_mlops.records.report import SweepReport, SweepRow
from jupyter_mlops.records.run import Grade, Run
from jupyter_mlops.records.sweep import EarlyStop, Goal, Sampler, Sweep, SweepOptions
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["resume_sweep", "submit_sweep", "sweep_notebook", "sweep_trials"]

Progress = Callable[[Job], None]
_TOGETHER = 500  # runs that are read at once


def submit_sweep(  # noqa: PLR0913  # each is a field of the form a person fills in
    ws: Workspace,
    *,
    notebook: str,
    parameters: Mapping[str, object],
    experiment: str = "default",
    name: str = "",
    register_as: str | None = None,
    review_for: str | None = None,
    sweep: SweepOptions | None = None,
    options: JobOptions | None = None,
) -> Job:
    """Queue a sweep as one job: it runs the notebook once for each drawn combination of values.

    Whatever turns the clock begins it; it needs no open notebook. Each trial is a job of its own, and all of their
    runs stand under the sweep's. Trying the job again goes on where it stopped.

    Parameters
    ----------
    notebook
        The notebook's path.
    parameters
        For each name its values: several with commas between them, or two numbers with two dots between them.
    experiment
        The experiment its runs belong to.
    name
        A name for its run; without one, the notebook's.
    register_as
        The model to register under what the best trial logged as a model; needs a metric.
    review_for
        The alias that a review is then opened for; without one, champion.
    sweep
        How values are drawn, which trial is best, when one is given up, how many run at once.
    options
        What is seldom said of each trial: kernel, working folder, limits, retries.

    Raises
    ------
    NotFound
        There is no such notebook.
    Invalid
        A value does not fit the notebook, or the plan makes no sense; nothing has been started.
    """
    spec = _prepare(
        ws,
        notebook,
        parameters,
        sweep or SweepOptions(),
        options or JobOptions(),
        register_as=register_as,
        review_for=review_for,
    )
    labelled = replace(
        spec,
        experiment=checked_label("experiment", experiment) or "default",
        name=checked_label("name", name) or spec.name,
    )
    return queue_job(ws, labelled)


def sweep_notebook(  # noqa: PLR0913  # what one line of the shell says
    ws: Workspace,
    *,
    notebook: str,
    parameters: Mapping[str, object],
    experiment: str = "default",
    register_as: str | None = None,
    sweep: SweepOptions | None = None,
    options: JobOptions | None = None,
    progress: Progress | None = None,
) -> SweepReport:
    """Run a notebook once for each combination of values that is drawn, and wait for all of them.

    A trial that fails does not stop the others. All runs stand under one run, the sweep's. A sweep that was interrupted
    is gone on with by ``resume_sweep``.

    Parameters
    ----------
    notebook
        The notebook's path.
    parameters
        For each name its values: a list, or text with commas between them (``0.1,0.2,0.5``); or two numbers that all
        values lie between (``0.001..0.1 log``). One value keeps a parameter fixed.
    experiment
        The experiment its runs belong to.
    register_as
        The model to register under what the best trial logged; a review for ``champion`` is opened.
    sweep
        How values are drawn, which trial is best, when one is given up, how many run at once.
    options
        What is seldom said of each trial: kernel, working folder, limits, retries.
    progress
        Called with a trial at each of its changes, and with the sweep's own job as its tally changes.

    Raises
    ------
    NotFound
        There is no such notebook.
    Invalid
        A value does not fit the notebook, or the plan makes no sense; nothing has been started.
    Unavailable
        The engine is not to be had; nothing has been started.
    """
    spec = _prepare(
        ws, notebook, parameters, sweep or SweepOptions(), options or JobOptions(), register_as=register_as
    )
    spec = replace(spec, experiment=checked_label("experiment", experiment) or "default")
    return _attend(ws, queue_job(ws, spec, attended=True), progress)


def resume_sweep(ws: Workspace, job: str, *, progress: Progress | None = None) -> SweepReport:
    """Go on with a sweep that did not succeed, here and now: what succeeded or was given up early stays.

    What failed, was cancelled or lost is tried again, and what had not begun begins.

    Parameters
    ----------
    job
        The id of the sweep's job, or its tail.
    progress
        As of ``sweep_notebook``.

    Raises
    ------
    NotFound
        There is no such job.
    Invalid
        It is no sweep.
    Conflict
        It is under way, or has succeeded.
    """
    found = _sweep_job(ws, job)
    if found.status is not JobStatus.QUEUED:
        with ws.store.write() as tx:
            found = requeue(ws, tx, tx.jobs.get(found.id), attended=True)
    return _attend(ws, found, progress)


def sweep_trials(ws: Workspace, job: str) -> SweepReport:
    """Show how the trials of a sweep stand: their values, their metrics, and which is best.

    Parameters
    ----------
    job
        The id of the sweep's job, or its tail.

    Raises
    ------
    NotFound
        There is no such job.
    Invalid
        It is no sweep.
    """
    return _report(ws, _sweep_job(ws, job))


def _sweep_job(ws: Workspace, job: str) -> Job:
    found = get_job(ws, job)
    if found.spec.sweep is None:
        raise Invalid(
            f"job {found.short} runs its notebook once; it is no sweep",
            remedy="jupyter mlops jobs lists all; those with a tally are sweeps.",
        )
    return found


def _attend(ws: Workspace, job: Job, progress: Progress | None) -> SweepReport:
    ended = conduct(ws, job.id, progress=progress)
    followed, refused = Followed(), None
    try:
        followed = follow_up(ws, ended.id) or followed
    except MlopsError as failure:  # the trials are there all the same, and have their numbers
        refused = as_job_error(failure)
    return replace(
        _report(ws, read_job(ws, ended.id)),
        version=followed.version.version if followed.version else None,
        review=followed.review.id if followed.review else None,
        follow_up_error=refused,
    )


# --- the plan --------------------------------------------------------------------------------------------------


def _prepare(
    ws: Workspace,
    notebook: str,
    parameters: Mapping[str, object],
    sweep: SweepOptions,
    options: JobOptions,
    *,
    register_as: str | None = None,
    review_for: str | None = None,
) -> JobSpec:
    """Check everything that can be checked before a sweep starts, and keep the notebook's bytes."""
    declared = inspect_notebook(ws, notebook)
    if options.output is not None:
        raise Invalid(
            "a sweep has many executed notebooks, and one output path would be written by all of them",
            remedy="Leave output out; each trial's run has its notebook.",
        )
    goal = _goal(sweep)
    if register_as and goal is None:
        raise Invalid(
            f"which trial is to be registered as {register_as!r} is not said",
            remedy="Name the metric that says which is best: --metric mae.",
        )
    axes = read_axes(declared, parameters)
    plan = Sweep(
        axes=axes,
        sampler=sweep.sampler,
        trials=count_of(axes, sweep.sampler, sweep.trials),
        seed=sweep.seed,
        workers=sweep.workers,
        engine=sweep.engine,
        goal=goal,
        early_stop=_early_stop(sweep, goal),
    )
    check_engine(plan.engine, plan.workers)
    first = open_proposer(plan).propose(0, [])
    spec = prepare_spec(
        ws,
        notebook=notebook,
        parameters=first,
        options=options,
        register_as=register_as,
        review_for=review_for,
    )
    return replace(spec, parameters={}, sweep=plan)


def _goal(sweep: SweepOptions) -> Goal | None:
    if sweep.metric is None:
        if sweep.early_stop or sweep.sampler is Sampler.BAYESIAN:
            what = "early stopping" if sweep.early_stop else "the bayesian sampler"
            raise Invalid(
                f"{what} must know which metric says how good a trial is",
                remedy="Name it: --metric mae.",
            )
        return None
    direction = sweep.direction or direction_of(sweep.metric)
    if direction is None:
        raise Invalid(
            f"whether {sweep.metric!r} is better when lower or higher is not to be read off its name",
            remedy="Say it: --direction lower, or --direction higher.",
        )
    return Goal(metric=sweep.metric, direction=direction)


def _early_stop(sweep: SweepOptions, goal: Goal | None) -> EarlyStop | None:
    if not sweep.early_stop or goal is None:
        return None
    for name in ("early_stop_after", "early_stop_among"):
        if getattr(sweep, name) < 1:
            raise Invalid(
                f"{name} is {getattr(sweep, name)}; it must be at least 1",
                remedy="Leave it out for 5.",
            )
    return EarlyStop(after=sweep.early_stop_after, among=sweep.early_stop_among)


# --- the report ------------------------------------------------------------------------------------------------


def _report(ws: Workspace, job: Job) -> SweepReport:
    plan = job.spec.sweep
    goal = plan.goal.metric if plan and plan.goal else None
    with ws.store.read() as tx:
        trials = sorted(trials_of(tx, job.id), key=lambda trial: trial.trial or 0)
        runs = _runs_of(tx, trials)
        rows = tuple(_row(trial, runs.get(trial.run or ""), goal) for trial in trials)
    return SweepReport(
        job=job.id, run=job.run, status=job.status, metric=goal or "", tally=job.tally, rows=rows
    )


def _runs_of(tx: Transaction, trials: Sequence[Job]) -> dict[str, Run]:
    names = [job.run for job in trials if job.run is not None]
    found: dict[str, Run] = {}
    for first in range(0, len(names), _TOGETHER):
        among = Comparison(Field(Scope.ATTRIBUTE, "id"), Operator.IN, tuple(names[first : first + _TOGETHER]))
        found |= {run.id: run for run in tx.runs.find(Query(where=among, limit=_TOGETHER))}
    return found


def _row(job: Job, run: Run | None, goal: str | None) -> SweepRow:
    metrics = dict(run.metrics) if run is not None else {}
    return SweepRow(
        number=job.trial or 0,
        parameters=job.spec.parameters,
        job=job.id,
        run=job.run,
        status=job.status,
        grade=run.grade if run is not None else Grade.UNKNOWN,
        metrics=metrics,
        value=metrics.get(goal) if goal is not None else None,
        stopped=was_stopped(job),
        error=job.error,
    )
