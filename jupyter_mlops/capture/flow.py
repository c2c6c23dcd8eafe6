"""What flows from cell to cell: which executions each execution rests on.

The executed cells are read in the order they ran, without running them. For each the names it takes from the
session, the objects it may change and the functions it may call are followed through aliases, containers and calls.
Where that cannot be known, it is assumed: an execution may rest on more than it really does, never on less.
"""

from __future__ import annotations

import ast
import sys
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.methods import Methods
from jupyter_mlops.capture.reading import Exhausted
from jupyter_mlops.capture.scopes import scope_of
from jupyter_mlops.capture.syntax import parse_cell
from jupyter_mlops.capture.world import EMPTY, Code, Frame, Kind, Regions, Value, World, joined
from jupyter_mlops.records.source import CellExecution, CellStatus

__all__ = ["Flow", "Names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names one execution read from the session, and those it bound, deleted or may have changed.

    ``rests_on``: the sequences of the executions it rests on directly. ``unseen``: names it read that no recorded
    execution wrote; ``halves``: names that were only written under a condition. ``outside``: state beyond the
    namespace. ``opaque``: the names may be incomplete.
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    opaque: bool = False
    rests_on: frozenset[int] = frozenset()
    unseen: frozenset[str] = frozenset()
    halves: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()


class Flow:
    """The executions of a session, read in the order they ran."""

    def __init__(self) -> None:
        self._world = World()
        self._seen: list[int] = []
        self._read: list[Names] = []

    @staticmethod
    def over(chain: Sequence[CellExecution]) -> Sequence[Names]:
        """Return what each execution of *chain* rests on; a chain that was read as it grew is not read again."""
        known = _BY_TAIL.get(chain[-1].digest) if chain and chain[-1].digest else None
        if known is not None and known._seen == [execution.sequence for execution in chain]:
            return known._read
        flow = Flow()
        for execution in chain:
            flow.step(execution)
        return flow._read

    def seal(self, digest: str) -> None:
        """Name the chain read so far by the digest of its last link, for ``over``."""
        _BY_TAIL[digest] = self

    def step(self, execution: CellExecution, *, source: str | None = None) -> Names:
        """Read the next execution; *source* is its text before masking. Never raises."""
        world, reader = self._world, _Reader(self._world, execution.sequence, execution.count)
        before = set(self._seen)
        reader.rests.update(world.kept.values())
        parsed = parse_cell(execution.source if source is None else source)
        # Half of a cell that failed did not run, and nobody knows which.
        reader.doubt = int(execution.status is not CellStatus.OK or parsed.private)
        try:
            if parsed.tree is None:
                if execution.status is not CellStatus.ERROR:
                    reader.become_opaque()
            else:
                reader.read_cell(parsed.tree)
        except (Exhausted, RecursionError):
            reader.become_opaque()
        except Exception:  # noqa: BLE001  a gap in the reading must make the slice larger, never smaller
            reader.become_opaque()
        if reader.opaque:
            reader.rests |= before
        self._seen.append(execution.sequence)
        names = Names(
            reads=tuple(sorted(reader.reads)),
            writes=tuple(sorted(reader.writes | reader.all_changed(reader.reads))),
            opaque=reader.opaque,
            rests_on=frozenset(reader.rests - {execution.sequence}),
            unseen=frozenset(reader.unseen),
            halves=frozenset(reader.halves),
            outside=frozenset(reader.outside),
        )
        self._read.append(names)
        return names


# Only while a recorder holds the flow: nothing is kept alive by being known here.
_BY_TAIL: weakref.WeakValueDictionary[str, Flow] = weakref.WeakValueDictionary()


class _Reader(Methods):
    """Statements and expressions."""

    def read_cell(self, tree: ast.Module) -> None:
        """Read a whole cell."""
        body = tree.body
        self.run(body[:-1] if body and isinstance(body[-1], ast.Expr) else body)
        if body and isinstance(body[-1], ast.Expr):
            value = self.value_of(body[-1].value)
            if not isinstance(body[-1].value, ast.Constant):
                self.world.shown.append((self.sequence, self.count, value))

    def run(self, body: Iterable[ast.stmt]) -> None:
        """Read statements in order."""
        for statement in body:
            self.spend()
            reader = _STATEMENTS.get(type(statement))
            if reader is not None:
                reader(self, statement)

    def _doubtful(self, *bodies: Sequence[ast.stmt], times: int = 1) -> None:
        self.doubt += 1
        for _ in range(times):
            for body in bodies:
                self.run(body)
        self.doubt -= 1

    # statements ----------------------------------------------------------------------------------------------

    def expression(self, node: ast.Expr) -> None:
        self.value_of(node.value)

    def assign(self, node: ast.Assign) -> None:
        value = self.value_of(node.value)
        for target in node.targets:
            self.assign_to(target, value)

    def annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign_to(node.target, self.value_of(node.value))

    def assign_to(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self.bind(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, value)
        elif isinstance(target, ast.Starred):
            inside = self.elements(value)
            self.assign_to(target.value, self.world.fresh(Kind.CONTAINER, inside.regions))
        elif isinstance(target, ast.Attribute):
            base = self.value_of(target.value)
            self.store(Value(base.regions, path=f"{base.path}.{target.attr}") if base.path else base, value)
        elif isinstance(target, ast.Subscript):
            base = self.value_of(target.value)
            safe = self.world.flagged(base.regions, "safe keys") and self._safe_key(target.slice)
            self.value_of(target.slice)
            self.store(base, value)
            if safe:
                self.world.flag(base, "safe keys")

    @staticmethod
    def _safe_key(node: ast.expr | None) -> bool:
        return (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value not in lib.RISKY_KEYWORDS
        )

    def _unpack(self, targets: Sequence[ast.expr], value: Value) -> None:
        if (
            value.items is not None
            and len(value.items) == len(targets)
            and not any(isinstance(t, ast.Starred) for t in targets)
        ):
            for target, item in zip(targets, value.items, strict=True):
                self.assign_to(target, item)
            return
        if not value.split:
            self.consume(value)
        # The pairs of a dictionary's items stand for their parts, so what is taken apart may be the part itself.
        part = joined([value, self.elements(value)])
        for target in targets:
            self.assign_to(target, self.world.fresh(value.split) if value.split else part)

    def augmented(self, node: ast.AugAssign) -> None:
        value = self.value_of(node.value)
        if not isinstance(node.target, ast.Name):
            base = (
                self.value_of(node.target.value)
                if isinstance(node.target, (ast.Attribute, ast.Subscript))
                else EMPTY
            )
            if isinstance(node.target, ast.Subscript):
                self.value_of(node.target.slice)
            self.change_deep(base.regions)
            self.store(base, value)
            return
        before = self.load(node.target.id)
        if not before.regions or before.path:
            self.bind(node.target.id, self.operate([before, value]))
            return
        self.operate([before, value])
        if self.world.kinds_of(before) == {Kind.CONTAINER}:
            self.change(before.regions)
        else:
            self.change_deep(before.regions)
        for region in before.regions:
            self.world.hold(region, (value.regions | self.elements(value).regions) - {region})
        self.bind(node.target.id, Value(before.regions))

    def delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.unbind(target.id)
            elif isinstance(target, (ast.Tuple, ast.List)):
                self.delete(ast.Delete(targets=target.elts))
            elif isinstance(target, (ast.Attribute, ast.Subscript)):
                self.store(self.value_of(target.value), EMPTY)
                if isinstance(target, ast.Subscript):
                    self.value_of(target.slice)

    def conditional(self, node: ast.If) -> None:
        self.value_of(node.test)
        always = self._always(node.test)
        if always:
            self.run(node.body)
        elif always is False:
            self.run(node.orelse)
        else:
            self._doubtful(node.body, node.orelse)

    def _always(self, test: ast.expr) -> bool | None:
        if isinstance(test, ast.Constant):
            return bool(test.value)
        if isinstance(test, ast.Compare) and ast.unparse(test) in {
            "__name__ == '__main__'",
            "'__main__' == __name__",
        }:
            return True
        return None

    def loop(self, node: ast.For | ast.AsyncFor) -> None:
        over = self.value_of(node.iter)
        self.consume(over)
        self.doubt += 1
        # Twice: what one round leaves behind, the next one finds.
        for _ in range(2):
            if over.items is not None and not over.regions:
                self.assign_to(node.target, EMPTY)
            else:
                self.assign_to(node.target, self.elements(over))
            self.run(node.body)
        self.run(node.orelse)
        self.doubt -= 1

    def repeat(self, node: ast.While) -> None:
        for _ in range(2):
            self.value_of(node.test)
            self._doubtful(node.body)
        self._doubtful(node.orelse)

    def within(self, node: ast.With | ast.AsyncWith) -> None:
        swallows = False
        for item in node.items:
            context = self.value_of(item.context_expr)
            self._protocol(context, lambda method: method[:7] in {"__enter", "__exit_", "__aente", "__aexit"})
            if Kind.UNKNOWN in self.world.kinds_of(context):
                self.unknown_call([context])
                swallows = True
            swallows = swallows or (
                isinstance(item.context_expr, ast.Call) and "suppress" in ast.unparse(item.context_expr.func)
            )
            if item.optional_vars is not None:
                self.assign_to(item.optional_vars, context)
        if swallows:
            self._doubtful(node.body)
        else:
            self.run(node.body)

    def attempt(self, node: ast.Try) -> None:
        self._doubtful(node.body)
        for handler in node.handlers:
            if handler.type is not None:
                self.value_of(handler.type)
            self.doubt += 1
            if handler.name:
                self.bind(handler.name, EMPTY)
            self.run(handler.body)
            self.doubt -= 1
        self._doubtful(node.orelse)
        self.run(node.finalbody)

    def match(self, node: ast.Match) -> None:
        # A captured name may be any part of the subject.
        subject = Value(self.world.reach(self.value_of(node.subject).regions, seeing=False))
        self.doubt += 1
        for case in node.cases:
            for part in ast.walk(case.pattern):
                if isinstance(part, ast.expr) and not isinstance(part, ast.Name | ast.expr_context):
                    self.value_of(part)
                name = (
                    getattr(part, "rest", None)
                    if isinstance(part, ast.MatchMapping)
                    else getattr(part, "name", None)
                )
                if isinstance(name, str):
                    self.bind(name, subject)
            if case.guard is not None:
                self.value_of(case.guard)
            self.run(case.body)
        self.doubt -= 1

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.bind(node.name, self.define(node))

    def classed(self, node: ast.ClassDef) -> None:
        self.bind(node.name, self.define_class(node))

    def give_back(self, node: ast.Return) -> None:
        value = EMPTY if node.value is None else self.value_of(node.value)
        for frame in reversed(self.frames):
            if not frame.comprehension:
                frame.returns.append(value)
                return

    def fail(self, node: ast.Raise) -> None:
        for part in (node.exc, node.cause):
            if part is not None:
                self.value_of(part)

    def claim(self, node: ast.Assert) -> None:
        self.value_of(node.test)
        if node.msg is not None:
            self.value_of(node.msg)

    def imported(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.partition(".")[0]
            self._note(alias.name)
            region = self._imports(root)
            self.bind(alias.asname or root, Value(region, path=alias.name if alias.asname else root))

    def _imports(self, root: str) -> Regions:
        # A module nobody knows may have changed others when it was imported: an accessor, a backend.
        if root not in lib.KNOWN and root not in sys.stdlib_module_names:
            self.keep(f"import {root}")
        return frozenset((self.world.module(root.partition(".")[0]),))

    def imported_from(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        root = module.partition(".")[0] or module
        region = self._imports("sklearn.experimental" if module == "sklearn.experimental" else root)
        self._note(module)
        for alias in node.names:
            if alias.name == "*":
                self.opaque = True
                self.keep(f"import * from {module}")
                self.world.stars.append(module)
                continue
            self.bind(alias.asname or alias.name, Value(region, path=f"{module or 'local'}.{alias.name}"))

    # expressions ---------------------------------------------------------------------------------------------

    def value_of(self, node: ast.expr) -> Value:
        """Return what an expression stands for."""
        self.spend()
        reader = _EXPRESSIONS.get(type(node))
        if reader is not None:
            return reader(self, node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value_of(child)
        return EMPTY

    def text(self, node: ast.Constant) -> Value:
        return Value(const=node.value) if isinstance(node.value, str) else EMPTY

    def name(self, node: ast.Name) -> Value:
        return self.load(node.id)

    def walrus(self, node: ast.NamedExpr) -> Value:
        value = self.value_of(node.value)
        self.bind(node.target.id, value, walrus=True)
        return value

    def dotted(self, node: ast.Attribute) -> Value:
        return self.attribute(self.value_of(node.value), node.attr)

    def subscript(self, node: ast.Subscript) -> Value:
        return self.item(self.value_of(node.value), node.slice)

    def binary(self, node: ast.BinOp) -> Value:
        left, right = self.value_of(node.left), self.value_of(node.right)
        result = self.operate([left, right])
        if isinstance(node.op, ast.Div) and not result.regions:
            return Value(const=right.const)  # pathlib: folder / "file.csv"
        return result

    def unary(self, node: ast.UnaryOp) -> Value:
        value = self.value_of(node.operand)
        return EMPTY if isinstance(node.op, ast.Not) else self.operate([value])

    def either(self, node: ast.BoolOp) -> Value:
        return joined(self.value_of(value) for value in node.values)

    def choice(self, node: ast.IfExp) -> Value:
        self.value_of(node.test)
        return joined([self.value_of(node.body), self.value_of(node.orelse)])

    def compare(self, node: ast.Compare) -> Value:
        values = [self.value_of(node.left), *map(self.value_of, node.comparators)]
        if any(isinstance(op, (ast.In, ast.NotIn)) for op in node.ops):
            for value in values[1:]:
                if Kind.ITERATOR in self.world.kinds_of(value):
                    self.consume(value)
        for value in values:
            self._protocol(value, lambda method: method[:2] == "__" and method not in {"__init__", "__new__"})
        shaped = any(
            self.world.kinds_of(value) & {Kind.DATA, Kind.UNKNOWN, Kind.INSTANCE} for value in values
        )
        return self.world.fresh(Kind.DATA) if shaped else EMPTY

    def listed(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        values = [self.value_of(element) for element in node.elts]
        inside = frozenset[int]().union(*(value.regions for value in values))
        items = None if any(isinstance(e, ast.Starred) for e in node.elts) else tuple(values)
        if isinstance(node, ast.Tuple) and not inside:
            return Value(items=items)
        return Value(self.world.fresh(Kind.CONTAINER, inside).regions, items=items)

    def mapping(self, node: ast.Dict) -> Value:
        values = [self.value_of(part) for part in (*node.keys, *node.values) if part is not None]
        inside = frozenset[int]().union(*(value.regions for value in values))
        made = self.world.fresh(Kind.CONTAINER, inside)
        if all(self._safe_key(key) for key in node.keys):
            self.world.flag(made, "safe keys")
        return made

    def starred(self, node: ast.Starred) -> Value:
        value = self.value_of(node.value)
        self.consume(value)
        return self.elements(value)

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> Value:
        frame = Frame(scope=scope_of(node), comprehension=True)
        first = self.value_of(node.generators[0].iter)
        self.frames.append(frame)
        self.doubt += 1
        sources = []
        for i, generator in enumerate(node.generators):
            over = self.value_of(generator.iter) if i else first
            sources.append(over)
            self.consume(over)
            self.assign_to(generator.target, self.elements(over))
            for test in generator.ifs:
                self.value_of(test)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        inside = joined([self.value_of(part) for part in parts])
        self.doubt -= 1
        self.frames.pop()
        if not isinstance(node, ast.GeneratorExp):
            return self.world.fresh(Kind.CONTAINER, inside.regions)
        return self._generator(node, frame, Value(inside.regions | joined([*sources, EMPTY]).regions))

    def _generator(self, node: ast.GeneratorExp, frame: Frame, inside: Value) -> Value:
        """A generator calls the functions in it when somebody takes from it, perhaps cells later."""
        names = ast.arguments([], [ast.arg(name) for name in sorted(frame.scope.own)], None, [], [], None, [])
        later = ast.Lambda(args=names, body=node.elt)
        region = self.world.new(Kind.FUNCTION)
        self.world.code[region] = Code(
            node=later, scope=scope_of(later), frames=tuple(self.frames), region=region
        )
        return self.world.fresh(Kind.ITERATOR, inside.regions, [region])

    def later(self, node: ast.Lambda) -> Value:
        return self.define(node)

    def within_value(self, node: ast.Await | ast.YieldFrom | ast.FormattedValue) -> Value:
        return self.value_of(node.value)

    def give(self, node: ast.Yield) -> Value:
        value = EMPTY if node.value is None else self.value_of(node.value)
        if self.frames:
            self.frames[-1].returns.append(value)
        return EMPTY


_STATEMENTS: dict[type, Callable[[_Reader, Any], None]] = {
    ast.Expr: _Reader.expression,
    ast.Assign: _Reader.assign,
    ast.AnnAssign: _Reader.annotated,
    ast.AugAssign: _Reader.augmented,
    ast.Delete: _Reader.delete,
    ast.If: _Reader.conditional,
    ast.For: _Reader.loop,
    ast.AsyncFor: _Reader.loop,
    ast.While: _Reader.repeat,
    ast.With: _Reader.within,
    ast.AsyncWith: _Reader.within,
    ast.Try: _Reader.attempt,
    ast.TryStar: _Reader.attempt,
    ast.Match: _Reader.match,
    ast.FunctionDef: _Reader.function,
    ast.AsyncFunctionDef: _Reader.function,
    ast.ClassDef: _Reader.classed,
    ast.Return: _Reader.give_back,
    ast.Raise: _Reader.fail,
    ast.Assert: _Reader.claim,
    ast.Import: _Reader.imported,
    ast.ImportFrom: _Reader.imported_from,
}
_EXPRESSIONS: dict[type, Callable[[_Reader, Any], Value]] = {
    ast.Constant: _Reader.text,
    ast.Name: _Reader.name,
    ast.NamedExpr: _Reader.walrus,
    ast.Attribute: _Reader.dotted,
    ast.Subscript: _Reader.subscript,
    ast.Call: _Reader.call,
    ast.BinOp: _Reader.binary,
    ast.UnaryOp: _Reader.unary,
    ast.BoolOp: _Reader.either,
    ast.IfExp: _Reader.choice,
    ast.Compare: _Reader.compare,
    ast.List: _Reader.listed,
    ast.Tuple: _Reader.listed,
    ast.Set: _Reader.listed,
    ast.Dict: _Reader.mapping,
    ast.Starred: _Reader.starred,
    ast.ListComp: _Reader.comprehension,
    ast.SetComp: _Reader.comprehension,
    ast.DictComp: _Reader.comprehension,
    ast.GeneratorExp: _Reader.comprehension,
    ast.Lambda: _Reader.later,
    ast.Await: _Reader.within_value,
    ast.YieldFrom: _Reader.within_value,
    ast.FormattedValue: _Reader.within_value,
    ast.Yield: _Reader.give,
}
