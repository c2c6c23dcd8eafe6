"""The trials of a sweep as the store has them: jobs that name the sweep's own, each with its number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from jupyter_mlops.automation.followup import job_metrics, job_runs
from jupyter_mlops.automation.sweeps.sampling import Known
from jupyter_mlops.errors import Conflict
from jupyter_mlops.jobs.steps import add_job
from jupyter_mlops.records.job import UNDER_WAY, Job, JobSpec, JobStatus
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.query import Query, equal, parse_order
from jupyter_mlops.records.sweep import Best, Goal, Sweep, Tally
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["STOPPED", "Trials", "add_trial", "curve_of", "is_better", "trials_of", "was_stopped"]

STOPPED = "stopped_early"  # the kind of error of a trial that was given up
_PAGE = 1_000
_BY_AGE = parse_order("queued, id")


def trials_of(tx: Transaction, sweep: str) -> Iterator[Job]:
    """Yield the jobs of a sweep's trials, the earliest queued first."""
    cursor = None
    while True:
        page = tx.jobs.find(Query(where=equal(sweep=sweep), order=_BY_AGE, limit=_PAGE, cursor=cursor))
        yield from page
        cursor = page.cursor
        if cursor is None:
            return


def add_trial(ws: Workspace, sweep: Job, number: int, spec: JobSpec) -> Job:
    """Queue a trial, unless the sweep is not this process's any more.

    Raises
    ------
    Conflict
        Somebody has ended the sweep, or taken it up since.
    """
    trial = Job(
        id=ws.new_id(),
        spec=spec,
        queued=ws.now(),
        actor=ws.actor,
        attended=True,
        sweep=sweep.id,
        trial=number,
    )
    with ws.store.write() as tx:
        kept = tx.jobs.get(sweep.id)
        if kept.status.ended or kept.run != sweep.run or kept.attempt != sweep.attempt:
            raise Conflict(
                f"sweep {sweep.short} is not this process's any more: it is {kept.status}",
                remedy=f"Look at what became of it: jupyter mlops job show {sweep.short}.",
            )
        return add_job(ws, tx, trial, sweep=sweep.id, trial=number)


def was_stopped(job: Job) -> bool:
    """Tell whether a trial was given up early."""
    return job.status is JobStatus.CANCELLED and job.error is not None and job.error.kind == STOPPED


def is_better(goal: Goal, value: float, than: float | None) -> bool:
    """Tell whether *value* is a better one; one that is not a number is none."""
    if value != value:  # noqa: PLR0124  (not a number)
        return False
    if than is None:
        return True
    return value < than if goal.direction is Direction.LOWER else value > than


def curve_of(tx: Transaction, job: Job, metric: str) -> list[tuple[int, float]]:
    """Return what a trial has logged of *metric* so far, as steps and values: of its runs, the one that logged most."""
    best: list[tuple[int, float]] = []
    for run in job_runs(tx, job):
        curve = tx.metrics.curve(run.id, metric)
        if len(curve.steps) > len(best):
            best = [(int(step), float(value)) for step, value in zip(curve.steps, curve.values, strict=True)]
    return best


class Trials:
    """What a sweep's conductor knows of its trials."""

    def __init__(self, ws: Workspace, plan: Sweep) -> None:
        self._ws, self._plan = ws, plan
        self.jobs: dict[int, Job] = {}  # by number
        self.values: dict[int, float] = {}  # what the goal's metric came to, of those that succeeded
        self._given_up: dict[int, float] = {}  # the last of it, of those that were given up

    def load(self, sweep: str) -> None:
        """Take in what an earlier conductor has left."""
        with self._ws.store.read() as tx:
            found = list(trials_of(tx, sweep))
        for job in found:
            self.note(job)

    def note(self, job: Job) -> None:
        """Take in where a trial stands."""
        if job.trial is None:
            return
        self.jobs[job.trial] = job
        for values in (self.values, self._given_up):
            values.pop(job.trial, None)
        goal = self._plan.goal
        if goal is None or not (job.status is JobStatus.SUCCEEDED or was_stopped(job)):
            return
        value = job_metrics(self._ws, job).get(goal.metric)
        if value is not None:
            (self._given_up if was_stopped(job) else self.values)[job.trial] = value

    def known(self) -> list[Known]:
        """Return the trials that have begun, as samplers ask for them."""
        return [
            Known(
                number=number,
                values={name: job.spec.parameters[name] for name in self._plan.axes},
                # What was given up is known to be bad: a sampler that heard nothing of it would look there again.
                value=self.values.get(number, self._given_up.get(number)),
                running=not job.status.ended,
            )
            for number, job in sorted(self.jobs.items())
        ]

    def open(self) -> list[Job]:
        """Return the trials that wait or are under way."""
        return [job for _, job in sorted(self.jobs.items()) if not job.status.ended]

    def unsuccessful(self) -> list[Job]:
        """Return the trials that have ended, neither well nor because they were given up."""
        return [
            job
            for _, job in sorted(self.jobs.items())
            if job.status.ended and job.status is not JobStatus.SUCCEEDED and not was_stopped(job)
        ]

    def succeeded(self) -> Sequence[Job]:
        """Return the trials that have succeeded."""
        return [job for _, job in sorted(self.jobs.items()) if job.status is JobStatus.SUCCEEDED]

    def best(self) -> Best | None:
        """Return the best trial so far; of two that are as good, the earlier one."""
        goal = self._plan.goal
        best: Best | None = None
        for number in sorted(self.values):
            if goal is not None and is_better(goal, self.values[number], best.value if best else None):
                job = self.jobs[number]
                varied = {name: job.spec.parameters[name] for name in self._plan.varying}
                best = Best(job=job.id, value=self.values[number], parameters=varied)
        return best

    def tally(self) -> Tally:
        """Return how far the sweep is."""
        stopped = sum(was_stopped(job) for job in self.jobs.values())
        tally = Tally(
            trials=self._plan.trials,
            succeeded=len(self.succeeded()),
            # Who was told to stop is no failure: going on with the sweep begins it anew.
            failed=sum(job.status is not JobStatus.CANCELLED for job in self.unsuccessful()),
            stopped=stopped,
            running=sum(job.status in UNDER_WAY for job in self.jobs.values()),
            best=self.best(),
        )
        return replace(tally, left=self._left(tally))

    def _left(self, tally: Tally) -> float | None:
        took = [
            (job.ended - job.started).total_seconds()
            for job in self.succeeded()
            if job.ended is not None and job.started is not None
        ]
        open_ = tally.remaining + tally.running
        if not took or not open_:
            return None
        return sum(took) / len(took) * open_ / min(self._plan.workers, open_)
