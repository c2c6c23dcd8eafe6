"""Which random generators the cells of a session have seeded, and with what: read off the code, never executed."""

from __future__ import annotations

import ast
import operator
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

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
_TELLING = frozenset({"log", "format", "print", "set_tags"})  # they and log_… are told of a seed and use none
_MOST = 20
_FOLDED: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_LARGEST = 2**64  # no generator takes a larger seed, and none is worth multiplying out


def seeds_of(cells: Sequence[CellExecution], within: Collection[int] | None = None) -> tuple[str, ...]:
    """Return the calls in *cells* that seed a generator, as text, each generator as it was seeded last.

    A name among the arguments is replaced by its value where the cells up to there assign it a plain one, and nothing
    else; whole numbers are added and multiplied out: ``SEED + 1`` is 43.

    Parameters
    ----------
    within
        The sequences of the cells a run rests on: of others only what seeds a generator that all code uses counts.
    """
    known: dict[str, Param] = {}
    found: dict[str, str] = {}
    read = 0  # most sessions seed nothing: look for values only where one may be needed
    for place, cell in enumerate(cells):
        if not any(hint in cell.source for hint in _HINTS):
            continue
        for other in cells[read : place + 1]:
            _learn(known, other)
        read = place + 1
        for what, call in _seedings(cell.source):
            if within is not None and cell.sequence not in within and not seeds_for_all(what):
                continue
            found.pop(what, None)
            found[what] = _with_values(call, known)
    return tuple(list(found.values())[-_MOST:])


def seeds_for_all(call: str) -> bool:
    """Tell whether *call* seeds a generator that all code of a process uses, and not one that it makes."""
    return call.rpartition(".")[2] in _FOR_ALL


def _learn(known: dict[str, Param], cell: CellExecution) -> None:
    """Take the plain values *cell* assigns, and forget what it may have bound to something else."""
    plain, bound = _bindings(cell.source)
    if cell.opaque:
        known.clear()
    for name in (*cell.writes, *bound):
        known.pop(name, None)
    known |= plain


@lru_cache(maxsize=512)
def _bindings(source: str) -> tuple[Mapping[str, Param], frozenset[str]]:
    """Return the names that *source* binds once and to a plain value, and all that it binds anywhere."""
    tree = parse_cell(source).tree
    bound = Counter(_bound(tree)) if tree is not None else Counter[str]()
    plain = {name: value for name, value in assigned(source).items() if bound[name] == 1}
    return MappingProxyType(plain), frozenset(bound)


def _bound(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)):
            yield node.name or ""


@lru_cache(maxsize=512)
def _seedings(source: str) -> tuple[tuple[str, ast.Call], ...]:
    tree = parse_cell(source).tree
    return () if tree is None else tuple(_calls(tree))


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    told: set[int] = set()
    for node in ast.walk(tree):  # what surrounds comes before what is within
        if not isinstance(node, ast.Call) or id(node) in told:
            continue
        name = ast.unparse(node.func)
        last = name.rpartition(".")[2]
        if last in _TELLING or last.startswith("log_"):
            told.update(id(each) for each in node.args if isinstance(each, ast.Call) and _makes_dict(each))
            continue
        if last in _SEEDING and (node.args or node.keywords):
            yield name, node
            continue
        said = [each for each in node.keywords if each.arg in _KEYWORDS]
        if said:
            yield name, ast.Call(func=node.func, args=[], keywords=said)


def _makes_dict(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "dict"


def _with_values(call: ast.Call, known: Mapping[str, Param]) -> str:
    def value(node: ast.expr) -> str:
        if isinstance(node, ast.Name) and node.id in known:
            return repr(known[node.id])
        found = _number(node, known)
        return ast.unparse(node) if found is None else repr(found)

    given = [value(argument) for argument in call.args]
    given += [f"{each.arg}={value(each.value)}" for each in call.keywords if each.arg is not None]
    return f"{ast.unparse(call.func)}({', '.join(given)})"


def _number(node: ast.expr, known: Mapping[str, Param]) -> int | None:
    """Return the whole number that an expression over whole numbers comes to; None where it is anything else."""
    found: object = None
    if isinstance(node, ast.Constant):
        found = node.value
    elif isinstance(node, ast.Name):
        found = known.get(node.id)
    elif isinstance(node, ast.BinOp) and type(node.op) in _FOLDED:
        left, right = _number(node.left, known), _number(node.right, known)
        by_zero = right == 0 and isinstance(node.op, (ast.FloorDiv, ast.Mod))
        if left is not None and right is not None and not by_zero:
            found = _FOLDED[type(node.op)](left, right)
    return found if type(found) is int and abs(found) < _LARGEST else None
