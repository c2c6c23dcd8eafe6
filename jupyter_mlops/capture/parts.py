"""Attributes, items and elements: what a part of an object stands for, and what putting something into it changes."""

from __future__ import annotations

import ast

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.fields import Fields
from jupyter_mlops.capture.world import EMPTY, Code, Kind, Regions, Value, joined

__all__ = ["Parts"]

_MEASURES = frozenset(
    {"shape", "dtype", "dtypes", "columns", "size", "ndim", "name", "nbytes", "nnz", "itemsize"}
)
_CALLED = frozenset({"__name__", "__qualname__", "__module__", "__doc__"})
# Through these, names of the session are read and bound.
_NAMESPACES = frozenset(
    {"__globals__", "f_globals", "f_locals", "f_builtins", "gi_frame", "tb_frame", "f_back"}
)
_GOES_OVER = frozenset(
    {"__iter__", "__next__", "__len__", "__getitem__", "__contains__", "__aiter__", "__anext__"}
)
_STORES = frozenset({"__setattr__", "__setitem__", "__delitem__", "__delattr__", "__set__", "__delete__"})
# Attributes of a table that are the table itself, seen in another way.
_WHOLE = frozenset(
    {"loc", "iloc", "iat", "at", "values", "T", "index", "columns", "array", "flat", "real", "imag"}
)
_STACKING = frozenset({"numpy.c_", "numpy.r_"})
# Modules that call, at any time, what is put into them.
_HOOKED = frozenset({"sys", "warnings", "builtins", "logging", "gc"})
# Modules in which a name that nobody knows may stand for exec.
_ANYTHING = frozenset({"builtins", "sys", "os", "importlib", "inspect", "IPython", "gc", "__main__"})


class Parts(Fields):
    """Parts of objects."""

    def attribute(self, base: Value, name: str) -> Value:
        """Return what an attribute stands for: a part of its object, through which that can be changed."""
        if name in _NAMESPACES or base.path == lib.ANY:
            return self.anything()
        if base.path:
            path = f"{base.path}.{name}"
            if not lib.BY_ADDRESS.isdisjoint((base.path, path)):
                self.world.addressed = True
                self.become_opaque()
            if path.startswith("os.environ"):
                self.outside.add("environment variables")
            return Value(base.regions, path=path)
        if name in {"__class__", "__subclasses__"}:
            return self._classes(base, name)
        given = self.protocol(
            base, lambda method: not name or method in {name, "__getattr__", "__getattribute__", "__get__"}
        )
        self.through_class(base, name)
        kinds = self.world.kinds_of(base)
        if (name in _CALLED and kinds <= {Kind.FUNCTION, Kind.CLASS, Kind.MODULE}) or (
            name in _MEASURES and kinds <= {Kind.DATA} and self._measured(base, name)
        ):
            return EMPTY
        if name == "plot" and kinds == {Kind.DATA}:  # df.plot.scatter(...) leaves df as it is
            return self.plot(base.regions)
        part = self.handed_on(Value(self._within(base, name).regions | given), name)
        return Value(part.regions, const=base.const if name in {"parent", "name"} else None)

    def plot(self, given: Regions) -> Value:
        """Return a picture of *given*."""
        raise NotImplementedError

    def _classes(self, base: Value, name: str) -> Value:
        self.protocol(base, lambda method: method == name)
        if name == "__class__":
            return Value(base.regions | self.class_of(base).regions)
        self.read_state("subclasses")
        return Value(base.regions | {r for r in self.world.code if self.world.kinds[r] is Kind.CLASS})

    def anything(self) -> Value:
        """What cannot be known may be any object of the session, and any name may be bound through it."""
        self.become_opaque()
        return Value(frozenset((self.world.old,)))

    def _within(self, base: Value, name: str) -> Value:
        """Return what an attribute of an object of the notebook's own class may be: what was put into it, or its own."""
        regions: set[int] = set()
        for region in base.regions:
            kind, classes = self.world.kinds[region], self.world.classes.get(region, EMPTY)
            codes = [self.world.code[c] for c in classes.regions if c in self.world.code]
            own = codes and name and all(self._has_no(code, name) for code in codes)
            if kind is Kind.DATA and name not in _WHOLE:
                regions |= self.inside(Value(frozenset((region,)))).regions  # a column, or an object in a row
            elif kind is not Kind.INSTANCE or not own or name.startswith("__"):
                regions.add(region)
            if kind in {Kind.INSTANCE, Kind.FUNCTION, Kind.CLASS}:
                regions |= self.world.holds[region].union(*(self.world.holds[c] for c in classes.regions))
        return Value(frozenset(regions))

    def _measured(self, base: Value, name: str) -> bool:
        """Say whether an attribute is a measure of the table itself, and no column and nothing of an object in it."""
        return self.holds_nothing(base) or (name != "name" and not self.lies(base))

    def _has_no(self, code: Code, name: str) -> bool:
        return not code.bases and self.method_of(code, name) is None

    def item(self, base: Value, node: ast.expr) -> Value:
        """Return what ``base[node]`` stands for."""
        index = self.hashed(self.value_of(node))
        if base.path:
            return self._path_item(base, index)
        if Kind.FUNCTION in self.world.kinds_of(index) and self.world.kinds_of(base) != {Kind.CONTAINER}:
            self.invoke(index.regions, joined([base, index]))  # a table calls it to choose
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
            copy = self.kept("frame", base, self.copied(base, one=self.lies(base)))
            # One place, as a loop over an index gives it, is a view or an object, and so are fields picked by their names.
            sure = self._many(node, index) and (self.fieldless(base) or not self.names_fields(node, index))
            return copy if sure else joined([copy, self.elements(base)])
        if isinstance(node, ast.Slice) and base.regions:
            return joined([base, self.elements(base)])
        return self.elements(base)

    def _path_item(self, base: Value, index: Value) -> Value:
        if base.path == "sys.modules" and index.const is not None:
            return self.unimported(index.const)
        if base.path == "sys.modules" or base.path.endswith(".__dict__"):
            return self.named(Value(base.regions, path=base.path.removesuffix(".__dict__")), index.const)
        if base.path in _STACKING:
            return self.copied(Value(index.regions | self.elements(index).regions))
        if base.path.partition(".")[0] not in {*lib.KNOWN, "builtins"}:
            return self.unknown_call([Value(base.regions)])
        return EMPTY if base.path.startswith("os.environ") else Value(base.regions, path=base.path)

    def unimported(self, name: str) -> Value:
        """Return the module of that name; the session's own is the names themselves."""
        if name == "__main__":
            return self.anything()
        return Value(frozenset((self.world.module(name.partition(".")[0]),)), path=name)

    def named(self, base: Value, name: str | None) -> Value:
        """Return what a name computed by the notebook stands for in something of a library."""
        if name is not None:
            return self.attribute(base, name)
        if base.path.partition(".")[0] in _ANYTHING:
            return Value(path=lib.ANY)
        return self.unknown_call([base])

    def _picks(self, node: ast.expr, index: Value) -> bool:
        """Say whether an index takes a copy: a mask or a list of places, never a slice or a single key."""
        if isinstance(node, (ast.List, ast.ListComp, ast.Compare)):
            return True
        kinds = self.world.kinds_of(index)
        if isinstance(node, (ast.UnaryOp, ast.BinOp)):
            return kinds == {Kind.DATA}
        return kinds in ({Kind.CONTAINER}, {Kind.DATA}) and index.items is None and not index.split

    def _many(self, node: ast.expr, index: Value) -> bool:
        """Say whether an index is surely no single place."""
        if isinstance(node, (ast.List, ast.ListComp)):
            return True
        return bool(index.regions) and all(self.world.flagged((r,), "many") for r in index.regions)

    def elements(self, value: Value) -> Value:
        """Return what comes out of *value* by iterating or by a key."""
        world, regions = self.world, set[int]()
        for region in value.regions:
            kind = world.kinds[region]
            if region in world.gives:
                regions |= world.gives[region]
            elif kind is not Kind.CONTAINER:
                regions |= self.inside(Value(frozenset((region,)))).regions
            if kind in {Kind.CONTAINER, Kind.INSTANCE} or (
                kind is Kind.ITERATOR and region not in world.gives
            ):
                regions |= world.holds[region]
        listed = bool(value.items) and all(item.sure for item in value.items or ())
        return Value(frozenset(regions), sure=not regions and (value.sure or listed))

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
        elif self.lies_in_one(value):
            self.change(self.iterators_in(value))
        self.protocol(value, _GOES_OVER.__contains__)

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
            return made if kinds == {Kind.ESTIMATOR} else joined([made, self.copied(both)])
        if Kind.DATA in kinds and kinds <= {Kind.DATA, Kind.CONTAINER}:
            return self.copied(both, one=self.lies(both))
        return self.world.fresh(
            Kind.CONTAINER if kinds == {Kind.CONTAINER} else Kind.UNKNOWN,
            both.regions | self.elements(both).regions,
        )

    def store(self, base: Value, value: Value, name: str = "", *, column: bool = False) -> None:
        """Put *value* into *base*, as an item, as a *column* or as the attribute *name*."""
        if base.path:
            self._set_library(base, value)
            return
        self.protocol(base, lambda method: method in _STORES or method == name)
        self.retyped(base, name)
        if name in lib.RISKY_KEYWORDS and Kind.ESTIMATOR in self.world.kinds_of(base):
            self.world.flag(base, "risky")  # model.copy = False
        if base.const is not None and base.regions:
            self.write_file(base.const)  # a table that lies in a file
        whole = self.world.kinds_of(base) == {Kind.DATA} and not self.lies(base)
        if self.world.kinds_of(base) <= {Kind.CONTAINER, Kind.INSTANCE, Kind.FUNCTION, Kind.TRACKER}:
            self.change(base.regions)
        else:
            self.change_deep(base.regions, cells=not whole)
            self._observed(base, value)
        if column and whole:
            self.put_in(base, value.regions)
            return
        for region in self.holders(base) if value.regions else base.regions:
            self.world.hold(region, value.regions - {region})
            if name and self.world.kinds[region] is Kind.INSTANCE:
                self.world.flags.setdefault(region, set()).add(f"own {name}")

    def _observed(self, base: Value, value: Value) -> None:
        """A slider, which counts as a picture, calls the functions it was given for when it is moved."""
        sliders = frozenset(r for r in base.regions if self.world.kinds[r] is Kind.PLOT)
        functions = frozenset(
            r for r in self.world.callables(sliders) if self.world.kinds[r] is Kind.FUNCTION
        )
        if functions:
            self.invoke(functions, Value(sliders | value.regions))

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
        elif self.callable_within(value.regions):
            self.world.flags.setdefault(region, set()).add("patched")
            if root in _HOOKED:
                self.let_loose(value.regions)
        self.keep()

    def set_up(self, root: str, what: str) -> None:
        """Change how a library works from here on: its objects follow wherever they are."""
        self.change((self.world.module(root),))
        if lib.KNOWN.get(root) is not Kind.PLOT:
            self.keep(what)
