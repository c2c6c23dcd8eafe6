"""What a call's argument was made of, read in the code: the objects behind its names, and those behind their making.

Nothing is evaluated: names and plain attributes are looked up, and all that any assignment to a name may have used
counts as used. So the answer may hold too much, and is used only to choose among models whose values fit already.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import FrameType
from typing import Any

from jupyter_mlops.capture.estimators.frames import local_names

__all__ = ["Reached", "name_given", "objects_behind"]

_LONGEST_SOURCE = 200_000  # characters
_CELLS = 30  # earlier cells that are read
_MOST_NAMES = 200
_MOST_MEMBERS = 64
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Reached:
    """The objects behind an argument by how many makings lie between, those in its own expression first."""

    levels: Sequence[Sequence[Any]]
    # The same for each expression of a level by itself, without what is only held by a container.
    named: Sequence[Sequence[Sequence[Any]]]


def objects_behind(caller: FrameType, position: int, argument: str) -> Reached | None:
    """Return what an argument of the call now running in *caller* was made of; None where that is unreadable.

    The objects of the argument's own expression come first, then those that its names were made of, and so on.
    """
    tree = _tree("".join(linecache.getlines(caller.f_code.co_filename)))
    call = None if tree is None else _running_call(tree, caller)
    if tree is None or call is None:
        return None
    expression = _argument(call, position, argument)
    if expression is None:
        return None
    scope = _scope_of(tree, call)
    made = _makings([scope] if isinstance(scope, _FUNCTIONS) else [*_earlier_cells(caller), tree])
    names: Mapping[str, Any] = {**caller.f_globals, **local_names(caller)}
    return _reached(expression, made, names)


def name_given(caller: FrameType) -> str:
    """Return the name that the result of the call now running in *caller* will be bound to; empty where none is."""
    tree = _tree("".join(linecache.getlines(caller.f_code.co_filename)))
    call = None if tree is None else _running_call(tree, caller)
    if tree is None or call is None:
        return ""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Assign) and node.value is call)
    target = next((node.targets[0] for node in found if len(node.targets) == 1), None)
    return target.id if isinstance(target, ast.Name) and not target.id.startswith("_") else ""


@lru_cache(maxsize=64)
def _tree(source: str) -> ast.Module | None:
    if not source or len(source) > _LONGEST_SOURCE:
        return None
    try:
        return ast.parse(source)
    except SyntaxError:
        return None


def _running_call(tree: ast.Module, caller: FrameType) -> ast.Call | None:
    place = next(
        (p for i, p in enumerate(caller.f_code.co_positions()) if i == caller.f_lasti // 2),
        None,
    )
    if place is None:
        return None
    return next(
        (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _place(node) == place), None
    )


def _place(node: ast.Call) -> tuple[int | None, ...]:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _argument(call: ast.Call, position: int, argument: str) -> ast.expr | None:
    if any(isinstance(one, ast.Starred) for one in call.args):
        return None
    if len(call.args) > position:
        return call.args[position]
    return next((one.value for one in call.keywords if one.arg == argument), None)


def _scope_of(tree: ast.Module, call: ast.Call) -> ast.AST:
    """Return the innermost function that holds *call*, else the module."""
    scope: ast.AST = tree
    for node in ast.walk(tree):  # outer functions come first
        if isinstance(node, _FUNCTIONS) and any(inner is call for inner in ast.walk(node)):
            scope = node
    return scope


def _earlier_cells(caller: FrameType) -> list[ast.Module]:
    cells = caller.f_globals.get("In")
    if not isinstance(cells, list):
        return []
    found = [_tree(cell) for cell in cells[-_CELLS - 1 : -1] if isinstance(cell, str)]
    return [tree for tree in found if tree is not None]


def _makings(scopes: Sequence[ast.AST]) -> dict[str, list[ast.expr]]:
    """Return for each name the expressions that anything of it was taken from."""
    made: dict[str, list[ast.expr]] = {}
    for scope in scopes:
        for name, value in _makings_in(scope):
            made.setdefault(name, []).append(value)
    return made


@lru_cache(maxsize=64)
def _makings_in(scope: ast.AST) -> list[tuple[str, ast.expr]]:
    return [
        (name.id, value)
        for node in ast.walk(scope)
        for target, value in _bindings(node)
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    ]


def _bindings(node: ast.AST) -> Iterator[tuple[ast.AST, ast.expr]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _pairs(target, node.value)
    elif isinstance(node, (ast.AugAssign, ast.NamedExpr)) or (isinstance(node, ast.AnnAssign) and node.value):
        assert node.value is not None
        yield node.target, node.value
    elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
        yield node.target, node.iter


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.AST, ast.expr]]:
    """Take ``a, b = x, y`` apart; of any other value each name may have the whole."""
    sides = (target, value)
    if all(isinstance(one, (ast.Tuple, ast.List)) for one in sides):
        assert isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List))  # noqa: PT018
        starred = any(isinstance(one, ast.Starred) for one in (*target.elts, *value.elts))
        if not starred and len(target.elts) == len(value.elts):
            yield from zip(target.elts, value.elts, strict=True)
            return
    yield target, value


def _reached(expression: ast.expr, made: Mapping[str, list[ast.expr]], names: Mapping[str, Any]) -> Reached:
    waiting, seen, levels, named = [expression], set[str](), list[list[Any]](), list[list[list[Any]]]()
    while waiting and len(seen) < _MOST_NAMES:
        parts = [list(_named(one, names)) for one in waiting]
        named.append([[thing for _, thing in part] for part in parts])
        new = [(name, thing) for part in parts for name, thing in part if name not in seen]
        levels.append([one for _, thing in new for one in _with_members(thing)])
        further = dict.fromkeys(name for name, _ in new if name)
        seen.update(further)
        waiting = [making for name in further for making in made.get(name, ())]
    return Reached(levels, named)


def _named(expression: ast.expr, names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the names in an expression with what they hold; what attributes and places hold has no name."""
    for node in ast.walk(expression):
        if isinstance(node, ast.Attribute):
            yield "", _looked_up(node, names)
        elif isinstance(node, ast.Subscript):
            yield "", _placed(node, names)
        elif isinstance(node, ast.Name):
            yield node.id, names.get(node.id)


def _looked_up(node: ast.Attribute, names: Mapping[str, Any]) -> Any:
    """Return what ``name.attribute…`` holds in the objects' own dictionaries: nothing of theirs is run."""
    owner: Any = None
    if isinstance(node.value, ast.Name):
        owner = names.get(node.value.id)
    elif isinstance(node.value, ast.Attribute):
        owner = _looked_up(node.value, names)
    try:
        return vars(owner).get(node.attr)
    except TypeError:
        return None


def _placed(node: ast.Subscript, names: Mapping[str, Any]) -> Any:
    """Return what ``name[place]`` holds if that is a plain container and the place is written there."""
    owner: Any = names.get(node.value.id) if isinstance(node.value, ast.Name) else None
    if type(owner) not in {dict, list, tuple} or not isinstance(node.slice, ast.Constant):
        return None
    try:
        return owner[node.slice.value]
    except (LookupError, TypeError):
        return None


def _with_members(thing: Any) -> list[Any]:
    """Return *thing*, and what it holds if it is a plain container."""
    if type(thing) is dict:
        return [thing, *list(thing.values())[:_MOST_MEMBERS]]
    if type(thing) in {list, tuple}:
        return [thing, *thing[:_MOST_MEMBERS]]
    return [] if thing is None else [thing]
