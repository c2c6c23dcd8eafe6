"""Groups of runs: one line each, every metric as its mean and how far the runs lie apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jupyter_mlops.records.group import RunGroup, Spread
from jupyter_mlops.records.policy import told_at
from jupyter_mlops.render.blocks import Block, Column, Table, Title
from jupyter_mlops.render.figures import named
from jupyter_mlops.render.parameters import hidden, ordered_names, told_apart, whole
from jupyter_mlops.render.states import signed_trust
from jupyter_mlops.render.words import counted, number, value

__all__ = ["group_blocks"]

_SHOWN = 4  # columns of a kind
_ROWS = 100


def group_blocks(groups: Sequence[RunGroup], total: int) -> Iterator[Block]:
    """The table of groups, with the parameters that tell them apart."""
    yield Title(f"{counted(total, 'group')} of {counted(sum(len(group.runs) for group in groups), 'run')}")
    params = {name: told_apart(_set(name, groups), 24) for name in _telling(groups)[:_SHOWN]}
    metrics = sorted(
        {name for group in groups for name in group.metrics}, key=lambda name: (told_at(name), name)
    )[:_SHOWN]
    graded = any(group.trust is not None for group in groups)
    columns = (
        Column("run"),
        Column("experiment"),
        Column("runs", numeric=True),
        *((Column("worst grade"),) if graded else ()),
        *(Column(name) for name in params),
        *(Column(named(name), numeric=True) for name in metrics),
    )
    rows = tuple(
        (
            value(group.name, 40),
            value(group.experiment, 30),
            str(len(group.runs)),
            *((signed_trust(group.trust),) if graded else ()),
            *(
                texts[whole(group.params[name])] if name in group.params else ""
                for name, texts in params.items()
            ),
            *(_spread(group.metrics.get(name)) for name in metrics),
        )
        for group in groups[:_ROWS]
    )
    left = len(groups) - len(rows)
    yield Table(columns, rows, note=f"{left:,} more rows are not shown" if left > 0 else "")


def _telling(groups: Sequence[RunGroup]) -> list[str]:
    """Parameters that differ; behind them those that only some groups have, which may be all there is."""
    counts = {
        name: (len(set(map(whole, items))), len(items))
        for name in dict.fromkeys(name for group in groups for name in group.params)
        if not hidden(items := _set(name, groups))
    }
    differing = [name for name, (values, _) in counts.items() if values > 1]
    partly = [name for name, (values, among) in counts.items() if values == 1 and among < len(groups)]
    return [*ordered_names(differing), *ordered_names(partly)]


def _set(name: str, groups: Sequence[RunGroup]) -> list[object]:
    return [group.params[name] for group in groups if name in group.params]


def _spread(spread: Spread | None) -> str:
    if spread is None:
        return ""
    return number(spread.mean) + ("" if spread.deviation is None else f" ± {number(spread.deviation)}")
