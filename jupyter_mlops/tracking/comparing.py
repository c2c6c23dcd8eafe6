"""Runs beside each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.comparison import CodeDifference, MetricRow, RunComparison, ValueRow
from jupyter_mlops.records.policy import Direction, direction_of, told_at
from jupyter_mlops.records.run import Param, Run
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.tracking.code import aligned_cells, changes_of
from jupyter_mlops.tracking.differing import changed_files, machine_facts, module_changes, seeds_by_call
from jupyter_mlops.tracking.environment import read_environment
from jupyter_mlops.tracking.finding import get_run, run_cells
from jupyter_mlops.tracking.matching import input_mark, matched_inputs
from jupyter_mlops.tracking.phrasing import Differences, difference_phrase
from jupyter_mlops.tracking.shown import Figures, figures_of, loose_figures, output_changes
from jupyter_mlops.workspace import Workspace

__all__ = ["compare_runs"]

_MOST = 50
_UNKNOWN = "not known"
_OF_THE_FITTING = 2


def compare_runs(ws: Workspace, runs: list[str]) -> RunComparison:
    """Put runs beside each other: metrics, and in what they differ.

    Looked at are parameters, data, the cells that ran, imported files of the project, seeds, the interpreter, the machine,
    allow-listed variables, packages, the commit, and changed files; and figures and other outputs, cell by cell.

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
    facts, packages = _environments(ws, found)
    cells = [run_cells(ws, run=run.id) for run in found]
    figures = figures_of(ws, found, cells)
    differences = Differences(
        params=_rows([run.params for run in found]),
        data=_data(found),
        code=_code(found, cells, figures),
        seeds=_seeds(found),
        variables=_variables(found),
        facts=facts,
        packages=packages,
        commit=_commits(found),
    )
    metrics = _metrics(found)
    return RunComparison(
        runs=tuple(found),
        headline=_headline(found, metrics, difference_phrase(found, differences)),
        metrics=metrics,
        params=differences.params,
        data=differences.data,
        environment=differences.environment,
        code=differences.code,
        figures=loose_figures(figures),
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


def _rows(columns: Sequence[Mapping[str, Param]]) -> tuple[ValueRow, ...]:
    rows = []
    for name in sorted({key for column in columns for key in column}):
        values = tuple(column.get(name) for column in columns)
        # 1 and True are equal to Python, not to a reader; to leave a parameter out and to give None are equal to both.
        if len({_kind_and_value(v) for v in values}) > 1:
            rows.append(ValueRow(name=name, values=values))
    return tuple(rows)


def _kind_and_value(value: Param | None) -> tuple[str, object]:
    """Return what two values have in common that are the same to a query: 1 and 1.0 are, 1 and True or '1' are not."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == value:  # noqa: PLR0124
        return "number", value
    return type(value).__name__, repr(value)


def _data(runs: Sequence[Run]) -> tuple[ValueRow, ...]:
    matched = list(matched_inputs([run.inputs for run in runs]))
    roles: dict[str, set[str]] = {}
    for found in matched:
        roles.setdefault(found.name, set()).add(found.role)
    rows = []
    for found in matched:
        values = tuple(None if item is None else input_mark(item) for item in found.items)
        if len(set(values)) > 1:
            role = f" ({found.role})" if len(roles[found.name]) > 1 else ""
            number = "" if found.number is None else f" #{found.number}"
            rows.append(ValueRow(name=f"{found.name}{role}{number}", values=values))
    return tuple(rows)


def _commits(runs: Sequence[Run]) -> tuple[ValueRow, ...]:
    commits = [{"git commit": run.source.commit[:10]} if run.source.commit else {} for run in runs]
    files = [changed_files(run) for run in runs]
    return _rows(commits) + _rows([{} if text is None else {"changed files": text} for text in files])


def _environments(ws: Workspace, runs: Sequence[Run]) -> tuple[tuple[ValueRow, ...], tuple[ValueRow, ...]]:
    """Return the facts of interpreter and machine, and the packages, that are not the same."""
    if len({run.source.environment for run in runs}) == 1:
        return (), ()
    taken = [read_environment(ws, run.source.environment) for run in runs]
    known = [found for found in taken if found is not None]
    if len(known) < len(taken):
        # Beside nothing, each single package of the other would look like a difference.
        return _rows([{"environment": _UNKNOWN if found is None else "recorded"} for found in taken]), ()
    facts = [machine_facts(found) for found in known]
    told = [name for name in facts[0] if all(name in one for one in facts)]
    return (
        _rows([{name: one[name] for name in told} for one in facts]),
        _rows([found.packages for found in known]),
    )


def _variables(runs: Sequence[Run]) -> tuple[ValueRow, ...]:
    return _rows([{f"variable {name}": text for name, text in run.source.variables.items()} for run in runs])


def _seeds(runs: Sequence[Run]) -> tuple[ValueRow, ...]:
    found = [seeds_by_call(run.source) for run in runs]
    return _rows([{f"seed {call}": given for call, given in one.items()} for one in found])


def _code(
    runs: Sequence[Run], cells: Sequence[Sequence[CellExecution]], figures: Sequence[Figures]
) -> tuple[CodeDifference, ...]:
    first, found = runs[0], []
    for run, ran, left in zip(runs[1:], cells[1:], figures[1:], strict=True):
        aligned = aligned_cells(ran, cells[0])
        changes = changes_of(aligned, (first.name, run.name))
        modules = module_changes(first.source, run.source)
        outputs = output_changes(aligned, figures[0], left)
        if changes or modules or outputs:
            found.append(CodeDifference(run=run.id, changes=changes, modules=modules, outputs=outputs))
    return tuple(found)


def _headline(runs: Sequence[Run], metrics: Sequence[MetricRow], differs: str) -> str:
    it = "it differs" if len(runs) == 2 else "they differ"  # noqa: PLR2004 - of two, one differs from the other
    # How long fitting took does not make a model better.
    judged = next(
        (row for row in metrics if row.best is not None and told_at(row.name) < _OF_THE_FITTING), None
    )
    what = _undecided(metrics) if judged is None else _decided(judged, runs)
    return f"{what}; {it} {differs}."


def _decided(judged: MetricRow, runs: Sequence[Run]) -> str:
    """Say which run is the best by the metric that judges."""
    assert judged.best is not None
    name, figure = _told_apart(runs[judged.best], runs), judged.values[judged.best]
    if judged.difference is not None:
        return f"{name} is better by {abs(judged.difference):.4g} {judged.name}"
    sharing = judged.values.count(figure)
    if sharing > 1:
        return f"{sharing} of {len(runs)} runs share the best {judged.name}, {figure:.4g}"
    return f"{name} has the best {judged.name}, {figure:.4g}, of {len(runs)}"


def _undecided(metrics: Sequence[MetricRow]) -> str:
    """Say why no run is the best: there is nothing to compare, all is equal, or nothing tells which is better."""
    common = [row for row in metrics if sum(v is not None for v in row.values) > 1]
    if not common:
        return "No metric in common"
    telling = (row for row in common if told_at(row.name) < _OF_THE_FITTING)
    apart = next((row for row in telling if len({repr(v) for v in row.values if v is not None}) > 1), None)
    if apart is None:
        return "No metric tells them apart"
    if apart.direction is None:
        return f"{apart.name} is not the same, and its name does not say which way is better"
    without = sum(v is not None and not math.isfinite(v) for v in apart.values)
    return f"{apart.name} is no finite number in {without} of {len(apart.values)} runs"


def _told_apart(run: Run, runs: Sequence[Run]) -> str:
    return run.name if sum(other.name == run.name for other in runs) == 1 else f"{run.name} ({run.short})"
