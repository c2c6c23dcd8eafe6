"""What follows a job's end: the model it logged is registered, and a review waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_mlops.errors import Invalid, MlopsError, NotFound
from jupyter_mlops.notifications.announcing import announce_end
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.records.model import ModelVersion
from jupyter_mlops.records.query import And, Comparison, Field, Operator, Query, Scope, equal
from jupyter_mlops.records.review import Review
from jupyter_mlops.records.run import Run
from jupyter_mlops.registry import register_version
from jupyter_mlops.registry.refused import refusals_in
from jupyter_mlops.review import open_review
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["TRIALS_FAILED", "Followed", "follow_up", "job_metrics", "job_runs", "logged_model", "runs_under"]

TRIALS_FAILED = (
    "TrialsFailed"  # the kind of error of a sweep that ran to its end, some of its trials without success
)
_MOST_RUNS = 10_000
_MANIFEST = "models/%/manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a follow-up made; empty where the job asked for nothing or did not succeed."""

    version: ModelVersion | None = None
    review: Review | None = None


def follow_up(ws: Workspace, job: str, *, sequence: int | None = None) -> Followed | None:
    """Do what follows the end of a job, once: tell of it, register its model, open its review.

    Any number of processes may ask; the first does it. What it does may also safely be done twice (the same model
    of the same run is registered once, an open review is returned), so a process that dies in the middle loses
    nothing that asking again with ``jupyter mlops register`` would not bring back.

    Parameters
    ----------
    job
        Its id.
    sequence
        Where the job stood as it was found to be over; where it has gone on since, nothing is done: its new end may
        have another try before it.

    Returns
    -------
    Followed or None
        None: the job has not ended, has gone on since, or somebody else has followed it up.

    Raises
    ------
    Invalid
        The job should register a model and has logged none.
    MlopsError
        The model cannot be registered; the ledger says why.
    """
    mine = _claim(ws, job, sequence)
    if mine is None:
        return None
    # A sweep has failed as soon as one of its trials has; the best of the others is a model all the same.
    has_model = mine.status is JobStatus.SUCCEEDED or (
        mine.error is not None and mine.error.kind == TRIALS_FAILED
    )
    if not has_model or not mine.spec.register_as:
        return Followed()
    try:
        return _register(ws, mine, mine.spec.register_as)
    except MlopsError as failure:
        with ws.store.write() as tx:
            tx.events.append(
                [ws.event("job.follow_up_failed", mine.id, error=failure.code, message=str(failure))]
            )
        raise


def _claim(ws: Workspace, job: str, sequence: int | None) -> Job | None:
    with ws.store.write() as tx:
        kept = tx.jobs.get(job)
        if kept.followed or not kept.status.ended:
            return None
        if sequence is not None and kept.sequence != sequence:
            return None
        mine = replace(kept, followed=True)
        tx.jobs.replace(mine)
        try:
            announce_end(ws, tx, mine)
        except (Invalid, NotFound, ValueError, TypeError) as failure:
            # A subscription that cannot be read must not keep a job's model from being registered.
            tx.events.append([ws.event("notification.failed", mine.id, of=mine.id, error=str(failure)[:500])])
    return mine


def _register(ws: Workspace, job: Job, name: str) -> Followed:
    with ws.store.read() as tx:
        run, artifact = logged_model(tx, _best_of(tx, job) if job.spec.sweep is not None else job)
    version = register_version(ws, model=name, run=run.id, artifact=artifact.name.split("/")[1])
    review = open_review(ws, version.reference, job.spec.review_for or "champion")
    with ws.store.write() as tx:
        tx.events.append([ws.event("job.followed_up", job.id, version=version.reference, review=review.id)])
    return Followed(version=version, review=review)


def _best_of(tx: Transaction, sweep: Job) -> Job:
    """Return the job of a sweep's best trial, asking for the sweep's model."""
    if sweep.tally is None or sweep.tally.best is None:
        metric = sweep.spec.sweep.goal.metric if sweep.spec.sweep and sweep.spec.sweep.goal else "the metric"
        raise Invalid(
            f"no trial of the sweep succeeded and logged {metric}, so nothing can be registered as {sweep.spec.register_as!r}",
            remedy=f"See what the trials logged: jupyter mlops job trials {sweep.short}.",
            data={"job": sweep.id},
        )
    best = tx.jobs.get(sweep.tally.best.job)
    return replace(best, spec=replace(best.spec, register_as=sweep.spec.register_as))


def job_runs(tx: Transaction, job: Job) -> tuple[Run, ...]:
    """Return the job's own run and, after it, those of its tracked cells, the earliest first."""
    return () if job.run is None else runs_under(tx, job.run)


def runs_under(tx: Transaction, run: str) -> tuple[Run, ...]:
    """Return a run and, after it, those that were begun in it, at whatever depth, the earliest first."""
    found = [tx.runs.get(run)]
    level = [run]
    while level:
        children = [
            run for key in level for run in tx.runs.find(Query(where=equal(parent=key), limit=_MOST_RUNS))
        ]
        found += children
        level = [run.id for run in children]
    return (found[0], *sorted(found[1:], key=lambda run: (run.started, run.id)))


def logged_model(tx: Transaction, job: Job) -> tuple[Run, Artifact]:
    """Return the model that a job's runs logged last: of the run that started last, a named one first.

    Raises
    ------
    Invalid
        They logged none.
    """
    runs = job_runs(tx, job)
    for run in reversed(runs):
        models = _manifests(tx, run)
        if models:
            return run, models[-1]
    raise Invalid(
        f"the notebook {job.spec.notebook} logged no model, so nothing can be registered as {job.spec.register_as!r}",
        remedy=refusals_in(runs)
        or "Fit a scikit-learn model in a cell that begins with %%track, or call run.log_model(model) in it.",
        data={"job": job.id, "run": job.run},
    )


def _manifests(tx: Transaction, run: Run) -> Sequence[Artifact]:
    like = Comparison(Field(Scope.ATTRIBUTE, "name"), Operator.LIKE, _MANIFEST)
    found = list(tx.artifacts.find(Query(where=And((equal(run=run.id), like)), limit=1000)))
    # "model" is what a model is called that nobody named: where there are others, it was logged by autolog first.
    return sorted(found, key=lambda artifact: (artifact.name != "models/model/manifest.json", artifact.name))


def job_metrics(ws: Workspace, job: Job) -> dict[str, float]:
    """Return the last values of the metrics of a job's run; at its end it was told those of its tracked cells."""
    if job.run is None:
        return {}
    with ws.store.read() as tx:
        return dict(tx.runs.get(job.run).metrics)
