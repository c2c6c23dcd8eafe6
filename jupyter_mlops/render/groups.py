"""Groups of runs: one line each, every metric as its mean and how far the runs lie apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jupyter_mlops.records.group import RunGroup, Spread
from jupyter_mlops.render.blocks import Block, Column, Table, Title
from jupyter_mlops.render.figures import named, rank
from jupyter_mlops.render.words import counted, number, value

__all__ = ["group_blocks"]

_SHOWN = 4  # columns of a kind
_ROWS = 100


def group_blocks(groups: Sequence[RunGroup], total: int) -> Iterator[Block]:
    """The table of groups, with the parameters that tell them apart."""
    yield Title(counted(total, "group"))
    params = _telling(groups)[:_SHOWN]
    metrics = sorted(
        {name for group in groups for name in group.metrics}, key=lambda name: (rank(name), name)
    )[:_SHOWN]
    columns = (
        Column("run"),
        Column("experiment"),
        Column("runs", numeric=True),
        *(Column(name) for name in params),
        *(Column(named(name), numeric=True) for name in metrics),
    )
    rows = tuple(
        (
            value(group.name, 40),
            value(group.experiment, 30),
            str(len(group.runs)),
            *(value(group.params[name], 24) if name in group.params else "" for name in params),
            *(_spread(group.metrics.get(name)) for name in metrics),
        )
        for group in groups[:_ROWS]
    )
    left = len(groups) - len(rows)
    yield Table(columns, rows, note=f"{left:,} more rows are not shown" if left > 0 else "")


def _telling(groups: Sequence[RunGroup]) -> list[str]:
    names = dict.fromkeys(name for group in groups for name in group.params)
    return [
        name
        for name in names
        if len({value(group.params[name], 30) for group in groups if name in group.params}) > 1
    ]


def _spread(spread: Spread | None) -> str:
    if spread is None:
        return ""
    return number(spread.mean) + ("" if spread.deviation is None else f" ± {number(spread.deviation)}")
