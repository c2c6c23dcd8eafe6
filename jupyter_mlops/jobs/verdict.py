"""Two runs of the same cells, part by part: identical, within tolerance, or not, and why."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_mlops.jobs.causes import surrounding_causes
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.report import ReproductionVerdict
from jupyter_mlops.records.run import Run
from jupyter_mlops.tracking.matching import matched_inputs
from jupyter_mlops.workspace import Workspace

__all__ = ["Comparison", "compare_again"]

_IDENTICAL = ReproductionVerdict.IDENTICAL
_WITHIN = ReproductionVerdict.WITHIN_TOLERANCE
_DIFFERS = ReproductionVerdict.DIFFERS
_ORDER = (_IDENTICAL, _WITHIN, _DIFFERS, ReproductionVerdict.DOES_NOT_RUN)
_CLOCK = ("seconds", "_time", "duration")  # a measured time is never the same twice, and says nothing
_OPTIONAL = "train_"  # taken of a fit where its time allows
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a comparison found; ``parts`` maps ``metric mae`` or ``input train X`` to its own verdict."""

    verdict: ReproductionVerdict = _IDENTICAL
    causes: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)


def compare_again(ws: Workspace, original: Run, again: Run, tolerance: float) -> Comparison:
    """Compare a run with its repetition: metrics by value, data and models by digest.

    The likely causes come first: data, then imported files of the project, seeds and variables, then interpreter, packages
    and machine, then state outside of the cells.
    """
    before, after = _measured(ws, original), _measured(ws, again)
    metrics = dict(_metric_parts(before, after, tolerance))
    inputs = dict(_input_parts(original, again))
    models = dict(_model_parts(ws, original, again))
    parts = {**inputs, **metrics, **models}
    verdict = max(parts.values(), key=_ORDER.index, default=_IDENTICAL)
    causes: list[str] = []
    if verdict is not _IDENTICAL:
        causes += [
            f"the data differ: {name.partition(' ')[2]}" for name, said in inputs.items() if said is _DIFFERS
        ]
        causes += surrounding_causes(ws, original, again)
        causes += [
            f"also rests on {what}, which is not part of the cells" for what in original.source.outside
        ]
    causes += _sentences(before, after, metrics)
    if not parts:
        causes.append("the run measured nothing and read no known data: only that it runs was compared")
    return Comparison(
        verdict=verdict, causes=tuple(causes), parts={name: str(said) for name, said in parts.items()}
    )


def _measured(ws: Workspace, run: Run) -> dict[str, float]:
    """Return a run's metrics and those of its tracked cells, without measured times."""
    with ws.store.read() as tx:
        children = sorted(
            tx.runs.find(Query(where=equal(parent=run.id), limit=1000)), key=lambda r: (r.started, r.id)
        )
    found = {name: value for each in (run, *children) for name, value in each.metrics.items()}
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


def _input_parts(original: Run, again: Run) -> Iterator[tuple[str, ReproductionVerdict]]:
    """Compare what was read, fitted and scored. Data that only one of the two saw is no difference of data.

    Nothing is known of what one of them has no digest of.
    """
    for found in matched_inputs((original.inputs, again.inputs)):
        if all(item is not None and item.digest for item in found.items):
            yield f"input {found.role} {found.numbered}", _IDENTICAL if found.same else _DIFFERS


def _model_parts(ws: Workspace, original: Run, again: Run) -> Iterator[tuple[str, ReproductionVerdict]]:
    """Compare models by their bytes. Bytes that differ where every metric agrees are a difference of writing."""
    one, two = _models(ws, original), _models(ws, again)
    for name in sorted({*one} & {*two}):
        yield f"model {name}", _IDENTICAL if one[name] == two[name] else _WITHIN


def _models(ws: Workspace, run: Run) -> dict[str, dict[str, str]]:
    """Return each model's files, by its name."""
    with ws.store.read() as tx:
        found = tx.artifacts.find(Query(where=equal(run=run.id), limit=10_000))
    models: dict[str, dict[str, str]] = {}
    for artifact in found:
        folder, _, rest = artifact.name.partition("/")
        name, _, file = rest.partition("/")
        if folder == "models" and file and not file.endswith(_MANIFEST):
            models.setdefault(name, {})[file] = artifact.digest
    return models


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
