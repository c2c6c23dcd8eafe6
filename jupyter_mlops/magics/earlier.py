"""The cells that a job's kernel ran before the extension was loaded: our own engine knows them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

__all__ = ["cells_before"]


def cells_before(
    document: Path | None, cell: str | None, executed: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Return id and text of the cells that a job ran before *cell*, in order; nothing where that is not certain.

    A job runs the code cells of its document from top to bottom, each once, and stops at the first that fails. So what
    stands above the cell that loads the extension (in a parameters cell, as a rule) has run, and it is the whole of what
    has run. It is checked against what the kernel itself remembers having *executed*.
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
    return tuple((name, text) for name, text, _ in above) if same and not may_fail else ()
