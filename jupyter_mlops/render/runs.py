"""Runs: the table of many, and some beside each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from jupyter_mlops.records.comparison import (
    CodeDifference,
    MetricRow,
    ModuleChange,
    OutputChange,
    RunComparison,
    ValueRow,
)
from jupyter_mlops.records.policy import direction_of, told_at
from jupyter_mlops.records.query import Scope
from jupyter_mlops.records.review import CodeChange
from jupyter_mlops.records.run import Run, RunCurve, RunStatus
from jupyter_mlops.render.blocks import Block, Bullets, Cell, Column, Facts, Fold, Item, Line, Table, Title
from jupyter_mlops.render.curves import overlays, spark
from jupyter_mlops.render.figures import headline, named
from jupyter_mlops.render.many import MANY, many_blocks
from jupyter_mlops.render.parameters import hidden, ordered_names, told_apart, whole
from jupyter_mlops.render.pictures import figure_blocks, output_blocks
from jupyter_mlops.render.states import put_away, signed_trust, state_face, trust
from jupyter_mlops.render.words import (
    DASH,
    counted,
    duration,
    left_out,
    moment,
    number,
    short,
    signed,
    value,
)

__all__ = ["comparison_blocks", "runs_blocks"]

_SHOWN_PARAMS = 6
_SHOWN_COLUMNS = 4
_SHOWN_ROWS = 100


def runs_blocks(
    runs: Sequence[Run], total: int, curves: Sequence[RunCurve] = (), asked: Sequence[str] = ()
) -> Iterator[Block]:
    """The table: one run a row; what is the same in all rows folds away into a line above.

    *asked* are the metrics and parameters that the reader has ordered or filtered by: they have a column in any case.
    """
    yield Title(counted(total, "run") if total == len(runs) else f"{len(runs):,} of {counted(total, 'run')}")
    params, same_params, left_params = _columns(runs, _asked_of(Scope.PARAMS, asked))
    facts, same = _facts(runs)
    same += same_params
    if same:
        yield Line(
            "the same in all: " + " · ".join(f"{name} {text}".strip() for name, text in same), faint=True
        )
    metrics, left_metrics = _metric_names(runs, _asked_of(Scope.METRICS, asked))
    columns = (
        Column("run"), Column("id"), *(Column(name) for name in facts), Column("started"), Column("took", numeric=True),
        *(Column(name) for name in params), *(Column(named(name), numeric=True) for name in metrics),
        *_curve_column(curves),
    )  # fmt: skip
    texts = {
        name: told_apart((run.params[name] for run in runs if name in run.params), 24) for name in params
    }
    drawn = _drawn(curves)
    rows = tuple(
        (*_row(run, facts, texts, metrics), *([drawn.get(run.id, "")] if drawn else []))
        for run in runs[:_SHOWN_ROWS]
    )
    left = len(runs) - len(rows)
    yield Table(columns, rows, note=left_out(left, left_params + left_metrics, "to_frame() has them all"))


def _asked_of(scope: Scope, asked: Sequence[str]) -> list[str]:
    return [name.removeprefix(f"{scope}.") for name in asked if name.startswith(f"{scope}.")]


def _curve_column(curves: Sequence[RunCurve]) -> tuple[Column, ...]:
    """The column's head names the metric where all curves are of one."""
    keys = {curve.key for curve in curves}
    return (Column(f"curve: {keys.pop()}" if len(keys) == 1 else "curve"),) if keys else ()


def _drawn(curves: Sequence[RunCurve]) -> dict[str, Cell]:
    several = len({curve.key for curve in curves}) > 1
    return {curve.run: spark(curve, called=several) for curve in curves}


def _row(
    run: Run, facts: Sequence[str], params: Mapping[str, Mapping[str, str]], metrics: Sequence[str]
) -> tuple[str, ...]:
    sign, _ = state_face(run.status)
    words = ("" if run.status is RunStatus.FINISHED else str(run.status), put_away(run))
    state = ", ".join(word for word in words if word)
    return (
        f"{sign} {value(run.name, 40)}" + (f" ({state})" if state else ""),
        run.short,
        *(_FACTS[name](run) for name in facts),
        moment(run.started),
        duration(run.seconds),
        *(texts[whole(run.params[name])] if name in run.params else "" for name, texts in params.items()),
        *(number(run.metrics[name]) if name in run.metrics else "" for name in metrics),
    )


_FACTS: Mapping[str, Callable[[Run], str]] = {
    "experiment": lambda run: value(run.experiment, 30),
    "grade": signed_trust,
}


_SAID: Mapping[str, Callable[[Run], str]] = {"experiment": lambda run: run.experiment, "grade": trust}


def _facts(runs: Sequence[Run]) -> tuple[list[str], list[tuple[str, str]]]:
    """Facts that differ, as columns; and those that are the same in all of several runs."""
    alike = {name: len(runs) > 1 and len({_SAID[name](run) for run in runs}) == 1 for name in _FACTS}
    return (
        [name for name in _FACTS if not alike[name]],
        [(name, value(_SAID[name](runs[0]), 30)) for name in _FACTS if alike[name]],
    )


def _columns(runs: Sequence[Run], asked: Sequence[str]) -> tuple[list[str], list[tuple[str, str]], int]:
    """Parameters that differ, those *asked* for and the most common first; those that are the same in all of several runs; and how many more differ."""
    counts: dict[str, int] = {}
    for run in runs:
        for name in run.params:
            counts[name] = counts.get(name, 0) + 1
    for name in [n for n in counts if hidden([run.params[n] for run in runs if n in run.params])]:
        del counts[name]
    differing: list[str] = []
    same: list[str] = []
    for name in ordered_names(sorted(counts, key=lambda n: -counts[n])):
        texts = {whole(run.params[name]) for run in runs if name in run.params}
        if len(runs) > 1 and len(texts) > 1:
            differing.append(name)
        elif counts[name] == len(runs):
            (differing if len(runs) == 1 else same).append(name)
    first, more = runs[0], len(same) - _SHOWN_PARAMS
    alike = [(name, value(first.params[name], 30)) for name in same[:_SHOWN_PARAMS]]
    alike += [(f"(+{more})", "")] if more > 0 else []
    shown, left = _first(asked, differing)
    return shown, alike, left


def _metric_names(runs: Sequence[Run], asked: Sequence[str]) -> tuple[list[str], int]:
    """The metrics that say most, those *asked* for first; and how many there are beside them."""
    counts: dict[str, int] = {}
    for run in runs:
        for name in (*headline(run.metrics), *(name for name in asked if name in run.metrics)):
            counts[name] = counts.get(name, 0) + 1
    return _first(asked, sorted(counts, key=lambda n: (told_at(n), direction_of(n) is None, -counts[n])))


def _first(asked: Sequence[str], names: Sequence[str]) -> tuple[list[str], int]:
    """Return the names that have room, those *asked* for before the others, and how many have none."""
    found = [name for name in asked if name in names]
    found += [name for name in names if name not in found][: max(0, _SHOWN_COLUMNS - len(found))]
    return found, len(names) - len(found)


def comparison_blocks(
    comparison: RunComparison,
    curves: Sequence[RunCurve] = (),
    pictures: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Block]:
    """The sentence first; then each part only if it differs. Of *curves* those of a metric lie over each other.

    *pictures* holds data addresses by the digests of the files they are made of.
    """
    yield Line(comparison.headline, strong=True)
    names = [f"{run.name} {run.short}" for run in comparison.runs]
    several = Counter(run.name for run in comparison.runs)
    by_id = {
        run.id: run.name if several[run.name] == 1 else f"{run.name} {run.short}" for run in comparison.runs
    }
    with_curves = {curve.run for curve in curves}
    lines = {key: name for key, name in by_id.items() if key in with_curves}
    many = len(comparison.runs) >= MANY
    if many:
        yield from many_blocks(comparison, by_id, {key: place for place, key in enumerate(lines)})
    else:
        yield Facts(tuple((f"grade of {by_id[run.id]}", signed_trust(run)) for run in comparison.runs))
        if comparison.metrics:
            yield _metrics_table(comparison, names)
    if 0 < len(lines) < len(by_id):
        yield Line(f"curves of {len(lines)} of the {len(by_id)} runs", faint=True)
    yield from overlays(curves, lines)
    for title, rows in (
        ("Parameters", () if many else comparison.params),
        ("Data", comparison.data),
        ("Environment", comparison.environment),
    ):
        if rows:
            yield _values_table(title, rows, names)
    first = next(iter(by_id.values()), "")
    for difference in comparison.code:
        yield from _code(difference, (first, by_id.get(difference.run, difference.run)), pictures)
    yield from figure_blocks(comparison.figures, list(by_id.values()), pictures)


def _code(difference: CodeDifference, names: tuple[str, str], pictures: Mapping[str, str]) -> Iterator[Block]:
    """What became of the cells, each with what it showed; then the cells that are the same and showed something else."""
    kinds = [Item(f"{change.label} {change.kind}") for change in difference.changes]
    kinds += [Item(_module(change)) for change in difference.modules]
    yield Bullets(f"Code of {names[1]}", tuple(kinds) or (Item("the same in both"),))
    left = list(difference.outputs)
    for change in difference.changes:
        if change.diff:
            yield Fold(f"{change.label} {change.kind}", change.diff, diff=True)
        own = [output for output in left if _key(output) == _key(change)]
        left = [output for output in left if output not in own]
        yield from output_blocks(own, names, pictures)
    yield from output_blocks(left, names, pictures)


def _key(change: CodeChange | OutputChange) -> tuple[str, str, str]:
    """Two cells of one run may have had one id, and cells of two runs one number."""
    return change.cell, change.label, change.kind


def _module(change: ModuleChange) -> str:
    """Say what became of an imported file, with the heads of its digests; those may not be of what ran."""
    if change.kind == "unsure":
        return f"module {change.path} {change.note}: {short(change.after)} may not be what ran"
    digests = " → ".join(short(digest) for digest in (change.before, change.after) if digest)
    return f"module {change.path} {change.kind} {digests}{f' ({change.note})' if change.note else ''}"


def _metrics_table(comparison: RunComparison, names: Sequence[str]) -> Table:
    two = len(names) == 2  # noqa: PLR2004 - of two there is one difference
    columns = [Column("metric"), *(Column(name, numeric=True) for name in names)]
    if two:
        columns.append(Column("difference", numeric=True))
    rows = tuple(
        (named(row.name), *_figures(row), *([_difference(row)] if two else [])) for row in comparison.metrics
    )
    return Table(tuple(columns), rows, title="Metrics")


def _figures(row: MetricRow) -> list[str]:
    best = next((figure for place, figure in enumerate(row.values) if place == row.best), None)
    # Runs that share the best value are all the best.
    return [number(figure) + (" ★" if best is not None and figure == best else "") for figure in row.values]


def _difference(row: MetricRow) -> str:
    if row.difference is None:
        return DASH
    word = "" if row.best is None else (" ▲ better" if row.best == 1 else " ▼ worse")
    return signed(row.difference) + (" equal" if row.difference == 0 else word)


def _values_table(title: str, rows: Sequence[ValueRow], names: Sequence[str]) -> Table:
    texts = tuple((row.name, *_values(row, digests=title == "Data")) for row in rows[:_SHOWN_ROWS])
    left = len(rows) - len(texts)
    note = f"{left:,} more rows are not shown" if left > 0 else ""
    return Table((Column("name"), *(Column(name) for name in names)), texts, title=title, note=note)


def _values(row: ValueRow, *, digests: bool) -> Iterator[str]:
    texts = told_apart((item for item in row.values if item is not None), 40)
    for item in row.values:
        if item is None:
            yield DASH
        else:
            # Data without a digest are told by what is known of them, in words.
            yield short(str(item)) if digests and " " not in str(item) else texts[whole(item)]
