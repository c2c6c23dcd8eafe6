"""What autolog saw, written into the run it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from jupyter_mlops.capture.estimators.fits import diagram
from jupyter_mlops.capture.estimators.hush import unmoved
from jupyter_mlops.capture.estimators.seen import FitSeen, Role
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.captured import Captured
from jupyter_mlops.records.run import RunError
from jupyter_mlops.registry.refused import not_kept
from jupyter_mlops.tracking.handle import ActiveRun
from jupyter_mlops.tracking.harvest import Harvest, Yield
from jupyter_mlops.tracking.harvest_children import child_notes, file_notes
from jupyter_mlops.tracking.models import keep_model

__all__ = ["with_harvest"]


def with_harvest(
    run: ActiveRun,
    captured: Captured,
    left: Callable[[str, int], None] = lambda _name, _size: None,
    error: RunError | None = None,
) -> Captured:
    """Log the metrics and keep the model that autolog saw; return *captured* with its parameters and inputs.

    Of several estimators the last one fitted is the run's own, each of the others becomes a child run. *left* is told the name
    and the size of each file that comes to the run itself, those of its models apart. *error* is what ended the run.
    """
    if run.harvest is not None:
        captured = _gathered(run, run.harvest, captured, left, error)
    _renew_params(run, captured)
    return captured


def _gathered(
    run: ActiveRun,
    harvest: Harvest,
    captured: Captured,
    left: Callable[[str, int], None],
    error: RunError | None,
) -> Captured:
    own, others = harvest.gather(run.latest)
    _log_metrics(run, own)
    refusals = _keep_models(run, own.seen) if own.seen is not None and harvest.keeps else []
    children = child_notes(run.workspace, run.begun, own, others, captured)
    files = {**own.artifacts, **_drawing(own.seen)} if harvest.keeps else {}
    for name, content in files.items():
        left(name, len(content))
    for note in [*file_notes(run.id, files), *children]:
        run.say(note)
    return replace(
        captured,
        params={**captured.params, **own.params},
        inputs=(*captured.inputs, *own.inputs),
        notes=(*captured.notes, *harvest.notes, *_raised(own, error), *refusals),
    )


def _raised(own: Yield, end: RunError | None) -> tuple[str, ...]:
    """Return a sentence where the run's parameters are those of a fit that raised, and the run does not say so by its own *end*."""
    error = own.error
    if error is None or (
        end is not None and end.kind == error.kind and end.message.startswith(error.message)
    ):
        return ()
    return (f"the fit of {own.name} raised {error.kind}: {error.message}"[:300],)


def _log_metrics(run: ActiveRun, own: Yield) -> None:
    # What the user logged under the same name is the same number, said once.
    said = frozenset(run.measured)
    unsaid = {n: value for n, value in own.metrics.items() if n not in said and n not in own.series}
    if unsaid:
        run.log_metrics(unsaid)
    for name, points in own.series.items():
        if name not in said:
            for step, value in points:
                run.log_metric(name, value, step)


def _drawing(seen: FitSeen | None) -> dict[str, bytes]:
    """Return the drawing of the run's own model; only here, since further fits would each cost milliseconds."""
    drawn = None
    if seen is not None and seen.role is Role.MODEL:
        with suppress(Exception):  # a drawing is not worth a run's end
            drawn = diagram(seen.estimator)
    return {} if drawn is None else {"estimator.html": drawn}


def _keep_models(run: ActiveRun, seen: FitSeen) -> list[str]:
    """Keep the models of a fit with its run; return a sentence for each where that is not possible."""
    if seen.role is not Role.MODEL or not seen.kept:
        return []
    found = [_keep(run, seen, seen.estimator, "model")]
    found.extend(_keep(run, seen, model, name) for name, model in seen.further.items())
    return [refusal for refusal in found if refusal]


def _keep(run: ActiveRun, seen: FitSeen, model: object, name: str) -> str:
    from jupyter_mlops.formats.golden import golden_rows

    try:
        with unmoved(model):
            golden = golden_rows(model, seen.features)
        keep_model(
            run.workspace, run.id, model, name, signature=seen.signature, portrait=seen.profile, golden=golden
        )
    except MlopsError as refusal:
        return not_kept(name, refusal)
    return ""


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
