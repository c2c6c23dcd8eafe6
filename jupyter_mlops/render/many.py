"""More runs than fit beside each other: lines across what they differ in, points over two of it, and a row each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.render.axes import axes_of
from jupyter_mlops.render.blocks import Axis, Block, Column, Scatter, Strands, Table
from jupyter_mlops.render.figures import named
from jupyter_mlops.render.parameters import told_apart, whole
from jupyter_mlops.render.states import signed_trust
from jupyter_mlops.render.words import DASH, counted, left_out, number

__all__ = ["MANY", "many_blocks"]

MANY = 5  # from how many runs on, as on the page
_AXES = 10  # that can be told apart
_COLUMNS = 8  # of parameters, and of metrics


def many_blocks(
    comparison: RunComparison, names: Mapping[str, str], colours: Mapping[str, int]
) -> Iterator[Block]:
    """The pictures, then the table; *names* and *colours* are called by the runs' ids."""
    ids = [run.id for run in comparison.runs]
    judged = next((row for row in comparison.metrics if row.best is not None), None)
    best = judged.best if judged else None
    called = tuple(names[key] for key in ids)
    tinted = tuple(colours.get(key) for key in ids)
    params, metrics = axes_of(comparison)
    axes = [*params, *metrics]
    if len(axes) > 1:
        # What it came to is last, and stays where there is no room for all.
        yield Strands("What they differ in", called, tuple(axes[-_AXES:]), tinted, best)
        y = next((axis for axis in metrics if judged and axis.name == named(judged.name)), axes[-1])
        x = _beside(y, params, metrics)
        yield Scatter(f"{y.name} over {x.name}", called, x, y, tinted, best)
    yield _table(comparison, names, best)


def _beside(y: Axis, params: list[Axis], metrics: list[Axis]) -> Axis:
    """Return what lies along the bottom: a cause before a consequence."""
    return next(axis for axis in (*params, *metrics) if axis is not y)


def _table(comparison: RunComparison, names: Mapping[str, str], best: int | None) -> Table:
    params, metrics = comparison.params[:_COLUMNS], comparison.metrics[:_COLUMNS]
    texts = [told_apart((item for item in row.values if item is not None), 24) for row in params]
    rows = tuple(
        (
            f"{'★ ' if place == best else ''}{names[run.id]}",
            signed_trust(run),
            *(
                DASH if row.values[place] is None else text[whole(row.values[place])]
                for row, text in zip(params, texts, strict=True)
            ),
            *(number(row.values[place]) for row in metrics),
        )
        for place, run in enumerate(comparison.runs)
    )
    columns = (
        Column("run"),
        Column("grade"),
        *(Column(row.name) for row in params),
        *(Column(named(row.name), numeric=True) for row in metrics),
    )
    left = len(comparison.params) + len(comparison.metrics) - len(params) - len(metrics)
    note = left_out(0, left, "its params and metrics have them all")
    return Table(columns, rows, title=counted(len(rows), "run"), note=note)
