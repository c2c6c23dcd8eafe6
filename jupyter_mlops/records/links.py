"""The digests that make executions of cells a chain, and what they show when they are computed again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.source import CellExecution

__all__ = ["cells_digest", "first_broken_link", "link_digest"]


def link_digest(execution: CellExecution) -> str:
    """Return the digest an execution must carry: over all its other fields, ``previous`` among them."""
    content = encode(execution)
    content.pop("digest")
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def cells_digest(cells: Sequence[CellExecution]) -> str:
    """Return the digest over the digests of *cells*, as ``Source.cells`` keeps it: a cell more or less changes it."""
    return hashlib.sha256("\n".join(cell.digest for cell in cells).encode()).hexdigest()


def first_broken_link(cells: Sequence[CellExecution]) -> int | None:
    """Return the place in *cells* of the first that was changed, or None.

    Parameters
    ----------
    cells
        In order, all of a session or some: where one follows the other in its session, it must carry the other's
        digest. Cells that are missing show in ``cells_digest``.
    """
    for place, execution in enumerate(cells):
        if execution.digest != link_digest(execution):
            return place
        before = cells[place - 1] if place else None
        if (
            before is not None
            and (execution.session, execution.sequence) == (before.session, before.sequence + 1)
            and execution.previous != before.digest
        ):
            return place
    return None
