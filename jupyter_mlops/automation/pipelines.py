"""Notebooks and scripts that need each other, from a small file; a step is skipped when nothing it depends on has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from jupyter_mlops.automation.basis import Basis, basis_of, keep_basis, last_success
from jupyter_mlops.automation.changed_part import changed_part
from jupyter_mlops.automation.followup import follow_up
from jupyter_mlops.automation.named_paths import paths_named
from jupyter_mlops.automation.passing import hand_over
from jupyter_mlops.automation.steps import Pipeline, Step, read_pipeline
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.jobs.crew import Crew
from jupyter_mlops.jobs.ending import as_job_error
from jupyter_mlops.jobs.notebook import Notebook, checked_values, from_bytes
from jupyter_mlops.jobs.submit import prepare_spec
from jupyter_mlops.records.job import Job, JobOptions, JobSpec, JobStatus
from jupyter_mlops.records.report import PipelineReport, PipelineStep, StepStatus
from jupyter_mlops.workspace import Workspace

__all__ = ["UNCHANGED", "missing_output", "run_pipeline"]

UNCHANGED = "nothing has changed"


def run_pipeline(
    ws: Workspace,
    file: str,
    *,
    workers: int = 2,
    force: bool = False,
    engine: str = "local",
    progress: Callable[[Job], None] | None = None,
) -> PipelineReport:
    """Run a pipeline's notebooks, each after those it needs, side by side where that is possible.

    A step is skipped when its code, its values, its input files, the interpreter and packages, the kernel, and the
    steps it needs are as they were when it last succeeded; the report says why each ran or did not.

    Parameters
    ----------
    file
        A YAML file: ``name`` and ``steps``, each with ``notebook`` or ``python`` and, where wanted, ``name``, ``parameters``
        (``{from: STEP.NAME}`` takes what another step leaves), ``needs`` (names), ``inputs`` and ``outputs``
        (paths or patterns, from the file's folder), ``register``.
    workers
        How many steps at once.
    force
        Skip nothing.
    engine
        ``local``, ``dask`` or ``dask:ADDRESS``.
    progress
        Called with a job at each of its changes.

    Raises
    ------
    NotFound
        There is no such file, or no such notebook.
    Invalid
        The file cannot be read, steps need each other in a circle, or a value does not fit; nothing was started. A
        step whose input is not there when its turn comes fails by itself, and the others go on.
    """
    pipeline = read_pipeline(ws, file)
    specs = {step.name: _spec_of(ws, pipeline, step) for step in pipeline.steps}
    course = _Course(ws, pipeline, specs, force=force)
    with Crew(ws, workers=workers, engine=engine, progress=progress) as crew:
        while course.waiting or crew.busy:
            while crew.free and (ready := course.next_ready()) is not None:
                course.begin(ready, crew)
            for job in crew.wait():
                course.end(job)
    steps = tuple(course.done.values())
    return PipelineReport(
        pipeline=pipeline.name,
        ok=all(step.status in {StepStatus.RAN, StepStatus.SKIPPED} for step in steps),
        steps=steps,
    )


def _spec_of(ws: Workspace, pipeline: Pipeline, step: Step) -> JobSpec:
    path = pipeline.folder / step.notebook
    spec = prepare_spec(
        ws,
        notebook=str(path),
        parameters=step.parameters,
        options=JobOptions(),
        register_as=step.register,
        later=step.taken,
    )
    return replace(spec, name=step.name, experiment=pipeline.experiment)


class _Course:
    """How far a pipeline is."""

    def __init__(
        self, ws: Workspace, pipeline: Pipeline, specs: Mapping[str, JobSpec], *, force: bool
    ) -> None:
        self._ws, self._pipeline, self._specs, self._force = ws, pipeline, specs, force
        self.waiting = {step.name: step for step in pipeline.steps}
        self.done: dict[str, PipelineStep] = {}
        self._bases: dict[str, Basis] = {}
        self._whys: dict[str, str] = {}
        self._steps_of: dict[str, str] = {}  # job to step
        self._needs = {step.name: step.needs for step in pipeline.steps}

    def next_ready(self) -> Step | None:
        """Return a step all of whose needs are done; one whose needs failed is marked blocked on the way."""
        for step in tuple(self.waiting.values()):
            if not all(need in self.done for need in step.needs):
                continue
            failed = [n for n in step.needs if self.done[n].status in {StepStatus.FAILED, StepStatus.BLOCKED}]
            if not failed:
                return step
            self._put(
                PipelineStep(name=step.name, status=StepStatus.BLOCKED, why=f"{failed[0]} did not succeed")
            )
            return self.next_ready()
        return None

    def begin(self, step: Step, crew: Crew) -> None:
        """Start the step, or skip it."""
        try:
            spec = self._with_taken(step)
            needs = {need: self._bases[need].digest for need in step.needs}
            notebook = _notebook_of(self._ws, spec)
            basis = self._bases[step.name] = basis_of(self._pipeline, step, notebook, spec.parameters, needs)
            last = last_success(self._ws, self._pipeline.name, step.name)
            changed = changed_part(last, basis) or missing_output(self._pipeline, step)
        except MlopsError as failure:  # as the plan tells it: the others go on
            self._put(_failed(step.name, failure))
            return
        why = "forced" if self._force else changed
        if why is None:
            run = last.run if last else None
            self._put(PipelineStep(name=step.name, status=StepStatus.SKIPPED, why=UNCHANGED, run=run))
            return
        tags = {"pipeline": self._pipeline.name, "step": step.name}
        self._whys[step.name] = why
        del self.waiting[step.name]
        self._steps_of[crew.start(replace(spec, tags=tags)).id] = step.name

    def _with_taken(self, step: Step) -> JobSpec:
        """Return the step's spec with what other steps have left for it, checked like any value."""
        spec = self._specs[step.name]
        if not step.taken:
            return spec
        taken = hand_over(self._ws, step.taken, {need: self.done[need].run for need in step.needs})
        values = checked_values(_notebook_of(self._ws, spec), {**spec.parameters, **taken})
        return replace(spec, parameters=values)

    def end(self, job: Job) -> None:
        """Note a step's end, and do what follows it."""
        name = self._steps_of[job.id]
        status, why, error = StepStatus.RAN, self._whys[name], job.error
        if job.status is not JobStatus.SUCCEEDED:
            status = StepStatus.FAILED
            why = f"{error.kind}: {error.message}" if error else str(job.status)
        try:
            follow_up(self._ws, job.id)
            if status is StepStatus.RAN and job.run is not None:
                # Not before: a step whose model could not be registered has not succeeded.
                keep_basis(self._ws, job.run, self._bases[name])
        except MlopsError as failure:
            status, why = StepStatus.FAILED, failure.message
            error = as_job_error(failure)
        took = (job.ended - job.started).total_seconds() if job.started and job.ended else None
        done = PipelineStep(name=name, status=status, why=why, job=job.id, run=job.run, error=error)
        self._put(replace(done, seconds=took))

    def _put(self, step: PipelineStep) -> None:
        self.waiting.pop(step.name, None)
        self.done[step.name] = replace(step, needs=self._needs[step.name])


def _notebook_of(ws: Workspace, spec: JobSpec) -> Notebook:
    """Return the notebook that is to be run."""
    with ws.blobs.open(spec.content) as file:
        return from_bytes(file.read(), spec.notebook)


def _failed(name: str, failure: MlopsError) -> PipelineStep:
    error = as_job_error(failure)
    return PipelineStep(name=name, status=StepStatus.FAILED, why=failure.message, error=error)


def missing_output(pipeline: Pipeline, step: Step) -> str | None:
    """Return a sentence about the first file that the step writes and that is not there."""
    missing = next((text for text in step.outputs if not _exists(pipeline, text)), None)
    return None if missing is None else f"its output {missing} is missing"


def _exists(pipeline: Pipeline, pattern: str) -> bool:
    return next(paths_named(pipeline.folder, pattern, pipeline.within), None) is not None
