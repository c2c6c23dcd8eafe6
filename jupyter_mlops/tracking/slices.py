"""The cells a run rests on, to read or to run again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from jupyter_mlops.capture.plain import plain_cell
from jupyter_mlops.records.run import DocumentState, Run
from jupyter_mlops.records.slice import RunSlice, SliceForm
from jupyter_mlops.records.source import CellExecution, CellStatus
from jupyter_mlops.tracking.finding import get_run, run_cells
from jupyter_mlops.workspace import Workspace

__all__ = ["SliceForm", "slice_run"]

_LOAD = "%load_ext jupyter_mlops"
_DOCUMENTS = {
    DocumentState.SAVED: "what ran stands in the saved notebook",
    DocumentState.UNSAVED: "what ran was not in the notebook when it was saved",
    DocumentState.ORPHANED: "a cell this run rests on is gone from the notebook",
}


def slice_run(ws: Workspace, run: str, *, to: SliceForm = SliceForm.TEXT) -> RunSlice:
    """Write out the cells a run rests on, as they were executed: to read, or to run again.

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
        document=found.document,
        cells=tuple(cells),
        outside=tuple(found.source.outside),
        text=_WRITERS[to](found, cells),
    )


def _written(found: Run, cells: Sequence[CellExecution]) -> str:
    parts = ["\n".join(f"# {line}" for line in _head(found, cells))]
    parts += [f"# {_label(cell)}\n{cell.source}" for cell in cells]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _script(found: Run, cells: Sequence[CellExecution]) -> str:
    """Return plain Python with a mark before each cell; a module that only the translation needs is imported on top."""
    names = {name for cell in cells for name in cell.writes}
    plain = [plain_cell(cell.source, names) for cell in cells]
    needs = frozenset[str]().union(*(cell.needs for cell in plain))
    shows = any("display(" in cell.text for cell in plain) and "display" not in names
    top = [f"import {name}" for name in sorted(needs - {"_loop"})]
    if "_loop" in needs:
        top += ["import asyncio", "", "_loop = asyncio.new_event_loop()"]
    if shows:
        top.append("from IPython.display import display")
    parts = ["\n".join(f"# {line}" for line in _head(found, cells)), *(["\n".join(top)] if top else [])]
    parts += [f"# %% {_label(cell)}\n{one.text}" for cell, one in zip(cells, plain, strict=True)]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _head(run: Run, cells: Sequence[CellExecution]) -> list[str]:
    """Say in lines which run this is, how far it can be trusted, and what it rests on beyond these cells."""
    grade = f"{run.grade}: {run.grade_reason}" if run.grade_reason else str(run.grade)
    source = run.source
    lines = [
        f"run {run.name} {run.short} of {run.experiment}, {run.status}, {grade}",
        f"{len(cells)} of {source.executed or len(cells)} executed cells"
        + (f" of {source.notebook}" if source.notebook else ""),
    ]
    if run.document in _DOCUMENTS:
        lines.append(_DOCUMENTS[run.document])
    if source.outside:
        lines.append(f"also rests on, outside the cells: {', '.join(source.outside)}")
    if source.commit:
        lines.append(f"git commit {source.commit}{', with uncommitted changes' if source.dirty else ''}")
    if source.python:
        lines.append(f"Python {source.python}, environment {(source.environment or 'not recorded')[:12]}")
    if source.modules:
        notes = {file: f" ({note})" for file, note in source.module_notes.items()}
        files = ", ".join(f"{file}{notes.get(file, '')}" for file in sorted(source.modules))
        lines.append(f"imported files of the project: {files}")
    masked = [_name(cell) for cell in cells if "***" in cell.source]
    if masked:
        lines.append(f"secrets were left out of {', '.join(masked)}: put them back where *** stands")
    failed = [_name(cell) for cell in cells if cell.status is not CellStatus.OK and cell is not cells[-1]]
    if failed:
        lines.append(f"{', '.join(failed)} had failed in the session, and will fail here")
    return lines


def _name(cell: CellExecution) -> str:
    return f"cell {cell.count}" if cell.count is not None else f"execution {cell.sequence}"


def _label(cell: CellExecution) -> str:
    return f"In [{cell.count if cell.count is not None else ' '}]"


def _notebook(run: Run, cells: Sequence[CellExecution]) -> str:
    title = {"cell_type": "markdown", "id": "slice", "metadata": {}, "source": "\n\n".join(_head(run, cells))}
    code: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": _metadata(cell, last=cell is cells[-1]),
            "source": cell.source,
            "execution_count": None,
            "outputs": [],
        }
        for number, cell in enumerate(cells, 1)
    ]
    if any(cell.source.lstrip().startswith("%%track") for cell in cells) and not any(
        _LOAD in cell.source for cell in cells
    ):
        load = {"cell_type": "code", "id": "load-extension", "metadata": {}, "source": _LOAD}
        code.insert(0, {**load, "execution_count": None, "outputs": []})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {
        "cells": [title, *code],
        "metadata": {"kernelspec": kernel, "mlops": {"run": run.id}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _metadata(cell: CellExecution, *, last: bool) -> dict[str, object]:
    own = {"cell": cell.cell, "sequence": cell.sequence, "source_digest": cell.source_digest}
    # What failed in the session and went on must not stop the notebook.
    tags = {"tags": ["raises-exception"]} if cell.status is CellStatus.ERROR and not last else {}
    return {"mlops": own, **tags}


_WRITERS: dict[SliceForm, Callable[[Run, Sequence[CellExecution]], str]] = {
    SliceForm.TEXT: _written,
    SliceForm.SCRIPT: _script,
    SliceForm.NOTEBOOK: _notebook,
}
