"""The cells that ran, the champion's beside the candidate's."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_mlops.records.review import CodeChange
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.tracking.code import code_changes as changes_between

__all__ = ["code_changes"]


def code_changes(new: Sequence[CellExecution], old: Sequence[CellExecution]) -> tuple[CodeChange, ...]:
    """Return one change for each cell that is not the same, in the candidate's order, what is gone last."""
    return changes_between(new, old, sides=("champion", "candidate"))
