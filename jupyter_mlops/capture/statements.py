"""Statements: what each binds, deletes and leads to."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.arguments import Arguments
from jupyter_mlops.capture.expressions import Expressions, safe_key
from jupyter_mlops.capture.world import EMPTY, Branch, Kind, Regions, Value, joined

__all__ = ["Statements"]


class Statements(Expressions):
    """What a statement does."""

    def read_cell(self, tree: ast.Module) -> None:
        """Read a whole cell."""
        body = tree.body
        self.run(body[:-1] if body and isinstance(body[-1], ast.Expr) else body)
        if body and isinstance(body[-1], ast.Expr):
            value = self.told(self.value_of(body[-1].value))
            if not isinstance(body[-1].value, ast.Constant):
                self.world.shown.append((self.sequence, self.count, value))

    def run(self, body: Iterable[ast.stmt]) -> None:
        """Read statements in order."""
        for statement in body:
            self.spend()
            reader = _STATEMENTS.get(type(statement))
            if reader is not None:
                reader(self, statement)

    def _doubtful(self, *bodies: Sequence[ast.stmt]) -> list[Branch]:
        return [self._branch(lambda body=body: self.run(body)) for body in bodies]  # type: ignore[misc]

    def _branch(self, read: Callable[[], None]) -> Branch:
        """Read what may be passed over, or left in the middle."""
        self.doubt += 1
        branch = Branch(self.doubt)
        self.branches.append(branch)
        try:
            read()
        finally:
            self.branches.pop()
            self.doubt -= 1
        return branch

    # statements ----------------------------------------------------------------------------------------------

    def expression(self, node: ast.Expr) -> None:
        """Read a bare expression."""
        self.value_of(node.value)

    def assign(self, node: ast.Assign) -> None:
        """Read ``a = b = value``."""
        value = self.value_of(node.value)
        for target in node.targets:
            self.assign_to(target, value)

    def annotated(self, node: ast.AnnAssign) -> None:
        """Read ``a: type = value``."""
        if node.value is not None:
            self.assign_to(node.target, self.value_of(node.value))

    def assign_to(self, target: ast.expr, value: Value) -> None:
        """Let *target* stand for *value*."""
        if isinstance(target, ast.Name):
            self.bind(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, value)
        elif isinstance(target, ast.Starred):
            inside = self.elements(value)
            self.assign_to(target.value, self.world.fresh(Kind.CONTAINER, inside.regions))
        elif isinstance(target, ast.Attribute):
            base = self._holder(target.value)
            place = Value(base.regions, path=f"{base.path}.{target.attr}") if base.path else base
            self.store(place, value, target.attr)
        elif isinstance(target, ast.Subscript):
            base = self.value_of(target.value)
            safe = self.world.flagged(base.regions, "safe keys") and safe_key(target.slice)
            self.hashed(self.value_of(target.slice))
            if isinstance(target.slice, ast.Slice):
                self.consume(value)
            self.store(base, value, column=_names_column(target))
            if safe:
                self.world.flag(base, "safe keys")

    def _holder(self, node: ast.expr) -> Value:
        """Return what an attribute is put into; the labels of a table, as in df.columns.name = ..., are a part of it."""
        if not isinstance(node, ast.Attribute) or node.attr != "columns":
            return self.value_of(node)
        table = self.value_of(node.value)
        return table if self.world.kinds_of(table) == {Kind.DATA} else self.attribute(table, "columns")

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
            self.assign_to(target, self._split(value) if value.split else part)

    def _split(self, value: Value) -> Value:
        """Return one of several things that share nothing, but for the objects that lie in them."""
        return (
            self.copied(value) if value.split is Kind.DATA else self.world.fresh(value.split or Kind.UNKNOWN)
        )

    def augmented(self, node: ast.AugAssign) -> None:
        """Read ``a += value``."""
        value = self.value_of(node.value)
        if not isinstance(node.target, ast.Name):
            before = self.value_of(ast.copy_location(_loaded(node.target), node.target))
            self._grow(before, value)
            self.assign_to(node.target, joined([before, value]))
            return
        before = self.load(node.target.id)
        if not before.regions or before.path:
            self.bind(node.target.id, self.operate([before, value]))
            return
        self._grow(before, value)
        self.bind(node.target.id, Value(before.regions))

    def _grow(self, before: Value, value: Value) -> None:
        """Change an object in place by an operator."""
        if not before.regions or before.path:
            return
        self.operate([before, value])
        self.consume(value)
        if self.world.kinds_of(before) == {Kind.CONTAINER}:
            self.change(before.regions)
        else:
            table = self.world.kinds_of(before) == {Kind.DATA}
            self.change_deep(before.regions, cells=not table or self.lies(before))
        inside = value.regions | self.elements(value).regions
        for region in self.holders(before) if inside else ():
            self.world.hold(region, inside - {region})

    def delete(self, node: ast.Delete) -> None:
        """Read ``del``."""
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.unbind(target.id)
            elif isinstance(target, (ast.Tuple, ast.List)):
                self.delete(ast.Delete(targets=target.elts))
            elif isinstance(target, (ast.Attribute, ast.Subscript)):
                self.store(self.value_of(target.value), EMPTY)
                if isinstance(target, ast.Subscript):
                    self.hashed(self.value_of(target.slice))

    def conditional(self, node: ast.If) -> None:
        """Read ``if``; both ways may have been taken."""
        self.truth(node.test)
        always = self._always(node.test)
        if always:
            self.run(node.body)
        elif always is False:
            self.run(node.orelse)
        else:
            self.settle(self._doubtful(node.body, node.orelse))

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
        """Read ``for``."""
        over = self.value_of(node.iter)
        self.consume(over)
        parts = self.elements(over)

        def round_() -> None:
            self.assign_to(node.target, parts)
            self.run(node.body)

        # Twice: what one round leaves behind, the next one finds.
        for _ in range(2):
            self._branch(round_)
        self._doubtful(node.orelse)

    def repeat(self, node: ast.While) -> None:
        """Read ``while``."""
        for _ in range(2):
            self.truth(node.test)
            self._doubtful(node.body)
        self._doubtful(node.orelse)

    def within(self, node: ast.With | ast.AsyncWith) -> None:
        """Read ``with``."""
        swallows = False
        for item in node.items:
            context = self.value_of(item.context_expr)
            self.protocol(context, lambda method: method[:7] in {"__enter", "__exit_", "__aente", "__aexit"})
            if Kind.ITERATOR in self.world.kinds_of(context):
                self.consume(context)
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
        """Read ``try``."""
        kept, self.raised = self.raised, []
        self._doubtful(node.body)
        # An exception carries what it was made with out to whoever catches it.
        caught = self.world.fresh(Kind.UNKNOWN, [r for value in self.raised for r in value.regions])
        self.raised = [*kept, *self.raised]
        for handler in node.handlers:
            if handler.type is not None:
                self.value_of(handler.type)
            self._branch(lambda handler=handler: self._handle(handler, caught))  # type: ignore[misc]
        self._doubtful(node.orelse)
        self.run(node.finalbody)

    def _handle(self, handler: ast.ExceptHandler, caught: Value) -> None:
        if handler.name:
            self.bind(handler.name, caught)
        self.run(handler.body)

    def match(self, node: ast.Match) -> None:
        """Read ``match``."""
        # A captured name may be any part of the subject.
        subject = Value(self.world.reach(self.value_of(node.subject).regions, seeing=False))
        self.operators(subject)
        for case in node.cases:
            self._branch(lambda case=case: self._case(case, subject))  # type: ignore[misc]

    def _case(self, case: ast.match_case, subject: Value) -> None:
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
            self.truth(case.guard)
        self.run(case.body)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Read ``def``."""
        self.bind(node.name, self.define(node))

    def classed(self, node: ast.ClassDef) -> None:
        """Read ``class``."""
        self.bind(node.name, self.define_class(node))

    def give_back(self, node: ast.Return) -> None:
        """Read ``return``."""
        value = EMPTY if node.value is None else self.value_of(node.value)
        for frame in reversed(self.frames):
            if not frame.comprehension:
                frame.returns.append(value)
                return

    def fail(self, node: ast.Raise) -> None:
        """Read ``raise``."""
        values = [self.value_of(part) for part in (node.exc, node.cause) if part is not None]
        for value in values:
            if Kind.CLASS in self.world.kinds_of(value):
                self.raised.append(self.apply(value, Arguments()))
        self.raised += values

    def claim(self, node: ast.Assert) -> None:
        """Read ``assert``."""
        self.truth(node.test)
        if node.msg is not None:
            self.value_of(node.msg)

    def imported(self, node: ast.Import) -> None:
        """Read ``import``."""
        for alias in node.names:
            root = alias.name.partition(".")[0]
            self.note(alias.name)
            if root == "__main__":
                self.become_opaque()
            region = self._imports(root)
            self.bind(alias.asname or root, Value(region, path=alias.name if alias.asname else root))

    def _imports(self, root: str) -> Regions:
        self.world.addressed = self.world.addressed or root.partition(".")[0] in lib.BY_ADDRESS
        # A module nobody knows may have changed others when it was imported: an accessor, a backend.
        if root not in lib.KNOWN and root not in sys.stdlib_module_names:
            self.keep(f"import {root}")
        return frozenset((self.world.module(root.partition(".")[0]),))

    def imported_from(self, node: ast.ImportFrom) -> None:
        """Read ``from … import``."""
        module = "." * node.level + (node.module or "")
        root = module.partition(".")[0] or module
        if root == "__main__" or root in lib.BY_ADDRESS:
            self.become_opaque()
        region = self._imports("sklearn.experimental" if module == "sklearn.experimental" else root)
        self.note(module)
        for alias in node.names:
            if alias.name == "*":
                self.opaque = True
                self.keep(f"import * from {module}")
                self.world.stars.append(module)
                continue
            self.bind(alias.asname or alias.name, Value(region, path=f"{module or 'local'}.{alias.name}"))


def _names_column(target: ast.Subscript) -> bool:
    """Say whether ``target`` is a column by its name, where it is one of a table; ``df.loc["a"]`` is none."""
    named = isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str)
    return named and not isinstance(target.value, ast.Attribute)


def _loaded(target: ast.Attribute | ast.Subscript) -> ast.expr:
    """Return the target of an assignment as an expression that reads it."""
    if isinstance(target, ast.Attribute):
        return ast.Attribute(value=target.value, attr=target.attr, ctx=ast.Load())
    return ast.Subscript(value=target.value, slice=target.slice, ctx=ast.Load())


_STATEMENTS: dict[type, Callable[[Statements, Any], None]] = {
    ast.Expr: Statements.expression,
    ast.Assign: Statements.assign,
    ast.AnnAssign: Statements.annotated,
    ast.AugAssign: Statements.augmented,
    ast.Delete: Statements.delete,
    ast.If: Statements.conditional,
    ast.For: Statements.loop,
    ast.AsyncFor: Statements.loop,
    ast.While: Statements.repeat,
    ast.With: Statements.within,
    ast.AsyncWith: Statements.within,
    ast.Try: Statements.attempt,
    ast.TryStar: Statements.attempt,
    ast.Match: Statements.match,
    ast.FunctionDef: Statements.function,
    ast.AsyncFunctionDef: Statements.function,
    ast.ClassDef: Statements.classed,
    ast.Return: Statements.give_back,
    ast.Raise: Statements.fail,
    ast.Assert: Statements.claim,
    ast.Import: Statements.imported,
    ast.ImportFrom: Statements.imported_from,
}
