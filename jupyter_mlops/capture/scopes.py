"""Which names of a function are its own, and which it takes from outside when it is called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["FunctionNode", "Scope", "parameters_of", "scope_of"]

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The names of one function body."""

    own: frozenset[str]  # parameters and whatever it assigns
    free: frozenset[str]  # what it, or a function inside it, loads from outside
    shared: frozenset[str]  # declared nonlocal
    worldwide: frozenset[str]  # declared global
    generator: bool
    ends: bool = False  # something is left to do when it is left in the middle


def parameters_of(node: FunctionNode) -> list[str]:
    """Return the names of all parameters: positional, then keyword-only, then ``*`` and ``**``."""
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [a.arg for a in (*named, arguments.vararg, arguments.kwarg) if a is not None]


def scope_of(node: ast.AST) -> Scope:
    """Return the scope of a function, class or comprehension."""
    reader = _Reader()
    parameters: list[str] = []
    body: list[ast.AST]
    if isinstance(node, _FUNCTIONS):
        parameters = parameters_of(node)
        body = list(node.body) if isinstance(node.body, list) else [node.body]
    elif isinstance(node, ast.ClassDef):
        body = list(node.body)
    else:
        body = list(ast.iter_child_nodes(node))
    for part in body:
        reader.visit(part)
    own = frozenset(parameters) | (reader.stored - reader.shared - reader.worldwide)
    inside = reader.inside if isinstance(node, ast.ClassDef) else reader.inside - own
    return Scope(
        own=own,
        free=frozenset((reader.loaded - own) | inside),
        shared=frozenset(reader.shared),
        worldwide=frozenset(reader.worldwide),
        generator=reader.generator,
        ends=reader.generator and reader.ends,
    )


class _Reader(ast.NodeVisitor):
    """Collects the names of one scope; scopes inside it only hand out what they take from outside."""

    def __init__(self) -> None:
        self.loaded: set[str] = set()
        self.stored: set[str] = set()
        self.inside: set[str] = set()
        self.shared: set[str] = set()
        self.worldwide: set[str] = set()
        self.generator = False
        self.ends = False

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            (self.loaded if isinstance(node.ctx, ast.Load) else self.stored).add(node.id)
        elif isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            self._definition(node)
        elif isinstance(node, _COMPREHENSIONS):
            self._comprehension(node)
        elif isinstance(node, ast.Global):
            self.worldwide.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            self.shared.update(node.names)
        else:
            self.stored.update(_bound_by(node))
            self.generator = self.generator or isinstance(node, (ast.Yield, ast.YieldFrom))
            self.ends = self.ends or isinstance(node, (ast.Try, ast.With, ast.AsyncWith))
            self.generic_visit(node)

    def _definition(self, node: FunctionNode | ast.ClassDef) -> None:
        if not isinstance(node, ast.Lambda):
            self.stored.add(node.name)
            for outer in node.decorator_list:
                self.visit(outer)
        if isinstance(node, ast.ClassDef):
            for outer in (*node.bases, *(k.value for k in node.keywords)):
                self.visit(outer)
        else:
            for default in (*node.args.defaults, *node.args.kw_defaults):
                if default is not None:
                    self.visit(default)
        self.inside |= scope_of(node).free

    def _comprehension(self, node: ast.AST) -> None:
        scope = scope_of(node)
        walrus = {
            n.target.id
            for n in ast.walk(node)
            if isinstance(n, ast.NamedExpr) and isinstance(n.target, ast.Name)
        }
        self.stored |= walrus
        self.inside |= scope.free


def _bound_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
