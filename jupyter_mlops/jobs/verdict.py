"""Two runs of the same cells, part by part: identical, within tolerance, or not, and why."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_mlops.jobs.causes import surrounding_causes
from jupyter_mlops.jobs.outputs import Rules
from jupyter_mlops.jobs.outputs.rules import Compared
from jupyter_mlops.jobs.replayed import compare_models
from jupyter_mlops.jobs.shown import Shown, compare_shown
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.reproduced import OutputDifference, ReproductionVerdict, worst_verdict
from jupyter_mlops.records.run import Grade, Run
from jupyter_mlops.tracking.matching import matched_inputs
from jupyter_mlops.workspace import Workspace

__all__ = ["Comparison", "compare_again", "whole_run"]

_IDENTICAL = ReproductionVerdict.IDENTICAL
_WITHIN = ReproductionVerdict.WITHIN_TOLERANCE
_DIFFERS = ReproductionVerdict.DIFFERS
_CLOCK = ("seconds", "_time", "duration")  # a measured time is never the same twice, and says nothing
_OPTIONAL = "train_"  # taken of a fit where its time allows
_HIDDEN = frozenset({Grade.REORDERED, Grade.STALE})
_MOST_OUTPUTS = 5  # that are named among the causes


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a comparison found; ``parts`` maps ``metric mae`` or ``input train X`` to its own verdict."""

    verdict: ReproductionVerdict = _IDENTICAL
    causes: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[OutputDifference, ...] = ()  # where what the cells showed is not the same


def compare_again(
    ws: Workspace, original: Run, again: Run, tolerance: float, notebook: str | None = None
) -> Comparison:
    """Compare a run with its repetition: metrics by value, data by digest, models by their answers, outputs as they are read.

    *notebook* is the digest of the notebook that the repetition executed. The likely causes come first: data, then imported files of the project, seeds and variables, then interpreter, packages
    and machine, then state outside of the cells.
    """
    whole, repeated = whole_run(ws, original), whole_run(ws, again)
    before, after = _measured(whole), _measured(repeated)
    metrics = dict(_metric_parts(before, after, tolerance))
    inputs = dict(_input_parts(whole, repeated))
    models = dict(compare_models(ws, whole, repeated, tolerance))
    rules = Rules(relative=tolerance, masks=ws.settings.output_masks)
    shown = compare_shown(ws, original, again, notebook, rules)
    parts = {**inputs, **metrics, **_model_parts(models), **_output_parts(shown)}
    verdict = worst_verdict(parts.values())
    causes: list[str] = []
    if verdict is not _IDENTICAL:
        causes += [
            f"the data differ: {name.partition(' ')[2]}" for name, said in inputs.items() if said is _DIFFERS
        ]
        causes += surrounding_causes(ws, original, again)
        if original.grade in _HIDDEN:
            causes.append(
                f"the session was {original.grade}: {original.grade_reason or 'its cells ran out of order'}"
            )
        causes += [
            f"also rests on {what}, which is not part of the cells" for what in original.source.outside
        ]
    causes += _sentences(before, after, metrics)
    causes += [f"model {name}: {one.says}" for name, one in models.items() if one.differs]
    causes += _told_outputs(shown)
    if not parts:
        causes.append("the run measured nothing and read no known data: only that it runs was compared")
    return Comparison(
        verdict=verdict,
        causes=tuple(causes),
        parts={name: str(said) for name, said in parts.items()},
        outputs=shown.outputs,
    )


def whole_run(ws: Workspace, run: Run) -> tuple[Run, ...]:
    """Return a run and its tracked cells: what they measured, read and fitted is the run's."""
    with ws.store.read() as tx:
        children = tx.runs.find(Query(where=equal(parent=run.id), limit=1000))
    return (run, *sorted(children, key=lambda child: (child.started, child.id)))


def _measured(runs: Sequence[Run]) -> dict[str, float]:
    """Return the metrics of a run and its tracked cells, without measured times."""
    found = {name: value for each in runs for name, value in each.metrics.items()}
    return {name: value for name, value in found.items() if not name.endswith(_CLOCK)}


def _metric_parts(
    before: Mapping[str, float], after: Mapping[str, float], tolerance: float
) -> Iterator[tuple[str, ReproductionVerdict]]:
    """Compare what the original measured. What only the repetition measured does not speak against the original."""
    for name in sorted(before):
        if name not in after and name.startswith(_OPTIONAL):
            continue
        yield f"metric {name}", _same(before.get(name), after.get(name), tolerance)


def _same(one: float | None, two: float | None, tolerance: float) -> ReproductionVerdict:
    if one is None or two is None:
        return _DIFFERS
    if one == two or (math.isnan(one) and math.isnan(two)):
        return _IDENTICAL
    return _WITHIN if math.isclose(one, two, rel_tol=tolerance) else _DIFFERS


def _input_parts(original: Sequence[Run], again: Sequence[Run]) -> Iterator[tuple[str, ReproductionVerdict]]:
    """Compare what was read, fitted and scored. Data that only one of the two saw is no difference of data.

    Nothing is known of what one of them has no digest of.
    """
    sides = [[item for run in runs for item in run.inputs] for runs in (original, again)]
    for found in matched_inputs(sides):
        if all(item is not None and item.digest for item in found.items):
            yield f"input {found.role} {found.numbered}", _IDENTICAL if found.same else _DIFFERS


def _model_parts(models: Mapping[str, Compared]) -> dict[str, ReproductionVerdict]:
    return {f"model {name}": compared.verdict for name, compared in models.items()}


def _output_parts(shown: Shown) -> dict[str, ReproductionVerdict]:
    if not shown.compared:
        return {}
    return {"outputs": worst_verdict(one.verdict for one in shown.outputs)}


def _told_outputs(shown: Shown) -> list[str]:
    """Tell the first outputs that differ, in the order of the cells: what came first may be why the others do."""
    told = [str(one) for one in shown.outputs if one.verdict is _DIFFERS]
    left = len(told) - _MOST_OUTPUTS
    return [*told[:_MOST_OUTPUTS], *([f"{left} more outputs differ"] if left > 0 else [])]


def _sentences(
    before: Mapping[str, float], after: Mapping[str, float], parts: Mapping[str, ReproductionVerdict]
) -> Sequence[str]:
    said = []
    for part, verdict in parts.items():
        name = part.removeprefix("metric ")
        if verdict is _DIFFERS:
            was, now = (f"{side[name]:.10g}" if name in side else "absent" for side in (before, after))
            said.append(f"{name} was {was} and is {now}")
    return said
