"""The cells that a job's kernel ran before the extension was loaded: our own engine knows them."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Earlier", "cells_before", "failed_before"]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A cell that ran before anybody recorded it."""

    cell: str
    source: str
    failed: bool


def cells_before(
    document: Path | None, cell: str | None, executed: Sequence[str], failed: Collection[int] | None
) -> tuple[Earlier, ...]:
    """Return the cells that a job ran before *cell*, in order; nothing where that is not certain.

    A job runs the code cells of its document from top to bottom, each once, and stops at the first that fails, unless
    that one is marked as one that may. So what stands above the cell that loads the extension (in a parameters cell, as
    a rule) has run, and it is the whole of what has run. It is checked against what the kernel itself remembers.

    Parameters
    ----------
    document
        The notebook that the job executes.
    cell
        The id of the cell that loads the extension.
    executed
        The texts that the kernel has executed before it, in order.
    failed
        The numbers, from 1, of those that raised; None where the kernel does not remember.
    """
    if not os.environ.get("JUPYTER_MLOPS_JOB") or document is None or cell is None:
        return ()
    try:
        cells = json.loads(document.read_text(encoding="utf-8"))["cells"]
        code = [(str(c["id"]), "".join(c["source"]), c) for c in cells if c["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    run = [(name, text, c) for name, text, c in code if text.strip()]
    place = next((number for number, (name, _, _) in enumerate(run) if name == cell), 0)
    above = run[:place]
    may_fail = any("raises-exception" in c["metadata"].get("tags", ()) for _, _, c in above)
    same = [text.strip() for _, text, _ in above] == [text.strip() for text in executed]
    if not same or (may_fail and failed is None):
        return ()
    return tuple(
        Earlier(name, text, number in (failed or ())) for number, (name, text, _) in enumerate(above, 1)
    )


def failed_before(shell: Any) -> Collection[int] | None:
    """Return the numbers of the executions that *shell* remembers to have failed; None where it does not."""
    raised = getattr(shell.history_manager, "exceptions", None)
    return set(raised) if isinstance(raised, Mapping) else None
