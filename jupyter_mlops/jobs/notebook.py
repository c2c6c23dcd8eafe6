"""A notebook as a job sees it: read strictly, cells named once, values put behind the parameters cell."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import nbformat

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.parameters import read_parameters
from jupyter_mlops.jobs.values import values_as_code
from jupyter_mlops.records.job import Parameter

__all__ = [
    "as_submitted",
    "code_cells",
    "from_bytes",
    "language_of",
    "parameters_of",
    "to_bytes",
    "with_values",
]

# nbformat types a part of itself only.
_v4: Any = nbformat.v4
_node: Any = nbformat.from_dict

_PARAMETERS = "parameters"
_INJECTED = "injected-parameters"
_MINOR = 5  # the first minor format whose cells have ids
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def from_bytes(content: bytes, name: str) -> nbformat.NotebookNode:
    """Read a notebook of format 4 and give every cell an id of its own.

    An id that is missing or taken is made from the cell's place and text, so that the same file gives the
    same ids each time it is read.

    Raises
    ------
    Invalid
        It is not JSON, not a notebook, or of another format; *name* is how the message calls it.
    """
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as failure:
        raise Invalid(f"{name} is not a notebook: {failure}") from failure
    if not isinstance(data, dict) or data.get("nbformat") != 4:  # noqa: PLR2004
        found = data.get("nbformat", "none") if isinstance(data, dict) else "none"
        raise Invalid(
            f"{name} is not a notebook of format 4 (it says {found})",
            remedy="Open and save it in JupyterLab, or convert it with: jupyter nbconvert --to notebook.",
        )
    _name_cells(data)
    try:
        nbformat.validate(data)
        notebook: nbformat.NotebookNode = _node(data)
    except (nbformat.ValidationError, KeyError, TypeError, AttributeError) as failure:
        raise Invalid(f"{name} is not a valid notebook: {str(failure).splitlines()[0]}") from failure
    for cell in notebook.cells:
        cell.source = "".join(cell.source) if isinstance(cell.source, list) else cell.source
    return notebook


def _name_cells(data: dict[str, Any]) -> None:
    data["nbformat_minor"] = max(
        _MINOR, data["nbformat_minor"] if isinstance(data.get("nbformat_minor"), int) else 0
    )
    taken: set[str] = set()
    cells = data.get("cells")
    for place, cell in enumerate(cells if isinstance(cells, list) else ()):
        if not isinstance(cell, dict):
            continue
        given = cell.get("id")
        if not isinstance(given, str) or given in taken or not _ID.fullmatch(given):
            given = cell["id"] = _made_id(f"{place}\n{cell.get('source')!r}", taken)
        taken.add(given)


def _made_id(seed: str, taken: set[str]) -> str:
    while (made := hashlib.sha256(seed.encode(errors="replace")).hexdigest()[:8]) in taken:
        seed += "\n"
    return made


def as_submitted(notebook: nbformat.NotebookNode) -> bytes:
    """Return the notebook's bytes without what an earlier execution left: outputs, counts, injected values."""
    bare: nbformat.NotebookNode = _node(json.loads(_v4.writes(notebook)))
    bare.cells = [cell for cell in bare.cells if not _tagged(cell, _INJECTED)]
    bare.metadata.pop("papermill", None)
    bare.metadata.pop("widgets", None)
    for cell in bare.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return to_bytes(bare)


def to_bytes(notebook: nbformat.NotebookNode) -> bytes:
    """Return the notebook as a file holds it, without checking it again."""
    text: str = _v4.writes(notebook)
    return f"{text}\n".encode()


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return the cells that an execution would run, in order."""
    return [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]


def language_of(notebook: nbformat.NotebookNode) -> str:
    """Return the notebook's language in lower case; ``python`` where it says none."""
    info, spec = notebook.metadata.get("language_info", {}), notebook.metadata.get("kernelspec", {})
    name = str(info.get("name") or spec.get("language") or "python").lower()
    return "python" if name in {"ipython", "python3"} else name


def parameters_of(notebook: nbformat.NotebookNode) -> tuple[Parameter, ...]:
    """Return what the first cell tagged ``parameters`` declares; nothing where there is none."""
    if language_of(notebook) != "python":
        return ()
    cell = next((c for c in notebook.cells if c.cell_type == "code" and _tagged(c, _PARAMETERS)), None)
    return read_parameters(cell.source) if cell is not None else ()


def with_values(
    notebook: nbformat.NotebookNode, parameters: Sequence[Parameter], values: Mapping[str, object]
) -> nbformat.NotebookNode:
    """Return the notebook with checked *values* in a cell of our own behind the parameters cell.

    Cells injected by an earlier run are dropped, also where there is nothing to put in their place: a stale
    one would decide in silence.
    """
    cells = [cell for cell in notebook.cells if not _tagged(cell, _INJECTED)]
    if values:
        cell = _v4.new_code_cell("# Parameters\n" + values_as_code(parameters, values))
        cell.metadata["tags"] = [_INJECTED]
        cell.id = _free_id(cells)
        place = next(i for i, c in enumerate(cells) if c.cell_type == "code" and _tagged(c, _PARAMETERS))
        cells.insert(place + 1, cell)
    ready: nbformat.NotebookNode = _node(dict(notebook))
    ready.cells = cells
    return ready


def _tagged(cell: nbformat.NotebookNode, tag: str) -> bool:
    tags = cell.metadata.get("tags", [])
    return isinstance(tags, list) and tag in tags


def _free_id(cells: Sequence[nbformat.NotebookNode]) -> str:
    taken = {c.id for c in cells}
    wanted, number = _INJECTED, 1
    while wanted in taken:
        number += 1
        wanted = f"{_INJECTED}-{number}"
    return wanted
