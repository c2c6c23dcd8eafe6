"""What autolog saw, written into the run it belongs to."""

from __future__ import annotations

from dataclasses import replace

from jupyter_mlops.records.captured import Captured
from jupyter_mlops.tracking.handle import ActiveRun
from jupyter_mlops.tracking.harvest import Harvest, child_notes, keep_fitted_model

__all__ = ["with_harvest"]


def with_harvest(run: ActiveRun, captured: Captured) -> Captured:
    """Log the metrics and keep the model that autolog saw; return *captured* with its parameters and inputs.

    Of several estimators the last one fitted is the run's own, each of the others becomes a child run.
    """
    if run.harvest is not None:
        captured = _gathered(run, run.harvest, captured)
    _renew_params(run, captured)
    return captured


def _gathered(run: ActiveRun, harvest: Harvest, captured: Captured) -> Captured:
    own, others = harvest.gather()
    # What the user logged under the same name is the same number, said once.
    unsaid = {name: value for name, value in own.metrics.items() if name not in run.measured}
    if unsaid:
        run.log_metrics(unsaid)
    refusal = keep_fitted_model(run.workspace, run.id, own.seen) if own.seen is not None else None
    for note in child_notes(run.workspace, run.begun, others, captured):
        run.say(note)
    return replace(
        captured,
        params={**captured.params, **own.params},
        inputs=(*captured.inputs, *own.inputs),
        notes=(*captured.notes, *harvest.notes, *([refusal] if refusal else [])),
    )


def _renew_params(run: ActiveRun, captured: Captured) -> None:
    """In a run that goes on, what is seen now replaces what its last life had, unless it was logged outright."""
    before = run.begun.params
    changed = {
        name: value
        for name, value in captured.params.items()
        if name in before and before[name] != value and name not in run.logged
    }
    if changed:
        run.log_params(changed)
