"""Fields of structured arrays: picked by a list of their names they are a view, where a frame gives a copy."""

from __future__ import annotations

import ast
import re

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.arguments import Arguments
from jupyter_mlops.capture.library_methods import DATA_OBJECTS
from jupyter_mlops.capture.tables import FIELDLESS, Tables
from jupyter_mlops.capture.world import Kind, Regions, Value

__all__ = ["Fields"]

# Whatever these libraries make is a frame, a column or an array of numbers, but for what a few functions hand back.
_OF_FRAMES = frozenset({"pandas", "polars", "pyarrow"})
_NO_FRAMES = frozenset({"array", "eval", "read_pickle", "to_numpy", "to_records", "unique"})
# Arrays in which a file, a buffer or a function may say what fields there are.
_ANY_TYPE = frozenset(
    {
        "choose", "dtype", "frombuffer", "fromfile", "fromfunction", "fromiter", "fromregex", "fromstring", "from_dlpack",
        "genfromtxt", "getfield", "load", "loadarff", "loadmat", "memmap", "ndarray", "open_memmap", "readsav", "recarray",
        "require", "to_records", "view", "void",
    }
)  # fmt: skip
_TYPE_AT_ONE = frozenset(
    {
        "array", "asarray", "asanyarray", "ascontiguousarray", "asfortranarray", "empty", "empty_like", "identity", "loadtxt",
        "ones", "ones_like", "zeros", "zeros_like",
    }
)  # fmt: skip
_TYPE_AT = {**dict.fromkeys(_TYPE_AT_ONE, 1), "full": 2, "full_like": 2, "arange": 3, "eye": 3, "linspace": 5}
_TOLD_TYPES = frozenset({"dtype", "dtypes", "formats", "names", "descr", "like"})
_MODULES = frozenset({"numpy", "numpy.random", "numpy.linalg", "numpy.fft"})
_PLAIN_TYPE = re.compile(r"(?:builtins|numpy)\.(?:u?int|float|bool|str|bytes|object|datetime|complex)\w{0,5}")
_PLAIN_TEXT = re.compile(
    r"(?:[<>=|]?[?bBhHiIlLqQefdgFDGSUaMmO]\d{0,3}|[a-z]+\d{0,3}_?|[A-Z][A-Za-z]+\d{0,2})(?:\[\w+\])?"
)
_MAKING = ("load_", "fetch_", "make_")  # data sets of scikit-learn


class Fields(Tables):
    """Which tables are surely no structured arrays, and which indices may be lists of names."""

    def fieldless(self, base: Value) -> bool:
        """Say whether *base* is surely no structured array, nor a row of one."""
        if not base.regions or not all(self.world.flagged((region,), FIELDLESS) for region in base.regions):
            return False
        return not self.lies(base) or self.holds_nothing(base)

    @staticmethod
    def names_fields(node: ast.expr, index: Value) -> bool:
        """Say whether an index is a list, as written, that may be one of names."""
        if isinstance(node, ast.List):
            items = index.items or (Value(),) * len(node.elts)
            return not all(map(_is_no_name, node.elts, items))
        return isinstance(node, ast.ListComp)

    def without_fields(self, made: Value, path: str, arguments: Arguments) -> Value:
        """Return *made*, which the known function at *path* gives, marked where it is surely no structured array."""
        if self.world.kinds_of(made) == {Kind.DATA} and self._gives_none(path, arguments):
            self.world.flag(made, FIELDLESS)
        return made

    def keeps_fieldless(self, made: Value, base: Value, name: str, arguments: Arguments) -> Value:
        """Return *made*, which the method *name* of *base* gives, marked where it is no structured array as little as *base*."""
        if self._may_give_fields(name, arguments):
            self._doubt(made.regions)
            return made
        return self.kept(FIELDLESS, base, made)

    def _may_give_fields(self, name: str, arguments: Arguments) -> bool:
        if name == "to_numpy":
            return bool(arguments.every())
        if name == "astype":
            return not self._of_plain_type(name, arguments, 0)
        return name in _ANY_TYPE or name in DATA_OBJECTS

    def of_numbers(self, made: Value) -> Value:
        """Return *made*, a table of numbers."""
        self.world.flag(made, FIELDLESS)
        return made

    def _gives_none(self, path: str, arguments: Arguments) -> bool:
        module, _, name = path.rpartition(".")
        root = path.partition(".")[0]
        if root in _OF_FRAMES:
            return name not in _NO_FRAMES and name not in DATA_OBJECTS
        if root == "seaborn" or (root == "sklearn" and name.startswith(_MAKING)):
            return True
        if not self._made_of_none(arguments) or name in _ANY_TYPE:
            return False
        return root == "sklearn" or (
            module in _MODULES and self._of_plain_type(name, arguments, _TYPE_AT.get(name))
        )

    def _made_of_none(self, arguments: Arguments) -> bool:
        """Say whether nothing that is given is a structured array, or may hold one."""
        if arguments.spread or arguments.spread_keywords:
            return False
        given = [value for value in arguments.every() if value.path.partition(".")[0] not in lib.KNOWN]
        regions = frozenset[int]().union(*(value.regions for value in given))
        tables, objects = self._contents(regions, 2, stacked=True)
        return not objects and (not tables or self.fieldless(Value(tables)))

    def _of_plain_type(self, name: str, arguments: Arguments, place: int | None) -> bool:
        """Say whether the type that is asked for is one of numbers, texts or times; true where none is."""
        if arguments.spread or arguments.spread_keywords:
            return False
        told = [value for key, value in arguments.keywords.items() if key in _TOLD_TYPES]
        told += arguments.values[place:] if place is not None else []
        return all(self._is_type(value) for value in told) or (
            name == "astype" and self._by_column(arguments)
        )

    @staticmethod
    def _by_column(arguments: Arguments) -> bool:
        """Say whether the types are told by the columns of a frame; NumPy takes a dictionary of names and formats, too."""
        keys = getattr(arguments.first, "keys", None)
        if not isinstance(arguments.first, ast.Dict) or not keys:
            return False
        return all(isinstance(key, ast.Constant) and key.value not in {"names", "formats"} for key in keys)

    @staticmethod
    def _is_type(value: Value) -> bool:
        plain = value.const is not None and _PLAIN_TEXT.fullmatch(value.const)
        return bool(plain or _PLAIN_TYPE.fullmatch(value.path) or value.sure)

    def retyped(self, base: Value, name: str) -> None:
        """Read ``a.dtype = ...``: under another type it may have fields."""
        if name == "dtype":
            self._doubt(base.regions)

    def _doubt(self, regions: Regions) -> None:
        lying = self.world.cells.lying
        for region in regions | {lying[region] for region in regions if region in lying}:
            self.world.flags.get(region, set()).discard(FIELDLESS)


def _is_no_name(node: ast.expr, value: Value) -> bool:
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, str)
    return value.sure or isinstance(node, (ast.List, ast.Tuple))
