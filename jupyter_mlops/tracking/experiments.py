"""The experiments there are, with the folders that their names make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from jupyter_mlops.records.experiment import Experiment
from jupyter_mlops.records.query import equal
from jupyter_mlops.records.query import query as read_query
from jupyter_mlops.records.run import Run
from jupyter_mlops.workspace import Workspace

__all__ = ["find_experiments"]


def find_experiments(ws: Workspace, query: str = "", *, archived: bool = False) -> tuple[Experiment, ...]:
    """List the experiments with how many runs each has, and the folders above them.

    Parameters
    ----------
    query
        Count only the runs that this filter lets through, written as for ``runs``.
    archived
        Count archived runs, too.

    Returns
    -------
    tuple of Experiment
        By name, a folder before what is in it. Runs that are filed nowhere have the name "".

    Raises
    ------
    Invalid
        The query cannot be read.
    """
    also = None if archived else equal(archived=False)
    asked = read_query(query, also=also, now=ws.now(), of=Run)
    with ws.store.read() as tx:
        found = tx.runs.count_by("experiment", asked)
    tree: dict[str, _Counted] = {}
    for one in found:
        for name in _folders(one.value):
            tree.setdefault(name, _Counted()).add(one.count, one.newest, own=name == one.value)
    return tuple(
        Experiment(name=name, runs=at.runs, below=at.below, newest=at.newest)
        for name, at in sorted(tree.items(), key=lambda item: item[0].split("/"))
    )


@dataclass(slots=True)
class _Counted:
    runs: int = 0
    below: int = 0
    newest: datetime | None = None

    def add(self, count: int, newest: datetime | None, *, own: bool) -> None:
        self.below += count
        self.runs += count if own else 0
        self.newest = max(filter(None, (self.newest, newest)), default=None)


def _folders(name: str) -> Iterator[str]:
    """Return the folders above an experiment, the outermost first, and itself."""
    parts = name.split("/")
    for place in range(1, len(parts) + 1):
        yield "/".join(parts[:place])
