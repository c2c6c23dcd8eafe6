"""Expressions: what each stands for."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.methods import Methods
from jupyter_mlops.capture.scopes import scope_of
from jupyter_mlops.capture.world import EMPTY, SURE, Code, Frame, Kind, Value, joined

__all__ = ["Expressions", "safe_key"]


def safe_key(node: ast.expr | None) -> bool:
    """Say whether a key of a dictionary, handed over by ``**``, cannot tell a library to work in place."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value not in lib.RISKY_KEYWORDS
    )


class Expressions(Methods):
    """What an expression stands for."""

    def assign_to(self, target: ast.expr, value: Value) -> None:
        """Let *target* stand for *value*."""
        raise NotImplementedError

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
        """A text, a number, or what is neither."""
        if isinstance(node.value, str):
            return Value(const=node.value)
        return SURE if isinstance(node.value, (int, float)) else EMPTY

    def name(self, node: ast.Name) -> Value:
        """A name."""
        return self.load(node.id)

    def walrus(self, node: ast.NamedExpr) -> Value:
        """``(a := value)``."""
        value = self.value_of(node.value)
        self.bind(node.target.id, value, walrus=True)
        return value

    def dotted(self, node: ast.Attribute) -> Value:
        """``a.b``."""
        return self.attribute(self.value_of(node.value), node.attr)

    def subscript(self, node: ast.Subscript) -> Value:
        """``a[b]``."""
        return self.item(self.value_of(node.value), node.slice)

    def binary(self, node: ast.BinOp) -> Value:
        """``a + b``."""
        left, right = self.value_of(node.left), self.value_of(node.right)
        result = self.operate([left, right])
        if isinstance(node.op, ast.Div) and not result.regions:
            return Value(const=right.const, sure=left.sure and right.sure)  # pathlib: folder / "file.csv"
        return SURE if left.sure and right.sure else result

    def unary(self, node: ast.UnaryOp) -> Value:
        """``-a``."""
        if isinstance(node.op, ast.Not):
            self.truth(node.operand)
            return EMPTY
        value = self.value_of(node.operand)
        return SURE if value.sure else self.operate([value])

    def either(self, node: ast.BoolOp) -> Value:
        """``a or b``."""
        return joined(self.truth(value) for value in node.values)

    def choice(self, node: ast.IfExp) -> Value:
        """``a if test else b``."""
        self.truth(node.test)
        return joined([self.value_of(node.body), self.value_of(node.orelse)])

    def compare(self, node: ast.Compare) -> Value:
        """``a < b``."""
        values = [self.value_of(node.left), *map(self.value_of, node.comparators)]
        if any(isinstance(op, (ast.In, ast.NotIn)) for op in node.ops):
            for value in values[1:]:
                if Kind.ITERATOR in self.world.kinds_of(value) or self.lies_in_one(value):
                    self.consume(value)
        for value in values:
            self.operators(value)
        shaped = any(
            self.world.kinds_of(value) & {Kind.DATA, Kind.UNKNOWN, Kind.INSTANCE} for value in values
        )
        if not shaped:
            return EMPTY
        mask = self.table(plain=True)
        self.world.flag(mask, "many")
        return mask

    def listed(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        """A list, tuple or set as written."""
        values = [self.value_of(element) for element in node.elts]
        if isinstance(node, ast.Set):
            self.hashed(joined([*values, EMPTY]))
            return self._unlisted(self.world.fresh(Kind.CONTAINER, joined([*values, EMPTY]).regions))
        inside = frozenset[int]().union(*map(self.world.placed, values))
        items = None if any(isinstance(e, ast.Starred) for e in node.elts) else tuple(values)
        if isinstance(node, ast.Tuple) and not inside:
            return Value(items=items)
        return Value(self.world.fresh(Kind.CONTAINER, inside).regions, items=items)

    def mapping(self, node: ast.Dict) -> Value:
        """A dictionary as written."""
        inside = set[int]()
        for key, part in zip(node.keys, node.values, strict=True):
            if key is not None:
                inside |= self.world.placed(self.hashed(self.value_of(key)))
            value = self.value_of(part)
            if key is None:
                self.unpacked(value)
            # {**other} holds what the other one does.
            inside |= (
                self.world.placed(value) if key is not None else value.regions | self.elements(value).regions
            )
        made = self._unlisted(self.world.fresh(Kind.CONTAINER, inside))
        if all(safe_key(key) for key in node.keys):
            self.world.flag(made, "safe keys")
        return made

    def _unlisted(self, made: Value) -> Value:
        """Return a container that is no list, of which an array makes no rows."""
        self.world.flag(made, "no list")
        return made

    def starred(self, node: ast.Starred) -> Value:
        """``*a``."""
        value = self.value_of(node.value)
        self.consume(value)
        return self.elements(value)

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> Value:
        """A comprehension."""
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
                self.truth(test)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        values = [self.value_of(part) for part in parts]
        if isinstance(node, ast.SetComp | ast.DictComp):
            self.hashed(values[0])
        inside = joined(values)
        self.doubt -= 1
        self.frames.pop()
        if not isinstance(node, ast.GeneratorExp):
            made = self.world.fresh(Kind.CONTAINER, inside.regions)
            return made if isinstance(node, ast.ListComp) else self._unlisted(made)
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
        """A lambda."""
        return self.define(node)

    def sliced(self, node: ast.Slice) -> Value:
        """``a:b`` in brackets."""
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.hashed(self.value_of(part))
        return EMPTY

    def formatted(self, node: ast.FormattedValue) -> Value:
        """``{a}`` in a text."""
        self.told(self.value_of(node.value))
        if node.format_spec is not None:
            self.value_of(node.format_spec)
        return EMPTY

    def awaited(self, node: ast.Await) -> Value:
        """``await a``."""
        value = self.value_of(node.value)
        self.protocol(value, lambda method: method == "__await__")
        if Kind.ITERATOR not in self.world.kinds_of(value):
            return value
        self.consume(value)
        return self.elements(value)

    def passed_on(self, node: ast.YieldFrom) -> Value:
        """``yield from a``."""
        value = self.value_of(node.value)
        self.consume(value)
        if self.frames:
            self.frames[-1].returns.append(self.elements(value))
        return value

    def give(self, node: ast.Yield) -> Value:
        """``yield a``."""
        value = EMPTY if node.value is None else self.value_of(node.value)
        if self.frames:
            self.frames[-1].returns.append(value)
        return EMPTY


_EXPRESSIONS: dict[type, Callable[[Expressions, Any], Value]] = {
    ast.Constant: Expressions.text,
    ast.Name: Expressions.name,
    ast.NamedExpr: Expressions.walrus,
    ast.Attribute: Expressions.dotted,
    ast.Subscript: Expressions.subscript,
    ast.Call: Expressions.call,
    ast.BinOp: Expressions.binary,
    ast.UnaryOp: Expressions.unary,
    ast.BoolOp: Expressions.either,
    ast.IfExp: Expressions.choice,
    ast.Compare: Expressions.compare,
    ast.List: Expressions.listed,
    ast.Tuple: Expressions.listed,
    ast.Set: Expressions.listed,
    ast.Dict: Expressions.mapping,
    ast.Starred: Expressions.starred,
    ast.ListComp: Expressions.comprehension,
    ast.SetComp: Expressions.comprehension,
    ast.DictComp: Expressions.comprehension,
    ast.GeneratorExp: Expressions.comprehension,
    ast.Lambda: Expressions.later,
    ast.Await: Expressions.awaited,
    ast.Slice: Expressions.sliced,
    ast.YieldFrom: Expressions.passed_on,
    ast.FormattedValue: Expressions.formatted,
    ast.Yield: Expressions.give,
}
