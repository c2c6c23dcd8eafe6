"""The cells a run rests on, to read or to run again."""

from __future__ import annotations

import json
from collections.abc import Sequence

from jupyter_mlops.records.run import Run
from jupyter_mlops.records.slice import RunSlice, SliceForm
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.tracking.finding import get_run, run_cells
from jupyter_mlops.workspace import Workspace

__all__ = ["SliceForm", "slice_run"]


def slice_run(ws: Workspace, run: str, *, to: SliceForm = SliceForm.TEXT) -> RunSlice:
    """Return the cells a run rests on, each as it was executed, in the order of execution.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    to
        ``text`` to read, ``notebook`` (JSON of an .ipynb) or ``script`` (Python with cell marks) to run again.
    """
    found = get_run(ws, run)
    cells = run_cells(ws, run=found.id)
    return RunSlice(
        run=found.id,
        grade=found.grade,
        reason=found.grade_reason,
        cells=tuple(cells),
        outside=tuple(found.source.outside),
        text=_notebook(found, cells) if to is SliceForm.NOTEBOOK else _written(found, cells, to),
    )


def _written(found: Run, cells: Sequence[CellExecution], to: SliceForm) -> str:
    mark = "# %%" if to is SliceForm.SCRIPT else "#"
    head = [f"{mark if to is SliceForm.TEXT else '#'} {line}" for line in _head(found, cells)]
    parts = ["\n".join(head)]
    parts += [
        f"{mark} {_label(cell)}\n{_code(cell) if to is SliceForm.SCRIPT else cell.source}" for cell in cells
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _head(run: Run, cells: Sequence[CellExecution]) -> list[str]:
    grade = f"{run.grade}: {run.grade_reason}" if run.grade_reason else str(run.grade)
    lines = [
        f"run {run.name} {run.short} of {run.experiment}, {run.status}, {grade}",
        f"{len(cells)} of {run.source.executed or len(cells)} executed cells",
    ]
    if run.source.outside:
        lines.append(f"also rests on, outside the cells: {', '.join(run.source.outside)}")
    return lines


def _label(cell: CellExecution) -> str:
    return f"In [{cell.count if cell.count is not None else ' '}]"


def _code(cell: CellExecution) -> str:
    """Return the cell as plain Python runs it: lines that only IPython understands become comments."""
    lines = cell.source.splitlines()
    if lines and lines[0].startswith("%%track"):
        lines = lines[1:]
    if lines and lines[0].startswith("%%"):
        return "\n".join(f"# {line}" for line in lines)
    return "\n".join(f"# {line}" if line.lstrip()[:1] in {"%", "!", "?"} else line for line in lines)


def _notebook(run: Run, cells: Sequence[CellExecution]) -> str:
    title = {"cell_type": "markdown", "id": "slice", "metadata": {}, "source": "\n\n".join(_head(run, cells))}
    code: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {
                "mlops": {"cell": cell.cell, "sequence": cell.sequence, "source_digest": cell.source_digest}
            },
            "source": cell.source,
            "execution_count": None,
            "outputs": [],
        }
        for number, cell in enumerate(cells, 1)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {
        "cells": [title, *code],
        "metadata": {"kernelspec": kernel, "mlops": {"run": run.id}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
