"""Calls: who is called, with what, and what a library function gives back."""

from __future__ import annotations

import ast

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.builtin_calls import BuiltinCalls
from jupyter_mlops.capture.functions import Arguments
from jupyter_mlops.capture.world import EMPTY, Kind, Regions, Value, joined

__all__ = ["Calls"]

_HANDING_ON = frozenset(
    {"itertools", "operator", "functools"}
)  # repeat, product, add: of whatever they are given
_STYLED = ("matplotlib", "seaborn", "plotly", "altair")
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
            return joined(
                self.instantiate(code, arguments)
                if isinstance(code.node, ast.ClassDef)
                else self.call_code(code, arguments)
                for code in codes
            )
        kinds = self.world.kinds_of(callee)
        if kinds in ({Kind.INSTANCE}, {Kind.PLOT}):  # colour maps are called
            return self.method(callee, "__call__", arguments)
        paths = [self.world.paths.get(region, "") for region in callee.regions]
        if paths and all(paths):  # functions of libraries, out of a list
            return joined([self.apply(Value(path=path), arguments) for path in paths])
        if kinds == {Kind.FUNCTION} and not self.unknown_within(callee.regions):
            # functools.partial of the notebook's own function
            held = self.world.reach(callee.regions, seeing=False)
            self.invoke(callee.regions, Value(held | arguments.regions()))
            return self.world.fresh(Kind.UNKNOWN, held | arguments.regions())
        return self.unknown_call([callee, *arguments.every()])

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
            return self.builtin(name, arguments)
        if root == "IPython":
            return self.kernel_call(path, arguments)
        if path == "importlib.import_module":
            return self._import(arguments)
        module = frozenset((self.world.module(root),))
        if root not in lib.KNOWN or self.world.flagged(module, "patched"):
            return self._stranger(root, name, [Value(module), Value(callee.regions)], arguments)
        self.effects(path, arguments)
        if lib.changes_arguments(path) or self.forced(arguments):
            return self._by_force(path, arguments)
        self.consume_iterators(arguments)
        self.invoke(arguments.regions(), Value(self._handed_on(root, arguments)))
        return self._result(path, arguments)

    @staticmethod
    def _handed_on(root: str, arguments: Arguments) -> Regions:
        """Return what a known function may hand to the functions it was given; a scorer does not get the scorers."""
        given = {
            key: value for key, value in arguments.keywords.items() if (root, key) != ("sklearn", "scoring")
        }
        return Arguments(values=arguments.values, keywords=given).regions()

    def _stranger(self, root: str, name: str, own: list[Value], arguments: Arguments) -> Value:
        if name in {"manual_seed", "seed", "seed_everything", "set_seed"}:
            self.seed(root, given=True)
        elif root == "torch" and root not in self.world.seeded:
            self.outside.add("random numbers without a seed (torch)")
        self.unknown_files(arguments)
        return self.unknown_call([*own, *arguments.every()])

    def _by_force(self, path: str, arguments: Arguments) -> Value:
        """A known function that changes its arguments, now or (a model told not to copy) later."""
        kind = lib.result_kind(path)
        if kind is Kind.ESTIMATOR and path.rpartition(".")[2][:1].isupper():
            made = self.world.fresh(kind, arguments.regions())
            self.world.flag(made, "risky")
            return made
        return self.unknown_call(arguments.every())

    def _result(self, path: str, arguments: Arguments) -> Value:
        root, name = path.partition(".")[0], path.rpartition(".")[2]
        kind = lib.result_kind(path)
        if kind is None:
            # A path is known by its last part; any other text is no longer the one it was made of.
            keeps = path.startswith(_PATHS) and arguments.values
            return Value(const=arguments.values[-1].const if keeps else None)
        if path in {"copy.copy", "copy.replace"}:
            return self._shallow(arguments)
        if kind is Kind.PLOT:
            return self.plot(self.given(arguments))
        if name in lib.SPLITTING:
            return Value(self.world.fresh(kind).regions, split=kind)
        return self._made(root, name, kind, arguments)

    def _made(self, root: str, name: str, kind: Kind, arguments: Arguments) -> Value:
        if kind is Kind.TRACKER:
            return self.world.fresh({"load_model": Kind.ESTIMATOR, "load_data": Kind.DATA}.get(name, kind))
        if root not in _HANDING_ON and (name in lib.NEW_FUNCTIONS or name.endswith(lib.NEW_ENDINGS)):
            return self.world.fresh(kind)
        made = self.world.fresh(kind, [*self.given(arguments), *self._parts(kind, arguments)])
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

    def plot(self, given: Regions) -> Value:
        """Return a picture of *given*; axes among them are drawn upon."""
        for library in _STYLED:
            if library in self.world.modules:
                self.touch(frozenset((self.world.modules[library],)))
        axes = frozenset(r for r in given if self.world.kinds[r] is Kind.PLOT)
        self.change_deep(axes)
        return self.world.fresh(Kind.PLOT, axes, given)

    def method(self, base: Value, name: str, arguments: Arguments) -> Value:
        """Call a method of an object."""
        raise NotImplementedError
