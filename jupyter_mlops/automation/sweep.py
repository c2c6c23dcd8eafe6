"""A grid of parameter values: each combination a job, all of them children of one run."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from jupyter_mlops.automation.followup import job_metrics
from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.crew import Crew
from jupyter_mlops.jobs.submit import inspect_notebook, prepare_spec
from jupyter_mlops.jobs.values import check_values
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.job import Job, JobOptions, JobSpec, JobStatus
from jupyter_mlops.records.parameter import Parameter, Unread
from jupyter_mlops.records.report import SweepReport, SweepRow
from jupyter_mlops.records.run import Grade, Run, RunStatus
from jupyter_mlops.records.source import Source
from jupyter_mlops.tracking.runs import finish_run, start_run
from jupyter_mlops.workspace import Workspace

__all__ = ["axis_of", "grid_of", "sweep_notebook"]

_MOST = 10_000  # combinations
_LISTS = frozenset({"list", "tuple", "set", "frozenset"})
_OPENING, _CLOSING, _QUOTES = "([{", ")]}", "'\""


def sweep_notebook(
    ws: Workspace,
    *,
    notebook: str,
    parameters: Mapping[str, object],
    experiment: str = "default",
    workers: int = 2,
    engine: str = "local",
    progress: Callable[[Job], None] | None = None,
) -> SweepReport:
    """Run a notebook once for each combination of parameter values, and wait for all of them.

    A combination that fails does not stop the others. All runs stand under one run, the sweep's.

    Parameters
    ----------
    notebook
        The notebook's path.
    parameters
        For each name its values: a list, or text with commas between them (``0.1,0.2,0.5``). One value keeps a
        parameter fixed.
    experiment
        The experiment its runs belong to.
    workers
        How many jobs at once.
    engine
        ``local``, ``dask`` or ``dask:ADDRESS``.
    progress
        Called with a job at each of its changes.

    Raises
    ------
    NotFound
        There is no such notebook.
    Invalid
        A value does not fit the notebook, or there are too many combinations; nothing has been started.
    """
    declared = {p.name: p for p in inspect_notebook(ws, notebook)}
    axes = {name: axis_of(declared.get(name), given) for name, given in parameters.items()}
    grid = grid_of(list(declared.values()), axes)
    base = replace(
        prepare_spec(ws, notebook=notebook, parameters=grid[0], options=JobOptions()), experiment=experiment
    )
    # Held and renewed by this process, so that a sweep whose process dies is found lost.
    own = ws.acting_as(replace(ws.actor, via=Door.AUTOMATION))
    ended: list[Job] = []
    run: Run | None = None
    status = RunStatus.CANCELLED
    try:
        # First the crew: an engine that is not to be had leaves no run behind.
        with Crew(own, workers=min(workers, len(grid)), engine=engine, progress=progress) as crew:
            run = start_run(
                own,
                name=f"sweep of {base.name}",
                experiment=experiment,
                source=Source(notebook=base.notebook),
                tags={
                    "notebook": base.notebook,
                    "sweep": ", ".join(f"{n} x{len(v)}" for n, v in axes.items()),
                },
            )
            _run_all(crew, [replace(base, parameters=values, parent=run.id) for values in grid], ended)
        failed = any(job.status is not JobStatus.SUCCEEDED for job in ended)
        status = RunStatus.FAILED if failed else RunStatus.FINISHED
    finally:
        if run is not None:  # after its jobs, which the crew has dismissed where something went wrong
            finish_run(own, run=run.id, status=status)
    order = {job.id: place for place, job in enumerate(sorted(ended, key=lambda job: job.queued))}
    return SweepReport(
        run=run.id, rows=tuple(_row(ws, job) for job in sorted(ended, key=lambda job: order[job.id]))
    )


def _run_all(crew: Crew, specs: Sequence[JobSpec], ended: list[Job]) -> None:
    waiting = list(reversed(specs))
    while waiting or crew.busy:
        while waiting and crew.free:
            crew.start(waiting.pop())
        ended.extend(crew.wait())


def grid_of(declared: Sequence[Parameter], axes: Mapping[str, Sequence[object]]) -> list[dict[str, object]]:
    """Return every combination, each checked against what is declared; the last name varies fastest."""
    count = math.prod(len(values) for values in axes.values())
    if not axes or not count:
        raise Invalid(
            "a sweep needs at least one parameter with values", remedy="Such as -p alpha 0.1,0.2,0.5."
        )
    if count > _MOST:
        raise Invalid(
            f"the sweep has {count:,} combinations; at most {_MOST:,} are run at once",
            remedy="Give fewer values.",
        )
    return [
        check_values(declared, dict(zip(axes, values, strict=True)))
        for values in itertools.product(*axes.values())
    ]


def axis_of(parameter: Parameter | None, given: object) -> list[object]:
    """Return the values that *given* names for *parameter*: a list as it is, text split at its commas.

    Commas inside brackets and quotes do not split, so that a list can be one value. For a parameter that is itself a
    list, a list of lists gives several values and any other list is one.
    """
    if isinstance(given, str):
        return [Unread(part) for part in _split(given)]
    if not isinstance(given, Sequence):
        return [given]
    is_list = parameter is not None and parameter.type.kind in _LISTS
    if is_list and not all(isinstance(item, (list, tuple)) for item in given):
        return [list(given)]
    return list(given)


def _split(text: str) -> list[str]:
    parts, depth, quote = [""], 0, ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in _QUOTES:
            quote = sign
        else:
            depth += (sign in _OPENING) - (sign in _CLOSING)
        if sign == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def _row(ws: Workspace, job: Job) -> SweepRow:
    grade = Grade.UNKNOWN
    if job.run is not None:
        with ws.store.read() as tx:
            grade = tx.runs.get(job.run).grade
    return SweepRow(
        parameters=job.spec.parameters,
        job=job.id,
        run=job.run,
        status=job.status,
        grade=grade,
        metrics=job_metrics(ws, job),
        error=job.error,
    )
