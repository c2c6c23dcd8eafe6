"""Calls: who is called, with what, and what a library function gives back."""

from __future__ import annotations

import ast
import sys

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.arguments import Arguments
from jupyter_mlops.capture.builtin_calls import BuiltinCalls
from jupyter_mlops.capture.chance import NUMPYS_OWN
from jupyter_mlops.capture.functions import CACHED
from jupyter_mlops.capture.library_scipy import scipy_gives_into
from jupyter_mlops.capture.world import EMPTY, Code, Kind, Regions, Value, joined

__all__ = ["Calls"]

_HANDING_ON = frozenset(
    {"itertools", "operator", "functools"}
)  # repeat, product, add: of whatever they are given
_STYLED = ("matplotlib", "seaborn", "plotly", "altair")
# What is given to them is called at any time from then on; what they are told of is replaced in its module.
_LINGERING = frozenset({"weakref", "atexit", "signal", "threading", "_thread", "sched", "faulthandler"})
_PATCHING = frozenset({"unittest", "mock", "pytest"})
# Their texts are code, and the names in it are those of the session.
_TEXTS_WITH_NAMES = frozenset({"duckdb", "numexpr", "pandasql", "patsy", "formulaic"})
_IN_FILES = {
    "pandas.HDFStore": Kind.ITERATOR,
    "numpy.memmap": Kind.DATA,
    "numpy.lib.format.open_memmap": Kind.DATA,
    "sqlite3.connect": Kind.ITERATOR,
}
_EVALUATING = frozenset({"pandas.eval", "polars.sql"})
# Libraries that read and write no files but those they are given; any other that is not followed may.
_NO_FILES = frozenset({"torch", "tensorflow", "keras", "jax", "dask", "duckdb", "PIL", "cv2", "skimage"})
_PATHS = ("pathlib.", "os.path.", "os.fspath", "shutil.")


class Calls(BuiltinCalls):
    """What a call does."""

    def call(self, node: ast.Call) -> Value:
        """Read one call."""
        if isinstance(node.func, ast.Attribute):
            base = self.value_of(node.func.value)
            if not base.path:
                return self.method(base, node.func.attr, self.arguments(node))
            callee = Value(base.regions, path=f"{base.path}.{node.func.attr}")
        else:
            callee = self.value_of(node.func)
        return self.apply(callee, self.arguments(node))

    def arguments(self, node: ast.Call) -> Arguments:
        """Read the arguments of a call."""
        found = Arguments(first=node.args[0] if node.args else None)
        for argument in node.args:
            found.spread = found.spread or isinstance(argument, ast.Starred)
            found.values.append(self.value_of(argument))
        for i, keyword in enumerate(node.keywords):
            value = self.value_of(keyword.value)
            if keyword.arg is None:
                found.spread = True
                found.spread_keywords = found.spread_keywords or not self._safe_keys(value)
                self.unpacked(value)
                value = self.elements(value)
            name = keyword.arg or f"**{i}"
            found.keywords[name], found.nodes[name] = value, keyword.value
        return found

    def _safe_keys(self, value: Value) -> bool:
        return bool(value.regions) and all(self.world.flagged((r,), "safe keys") for r in value.regions)

    def apply(self, callee: Value, arguments: Arguments) -> Value:
        """Call *callee*."""
        if callee.path:
            return self.library(callee, arguments)
        codes = [code for region in callee.regions if (code := self.world.code.get(region)) is not None]
        if codes and len(codes) == len(callee.regions):
            return joined([self._own(code, arguments) for code in codes])
        kinds = self.world.kinds_of(callee)
        if kinds in ({Kind.INSTANCE}, {Kind.PLOT}):  # colour maps are called
            return self.method(callee, "__call__", arguments)
        named = self._named(callee, arguments)
        if named is not None:
            return named
        if kinds == {Kind.FUNCTION} and not self.unknown_within(callee.regions):
            # functools.partial of the notebook's own function
            held = self.world.reach(callee.regions, seeing=False)
            self.invoke(callee.regions | arguments.regions(), Value(held | arguments.regions()))
            self.change_deep(frozenset(r for r in held if self.world.kinds[r] is Kind.ITERATOR))
            for region in held & self.world.paths.keys():
                self.perhaps(self.world.paths[region])
            return self.world.fresh(Kind.UNKNOWN, held | arguments.regions())
        return self.unknown_call([callee, *arguments.every()])

    def _own(self, code: Code, arguments: Arguments) -> Value:
        """Call a function or class of the notebook."""
        if isinstance(code.node, ast.ClassDef):
            return self.instantiate(code, arguments)
        made = self.call_code(code, arguments)
        if not CACHED & set(code.decorators):
            return made
        self.operators(Value(arguments.regions()))  # they are looked up
        self.world.hold(code.region, made.regions)  # the next call gives the same object
        kept = frozenset(r for r in self.world.holds[code.region] if r not in self.world.code)
        return joined([made, Value(kept)])

    def _named(self, callee: Value, arguments: Arguments) -> Value | None:
        """Call functions of libraries, out of a list, and methods that were handed on."""
        marks = self.world.bound.keys() & callee.regions
        if len(marks) == len(callee.regions) > 0:
            bound = [self.world.bound[mark] for mark in sorted(marks)]
            return joined([self.method(base, name, arguments) for base, name in bound])
        paths = [self.world.paths.get(region, "") for region in callee.regions]
        if paths and all(paths):
            return joined([self.apply(Value(path=path), arguments) for path in paths])
        return None

    def unknown_within(self, regions: Regions) -> bool:
        """Say whether something nobody knows, or that was told not to copy, can be reached from *regions*."""
        held = self.world.reach(regions, seeing=False)
        return any(self.world.kinds[r] is Kind.UNKNOWN for r in held) or self.world.flagged(held, "risky")

    # libraries -----------------------------------------------------------------------------------------------

    def library(self, callee: Value, arguments: Arguments) -> Value:
        """Call something of a library by its path."""
        path = callee.path
        root, name = path.partition(".")[0], path.rpartition(".")[2]
        self.note(path)
        if root == "builtins":
            own = self.world.modules.get(root) if path.count(".") > 1 else None  # put there by the notebook
            return (
                self.builtin(name, arguments)
                if own is None
                else self.unknown_call([Value(frozenset((own,))), *arguments.every()])
            )
        if root == "IPython":
            return self.kernel_call(path, arguments)
        if path == "importlib.import_module":
            return self._import(arguments)
        module = frozenset((self.world.module(root),))
        foreign = root not in lib.KNOWN or path.startswith("numpy.ctypeslib.")
        if foreign or self.world.flagged(module, "patched"):
            return self._stranger(root, name, [Value(module), Value(callee.regions)], arguments)
        self.effects(path, arguments)
        if lib.changes_arguments(path) or self.forced(arguments) or self._into(path, arguments):
            return self._by_force(path, arguments)
        if self.calls_unknown(name, arguments):
            self.unknown_call(arguments.every())
        named = self.names_in(arguments) if root == "statsmodels" or path in _EVALUATING else EMPTY
        self.consume_iterators(arguments)
        given = self.invoke(arguments.regions(), Value(self._handed_on(root, arguments)))
        made = self.shares(self._result(path, arguments), given)
        return joined([made, named]) if path in _EVALUATING else made

    @staticmethod
    def _into(path: str, arguments: Arguments) -> bool:
        root, name = path.partition(".")[0], path.rpartition(".")[2]
        if root == "scipy":
            return scipy_gives_into(path, len(arguments.values), arguments.keywords)
        return root == "numpy" and lib.gives_into(name, len(arguments.values))

    @staticmethod
    def _handed_on(root: str, arguments: Arguments) -> Regions:
        """Return what a known function may hand to the functions it was given; a scorer does not get the scorers."""
        given = {
            key: value for key, value in arguments.keywords.items() if (root, key) != ("sklearn", "scoring")
        }
        return Arguments(values=arguments.values, keywords=given).regions()

    def _stranger(self, root: str, name: str, own: list[Value], arguments: Arguments) -> Value:
        if name in {"manual_seed", "seed", "seed_everything", "set_seed"}:
            self.seeds_all(root)
        elif root == "torch" and root not in self.world.seeded:
            self.outside.add("random numbers without a seed (torch)")
        self.unknown_files(arguments)
        if root not in sys.stdlib_module_names and root not in _NO_FILES:
            self.any_file()
        self._of_process(root, arguments)
        return self.unknown_call([*own, *arguments.every()])

    def _of_process(self, root: str, arguments: Arguments) -> None:
        """Read what a library that is not followed otherwise is known to do to the process."""
        if root == "subprocess":
            self.any_file()
        if root in _PATCHING:
            self.keep()
        if root in _LINGERING:
            self.let_loose(arguments.regions())
        if root in _TEXTS_WITH_NAMES:
            self.names_in(arguments)

    def _by_force(self, path: str, arguments: Arguments) -> Value:
        """A known function that changes its arguments, now or (a model told not to copy) later."""
        kind, name = lib.result_kind(path), path.rpartition(".")[2]
        if kind is Kind.ESTIMATOR and name[:1].isupper():
            made = self.world.fresh(kind, arguments.regions())
            self.world.flag(made, "risky")
            if self.draws(name, arguments):
                self.world.flag(made, "draws")
            return made
        return self.unknown_call(arguments.every())

    def _result(self, path: str, arguments: Arguments) -> Value:
        root, name = path.partition(".")[0], path.rpartition(".")[2]
        kind = lib.result_kind(path)
        special = self._shared_generator(path, arguments) or self._special(path, arguments)
        if special is not None:
            return special
        if kind is None and path == "os.environ.copy":
            return self.world.fresh(Kind.CONTAINER)
        if kind is None:
            # A path is known by its last part; any other text is no longer the one it was made of.
            keeps = path.startswith(_PATHS) and arguments.values
            return Value(const=arguments.values[-1].const if keeps else None)
        if kind is Kind.PLOT:
            return self.plot(self.given(arguments))
        if name in lib.SPLITTING:
            made = (
                self.world.fresh(kind) if kind is not Kind.DATA else self.copied(Value(self.given(arguments)))
            )
            if name.startswith("load_"):
                self.world.flag(made, "bunch")  # a dictionary, whose copy holds the same arrays
            return Value(self.without_fields(made, path, arguments).regions, split=kind)
        made = self.without_fields(self._made(root, name, kind, arguments), path, arguments)
        return Value(made.regions, sure=True) if path.startswith(lib.GENERATORS) else made

    def _special(self, path: str, arguments: Arguments) -> Value | None:
        """Return what a few functions give that their library does not tell."""
        if path.startswith(("copy.", "json.")):
            return self._again(path, arguments)
        if path.startswith("gc.get_") and path.endswith(("objects", "referrers", "referents")):
            return self.anything()
        if path in {"decimal.getcontext", "decimal.localcontext"}:
            return Value(frozenset((self.world.module("decimal"),)), path="decimal.context")
        if path in {"operator.methodcaller", "collections.ChainMap", "decimal.Context"}:
            return self.world.fresh(Kind.UNKNOWN, self.given(arguments))
        if path in _IN_FILES or (
            path == "numpy.load" and "mmap_mode" in arguments.nodes
        ):  # what is put into it goes to its file
            place = next((value.const for value in arguments.values if value.const), None)
            self.read_file(place)
            return Value(self.world.fresh(_IN_FILES.get(path, Kind.DATA)).regions, const=place)
        return None

    def _again(self, path: str, arguments: Arguments) -> Value | None:
        """Return a copy, or what was read of a text."""
        if path.startswith("json."):
            return None if path.startswith("json.dump") else self._nested(self.given(arguments))
        return self._deep(arguments) if path == "copy.deepcopy" else self._shallow(arguments)

    def _shared_generator(self, path: str, arguments: Arguments) -> Value | None:
        """Return what scikit-learn makes of a seed: of None, of nothing and of itself the generator that all share."""
        if not path.startswith("sklearn.utils.") or not path.endswith(".check_random_state"):
            return None
        node = arguments.first or arguments.nodes.get("seed")
        given = next(iter(arguments.every()), EMPTY)
        if node is None or given.path == NUMPYS_OWN or self.constant(node) is None:
            return Value(path=NUMPYS_OWN)
        if given.sure:
            return Value(given.regions or self.world.fresh(Kind.ITERATOR).regions, sure=True)
        # Whose it is turns out when it is drawn from.
        made = self.world.fresh(Kind.UNKNOWN, given.regions)
        self.world.flag(made, "draws")
        return made

    def _made(self, root: str, name: str, kind: Kind, arguments: Arguments) -> Value:
        if kind is Kind.TRACKER:
            made = self.world.fresh({"load_model": Kind.ESTIMATOR, "load_data": Kind.DATA}.get(name, kind))
            if root == "logging":
                self.world.flag(made, "logs")
            return made
        if kind is Kind.DATA:  # a table or an array
            return self.tabled(root, name, arguments, self.not_called(name, self.given(arguments)))
        if root not in _HANDING_ON and (name in lib.NEW_FUNCTIONS or name.endswith(lib.NEW_ENDINGS)):
            return self.world.fresh(kind, self.shared_by(self.given(arguments)))
        held = [*self.given(arguments), *self._parts(kind, arguments)]
        if root in _HANDING_ON:
            held += [r for value in arguments.every() if value.path for r in self.world.placed(value)]
        made = self.world.fresh(kind, held)
        if root == "sklearn" and kind is Kind.ESTIMATOR and self.draws(name, arguments):
            self.world.flag(made, "draws")
        if name == "defaultdict":
            self.world.flag(made, "grows")
        return made

    def _parts(self, kind: Kind, arguments: Arguments) -> Regions:
        """A container made of another holds its elements."""
        if kind is not Kind.CONTAINER:
            return frozenset()
        parts = joined([EMPTY, *(self.elements(value) for value in arguments.every())])
        return parts.regions | self.elements(parts).regions  # OrderedDict takes pairs

    def _shallow(self, arguments: Arguments) -> Value:
        given = joined([*arguments.every()])
        if self.world.kinds_of(given) == {Kind.CONTAINER}:
            return self.world.fresh(Kind.CONTAINER, self.elements(given).regions)
        return self.world.fresh(Kind.UNKNOWN, given.regions) if given.regions else given

    def _deep(self, arguments: Arguments) -> Value:
        """Return a copy of all parts: it shares nothing with what it is of, but is of the same kinds and classes."""
        given = joined([*arguments.every(), EMPTY])
        kinds = {self.world.kinds[r] for r in self.world.reach(given.regions, seeing=False)}
        if not kinds:
            return EMPTY
        shared = self.shared_by(given.regions)  # pandas copies no object that lies in a table, however deep
        if kinds == {Kind.DATA}:
            return self.table(shared)
        if kinds == {Kind.CONTAINER}:
            return self._nested()
        return self.world.fresh(Kind.UNKNOWN, shared, given.regions)

    def _nested(self, held: Regions = frozenset()) -> Value:
        """Return a container whose elements are containers, too."""
        part = self.world.new(Kind.CONTAINER)
        self.world.hold(part, (part,))
        return self.world.fresh(Kind.CONTAINER, [part, *held])

    def plot(self, given: Regions) -> Value:
        """Return a picture of *given*; axes among them are drawn upon."""
        for library in _STYLED:
            if library in self.world.modules:
                self.touch(frozenset((self.world.modules[library],)))
        self.drawing = True
        self.write_state("figure")
        axes = frozenset(r for r in given if self.world.kinds[r] is Kind.PLOT)
        self.change_deep(axes)
        return self.world.fresh(Kind.PLOT, axes, given)

    def method(self, base: Value, name: str, arguments: Arguments) -> Value:
        """Call a method of an object."""
        raise NotImplementedError
