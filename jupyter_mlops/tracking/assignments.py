"""Simple assignments in a cell's source as parameters: ``alpha = 0.3`` and its like, read and never executed."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from jupyter_mlops.capture.syntax import parse_cell
from jupyter_mlops.records.run import Param
from jupyter_mlops.records.source import CellExecution

__all__ = ["assigned", "params_of"]

_LONGEST = 250
_MOST = 100


def assigned(source: str) -> dict[str, Param]:
    """Return the names that *source* assigns a number, a text, a truth value or None at its top level.

    A name assigned twice has its last value; one that starts with an underscore is nobody's parameter.
    """
    tree = parse_cell(source).tree
    found: dict[str, Param] = {}
    for node in tree.body if tree is not None else ():
        for target, value in _pairs(node):
            if not isinstance(target, ast.Name) or target.id.startswith("_"):
                continue
            known, literal = _literal(value)
            if known:
                found[target.id] = literal
            else:
                found.pop(target.id, None)
    return dict(list(found.items())[:_MOST])


def _pairs(node: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        yield node.target, node.value
    if not isinstance(node, ast.Assign):
        return
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            if len(target.elts) == len(node.value.elts):
                yield from zip(target.elts, node.value.elts, strict=True)
        else:
            yield target, node.value


def _literal(node: ast.expr) -> tuple[bool, Param]:
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        sign, node = (-1 if isinstance(node.op, ast.USub) else 1), node.operand
    if not isinstance(node, ast.Constant):
        return False, None
    value = node.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return True, sign * value
    if value is None or isinstance(value, bool) or (isinstance(value, str) and len(value) <= _LONGEST):
        return sign == 1, value
    return False, None


def params_of(cells: Sequence[CellExecution], last: int, reads: Collection[str] = ()) -> dict[str, Param]:
    """Return the parameters of a run: what its own cell *last* assigns, and what that cell reads of earlier ones.

    Parameters
    ----------
    cells
        The cells the run rests on.
    last
        The sequence of its own cell.
    reads
        The names its own cell reads; an assignment elsewhere counts only if it is among them.
    """
    found: dict[str, Param] = {}
    for cell in sorted(cells, key=lambda c: c.sequence):
        known = bool(cell.writes) and not cell.opaque
        if known and cell.sequence != last and not any(name in reads for name in cell.writes):
            continue  # a long session's cells are not parsed again for each run
        # Secrets are masked in the source already: their parameters are three asterisks.
        literals = assigned(cell.source)
        # A name that a later cell has given anything else is no longer what an earlier one said.
        for name in cell.writes:
            found.pop(name, None)
        found |= literals if cell.sequence == last else {k: v for k, v in literals.items() if k in reads}
    return found
