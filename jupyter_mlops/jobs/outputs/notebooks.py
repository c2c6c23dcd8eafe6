"""Two executions of one notebook, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jupyter_mlops.jobs.outputs.bundles import says_nothing
from jupyter_mlops.jobs.outputs.cells import compare_outputs
from jupyter_mlops.jobs.outputs.rules import Rules
from jupyter_mlops.records.reproduced import OutputDifference, ReproductionVerdict

__all__ = ["SKIP", "compare_notebooks", "has_outputs", "shows_anything"]

SKIP = "skip-compare"  # the tag of a cell whose outputs say nothing
_INJECTED = "injected-parameters"  # a cell that a job put there
Cell = Mapping[str, Any]


def has_outputs(notebook: Mapping[str, Any]) -> bool:
    """Tell whether a notebook was saved with anything to compare with: an output, or a cell that ran and showed none."""
    return any(cell.get("outputs") or cell.get("execution_count") for cell in _code(notebook))


def shows_anything(notebook: Mapping[str, Any]) -> bool:
    """Tell whether a cell of a notebook shows a result; cards of this package are none."""
    outputs = (output for cell in _code(notebook) for output in cell.get("outputs", ()))
    return any(not says_nothing(output.get("data", {})) for output in outputs)


def compare_notebooks(
    before: Mapping[str, Any], after: Mapping[str, Any], rules: Rules
) -> tuple[OutputDifference, ...]:
    """Return where the outputs of two executions of a notebook are not the same, in the order of the cells.

    Parameters
    ----------
    before, after
        Notebooks as JSON holds them. Their cells are matched by their ids where they share them, else by their places. A
        cell tagged ``skip-compare`` is passed over, and so is one that had not been executed before.
    rules
        How near is near enough.

    Returns
    -------
    One for each part of a cell's outputs that is not identical.
    """
    found: list[OutputDifference] = []
    for number, one, two in _matched(_code(before), _code(after)):
        if _skipped(one) or _skipped(two) or not (one.get("outputs") or one.get("execution_count")):
            continue
        found += _differences(number, one, two, rules)
    return tuple(found)


def _differences(number: int, one: Cell, two: Cell, rules: Rules) -> Iterator[OutputDifference]:
    for part, compared in compare_outputs(one.get("outputs", ()), two.get("outputs", ()), rules):
        if compared.verdict is not ReproductionVerdict.IDENTICAL:
            yield OutputDifference(
                cell=number,
                id=str(one.get("id", "")),
                part=part,
                verdict=compared.verdict,
                says=compared.says,
            )


def _code(notebook: Mapping[str, Any]) -> list[Cell]:
    """Return the cells that an execution runs and that the author wrote."""
    return [
        cell
        for cell in notebook.get("cells", ())
        if cell.get("cell_type") == "code" and not _tagged(cell, _INJECTED) and _source(cell).strip()
    ]


def _source(cell: Cell) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def _tagged(cell: Cell, tag: str) -> bool:
    tags = cell.get("metadata", {}).get("tags", ())
    return isinstance(tags, list) and tag in tags


def _skipped(cell: Cell) -> bool:
    return _tagged(cell, SKIP)


def _matched(before: Sequence[Cell], after: Sequence[Cell]) -> Iterator[tuple[int, Cell, Cell]]:
    """Match cells, and number them as their author sees them: in the notebook of before."""
    now = {_mark(cell): cell for cell in after if _mark(cell)}
    if any(_mark(cell) in now for cell in before):
        for number, cell in enumerate(before, 1):
            if _mark(cell) in now:
                yield number, cell, now[_mark(cell)]
        return
    for number, (one, two) in enumerate(zip(before, after, strict=False), 1):
        yield number, one, two


def _mark(cell: Cell) -> str:
    """Return the cell's id; one of a slice has that of the cell it was taken from."""
    own = cell.get("metadata", {}).get("mlops", {})
    told = own.get("cell") if isinstance(own, dict) else None
    return str(told or cell.get("id", ""))
