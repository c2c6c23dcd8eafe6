"""Runs beside each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.comparison import CodeDifference, MetricRow, RunComparison, ValueRow
from jupyter_mlops.records.policy import Direction, direction_of, told_at
from jupyter_mlops.records.run import Param, Run
from jupyter_mlops.tracking.code import code_changes
from jupyter_mlops.tracking.environment import read_environment
from jupyter_mlops.tracking.finding import get_run, run_cells
from jupyter_mlops.workspace import Workspace

__all__ = ["compare_runs"]

_MOST = 50
_UNKNOWN = "not known"
_OF_THE_FITTING = 2
_NAMED = 3  # differences the sentence names before it counts


def compare_runs(ws: Workspace, runs: list[str]) -> RunComparison:
    """Put runs beside each other: metrics, and in what they differ.

    Parameters
    ----------
    runs
        Ids, or tails of them, 2 to 50; the others are compared with the first.

    Raises
    ------
    Invalid
        There are fewer than two different runs, or too many.
    """
    found = list({run.id: run for run in (get_run(ws, key) for key in runs)}.values())
    if not 2 <= len(found) <= _MOST:  # noqa: PLR2004 - it takes two
        raise Invalid(
            f"{len(found)} run{'s' if len(found) != 1 else ''} given, each counted once; 2 to {_MOST} can be compared",
            remedy="jupyter mlops compare RUN RUN",
        )
    metrics = _metrics(found)
    params = _differing(found, lambda run: run.params)
    data = _differing(found, lambda run: {item.name: item.digest for item in run.inputs})
    environment = _environment(ws, found)
    code = _code(ws, found)
    return RunComparison(
        runs=tuple(found),
        headline=_headline(found, metrics, _difference_phrase(params, data, environment, code)),
        metrics=metrics,
        params=params,
        data=data,
        environment=environment,
        code=code,
    )


def _metrics(runs: Sequence[Run]) -> tuple[MetricRow, ...]:
    names = sorted({name for run in runs for name in run.metrics}, key=_importance)
    return tuple(_metric_row(name, [run.metrics.get(name) for run in runs]) for name in names)


def _importance(name: str) -> tuple[int, bool, str]:
    return told_at(name), direction_of(name) is None, name


def _metric_row(name: str, values: Sequence[float | None]) -> MetricRow:
    direction = direction_of(name)
    finite = [v for v in values if v is not None and math.isfinite(v)]
    best = None
    if direction is not None and len(finite) > 1 and len(set(finite)) > 1:
        best = values.index(min(finite) if direction is Direction.LOWER else max(finite))
    difference = None
    if len(values) == len(finite) == 2:  # noqa: PLR2004 - a difference is of two
        difference = finite[1] - finite[0]
    return MetricRow(name=name, values=tuple(values), direction=direction, best=best, difference=difference)


def _differing(runs: Sequence[Run], facts: Callable[[Run], Mapping[str, Param]]) -> tuple[ValueRow, ...]:
    return _rows([facts(run) for run in runs])


def _rows(columns: Sequence[Mapping[str, Param]]) -> tuple[ValueRow, ...]:
    rows = []
    for name in sorted({key for column in columns for key in column}):
        values = tuple(column.get(name) for column in columns)
        # 1 and True are equal to Python, not to a reader; to leave a parameter out and to give None are equal to both.
        kinds = {(type(v).__name__, repr(v)) for v in values}
        if len(kinds) > 1:
            rows.append(ValueRow(name=name, values=values))
    return tuple(rows)


def _environment(ws: Workspace, runs: Sequence[Run]) -> tuple[ValueRow, ...]:
    columns: list[dict[str, Param]] = [
        {"git commit": run.source.commit[:10]} if run.source.commit else {} for run in runs
    ]
    if len({run.source.environment for run in runs}) > 1:
        taken = [read_environment(ws, run.source.environment) for run in runs]
        for column, found in zip(columns, taken, strict=True):
            if None in taken:
                # Beside nothing, each single package of the other would look like a difference.
                column["environment"] = _UNKNOWN if found is None else "recorded"
            elif found is not None:
                column |= {"python": found.python, "platform": found.platform, **found.packages}
    return _rows(columns)


def _code(ws: Workspace, runs: Sequence[Run]) -> tuple[CodeDifference, ...]:
    first = run_cells(ws, run=runs[0].id)
    found = []
    for run in runs[1:]:
        changes = code_changes(run_cells(ws, run=run.id), first, sides=(runs[0].name, run.name))
        if changes:
            found.append(CodeDifference(run=run.id, changes=changes))
    return tuple(found)


def _difference_phrase(
    params: Sequence[ValueRow],
    data: Sequence[ValueRow],
    environment: Sequence[ValueRow],
    code: Sequence[CodeDifference],
) -> str:
    said = [row.name for row in params] if len(params) <= _NAMED else [_counted(len(params), "parameter")]
    cells = max((len(difference.changes) for difference in code), default=0)
    said += [
        _counted(count, what)
        for count, what in ((len(data), "input"), (cells, "cell"), (len(environment), "package or setting"))
        if count
    ]
    if not said:
        return "in nothing but time"
    return "in " + (said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}")


def _counted(number: int, what: str) -> str:
    if number == 1:
        return f"1 {what}"
    return f"{number} {what.replace('package or setting', 'packages or settings') if ' ' in what else what + 's'}"


def _headline(runs: Sequence[Run], metrics: Sequence[MetricRow], differs: str) -> str:
    it = "it differs" if len(runs) == 2 else "they differ"  # noqa: PLR2004 - of two, one differs from the other
    # How long fitting took does not make a model better.
    judged = next(
        (row for row in metrics if row.best is not None and told_at(row.name) < _OF_THE_FITTING), None
    )
    if judged is None:
        common = any(sum(v is not None for v in row.values) > 1 for row in metrics)
        what = "No metric tells them apart" if common else "No metric in common"
        return f"{what}; {it} {differs}."
    assert judged.best is not None
    best = runs[judged.best]
    name = _told_apart(best, runs)
    if judged.difference is not None:
        return f"{name} is better by {abs(judged.difference):.4g} {judged.name}; {it} {differs}."
    return f"{name} has the best {judged.name}, {judged.values[judged.best]:.4g}, of {len(runs)}; {it} {differs}."


def _told_apart(run: Run, runs: Sequence[Run]) -> str:
    return run.name if sum(other.name == run.name for other in runs) == 1 else f"{run.name} ({run.short})"
