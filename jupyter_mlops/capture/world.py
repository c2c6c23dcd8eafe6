"""What a session's names stand for, as far as its source shows: regions of memory, and who may have changed them.

A *region* stands for an object. ``holds``: through one region the other can be changed (a list and its elements, a
view and its base). ``sees``: one reads the other (a fitted model and its data). Nothing here ever forgets a change.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from jupyter_mlops.capture.scopes import Scope

__all__ = [
    "EMPTY",
    "Binding",
    "Branch",
    "Cells",
    "Code",
    "Frame",
    "Kind",
    "Regions",
    "Value",
    "World",
    "joined",
]

Regions = frozenset[int]
_NONE: Regions = frozenset()
_REMEMBERED = 4096  # answers about what reaches what


class Kind(StrEnum):
    """What is known of an object, and so of its methods."""

    DATA = "data"  # a frame, a series, an array
    ESTIMATOR = "estimator"
    PLOT = "plot"
    CONTAINER = "container"
    ITERATOR = "iterator"  # looking at it changes it: iterators, open files, random generators
    INSTANCE = "instance"  # of a class of the notebook
    FUNCTION = "function"
    CLASS = "class"
    MODULE = "module"
    TRACKER = "tracker"  # a run handle of ours
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression stands for; without regions it is something that cannot change: a number, a text."""

    regions: Regions = _NONE
    path: str = ""  # of a thing in a library: numpy.random.seed
    const: str | None = None  # a text known from the source
    items: tuple[Value, ...] | None = None  # of a tuple or list just written
    split: Kind | None = None  # taken apart, it gives objects that share nothing
    sure: bool = False  # surely no None: a number, what gives nothing else, or a generator just made


EMPTY = Value()
SURE = Value(sure=True)


def joined(values: Iterable[Value]) -> Value:
    """Return what may be any of *values*."""
    every = list(values)
    if len(every) == 1:
        return every[0]
    regions = frozenset[int]().union(*(value.regions for value in every)) if every else _NONE
    paths, consts = {value.path for value in every}, {value.const for value in every}
    return Value(
        regions=regions,
        path=paths.pop() if len(paths) == 1 else "",
        const=consts.pop() if len(consts) == 1 else None,
        sure=bool(every) and all(value.sure for value in every),
    )


@dataclass(slots=True)
class Frame:
    """The local names of a function being read, or of a comprehension."""

    scope: Scope
    values: dict[str, Value] = field(default_factory=dict)
    returns: list[Value] = field(default_factory=list)
    doubt: int = 0  # how many conditions stood around the call
    comprehension: bool = False
    classbody: bool = False
    region: int = -1  # once a function is defined in it: what the functions defined in it share
    made: list[Code] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Code:
    """A function or class of the notebook."""

    node: ast.AST
    scope: Scope
    frames: tuple[Frame, ...] = ()
    defaults: dict[str, Value] = field(default_factory=dict)
    methods: dict[str, Code] = field(default_factory=dict)  # of a class
    decorators: tuple[str, ...] = ()
    bases: tuple[Value, ...] = ()
    metas: tuple[Value, ...] = ()  # of a class: its metaclass, and those of its bases
    attributes: dict[str, Value] = field(default_factory=dict)  # of a class: what its body has bound
    region: int = -1
    bound: bool = False  # its first parameter is an instance of the class it stands in, or the class


@dataclass(frozen=True, slots=True)
class Binding:
    """What a name stands for, and the executions that may have made it so."""

    value: Value
    by: frozenset[int]


@dataclass(slots=True)
class Branch:
    """The body of a condition while it is read, and the names it has surely bound so far."""

    doubt: int  # how many conditions stand around it, its own included
    names: dict[str, Binding] = field(default_factory=dict)


@dataclass(slots=True)
class Cells:
    """What is known of the cells of tables and arrays."""

    plain: set[int] = field(default_factory=set)  # tables in which nothing lies that can be changed
    shared: set[int] = field(default_factory=set)  # what stands for the objects in a table and in its copies
    lying: dict[int, int] = field(default_factory=dict)  # table to what stands for anything that lies in it
    within: set[int] = field(default_factory=set)  # tables that may be an object which lay in another
    known: dict[Regions, int] = field(default_factory=dict)  # objects to what stands for them in a table
    bare: dict[Regions, tuple[int, bool]] = field(default_factory=dict)  # answers about what holds nothing


class World:
    """All names and regions of a session after the executions read so far."""

    addressed = False  # what can write to any address was imported

    def __init__(self) -> None:
        self.names: dict[str, Binding] = {}
        self.halves: set[str] = set()  # bound only under a condition, so far
        self.kinds: list[Kind] = []
        self.holds: list[set[int]] = []
        self.sees: list[set[int]] = []
        self.changed: list[set[int]] = []
        self.flags: dict[int, set[str]] = {}
        self.code: dict[int, Code] = {}
        self.paths: dict[int, str] = {}  # functions of libraries that were put into a container
        self.classes: dict[int, Value] = {}  # instance to its class
        self.gives: dict[int, Regions] = {}  # what an iterator over containers gives
        self.bound: dict[int, tuple[Value, str]] = {}  # methods that were handed on: their object and name
        self.dying: set[int] = set()  # instances whose class has __del__
        self.loose: set[int] = set()  # given to the process, which may call it at any time
        self.modules: dict[str, int] = {}
        self.states: dict[str, set[int]] = {}  # beyond the namespace: files, generators
        self.seeded: set[str] = set()
        self.kept: dict[
            str, int
        ] = {}  # every later execution rests on these: exec, star-imports, environment
        self.stars: list[str] = []
        self.patched: set[int] = set()  # modules of known libraries whose attributes were replaced
        self.shown: list[tuple[int, int | None, Value]] = []
        self.hubs: dict[int, int] = {}  # region to the one that stands for it
        self.cells = Cells()
        self._once: dict[tuple[int, int], int] = {}
        self.old = self.new(Kind.UNKNOWN)  # whatever stood in the namespace before
        self.edges = 0  # counts the changes of what reaches what
        self.walked = 0  # counts the regions that were gone through to say what reaches what
        self._parts: dict[Regions, tuple[int, Regions]] = {}
        self._callables: dict[tuple[Regions, bool], tuple[int, Regions]] = {}
        self._memo: dict[tuple[Regions, bool, bool], tuple[int, Regions]] = {}

    def new(self, kind: Kind, holds: Iterable[int] = (), sees: Iterable[int] = ()) -> int:
        """Return a new region."""
        self.kinds.append(kind)
        self.holds.append(set(holds))
        self.sees.append(set(sees))
        self.changed.append(set())
        return len(self.kinds) - 1

    def fresh(self, kind: Kind, holds: Iterable[int] = (), sees: Iterable[int] = ()) -> Value:
        """Return the value of a new region."""
        return Value(frozenset((self.new(kind, holds, sees),)))

    def hold(self, region: int, others: Iterable[int]) -> None:
        """Note that *others* can be changed through *region* from now on."""
        self._join(self.holds, region, others)

    def see(self, region: int, others: Iterable[int]) -> None:
        """Note that *region* shows *others* from now on."""
        self._join(self.sees, region, others)

    def _join(self, edges: list[set[int]], region: int, others: Iterable[int]) -> None:
        found = set(others)
        hub = self.hub_of(region)
        for place in (region,) if hub == region else (region, hub):
            before = len(edges[place])
            edges[place] |= self._beyond(found, hub) if place == hub else found
            self.edges += len(edges[place]) != before

    def _beyond(self, regions: set[int], hub: int) -> set[int]:
        """Leave out what *hub* stands for already; functions stay, because their code is looked for."""
        if hub not in self.hubs:
            return regions
        return {region for region in regions if self.hub_of(region) != hub or self._stays(region, hub)}

    def _stays(self, region: int, hub: int) -> bool:
        """A function is kept once, however often its cell was run again."""
        code = self.code.get(region)
        if code is None:
            return False
        again = not code.frames and not code.defaults
        return not again or self._once.setdefault((hub, id(code.node)), region) == region

    def hub_of(self, region: int) -> int:
        """Return the region that stands for all those *region* was thrown together with; itself where it was not."""
        hub = region
        while self.hubs.get(hub, hub) != hub:
            hub = self.hubs[hub]
        if hub != region:
            self.hubs[region] = hub
        return hub

    def throw_together(self, regions: Iterable[int]) -> int:
        """Let each of *regions* be reached from each other, and return the region that stands for them all.

        What is known of the members moves to it, so that a session of a thousand unknown calls stays small.
        """
        members = {self.hub_of(region) for region in regions}
        known = [region for region in members if region in self.hubs]
        hub = known[0] if known else self.new(Kind.UNKNOWN)
        self.hubs[hub] = hub
        for member in members - {hub}:
            self.hubs[member] = hub
            self.changed[hub] |= self.changed[member]
            self.holds[hub] |= self.holds[member]
            self.sees[hub] |= self.sees[member]
            self._move_flags(member, hub)
            if member in self.code and self._stays(member, hub):
                self.holds[hub].add(member)
            self.holds[member].add(hub)
        if members - {hub}:
            self.holds[hub] = self._beyond(self.holds[hub], hub)
            self.sees[hub] = self._beyond(self.sees[hub], hub)
            self.edges += 1
        return hub

    def _move_flags(self, member: int, hub: int) -> None:
        flags = self.flags.get(member)
        if flags:
            flags.discard("safe keys")  # whoever reaches the hub may have put any key into it
            self.flags.setdefault(hub, set()).update(flags)

    def reach(self, regions: Regions, *, seeing: bool, cells: bool = True) -> Regions:
        """Return *regions* and all that can be changed through them; with *seeing*, all that shows in them.

        Without *cells*, only what can be changed without reaching into an object that lies in a table.
        """
        if not regions:
            return _NONE
        known = self._memo.get((regions, seeing, cells))
        if known is not None and known[0] == self.edges:
            return known[1]
        found, todo, hubs = set(regions), list(regions), self.hubs
        barred = _NONE if cells else self.cells.shared
        while todo:
            region = todo.pop()
            hub = self.hub_of(region) if region in hubs else region
            if hub != region:
                beyond = {hub}  # it knows all that its members did, and more
            elif seeing and self.sees[region]:
                beyond = self.holds[region] | self.sees[region]
            else:
                beyond = self.holds[region]
            new = beyond - found
            if new and barred:
                new -= barred
            todo.extend(new)
            found |= new
        self.walked += len(found)
        if len(self._memo) > _REMEMBERED:
            self._memo.clear()
        reached = frozenset(found)
        self._memo[regions, seeing, cells] = (self.edges, reached)
        return reached

    def holds_nothing(self, regions: Regions) -> bool:
        """Say whether *regions* are tables, and no object lies in them or in what they are parts of."""
        known = self.cells.bare.get(regions)
        if known is not None and known[0] == self.edges:
            return known[1]
        found, todo = set(regions), list(regions)
        while todo and self.is_bare(todo[-1]):
            beyond = self.holds[todo.pop()] - found
            todo.extend(beyond)
            found |= beyond
        if len(self.cells.bare) > _REMEMBERED:
            self.cells.bare.clear()
        self.cells.bare[regions] = (self.edges, not todo)
        return not todo

    def cells_of(self, regions: Iterable[int]) -> set[int]:
        """Return what stands for the objects that lie in *regions* themselves."""
        return set[int]().union(*(self.holds[region] & self.cells.shared for region in regions))

    def is_bare(self, region: int) -> bool:
        """Say whether *region* is a table, and only numbers, texts and times lie in it itself."""
        plain = region in self.cells.plain and region not in self.hubs
        return plain and all(self.kinds[held] is Kind.DATA for held in self.holds[region])

    def callables(self, regions: Regions, *, cells: bool = True) -> Regions:
        """Return what shows in *regions* and can be called: functions and classes, and methods that were handed on.

        Without *cells*, those that lie in tables are left out.
        """
        if not regions or not (self.code or self.bound):
            return _NONE
        known = self._callables.get((regions, cells))
        if known is None or known[0] != self.edges:
            reached = self.reach(regions, seeing=True, cells=cells)
            found = (reached & self.code.keys()) | (reached & self.bound.keys())
            if len(self._callables) > _REMEMBERED:
                self._callables.clear()
            known = self._callables[regions, cells] = (self.edges, found)
        return known[1]

    def parts(self, regions: Regions) -> Regions:
        """Return what anything in *regions*, or any part of it, may be: hubs in place of what they stand for.

        What stands for the objects in a table is one of these, and stays for them.
        """
        known = self._parts.get(regions)
        if known is None or known[0] != self.edges:
            reached = self.reach(regions, seeing=False, cells=False)
            every = frozenset(self.hub_of(region) for region in reached | self.cells_of(reached))
            if len(self._parts) > _REMEMBERED:
                self._parts.clear()
            known = self._parts[regions] = (self.edges, every)
        return known[1]

    def placed(self, value: Value) -> Regions:
        """Return the regions of *value* as a container holds it; a function of a library stays what it is."""
        if "." not in value.path:
            return value.regions
        place = next((region for region, path in self.paths.items() if path == value.path), -1)
        if place < 0:
            place = self.new(Kind.FUNCTION, value.regions)
            self.paths[place] = value.path
        return frozenset((place,))

    def kinds_of(self, value: Value) -> set[Kind]:
        """Return the kinds of the regions *value* may be."""
        return {self.kinds[region] for region in value.regions}

    def flag(self, value: Value, flag: str) -> None:
        """Remember *flag* for the regions of *value*."""
        for region in value.regions:
            self.flags.setdefault(region, set()).add(flag)

    def flagged(self, regions: Iterable[int], flag: str) -> bool:
        """Say whether one of *regions* carries *flag*."""
        return any(flag in self.flags[region] for region in regions if region in self.flags)

    def module(self, root: str) -> int:
        """Return the region of a top-level module: its state, shared by all who import it."""
        if root not in self.modules:
            self.modules[root] = self.new(Kind.MODULE)
        return self.modules[root]
