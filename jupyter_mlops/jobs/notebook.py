"""A notebook as a job sees it: read strictly, cells named once, values put behind the parameters cell.

Notebooks are plain JSON data here, checked against nbformat's own schema. Importing nbformat itself would cost
whoever submits a job more than a second: jsonschema behind it builds a grammar of web addresses at import.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.jobs.parameters import read_parameters
from jupyter_mlops.jobs.values import check_values, values_as_code
from jupyter_mlops.records.parameter import Parameter

if TYPE_CHECKING:
    from jupyter_mlops.jobs.translation import Language

__all__ = [
    "Cell",
    "Notebook",
    "as_submitted",
    "cells_with_parameters",
    "checked_values",
    "code_cells",
    "from_bytes",
    "language_of",
    "parameters_of",
    "to_bytes",
    "with_values",
]

Cell = dict[str, Any]
Notebook = dict[str, Any]
_PARAMETERS = "parameters"
_INJECTED = "injected-parameters"
_MINOR = 5  # the first minor format whose cells have ids
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def from_bytes(content: bytes, name: str) -> Notebook:
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
        raise Invalid(
            f"{name} is not a notebook: {failure}",
            remedy="Open it in Jupyter and save it again, or restore it from a copy.",
        ) from failure
    if not isinstance(data, dict) or data.get("nbformat") != 4:  # noqa: PLR2004
        found = data.get("nbformat", "none") if isinstance(data, dict) else "none"
        raise Invalid(
            f"{name} is not a notebook of format 4 (it says {found})",
            remedy="Open and save it in JupyterLab, or convert it with: jupyter nbconvert --to notebook.",
        )
    _name_cells(data)
    try:
        _validator()(data)
    except ValueError as failure:
        raise Invalid(
            f"{name} is not a valid notebook: {str(failure)[:200]}",
            remedy="Open it in Jupyter and save it again: that mends most files.",
        ) from failure
    for cell in data["cells"]:
        cell["source"] = _joined(cell["source"])
    return data


@cache
def _validator() -> Callable[[object], object]:
    import fastjsonschema

    spec = find_spec("nbformat")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("nbformat is not installed", remedy="pip install nbformat")
    schema = Path(spec.submodule_search_locations[0]) / "v4" / "nbformat.v4.schema.json"
    check: Callable[[object], object] = fastjsonschema.compile(json.loads(schema.read_text(encoding="utf-8")))
    return check


def _name_cells(data: Notebook) -> None:
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
            given = cell["id"] = _made_id(f"{place}\n{_joined(cell.get('source', ''))}", taken)
        taken.add(given)


def _made_id(seed: str, taken: set[str]) -> str:
    while (made := hashlib.sha256(seed.encode(errors="replace")).hexdigest()[:8]) in taken:
        seed += "\n"
    return made


def _joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def as_submitted(notebook: Notebook) -> bytes:
    """Return the notebook's bytes without what an earlier execution left: outputs, counts, injected values."""
    bare = {**notebook, "metadata": _without(notebook["metadata"], "papermill", "widgets")}
    bare["cells"] = [_unexecuted(cell) for cell in notebook["cells"] if not _tagged(cell, _INJECTED)]
    return to_bytes(bare)


def _unexecuted(cell: Cell) -> Cell:
    bare = {**cell, "metadata": _without(cell["metadata"], "papermill", "execution")}
    return {**bare, "outputs": [], "execution_count": None} if cell["cell_type"] == "code" else bare


def _without(mapping: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name not in names}


def to_bytes(notebook: Mapping[str, Any]) -> bytes:
    """Return the notebook as Jupyter writes it: keys sorted, long text as a list of lines. Does not check it."""
    cells = [_cell_for_file(cell) for cell in notebook["cells"]]
    text = json.dumps(
        {**notebook, "cells": cells}, indent=1, sort_keys=True, ensure_ascii=False, separators=(",", ": ")
    )
    return f"{text}\n".encode("utf-8", "backslashreplace")


def _cell_for_file(cell: Cell) -> Cell:
    written = {**cell, "source": cell["source"].splitlines(keepends=True)}
    if "outputs" in cell:
        written["outputs"] = [_output_for_file(output) for output in cell["outputs"]]
    return written


def _output_for_file(output: Mapping[str, Any]) -> Mapping[str, Any]:
    if output["output_type"] == "stream" and isinstance(output["text"], str):
        return {**output, "text": output["text"].splitlines(keepends=True)}
    if "data" not in output:
        return output
    data = {
        kind: value.splitlines(keepends=True)
        if isinstance(value, str) and (kind.startswith("text/") or kind in _TEXT_TYPES)
        else value
        for kind, value in output["data"].items()
    }
    return {**output, "data": data}


_TEXT_TYPES = frozenset({"application/javascript", "image/svg+xml"})


def code_cells(notebook: Mapping[str, Any]) -> list[Cell]:
    """Return the cells that an execution would run, in order."""
    return [c for c in notebook["cells"] if c["cell_type"] == "code" and c["source"].strip()]


def language_of(notebook: Mapping[str, Any]) -> str:
    """Return the notebook's language in lower case; ``python`` where it says none."""
    info = notebook["metadata"].get("language_info", {})
    spec = notebook["metadata"].get("kernelspec", {})
    name = str(info.get("name") or spec.get("language") or "python").lower()
    return "python" if name in {"ipython", "python3"} else name


def parameters_of(notebook: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """Return what the first cell tagged ``parameters`` declares; nothing where there is none."""
    if language_of(notebook) != "python":
        return ()
    place = _parameters_cell(notebook["cells"])
    return () if place is None else read_parameters(notebook["cells"][place]["source"])


def checked_values(
    notebook: Mapping[str, Any], values: Mapping[str, object], later: Collection[str] = ()
) -> dict[str, object]:
    """Return *values* JSON-ready, once they fit the notebook's parameters cell, in whatever language it is.

    Those called *later* are still to come: they must be declared, and may be missing.

    Raises
    ------
    Invalid
        A name or a value does not fit; the message names it and the rule.
    """
    if language_of(notebook) == "python":
        return check_values(parameters_of(notebook), values, later)
    if not values:
        return {}
    from jupyter_mlops.jobs.translation import check_translated

    place = _parameters_cell(notebook["cells"])
    cell = None if place is None else notebook["cells"][place]["source"]
    return check_translated(_language(notebook), cell, values)


def _language(notebook: Mapping[str, Any]) -> Language:
    from jupyter_mlops.jobs.translation import language_called

    kernel = str(notebook["metadata"].get("kernelspec", {}).get("name", ""))
    return language_called(kernel, language_of(notebook))


def _as_code(
    notebook: Mapping[str, Any], parameters: Sequence[Parameter], values: Mapping[str, object]
) -> str:
    if language_of(notebook) == "python":
        return "# Parameters\n" + values_as_code(parameters, values)
    from jupyter_mlops.jobs.translation import translated

    return translated(_language(notebook), values)


def with_values(
    notebook: Notebook, parameters: Sequence[Parameter], values: Mapping[str, object]
) -> Notebook:
    """Return the notebook with checked *values* in a cell of our own behind the parameters cell.

    Cells injected by an earlier run are dropped, also where there is nothing to put in their place: a stale
    one would decide in silence.
    """
    cells = [cell for cell in notebook["cells"] if not _tagged(cell, _INJECTED)]
    place = _parameters_cell(cells)
    if values and place is not None:
        injected: Cell = {
            "cell_type": "code",
            "execution_count": None,
            "id": _free_id(cells),
            "metadata": {"tags": [_INJECTED]},
            "outputs": [],
            "source": _as_code(notebook, parameters, values),
        }
        cells.insert(place + 1, injected)
    return {**notebook, "cells": cells}


def cells_with_parameters(notebook: Mapping[str, Any]) -> list[str]:
    """Return the ids of the cells that declare parameters and set them, as far as they are executed."""
    place, cells = _parameters_cell(notebook["cells"]), code_cells(notebook)
    declares = None if place is None else notebook["cells"][place]["id"]
    return [cell["id"] for cell in cells if cell["id"] == declares or _tagged(cell, _INJECTED)]


def _parameters_cell(cells: Sequence[Cell]) -> int | None:
    tagged = (i for i, cell in enumerate(cells) if cell["cell_type"] == "code" and _tagged(cell, _PARAMETERS))
    return next(tagged, None)


def _tagged(cell: Cell, tag: str) -> bool:
    tags = cell["metadata"].get("tags", [])
    return isinstance(tags, list) and tag in tags


def _free_id(cells: Sequence[Cell]) -> str:
    taken = {cell["id"] for cell in cells}
    wanted, number = _INJECTED, 1
    while wanted in taken:
        number += 1
        wanted = f"{_INJECTED}-{number}"
    return wanted
