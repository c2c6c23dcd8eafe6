"""Runs that differ in their seeds only, as one line each: what they have in common, and how far they lie apart."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence

from jupyter_mlops.records.group import RunGroup, Spread
from jupyter_mlops.records.run import Param, Run
from jupyter_mlops.records.trust import trust_in
from jupyter_mlops.tracking.finding import find_runs
from jupyter_mlops.workspace import Workspace

__all__ = ["group_runs"]

_SEEDS = ("seed", "random_state", "random_seed")
_MOST = 10_000  # runs


def group_runs(
    ws: Workspace, query: str = "", *, over: list[str] | None = None, limit: int = 1000
) -> tuple[RunGroup, ...]:
    """Take runs together that are equal in all but their seeds, with mean and spread of each metric and the worst grade.

    Parameters
    ----------
    query
        Which runs: a filter, as for ``runs``.
    over
        The parameters a group may differ in; without any, those called seed, random_state or random_seed.
    limit
        How many of the newest runs are looked at.

    Returns
    -------
    tuple of RunGroup
        The largest groups first.
    """
    apart = frozenset(name.removeprefix("params.") for name in over or _SEEDS)
    groups: dict[tuple[object, ...], list[Run]] = {}
    for run in find_runs(ws, query, limit=min(limit, _MOST)):
        groups.setdefault((run.experiment, run.name, *_shared(run, apart)), []).append(run)
    found = [_grouped(runs, apart) for runs in groups.values()]
    return tuple(sorted(found, key=lambda group: -len(group.runs)))


def _shared(run: Run, apart: frozenset[str]) -> Iterable[tuple[str, str, Param]]:
    # The type's name keeps 1, 1.0 and True apart, which Python calls equal.
    return (
        # What is not a number is not even equal to itself.
        (name, type(value).__name__, value if value == value else "nan")  # noqa: PLR0124
        for name, value in sorted(run.params.items())
        if _counts(name, apart)
    )


def _counts(name: str, apart: frozenset[str]) -> bool:
    """Tell whether a parameter keeps runs apart; a step's own seed (``model__seed``) is one as well."""
    return name not in apart and name.rpartition("__")[2] not in apart


def _grouped(runs: Sequence[Run], apart: frozenset[str]) -> RunGroup:
    names = sorted({name for run in runs for name in run.metrics})
    first = runs[0]
    spreads = {name: _spread([run.metrics[name] for run in runs if name in run.metrics]) for name in names}
    return RunGroup(
        experiment=first.experiment,
        name=first.name,
        params={name: value for name, value in first.params.items() if _counts(name, apart)},
        runs=tuple(run.id for run in runs),
        metrics={name: spread for name, spread in spreads.items() if spread is not None},
        trust=trust_in(runs),
    )


def _spread(values: Sequence[float]) -> Spread | None:
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return None
    mean, deviation = _moments(known)
    return Spread(
        count=len(known),
        mean=mean,
        deviation=deviation,
        minimum=min(known),
        maximum=max(known),
    )


def _moments(values: Sequence[float]) -> tuple[float, float | None]:
    """Return mean and standard deviation, of one value none; what lies beyond the floats is infinite."""
    try:
        return statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None
    except OverflowError:
        mean = math.fsum(value / len(values) for value in values)
        return mean, math.inf if len(set(values)) > 1 else 0.0
