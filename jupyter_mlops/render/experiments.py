"""Experiments as the folders they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jupyter_mlops.records.experiment import Experiment
from jupyter_mlops.render.blocks import Block, Column, Line, Table, Title
from jupyter_mlops.render.words import counted, moment

__all__ = ["experiments_blocks"]

_SHOWN = 500
_FILED_NOWHERE = "(no experiment)"


def experiments_blocks(items: Sequence[Experiment], total: int) -> Iterator[Block]:
    """One line a folder or experiment, each under the folder it is in."""
    runs = sum(item.runs for item in items)
    yield Title(counted(sum(item.runs > 0 for item in items), "experiment"))
    yield Line(f"{counted(runs, 'run')} in all", faint=True)
    left = total - _SHOWN
    yield Table(
        (
            Column("experiment"),
            Column("runs", numeric=True),
            Column("with those below", numeric=True),
            Column("newest"),
        ),
        tuple(_line(item) for item in items[:_SHOWN]),
        note=f"{left:,} more are not shown" if left > 0 else "",
    )


def _line(item: Experiment) -> tuple[str, ...]:
    depth, deeper = item.name.count("/"), item.below > item.runs
    name = item.name.rpartition("/")[2] if item.name else _FILED_NOWHERE
    # A space that is kept where a page folds the others.
    said = "\N{NO-BREAK SPACE}" * 2 * depth + name + ("/" if deeper else "")
    return (
        said,
        f"{item.runs:,}" if item.runs else "",
        f"{item.below:,}" if deeper else "",
        moment(item.newest),
    )
