"""Which random generators the cells of a session have seeded, and with what: read off the code, never executed."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from jupyter_mlops.capture.syntax import parse_cell
from jupyter_mlops.records.run import Param
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.tracking.assignments import assigned

__all__ = ["seeds_for_all", "seeds_of"]

_HINTS = ("seed", "random_state", "default_rng", "RandomState", "PRNGKey")
_SEEDING = frozenset(
    {
        "seed", "default_rng", "RandomState", "SeedSequence", "manual_seed", "manual_seed_all", "set_seed",
        "seed_everything", "set_random_seed", "PRNGKey",
    }
)  # fmt: skip
_FOR_ALL = frozenset(
    {"seed", "manual_seed", "manual_seed_all", "set_seed", "seed_everything", "set_random_seed"}
)
_KEYWORDS = frozenset({"random_state", "random_seed", "seed"})
_MOST = 20


def seeds_of(cells: Sequence[CellExecution], within: Collection[int] | None = None) -> tuple[str, ...]:
    """Return the calls in *cells* that seed a generator, as text, each generator as it was seeded last.

    A name among the arguments is replaced by its value where an earlier cell assigns it a plain one.

    Parameters
    ----------
    within
        The sequences of the cells a run rests on: of others only what seeds a generator that all code uses counts.
    """
    known: dict[str, Param] = {}
    found: dict[str, str] = {}
    for cell in cells:
        if not any(hint in cell.source for hint in _HINTS):
            continue
        if not known:  # most sessions seed nothing: look for values only where one may be needed
            known = {name: value for other in cells for name, value in assigned(other.source).items()}
        for what, call in _seedings(cell.source):
            if within is not None and cell.sequence not in within and not seeds_for_all(what):
                continue
            found.pop(what, None)
            found[what] = _with_values(call, known)
    return tuple(list(found.values())[-_MOST:])


def seeds_for_all(call: str) -> bool:
    """Tell whether *call* seeds a generator that all code of a process uses, and not one that it makes."""
    return call.rpartition(".")[2] in _FOR_ALL


@lru_cache(maxsize=512)
def _seedings(source: str) -> tuple[tuple[str, ast.Call], ...]:
    tree = parse_cell(source).tree
    return () if tree is None else tuple(_calls(tree))


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name.rpartition(".")[2] in _SEEDING and (node.args or node.keywords):
            yield name, node
            continue
        said = [each for each in node.keywords if each.arg in _KEYWORDS]
        if said:
            yield name, ast.Call(func=node.func, args=[], keywords=said)


def _with_values(call: ast.Call, known: Mapping[str, Param]) -> str:
    def value(node: ast.expr) -> str:
        if isinstance(node, ast.Name) and node.id in known:
            return repr(known[node.id])
        return ast.unparse(node)

    given = [value(argument) for argument in call.args]
    given += [f"{each.arg}={value(each.value)}" for each in call.keywords if each.arg is not None]
    return f"{ast.unparse(call.func)}({', '.join(given)})"
