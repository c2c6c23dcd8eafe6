"""Attributes, items and elements: what a part of an object stands for, and what putting something into it changes."""

from __future__ import annotations

import ast
from collections.abc import Callable

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.functions import Functions
from jupyter_mlops.capture.world import EMPTY, Kind, Regions, Value, joined

__all__ = ["Parts"]

_MEASURES = frozenset(
    {"shape", "dtype", "dtypes", "columns", "size", "ndim", "name", "nbytes", "nnz", "itemsize"}
)
_CALLED = frozenset({"__name__", "__qualname__", "__module__", "__doc__"})
_NEVER = frozenset({"__init__", "__new__", "__post_init__"})


class Parts(Functions):
    """Parts of objects."""

    def attribute(self, base: Value, name: str) -> Value:
        """Return what an attribute stands for: a part of its object, through which that can be changed."""
        if base.path:
            path = f"{base.path}.{name}"
            if path.startswith("os.environ"):
                self.outside.add("environment variables")
            return Value(base.regions, path=path)
        self.protocol(base, lambda method: method in {name, "__getattr__", "__getattribute__", "__get__"})
        if name in _CALLED and self.world.kinds_of(base) <= {Kind.FUNCTION, Kind.CLASS, Kind.MODULE}:
            return EMPTY
        if name in _MEASURES and self.world.kinds_of(base) <= {Kind.DATA}:
            return EMPTY
        return Value(
            self._within(base, name).regions, const=base.const if name in {"parent", "name"} else None
        )

    def _within(self, base: Value, name: str) -> Value:
        """Return what an attribute of an object of the notebook's own class may be: what was put into it, or its own."""
        regions: set[int] = set()
        for region in base.regions:
            kind, classes = self.world.kinds[region], self.world.classes.get(region, EMPTY)
            codes = [self.world.code[c] for c in classes.regions if c in self.world.code]
            own = codes and all(not code.bases and self.method_of(code, name) is None for code in codes)
            if kind is not Kind.INSTANCE or not own or name.startswith("__"):
                regions.add(region)
            if kind in {Kind.INSTANCE, Kind.FUNCTION, Kind.CLASS}:
                regions |= self.world.holds[region].union(*(self.world.holds[c] for c in classes.regions))
        return Value(frozenset(regions))

    def item(self, base: Value, node: ast.expr) -> Value:
        """Return what ``base[node]`` stands for."""
        index = self.value_of(node)
        if base.path:
            return self._path_item(base)
        self.protocol(base, lambda method: method in {"__getitem__", "__class_getitem__", "__missing__"})
        within = (
            self.world.reach(base.regions, seeing=False)
            if Kind.UNKNOWN in self.world.kinds_of(base)
            else base.regions
        )
        if self.world.flagged(within, "grows"):
            self.change(within)
            self.invoke(base.regions, base)
        if self.world.kinds_of(base) == {Kind.DATA} and self._picks(node, index):
            return self.world.fresh(Kind.DATA)
        if isinstance(node, ast.Slice) and base.regions:
            return joined([base, self.elements(base)])
        return self.elements(base)

    def _path_item(self, base: Value) -> Value:
        if base.path.partition(".")[0] not in {*lib.KNOWN, "builtins"}:
            return self.unknown_call([Value(base.regions)])
        return EMPTY if base.path.startswith("os.environ") else Value(base.regions, path=base.path)

    def _picks(self, node: ast.expr, index: Value) -> bool:
        """Say whether an index takes a copy: a mask or a list of places, never a slice or a single key."""
        if isinstance(node, (ast.List, ast.ListComp, ast.Compare)):
            return True
        kinds = self.world.kinds_of(index)
        if isinstance(node, (ast.UnaryOp, ast.BinOp)):
            return kinds == {Kind.DATA}
        return kinds in ({Kind.CONTAINER}, {Kind.DATA}) and index.items is None and not index.split

    def elements(self, value: Value) -> Value:
        """Return what comes out of *value* by iterating or by a key."""
        world, regions = self.world, set[int]()
        for region in value.regions:
            kind = world.kinds[region]
            if region in world.gives:
                regions |= world.gives[region]
            elif kind is not Kind.CONTAINER:
                regions.add(region)
            if kind in {Kind.CONTAINER, Kind.INSTANCE} or (
                kind is Kind.ITERATOR and region not in world.gives
            ):
                regions |= world.holds[region]
        return Value(frozenset(regions))

    def pairs(self, parts: Regions) -> Regions:
        """Return what pairs of *parts* may be, one by one or taken apart: each part, and something that holds them."""
        if not parts:
            return parts
        return parts | self.world.fresh(Kind.CONTAINER, parts).regions

    def consume(self, value: Value) -> None:
        """Iterate over *value*: an iterator is used up by it, and so may be something unknown."""
        if self.world.kinds_of(value) & {Kind.ITERATOR, Kind.UNKNOWN}:
            self.change_deep(value.regions)
            self.invoke(value.regions, value)
        self.protocol(
            value, lambda method: method in {"__iter__", "__next__", "__len__", "__getitem__", "__contains__"}
        )

    def protocol(self, value: Value, wanted: Callable[[str], bool]) -> None:
        """Read the special methods of the notebook's own classes that an operator or attribute calls."""
        if self.world.kinds_of(value) & {Kind.UNKNOWN, Kind.ITERATOR}:
            self.invoke(value.regions, value, wanted)
            return
        for region in value.regions:
            if self.world.kinds[region] is Kind.INSTANCE:
                self.invoke(self.world.classes.get(region, EMPTY).regions, value, wanted)

    def operators(self, value: Value) -> None:
        """Read what any operator may call on *value* or, comparing containers, on what is inside."""
        self.invoke(value.regions, value, lambda method: method[:2] == "__" and method not in _NEVER)

    def operate(self, values: list[Value]) -> Value:
        """Return the result of an operator: something new, that may share the parts of what it was made from."""
        both = joined(values)
        for value in values:
            self.operators(value)
        kinds = self.world.kinds_of(both)
        if not kinds:
            return EMPTY
        if Kind.ESTIMATOR in kinds and kinds <= {Kind.DATA, Kind.CONTAINER, Kind.ESTIMATOR}:
            # Kernels are added and multiplied; where it may be a table that is, it may be a new table.
            made = self.world.fresh(Kind.ESTIMATOR, both.regions)
            return made if kinds == {Kind.ESTIMATOR} else joined([made, self.world.fresh(Kind.DATA)])
        if Kind.DATA in kinds and kinds <= {Kind.DATA, Kind.CONTAINER}:
            return self.world.fresh(Kind.DATA)
        return self.world.fresh(
            Kind.CONTAINER if kinds == {Kind.CONTAINER} else Kind.UNKNOWN,
            both.regions | self.elements(both).regions,
        )

    def store(self, base: Value, value: Value, name: str = "") -> None:
        """Put *value* into *base*, as an item or as the attribute *name*."""
        if base.path:
            self._set_library(base, value)
            return
        self.protocol(
            base,
            lambda method: (
                method in {"__setattr__", "__setitem__", "__delitem__", "__delattr__", "__set__", name}
            ),
        )
        if self.world.kinds_of(base) <= {Kind.CONTAINER, Kind.INSTANCE, Kind.FUNCTION, Kind.TRACKER}:
            self.change(base.regions)
        else:
            self.change_deep(base.regions)
        for region in base.regions:
            self.world.hold(region, value.regions)
            if name and self.world.kinds[region] is Kind.INSTANCE:
                self.world.flags.setdefault(region, set()).add(f"own {name}")

    def _set_library(self, base: Value, value: Value) -> None:
        root = base.path.partition(".")[0]
        region = self.world.module(root)
        self.change((region,))
        self.world.hold(region, value.regions - {region})
        if base.path.startswith(("os.environ", "sys.path")):
            self.outside.add("environment variables")
        elif any(part in lib.SETTING for part in base.path.split(".")[1:]):
            self.set_up(root, base.path)
            return
        elif lib.KNOWN.get(root) is not None:
            self.world.flags.setdefault(region, set()).add("patched")
            self.world.patched.add(region)
        self.keep()

    def set_up(self, root: str, what: str) -> None:
        """Change how a library works from here on: its objects follow wherever they are."""
        self.change((self.world.module(root),))
        if lib.KNOWN.get(root) is not Kind.PLOT:
            self.keep(what)
