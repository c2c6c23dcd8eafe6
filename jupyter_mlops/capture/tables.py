"""Objects that lie in tables and arrays: a copy of a table shares them, and whoever changes one changes it for both."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.arguments import Arguments
from jupyter_mlops.capture.library_methods import DATA_MANY, DATA_NUMBERS, DATA_ONE
from jupyter_mlops.capture.protocols import Protocols
from jupyter_mlops.capture.world import Kind, Regions, Value

__all__ = ["FIELDLESS", "Tables"]

FIELDLESS = "no fields"  # what is surely no structured array

# How deep the lists are that become rows and columns; what lies deeper are objects.
_ROWS = {"DataFrame": 2, "from_dict": 2, "from_records": 2, "concat": 2}
_ANY_DEPTH = 64
_MOST_CELLS = 8
_NUMBERS = (
    ast.List, ast.Tuple, ast.Constant, ast.UnaryOp, ast.BinOp, ast.unaryop, ast.operator, ast.expr_context,
)  # fmt: skip
_FRAMES = frozenset(
    {
        "DataFrame",
        "read_csv",
        "read_table",
        "read_fwf",
        "read_excel",
        "read_parquet",
        "read_stata",
        "read_sas",
    }
)
_TYPES = re.compile(r"(?:builtins|numpy)\.(?:u?int|float|bool|str|datetime|complex)\d{0,3}_?")
_READING = ("read_", "load", "fetch_", "from_", "json_", "scan_")
# They read numbers, texts and times.
_PLAIN_READERS = frozenset(
    {
        "read_csv", "read_table", "read_fwf", "read_excel", "read_spss", "read_stata", "read_sas", "read_clipboard", "scan_csv",
        "load", "loadtxt", "load_npz", "fromfile",
    }
)  # fmt: skip
# Bytes are seen as an array by them.
_OF_MEMORY = frozenset({"frombuffer", "ndarray", "recarray", "from_dlpack", "py_buffer"})
# What functools gives counts as a function, and what comes out of map as an iterator: a function made it.
_PERHAPS_ARRAYS = frozenset({Kind.UNKNOWN, Kind.INSTANCE, Kind.FUNCTION, Kind.ITERATOR})


class Tables(Protocols):
    """Tables, what lies in them, and what copies of them share."""

    def table(self, holds: Regions = frozenset(), *, plain: bool = False) -> Value:
        """Return a new table; *plain*: nothing lies in it that can be changed, but for what it *holds*."""
        made = self.world.fresh(Kind.DATA, holds)
        if plain:
            self.world.cells.plain |= made.regions
        return made

    def copied(self, value: Value, *, plain: bool = True, one: bool = False) -> Value:
        """Return a table that is computed from *value*: it shares the objects that lie in it, and nothing else.

        Not *plain*: there may be new ones, besides. *one*: it may be one of these objects.
        """
        made = self.table(self._shared(*self._contents(value.regions)), plain=plain)
        self.kept(FIELDLESS, value, made)
        if one:
            self.world.cells.within |= made.regions
        return made if one else self.kept("many", value, made)

    def kept(self, flag: str, value: Value, made: Value) -> Value:
        """Return *made*, which is in *flag* what *value* is."""
        if value.regions and all(self.world.flagged((region,), flag) for region in value.regions):
            self.world.flag(made, flag)
        return made

    def viewed(self, value: Value, *, plain: bool = True) -> Value:
        """Return a table that may be a part of *value*, or something that lies in it."""
        made = self.table(self._held(*self._contents(value.regions)), plain=plain)
        self.world.cells.within |= made.regions
        return made

    def inside(self, value: Value) -> Value:
        """Return *value*, its tables taken for anything that lies in them: a column, a row, an object."""
        return Value(frozenset(map(self._lying, value.regions)))

    def lies(self, value: Value) -> bool:
        """Say whether *value* may be an object that lay in a table."""
        cells, hubs = self.world.cells, self.world.hubs
        return any(r in cells.within or r in cells.shared or r in hubs for r in value.regions)

    def holds_nothing(self, value: Value) -> bool:
        """Say whether there is no object in the tables of *value*, nor any in what they are parts of."""
        return self.world.holds_nothing(value.regions)

    def iterators_in(self, value: Value) -> Regions:
        """Return the iterators that may lie in the tables of *value*."""
        reached = self.world.reach(value.regions, seeing=False)
        return frozenset(region for region in reached if self.world.kinds[region] is Kind.ITERATOR)

    def shared_by(self, regions: Regions) -> Regions:
        """Return what stands for the objects in the tables that can be reached from *regions*."""
        reached = self.world.reach(regions, seeing=False)
        return self._shared(frozenset(r for r in reached if self.world.kinds[r] is Kind.DATA), frozenset())

    def put_in(self, base: Value, given: Regions) -> None:
        """Let the tables of *base* hold what a column is made of; in a series, it may be one object."""
        tables, objects = self._contents(given)
        if not all(self.world.flagged((region,), "frame") for region in base.regions):
            objects |= {region for region in given if self.world.kinds[region] is not Kind.DATA}
        held = self._held(tables, objects)
        for region in base.regions:
            self.world.hold(region, held - {region})

    def holders(self, base: Value) -> Regions:
        """Return what holds an object from now on that is put into *base*: the tables, too, that it is a part of."""
        if not self.lies(base):
            return base.regions
        reached = self.world.reach(base.regions, seeing=False, cells=False)
        return base.regions | {region for region in reached if self.world.kinds[region] is Kind.DATA}

    def not_called(self, name: str, given: Regions) -> Regions:
        """Return *given* without the functions that *name* calls: they do not come to lie in what it makes."""
        if name not in lib.CALLING:
            return given
        kinds, holds = self.world.kinds, self.world.holds
        return frozenset(
            r for r in given if kinds[r] is not Kind.FUNCTION or holds[r]
        )  # it may give what it holds

    def shares(self, made: Value, given: Regions) -> Value:
        """Return the table *made*, in which objects of *given* lie, too."""
        tables = [region for region in made.regions if self.world.kinds[region] is Kind.DATA]
        if given and tables:
            shared = self._shared(*self._contents(given, 0))
            for region in tables:
                self.world.hold(region, shared)
        return made

    def numbers(self, name: str) -> Value:
        """Return the table that *name* gives, of numbers and of yes or no."""
        made = self.table(plain=True)
        if name in DATA_MANY:
            self.world.flag(made, "many")
        return made

    def tabled(self, root: str, name: str, arguments: Arguments, given: Regions) -> Value:
        """Return the table that a library makes of what it is given."""
        new = name in lib.NEW_FUNCTIONS or name.endswith(lib.NEW_ENDINGS)
        if new and (root == "sklearn" or name in DATA_NUMBERS):  # scores, and what is like them
            return self.numbers(name)
        objective = self._of_objects(arguments)
        deep, stacked = self._depth(root, name, arguments, objective)
        tables, objects = self._contents(given, deep, stacked=stacked, listed=root == "numpy")
        plain = (not name.startswith(_READING) or root == "sklearn") and not objective
        if name in _PLAIN_READERS and self._as_written(arguments):
            objects = frozenset(r for r in objects if not self._is_read(r))
            plain = not objects  # a function may make anything of what is read
        holds = (
            self._shared(tables, objects)
            if new
            else self._held(tables | self._viewed_in(name, given), objects)
        )
        made = self.table(holds, plain=plain)
        if name in DATA_ONE:
            self.world.cells.within |= made.regions
        if name in _FRAMES:
            self.world.flag(made, "frame")
        return made

    def _viewed_in(self, name: str, given: Regions) -> Regions:
        """Return what is no table as far as is known, and what *name* makes of it may yet be a view of its memory."""
        if name in _OF_MEMORY:
            return given
        if name.startswith(_READING):  # of a file that is open
            return frozenset()
        return frozenset(region for region in given if self.world.kinds[region] in _PERHAPS_ARRAYS)

    @staticmethod
    def _as_written(arguments: Arguments) -> bool:
        """Say whether a reader is told nothing of pickles."""
        told = arguments.spread or arguments.spread_keywords or "allow_pickle" in arguments.nodes
        return not told and len(arguments.values) <= 2  # noqa: PLR2004 - NumPy's third is allow_pickle

    def _is_read(self, region: int) -> bool:
        """Say whether a reader takes something for a file that is open, or for a type of numbers and texts."""
        is_type = _TYPES.fullmatch(self.world.paths.get(region, "")) is not None
        return is_type or self.world.kinds[region] is Kind.ITERATOR

    @staticmethod
    def _of_objects(arguments: Arguments) -> bool:
        """Say whether an array was asked for whose cells are objects."""
        return any(
            value.path == "builtins.object"
            or value.path.endswith(".object_")
            or value.const in {"object", "O"}
            for value in arguments.every()
        )

    @staticmethod
    def _depth(root: str, name: str, arguments: Arguments, objective: bool) -> tuple[int, bool]:
        """Return how deep lists are rows and columns, and whether the tables at the bottom of them are rows."""
        written = arguments.first
        if root != "numpy" or objective:
            return _ROWS.get(name, 1), False
        numbers = written is not None and all(isinstance(part, _NUMBERS) for part in ast.walk(written))
        return _ANY_DEPTH if numbers and len(arguments.values) == 1 else 1, True

    def _contents(
        self, regions: Regions, deep: int = 1, *, stacked: bool = False, listed: bool = False
    ) -> tuple[Regions, Regions]:
        """Return the tables among *regions*, and the objects that come to lie in a table made of them.

        Lists, down to *deep* of them in each other, are rows and columns; with *stacked*, tables in the last are, too.
        With *listed*, dictionaries and sets are objects.
        """
        tables, objects, seen, layer = set[int](), set[int](), set[int](), set(regions)
        for level in range(deep + 1):
            below = set[int]()
            for region in layer - seen:
                kind = self.world.kinds[region]
                if kind is Kind.DATA and (level < deep or stacked or not deep):
                    tables.add(region)
                elif level < deep and self._in_rows(region, listed):
                    below |= self.world.holds[region]
                else:
                    objects.add(region)
            seen |= layer
            layer = below
            if not layer:
                break
        return frozenset(tables), frozenset(objects)

    def _in_rows(self, region: int, listed: bool) -> bool:
        """Say whether the parts of a container become the parts of a table."""
        world = self.world
        if world.kinds[region] is not Kind.CONTAINER or region in world.hubs:
            return False
        return not (listed and world.flagged((region,), "no list"))

    def _held(self, tables: Regions, objects: Regions) -> Regions:
        """Return what a table holds that may be a view of *tables* and in which *objects* lie."""
        return tables | {self._cell(objects)} if objects else tables

    def _shared(self, tables: Regions, objects: Regions) -> Regions:
        """Return what stands for the objects that a copy of *tables* shares with them, *objects* among them."""
        world, found = self.world, set[int]()
        if objects:
            found.add(self._cell(objects))
        if world.holds_nothing(tables):
            return frozenset(found)
        new: list[tuple[int, int]] = []
        reached = world.reach(tables, seeing=False, cells=False)
        found |= world.cells_of(reached) | (reached & world.cells.shared)
        for table in sorted(reached - world.cells.shared):
            if table in world.hubs:
                found.add(self._cell(frozenset((world.hub_of(table),))))
            elif world.kinds[table] is Kind.DATA and not world.is_bare(table):
                new += ((table, cell) for cell in self._missing(table))
        for table, cell in new:  # only now: each changes what is known of what reaches what
            world.hold(table, (cell,))
            found.add(cell)
        # Copies of copies would gather all that ever lay in one of them.
        return frozenset(found if len(found) <= _MOST_CELLS else (self._cell(frozenset(found)),))

    def _missing(self, table: int) -> Iterator[int]:
        """Give what stands for the objects in *table*, where it does not hold that yet."""
        world = self.world
        held = world.holds[table]
        cells = held & world.cells.shared
        known = cells.union(*(world.holds[cell] for cell in cells))
        # An array that lies in an array of objects cannot be told from one it is a view of.
        plain = table in world.cells.plain
        lying = frozenset(r for r in held - known if world.kinds[r] is not Kind.DATA or not plain)
        if lying or not cells:
            yield self._cell(lying)

    def _cell(self, holds: Regions) -> int:
        """Return what stands for the objects *holds* in a table; the same for all tables that hold just these."""
        world = self.world
        key = frozenset(map(world.hub_of, holds))
        found = world.cells.known.get(key) if key else None
        if found is None:
            found = world.cells.known[key] = world.new(Kind.DATA, holds)
            world.cells.shared.add(found)
        return found

    def _lying(self, region: int) -> int:
        world = self.world
        if (
            world.kinds[region] is not Kind.DATA
            or region in world.cells.within
            or region in world.cells.shared
        ):
            return region
        if region not in world.cells.lying:
            made = world.cells.lying[region] = world.new(Kind.DATA, (region,))
            world.cells.plain.add(made)
            world.cells.within.add(made)
            if world.flagged((region,), FIELDLESS):
                world.flags.setdefault(made, set()).add(FIELDLESS)
        return world.cells.lying[region]
