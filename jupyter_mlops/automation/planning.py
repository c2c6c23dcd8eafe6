"""What would become of a pipeline's steps, and why, without running anything."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from jupyter_mlops.automation.basis import Basis, Success, basis_of, last_success
from jupyter_mlops.automation.changed_part import changed_part
from jupyter_mlops.automation.passing import taken_values
from jupyter_mlops.automation.pipelines import UNCHANGED, missing_output
from jupyter_mlops.automation.steps import Pipeline, Step, read_pipeline
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.jobs.notebook import Notebook, checked_values
from jupyter_mlops.jobs.places import for_people
from jupyter_mlops.jobs.submit import read_notebook
from jupyter_mlops.records.report import PipelinePlan, PlannedStep, StepProspect
from jupyter_mlops.workspace import Workspace

__all__ = ["plan_pipeline"]

_STOPPED = frozenset({StepProspect.FAIL, StepProspect.BLOCKED})
_OPEN = frozenset({StepProspect.RUN, StepProspect.DEPENDS})  # what such a step gives is not known yet


def plan_pipeline(ws: Workspace, file: str) -> PipelinePlan:
    """Tell which steps of a pipeline would run, and why, without running anything.

    A step that takes or reads what another gives, where that would run before it, depends on it: whether anything has
    changed for it is known only then.

    Parameters
    ----------
    file
        A YAML file with the steps; docs/files.md tells its keys.

    Raises
    ------
    NotFound
        There is no such file, or no such notebook.
    Invalid
        The file cannot be read, steps need each other in a circle, or a value does not fit.
    """
    pipeline = read_pipeline(ws, file)
    outlook = _Outlook(ws, pipeline)
    waiting = {step.name: step for step in pipeline.steps}
    while waiting:
        for step in tuple(waiting.values()):
            if all(need in outlook.planned for need in step.needs):
                outlook.add(step)
                del waiting[step.name]
    return PipelinePlan(pipeline=pipeline.name, steps=tuple(outlook.planned.values()))


@dataclass(slots=True)
class _Outlook:
    """What is known of the steps so far."""

    ws: Workspace
    pipeline: Pipeline
    planned: dict[str, PlannedStep] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)  # of the bases that are known whole

    def add(self, step: Step) -> None:
        """Tell what would become of a step, all of whose needs are told."""
        path, notebook = read_notebook(self.ws, str(self.pipeline.folder / step.notebook))
        checked_values(
            notebook, step.parameters, step.taken
        )  # a slip of the hand is told as a run would tell it
        last = last_success(self.ws, self.pipeline.name, step.name)
        try:
            would, why = self._prospect(step, notebook, last)
        except MlopsError as failure:
            would, why = StepProspect.FAIL, failure.message
        self.planned[step.name] = PlannedStep(
            name=step.name,
            would=would,
            why=why,
            notebook=for_people(self.ws.settings, path),
            last=last.run if last else None,
        )

    def _prospect(self, step: Step, notebook: Notebook, last: Success | None) -> tuple[StepProspect, str]:
        stopped = next((need for need in step.needs if self.planned[need].would in _STOPPED), None)
        if stopped is not None:
            return StepProspect.BLOCKED, f"{stopped} would not succeed"
        unsettled = [need for need in step.needs if self.planned[need].would in _OPEN]
        unknown = _Unknown(
            values=tuple(name for name, source in step.taken.items() if source.step in unsettled),
            inputs=bool(unsettled and step.inputs),  # which these steps may write
            needs=tuple(need for need in unsettled if need not in self.digests),
        )
        basis = self._known(step, notebook, unknown)
        if not unknown:
            self.digests[step.name] = basis.digest
        elif last is not None and last.basis is not None:
            basis = unknown.as_before(basis, last.basis)
        why = changed_part(last, basis) or missing_output(self.pipeline, step)
        if why is not None:
            return StepProspect.RUN, why
        if not unknown:
            return StepProspect.SKIP, UNCHANGED
        return (
            StepProspect.DEPENDS,
            f"depends on what {' and '.join(unsettled)} {'give' if unsettled[1:] else 'gives'}",
        )

    def _known(self, step: Step, notebook: Notebook, unknown: _Unknown) -> Basis:
        """Return what a step depends on, as far as that is known."""
        settled = {name: source for name, source in step.taken.items() if name not in unknown.values}
        runs = {need: self.planned[need].last for need in step.needs}
        given = {**step.parameters, **taken_values(self.ws, settled, runs)}
        return basis_of(
            self.pipeline,
            replace(step, inputs=()) if unknown.inputs else step,
            notebook,
            checked_values(notebook, given, unknown.values),
            {need: self.digests[need] for need in step.needs if need in self.digests},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unknown:
    """What of a step's basis only shows once the steps have run that it needs."""

    values: tuple[str, ...]  # names of parameters
    inputs: bool
    needs: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.values or self.inputs or self.needs)

    def as_before(self, basis: Basis, before: Basis) -> Basis:
        """Return *basis* with what is unknown as it was *before*, so that nothing else is taken for a difference."""
        values = {name: before.values[name] for name in self.values if name in before.values}
        return replace(
            basis,
            values={**basis.values, **values},
            inputs=before.inputs if self.inputs else basis.inputs,
            needs={**basis.needs, **{need: before.needs.get(need, "") for need in self.needs}},
        )
