"""A sweep from its claim to its end: trials are begun as others end, and whoever takes it up again goes on where it stood.

What a sweep knows stands in the store: its plan with its job, each trial in a job of its own. So a conductor that dies
loses nothing: what it had begun ends with it, and the next one begins what is missing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from jupyter_mlops.automation.followup import TRIALS_FAILED
from jupyter_mlops.automation.sweeps.protocol import Proposer
from jupyter_mlops.automation.sweeps.sampling import open_proposer
from jupyter_mlops.automation.sweeps.stopping import stops
from jupyter_mlops.automation.sweeps.trials import STOPPED, Trials, add_trial, curve_of
from jupyter_mlops.errors import Conflict, Invalid, MlopsError, Unavailable
from jupyter_mlops.jobs.crew import Crew
from jupyter_mlops.jobs.ending import as_job_error, claim_job
from jupyter_mlops.jobs.failures import TERMINATED, classified
from jupyter_mlops.jobs.machine import Room, needs, room_here
from jupyter_mlops.jobs.patience import patiently
from jupyter_mlops.jobs.queue import lacking
from jupyter_mlops.jobs.steps import end_step, requeue, take_step
from jupyter_mlops.jobs.submit import ask_to_cancel, read_job
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.job import Job, JobError, JobStatus
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.run import Run, RunError, RunStatus
from jupyter_mlops.records.source import Source
from jupyter_mlops.records.sweep import Goal, Sweep, Tally
from jupyter_mlops.tracking.lease import take_lease
from jupyter_mlops.tracking.log import log_metrics
from jupyter_mlops.tracking.runs import finish_run, reopen_run, start_run
from jupyter_mlops.workspace import Workspace

__all__ = ["conduct"]

_BEAT = 5.0  # seconds between heartbeats
_LOOK = 0.5  # seconds between looks at whether somebody wants it to stop
_LEFT = "launcher_gone"  # the kind of error of a job whose process has gone
_JUDGE = 1.0  # seconds between looks at the curves of the trials
_RUN_STATUS = {
    JobStatus.SUCCEEDED: RunStatus.FINISHED,
    JobStatus.FAILED: RunStatus.FAILED,
    JobStatus.CANCELLED: RunStatus.CANCELLED,
}


class _ToStop(Exception):
    """Somebody wants the sweep to stop, or it is not this process's any more."""

    def __init__(self, error: JobError | None) -> None:
        super().__init__(error.message if error else "the sweep is another process's now")
        self.error = error


def conduct(ws: Workspace, job: str, *, progress: Callable[[Job], None] | None = None) -> Job:
    """Run a queued or claimed sweep to its end, and return its job as it ended.

    Parameters
    ----------
    job
        The id of the sweep's job.
    progress
        Called with a trial at each of its changes, and with the sweep's own job as its tally changes.

    Raises
    ------
    Conflict
        Another process has it.
    """
    found = read_job(ws, job)
    if found.status is JobStatus.QUEUED:
        found = claim_job(ws, found.id)
    plan = found.spec.sweep
    if plan is None:
        raise Invalid(
            f"job {found.short} runs its notebook once; it is no sweep",
            remedy=f"Try it again with: jupyter mlops job retry {found.short}.",
        )
    if found.status is not JobStatus.CLAIMED:
        raise Conflict(
            f"sweep {found.short} is {found.status}, not claimed",
            remedy=f"Somebody else has taken or ended it: jupyter mlops job show {found.short}.",
        )
    # Held and renewed by this process, so that a sweep whose process dies is found lost.
    own = ws.acting_as(replace(found.actor, via=Door.AUTOMATION))
    try:
        proposer = open_proposer(plan)  # before it begins: a sampler may want what is not installed
        begun = _begin(own, found)
    except Conflict:  # it is somebody else's by now
        raise
    except MlopsError as failure:
        with own.store.write() as tx:
            kept = tx.jobs.get(found.id)
            if kept.sequence != found.sequence:
                return kept
            return end_step(own, tx, kept, JobStatus.FAILED, error=as_job_error(failure))
    return _Conductor(own, begun, plan, proposer, progress).to_its_end()


def _begin(ws: Workspace, job: Job) -> Job:
    """Move the job to ``running`` with a run of its own: the one it had, where an earlier conductor has left one."""
    run = _earlier_run(ws, job)
    run = reopen_run(ws, run=run.id) if run is not None else _new_run(ws, job)
    with ws.store.write() as tx:
        kept = take_step(ws, tx, tx.jobs.get(job.id), JobStatus.STARTING, run=run.id, started=ws.now())
        return take_step(ws, tx, kept, JobStatus.RUNNING)


def _earlier_run(ws: Workspace, job: Job) -> Run | None:
    keys = [past.run for past in reversed(job.attempts) if past.run is not None]
    if not keys:
        return None
    with ws.store.read() as tx:
        return tx.runs.get(keys[0])


def _new_run(ws: Workspace, job: Job) -> Run:
    spec = job.spec
    axes = spec.sweep.varying if spec.sweep else ()
    return start_run(
        ws,
        name=f"sweep of {spec.name}"[:200],
        experiment=spec.experiment,
        source=Source(notebook=spec.notebook, session=job.id),
        tags={"notebook": spec.notebook, "sweep": ", ".join(axes), **spec.tags},
        parent=spec.parent,
        job=job.id,
    )


class _Conductor:
    """One sweep, and the process that has it in hand."""

    def __init__(
        self, ws: Workspace, job: Job, plan: Sweep, proposer: Proposer, progress: Callable[[Job], None] | None
    ) -> None:
        self._ws, self._job, self._plan, self._progress = ws, job, plan, progress
        self._trials = Trials(ws, plan)
        self._proposer = proposer
        self._again: list[Job] = []  # trials that are queued and wait for a worker of ours
        # Trials that another process had in hand, and that may go down with it.
        self._taken_over: set[str] = set()
        self._looked_at = self._beat_at = self._judged_at = 0.0
        self._said: Tally | None = None
        self._curves: dict[str, list[tuple[int, float]]] = {}  # of the trials that have succeeded

    def to_its_end(self) -> Job:
        status = JobStatus.CANCELLED
        error: JobError | None = JobError(kind="interrupted", message="the sweep was interrupted")
        ours = True
        try:
            self._run()
            status, error = self._outcome()
        except _ToStop as stop:
            ours = stop.error is not None
            error = stop.error or error
        except MlopsError as failure:
            status, error = JobStatus.FAILED, as_job_error(failure)
        except Exception as failure:
            status, error = JobStatus.FAILED, JobError(kind=type(failure).__name__, message=str(failure))
            raise
        except KeyboardInterrupt as told:
            # With words: the machine goes down, say, and nobody has asked for it.
            kind = TERMINATED if told.args else "cancelled"
            error = JobError(kind=kind, message=str(told) or "interrupted at the keyboard")
            raise
        finally:
            if ours:
                patiently(lambda: self._end(status, error))
        return read_job(self._ws, self._job.id)

    def _run(self) -> None:
        self._trials.load(self._job.id)
        plan = self._plan
        crew = Crew(
            self._ws, workers=min(plan.workers, plan.trials), engine=plan.engine,
            progress=self._note, look=self._look,
        )  # fmt: skip
        with crew:
            self._take_up(crew)
            while True:
                while crew.free and self._has_room() and (trial := self._next()) is not None:
                    crew.take_up(trial)
                if crew.busy:
                    for job in crew.wait():
                        self._ended(job)
                elif not self._again and self._next_number() is None:
                    return
                else:  # others have the machine
                    self._look()
                    time.sleep(_LOOK)

    def _take_up(self, crew: Crew) -> None:
        """What an earlier conductor has begun is waited for; what did not succeed with it is tried again."""
        if self._job.attempt > 1:
            for job in self._trials.unsuccessful():
                self._try_again(job)
        for job in self._trials.open():
            if job.status is JobStatus.QUEUED:
                self._again.append(job)
            else:
                self._taken_over.add(job.id)
                crew.take_up(job)

    def _try_again(self, job: Job) -> Job:
        with suppress(Conflict), self._ws.store.write() as tx:  # a clock was faster
            requeue(self._ws, tx, tx.jobs.get(job.id), attended=True)
        again = read_job(self._ws, job.id)
        self._trials.note(again)
        return again

    def _ended(self, job: Job) -> None:
        patiently(lambda: self._note(job))
        # A worker of a process that was killed ends a moment after it: its trial was not tried by this one yet.
        if job.id in self._taken_over and job.error is not None and job.error.kind == _LEFT:
            self._taken_over.discard(job.id)
            self._again.append(patiently(lambda: self._try_again(job)))

    def _has_room(self) -> bool:
        """Tell whether this machine has what another trial takes; how a cluster's are filled is its scheduler's business."""
        spec = replace(self._job.spec, sweep=None)
        if self._plan.engine != "local" or needs(spec) == Room():
            return True
        wanting = patiently(lambda: lacking(self._ws, spec))
        if wanting and room_here(self._ws.settings).lacks(needs(spec)):
            raise Invalid(
                f"each trial takes {wanting.partition(' (')[0]}, more than this machine has for jobs",
                remedy="Ask for less, or run the sweep where there is more.",
            )
        return not wanting

    def _next(self) -> Job | None:
        if self._again:
            return self._again.pop(0)
        number = self._next_number()
        return None if number is None else patiently(lambda: self._new_trial(number))

    def _next_number(self) -> int | None:
        """Return the smallest number that no trial has."""
        return next(
            (
                n
                for n in range(len(self._trials.jobs) + 1)
                if n not in self._trials.jobs and n < self._plan.trials
            ),
            None,
        )

    def _new_trial(self, number: int) -> Job:
        values = self._proposer.propose(number, self._trials.known())
        spec = replace(
            self._job.spec,
            parameters={**self._job.spec.parameters, **values},
            sweep=None,
            parent=self._job.run,
            register_as=None,
            review_for=None,
            output=None,
        )
        try:
            trial = add_trial(self._ws, self._job, number, spec)
        except Conflict as gone:
            raise _ToStop(None) from gone
        self._trials.note(trial)
        return trial

    # --- while it is under way -----------------------------------------------------------------------------

    def _note(self, job: Job) -> None:
        self._trials.note(job)
        if self._progress is not None:
            self._progress(job)

    def _look(self) -> None:
        """Called by the crew some times a second."""
        now = time.monotonic()
        if now - self._looked_at < _LOOK:
            return
        self._looked_at = now
        with suppress(Unavailable):  # the trials go on while the store is away
            self._heed_store()
            tally = self._trials.tally()
            if tally != self._said or now - self._beat_at >= _BEAT:
                self._beat_at, self._said = now, tally
                self._beat(tally)
            if now - self._judged_at >= _JUDGE:
                self._judged_at = now
                self._give_up_bad_ones()

    def _heed_store(self) -> None:
        kept = read_job(self._ws, self._job.id)
        if kept.status.ended or kept.attempt != self._job.attempt or kept.run != self._job.run:
            raise _ToStop(None)
        if kept.cancel:
            raise _ToStop(kept.error or JobError(kind="cancelled", message="cancelled"))

    def _beat(self, tally: Tally) -> None:
        now = self._ws.now()
        with self._ws.store.write() as tx:
            kept = tx.jobs.get(self._job.id)
            if kept.status.ended or kept.attempt != self._job.attempt:
                return
            lease = take_lease(now, self._ws.settings.lease_seconds)
            self._job = replace(kept, heartbeat=now, lease=lease, tally=tally)
            tx.jobs.replace(self._job)
        if self._progress is not None:
            self._progress(self._job)

    def _give_up_bad_ones(self) -> None:
        rule, goal = self._plan.early_stop, self._plan.goal
        running = [job for job in self._trials.open() if job.status is JobStatus.RUNNING and not job.cancel]
        if rule is None or goal is None or not running:
            return
        succeeded = self._trials.succeeded()
        if len(succeeded) < rule.among:
            return
        with self._ws.store.read() as tx:
            for job in succeeded:
                if job.id not in self._curves:
                    self._curves[job.id] = curve_of(tx, job, goal.metric)
            others = [self._curves[job.id] for job in succeeded]
            own = {job.id: curve_of(tx, job, goal.metric) for job in running}
        for job in running:
            median = stops(rule, goal, own[job.id], others)
            if median is None:
                continue
            why = (
                f"given up at step {own[job.id][-1][0]}: its best {goal.metric} so far is "
                f"{_best(goal, own[job.id])}, and the median of the others {median:.6g}"
            )
            with suppress(Conflict):  # it has ended this very moment
                self._trials.note(ask_to_cancel(self._ws, job.id, JobError(kind=STOPPED, message=why)))

    # --- the end -------------------------------------------------------------------------------------------

    def _outcome(self) -> tuple[JobStatus, JobError | None]:
        bad = self._trials.unsuccessful()
        if not bad:
            return JobStatus.SUCCEEDED, None
        first = bad[0]
        why = f"; the first: {first.error.kind}: {first.error.message}" if first.error else ""
        return JobStatus.FAILED, JobError(
            kind=TRIALS_FAILED,
            message=f"{len(bad)} of {self._plan.trials} trials did not succeed{why}",
            remedy=f"jupyter mlops job trials {self._job.short} lists them; jupyter mlops resume {self._job.short} "
            "tries them again, and only them.",
        )

    def _end(self, status: JobStatus, error: JobError | None) -> None:
        """Write down how it ended: after its trials, which the crew has dismissed where something went wrong."""
        kept = read_job(self._ws, self._job.id)
        if kept.status.ended or kept.attempt != self._job.attempt:
            return  # somebody has taken it for lost, and maybe gone on with it
        for trial in self._trials.open():
            with suppress(Conflict):  # what had no worker yet must not wait for one
                ask_to_cancel(self._ws, trial.id, JobError(kind="cancelled", message="no longer wanted"))
        tally = replace(self._trials.tally(), running=0, left=None)
        error = classified(status, error)
        run, goal = str(self._job.run), self._plan.goal
        with _suppressing_late():
            if tally.best is not None and goal is not None:
                log_metrics(self._ws, run=run, metrics={goal.metric: tally.best.value})
            said = (
                RunError(kind=error.kind, message=error.message)
                if status is JobStatus.FAILED and error
                else None
            )
            finish_run(self._ws, run=run, status=_RUN_STATUS[status], error=said)
        with self._ws.store.write() as tx:
            kept = tx.jobs.get(self._job.id)
            if not kept.status.ended and kept.attempt == self._job.attempt:
                self._job = end_step(
                    self._ws, tx, kept, status, error=error, tally=tally, heartbeat=self._ws.now()
                )
        if self._progress is not None:
            self._progress(self._job)


def _best(goal: Goal, points: Sequence[tuple[int, float]]) -> str:
    numbers = [value for _, value in points if not math.isnan(value)]
    if not numbers:
        return "no number"
    return f"{(min if goal.direction is Direction.LOWER else max)(numbers):.6g}"


@contextmanager
def _suppressing_late() -> Iterator[None]:
    """A run that somebody else has ended meanwhile stays as it is."""
    with suppress(Conflict):
        yield
