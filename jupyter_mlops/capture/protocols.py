"""Calls that no call in the source shows: special methods, methods handed on to be called, and hooks of the process."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.arguments import Arguments
from jupyter_mlops.capture.functions import Functions, is_special
from jupyter_mlops.capture.library_methods import DATA_CHANGING, ESTIMATOR_CHANGING
from jupyter_mlops.capture.world import EMPTY, Code, Kind, Regions, Value

__all__ = ["Protocols"]

_TRUTH = frozenset({"__bool__", "__len__"})
_KEYS = frozenset({"__hash__", "__eq__", "__index__"})
_TEXTS = frozenset({"__format__", "__str__", "__repr__", "_ipython_display_"})
_MAPPING = frozenset({"keys", "__getitem__", "__iter__"})
_MAKERS = frozenset({"__prepare__", "__new__", "__init__"})
# Methods that change their object, by what it is; they stay what they are when they are handed on.
_CHANGING = {
    Kind.CONTAINER: lib.CONTAINER_CHANGING | {"__getitem__", "__missing__"},
    Kind.DATA: DATA_CHANGING,
    Kind.ESTIMATOR: ESTIMATOR_CHANGING,
    Kind.FUNCTION: frozenset({"register", "cache_clear"}),
}
_CHANGING_ANY = frozenset[str]().union(*_CHANGING.values())
_CALLABLE = frozenset({Kind.FUNCTION, Kind.INSTANCE, Kind.CLASS, Kind.UNKNOWN, Kind.ITERATOR})


class Protocols(Functions):
    """What is called without being written as a call."""

    # special methods ------------------------------------------------------------------------------------------

    def protocol(self, value: Value, wanted: Callable[[str], bool]) -> Regions:
        """Read the special methods of the notebook's own classes that an operator or attribute calls.

        Return what they give back.
        """
        world = self.world
        if not value.regions or not (world.code or world.bound):
            return EMPTY.regions
        kinds = world.kinds_of(value)
        if Kind.UNKNOWN in kinds or Kind.ITERATOR in kinds or self.lies_in_one(value):
            return self.invoke(value.regions, value, wanted)
        if Kind.INSTANCE in kinds or Kind.CLASS in kinds:
            return EMPTY.regions.union(
                *(self._of_its_class(region, value, wanted) for region in value.regions)
            )
        return EMPTY.regions

    def lies_in_one(self, value: Value) -> bool:
        """Say whether *value* may be an object that lay in a table."""
        world = self.world
        within = any(r in world.cells.within or r in world.hubs for r in value.regions)
        return within and not world.holds_nothing(value.regions)

    def _of_its_class(self, region: int, value: Value, wanted: Callable[[str], bool]) -> Regions:
        if self.world.kinds[region] is Kind.INSTANCE:
            return self.invoke(self.world.classes.get(region, EMPTY).regions, value, wanted)
        if self.world.kinds[region] is Kind.CLASS and region in self.world.code:
            metas = self.world.code[region].metas
            return EMPTY.regions.union(*(self.invoke(meta.regions, value, wanted) for meta in metas))
        return EMPTY.regions

    def operators(self, value: Value) -> None:
        """Read what any operator may call on *value* or, comparing containers, on what is inside."""
        self.invoke(value.regions, value, is_special)

    def truth(self, node: ast.expr) -> Value:
        """Return what an expression stands for that is asked whether it is true."""
        value = self.value_of(node)
        if value.regions:
            self.protocol(value, _TRUTH.__contains__)
        return value

    def hashed(self, value: Value) -> Value:
        """Look something up by *value*."""
        if value.regions:
            self.invoke(value.regions, value, _KEYS.__contains__)
        return value

    def told(self, value: Value) -> Value:
        """Make a text of *value*, or a picture of it below the cell."""
        if value.regions:
            self.invoke(value.regions, value, lambda method: method in _TEXTS or method[:6] == "_repr_")
        return value

    def unpacked(self, value: Value) -> None:
        """Take apart a mapping by ``**``."""
        if value.regions:
            self.protocol(value, _MAPPING.__contains__)

    # classes --------------------------------------------------------------------------------------------------

    def made_by(self, code: Code, given: Iterable[Value]) -> None:
        """Read what is called when a class is defined: its metaclass, its bases and its descriptors."""
        regions = frozenset((code.region, *(r for value in given for r in value.regions)))
        made = Value(regions | self.world.reach(regions, seeing=False))
        for meta in code.metas:
            if meta.path.partition(".")[0] in {*lib.KNOWN, "builtins"}:
                continue
            codes = [c for r in meta.regions if (c := self.world.code.get(r)) is not None]
            if len(codes) != len(meta.regions) or not codes:
                self.unknown_call([meta, made])
            for each in codes:
                self._made_by_own(each, made)
        hook = self._inherited(code, "__init_subclass__")
        if hook is not None:
            self.call_with_all(hook, made)
        for value in code.attributes.values():
            self.protocol(value, lambda method: method == "__set_name__")

    def _made_by_own(self, meta: Code, made: Value) -> None:
        if not isinstance(meta.node, ast.ClassDef):
            self.call_with_all(meta, made)
            return
        for name in sorted(_MAKERS):
            method = self.method_of(meta, name)
            if method is not None:
                self.call_with_all(method, made)

    def class_of(self, value: Value) -> Value:
        """Return the classes *value* may be an instance of."""
        world, found = self.world, set[int]()
        for region in value.regions:
            if region in world.classes:
                found |= world.classes[region].regions
            elif world.kinds[region] is Kind.UNKNOWN:
                reached = world.reach(frozenset((region,)), seeing=True)
                found |= {r for r in reached if world.kinds[r] is Kind.CLASS}
        return Value(frozenset(found))

    def through_class(self, base: Value, name: str) -> None:
        """Read what an attribute of the class does that is no method: a property made of a function, a descriptor."""
        world = self.world
        for region in base.regions if world.code else ():
            known = world.classes.get(region)
            classes = (region,) if known is None else known.regions
            for code in (world.code[c] for c in classes if c in world.code):
                value = self._attribute_of(code, name)
                if value is None or not value.regions:
                    continue
                if Kind.UNKNOWN in self.world.kinds_of(value):
                    self.invoke(value.regions, Value(base.regions | value.regions))
                else:
                    self.protocol(value, lambda method: method == "__get__")

    def _attribute_of(self, code: Code, name: str) -> Value | None:
        if name in code.attributes:
            return code.attributes[name]
        for base in code.bases:
            for inherited in (self.world.code.get(r) for r in base.regions):
                found = self._attribute_of(inherited, name) if inherited is not None else None
                if found is not None:
                    return found
        return None

    # methods handed on ----------------------------------------------------------------------------------------

    def handed_on(self, base: Value, name: str) -> Value:
        """Return what ``base.name`` is, not called: a method that changes its object keeps hold of it."""
        if name not in _CHANGING_ANY:
            return base
        world = self.world
        kept = frozenset(r for r in base.regions if name not in _CHANGING.get(world.kinds[r], ()))
        if len(kept) == len(base.regions):
            return base
        marks = set[int]()
        for region in base.regions - kept:
            mark = world.new(Kind.FUNCTION, (region,))
            world.bound[mark] = (Value(frozenset((region,)), const=base.const), name)
            marks.add(mark)
        if any(world.kinds[r] is Kind.FUNCTION for r in base.regions):
            return Value(base.regions | marks)
        return Value(kept | marks)

    def invoke_bound(self, mark: int, pool: Value) -> Regions:
        """Call a method that was handed on, with anything of *pool*."""
        seen = self._marks.get(mark)
        base, name = self.world.bound[mark]
        if seen is not None and pool.regions <= self.world.reach(seen, seeing=False):
            return base.regions
        self._marks[mark] = (seen or frozenset()) | pool.regions
        return base.regions | self.method(base, name, Arguments(values=[Value(pool.regions)])).regions

    # hooks ----------------------------------------------------------------------------------------------------

    def let_loose(self, regions: Regions) -> None:
        """Something of the notebook's own was given to the process: any later cell may set it off."""
        if self.callable_within(regions):
            self.world.loose |= regions

    def callable_within(self, regions: Regions) -> bool:
        """Say whether something that can be called, or that changes when it is used, can be reached from *regions*."""
        kinds = self.world.kinds
        return any(kinds[r] in _CALLABLE for r in self.world.reach(regions, seeing=False))

    def linger(self) -> None:
        """Read what may run during any cell: handlers and signals, and the ends of objects that nobody holds."""
        world = self.world
        for region in sorted(world.dying):
            own = Value(frozenset((region,)))
            for code in (world.code[c] for c in world.classes[region].regions if c in world.code):
                method = self.method_of(code, "__del__")
                if method is not None:
                    self.call_with_all(method, own)
        if not world.loose:
            return
        hub = world.throw_together(world.reach(frozenset(world.loose), seeing=False))
        world.loose = {hub}
        self.change_deep(frozenset((hub,)))
        self._invoke_all(hub)

    def ended(self, value: Value) -> None:
        """A name lets go of *value*: a generator left in the middle runs to its end."""
        if value.regions and self.world.flagged(value.regions, "finally"):
            self.change_deep(value.regions)
            self.invoke(value.regions, value)
