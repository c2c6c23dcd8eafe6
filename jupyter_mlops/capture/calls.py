"""Calls: what a library function, a builtin, a method or an unknown thing does to what it is given."""

from __future__ import annotations

import ast
import re

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.functions import Arguments, Functions
from jupyter_mlops.capture.world import EMPTY, Kind, Regions, Value, joined

__all__ = ["Calls"]

_FITTING = frozenset({"fit", "partial_fit", "set_params", "set_output", "fit_transform", "fit_predict"})
_LAZY = frozenset({"groupby", "rolling", "expanding", "ewm", "resample", "lazy", "group_by"})
# Only look at the machine; nothing a later cell could read is written.
_HARMLESS = re.compile(
    r"^\s*(?:ls|pwd|cat|head|tail|wc|which|whoami|hostname|date|df|du|free|nproc|lscpu|nvidia-smi|uname|file|tree|env|"
    r"git (?:log|status|diff|show|branch|rev-parse)|pip3? (?:list|show|freeze)|conda list|python3? (?:-V|--version))\b[^>|;&]*$"
)
_PACKAGES = frozenset({"pip", "conda", "mamba", "uv", "micromamba"})
_AMBIENT = frozenset(
    {"env", "set_env", "cd", "pushd", "popd", "autoreload", "aimport", "dotenv", "load_ext", "reload_ext"}
)


class Calls(Functions):
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
            name = keyword.arg or f"**{i}"
            value = self.value_of(keyword.value)
            if keyword.arg is None:
                found.spread = True
                found.spread_keywords = found.spread_keywords or not self._safe_keys(value)
                value = self.elements(value)
            found.keywords[name] = value
            found.nodes[name] = keyword.value
        return found

    def _safe_keys(self, value: Value) -> bool:
        return bool(value.regions) and all(self.world.flagged((r,), "safe keys") for r in value.regions)

    def apply(self, callee: Value, arguments: Arguments) -> Value:
        """Call *callee*."""
        if callee.path:
            return self.library(callee, arguments)
        codes = [self.world.code.get(region) for region in callee.regions]
        if codes and all(code is not None for code in codes):
            return joined(
                self.instantiate(code, arguments)
                if isinstance(code.node, ast.ClassDef)
                else self.call_code(code, arguments)
                for code in codes
                if code is not None
            )
        kinds = self.world.kinds_of(callee)
        if kinds == {Kind.INSTANCE}:
            return self.method(callee, "__call__", arguments)
        if kinds == {Kind.FUNCTION} and not self._unknown_within(callee.regions):
            # functools.partial of the notebook's own function
            held = self.world.reach(callee.regions, seeing=False)
            self.invoke(callee.regions, Value(held | arguments.regions()))
            return self.world.fresh(Kind.UNKNOWN, [*held, *arguments.regions()])
        return self.unknown_call([callee, *arguments.every()])

    def _unknown_within(self, regions: Regions) -> bool:
        held = self.world.reach(regions, seeing=False)
        return any(self.world.kinds[r] is Kind.UNKNOWN for r in held) or self.world.flagged(held, "risky")

    # libraries -----------------------------------------------------------------------------------------------

    def library(self, callee: Value, arguments: Arguments) -> Value:
        """Call something of a library by its path."""
        path = callee.path
        root, name = path.partition(".")[0], path.rpartition(".")[2]
        self._note(path)
        if root == "builtins":
            return self.builtin(name, arguments)
        if root == "IPython":
            return self._shell(name, arguments)
        module = frozenset((self.world.module(root),))
        if root not in lib.KNOWN or self.world.flagged(module, "patched"):
            if name not in {"manual_seed", "seed"}:
                self.outside.update(
                    f"random numbers without a seed ({root})"
                    for _ in range(root == "torch" and not self._seeded(root))
                )
            else:
                self.seed(root, given=True)
            return self.unknown_call([Value(module), Value(callee.regions), *arguments.every()])
        self._effects(path, root, name, arguments)
        if lib.changes_arguments(path) or self._risky(arguments) or self._dangerous(arguments):
            return self._by_force(path, arguments)
        self._consume_iterators(arguments)
        self.invoke(arguments.regions(), Value(arguments.regions()))
        return self._result(path, root, name, arguments)

    def _seeded(self, root: str) -> bool:
        return root in self.world.seeded

    def _by_force(self, path: str, arguments: Arguments) -> Value:
        """A known function that changes its arguments, now or (a model told not to copy) later."""
        kind = lib.result_kind(path)
        if kind is Kind.ESTIMATOR and path.rpartition(".")[2][:1].isupper():
            made = self.world.fresh(kind, arguments.regions())
            self.world.flag(made, "risky")
            return made
        return self.unknown_call(arguments.every())

    def _result(self, path: str, root: str, name: str, arguments: Arguments) -> Value:
        kind, given = lib.result_kind(path), self._given(arguments)
        if kind is None:
            wrapping = root in {
                "typing",
                "dataclasses",
                "contextlib",
                "inspect",
                "abc",
                "types",
                "logging",
                "warnings",
            }
            return Value(given) if wrapping else Value(const=self._last_text(arguments))
        if name in lib.SPLITTING:
            return Value(self.world.fresh(kind).regions, split=kind)
        if name in lib.NEW_FUNCTIONS or path.startswith("sklearn.metrics.") or kind is Kind.TRACKER:
            return self.world.fresh(self._tracked_kind(path, kind))
        if kind is Kind.PLOT:
            return self._plot(given)
        made = self.world.fresh(kind, given)
        if kind is Kind.ESTIMATOR and root == "sklearn" and self._draws(name, arguments):
            self.world.flag(made, "draws")
        if name == "defaultdict":
            self.world.flag(made, "grows")
        return made

    @staticmethod
    def _tracked_kind(path: str, kind: Kind) -> Kind:
        name = path.rpartition(".")[2]
        return {"load_model": Kind.ESTIMATOR, "load_data": Kind.DATA}.get(name, kind)

    @staticmethod
    def _last_text(arguments: Arguments) -> str | None:
        return arguments.values[-1].const if arguments.values else None

    def _given(self, arguments: Arguments) -> Regions:
        return frozenset(
            r
            for value in arguments.every()
            if value.path.partition(".")[0] not in lib.KNOWN
            for r in value.regions
        )

    def _plot(self, given: Regions) -> Value:
        for library in ("matplotlib", "seaborn", "plotly", "altair"):  # the style that was set
            if library in self.world.modules:
                self.touch(frozenset((self.world.modules[library],)))
        axes = frozenset(r for r in given if self.world.kinds[r] is Kind.PLOT)
        self.change_deep(axes)
        return self.world.fresh(Kind.PLOT, axes, given)

    def _draws(self, name: str, arguments: Arguments) -> bool:
        if "random_state" in arguments.nodes:
            return self.constant(arguments.nodes["random_state"]) is None
        if "shuffle" in arguments.nodes and name.endswith("Fold"):
            return self.constant(arguments.nodes["shuffle"]) is not False
        return name not in lib.DETERMINISTIC

    def _risky(self, arguments: Arguments) -> bool:
        if arguments.spread_keywords:
            return True
        for name, safe in lib.RISKY_KEYWORDS.items():
            if name in arguments.nodes and self.constant(arguments.nodes[name]) not in safe:
                return True
        return False

    def _dangerous(self, arguments: Arguments) -> bool:
        """Say whether a function that nobody knows, or that changes things, is handed over to be called."""
        for value in arguments.every():
            root = value.path.partition(".")[0]
            if root == "builtins" and value.path.rpartition(".")[2] in lib.OPAQUE | {
                "setattr",
                "delattr",
                "next",
            }:
                return True
            if value.path and root not in {*lib.KNOWN, "builtins"}:
                return True
            if value.path and lib.changes_arguments(value.path):
                return True
        return False

    def _consume_iterators(self, arguments: Arguments) -> None:
        for value in arguments.every():
            if Kind.ITERATOR in self.world.kinds_of(value):
                self.consume(value)

    def _note(self, path: str) -> None:
        for prefix, note in lib.OUTSIDE:
            if path == prefix or path.startswith(prefix if prefix[-1] in "._d" else f"{prefix}."):
                self.outside.add(note)

    def _effects(self, path: str, root: str, name: str, arguments: Arguments) -> None:
        """What a known function does beyond the namespace."""
        if path.startswith(
            ("os.environ", "os.putenv", "os.chdir", "sys.path", "os.unsetenv")
        ) and name not in {"get", "copy", "keys", "items"}:
            self.keep(f"{path} {self._last_text(arguments)}")
        if any(part in lib.SETTING for part in path.split(".")[1:]) and not path.endswith(
            ("get_option", "get_config")
        ):
            if not self._only_display(arguments):
                self.set_up(root, f"{path} {self._last_text(arguments)}")
        self.file_effects(name, None, arguments)
        self._random(path, root, name, arguments)
        if path.startswith(("subprocess", "os.system", "os.popen")):
            self.write_file(None)
        if path == "importlib.reload":
            self.change(arguments.regions())
            self.keep()

    def set_up(self, root: str, what: str) -> None:
        """Change how a library works from here on: its objects follow wherever they are."""
        self.change((self.world.module(root),))
        if lib.KNOWN.get(root) is not Kind.PLOT:
            self.keep(what)

    @staticmethod
    def _only_display(arguments: Arguments) -> bool:
        first = arguments.values[0].const if arguments.values else None
        return first is not None and first.startswith(("display", "plotting", "max_"))

    def file_effects(self, name: str, own: str | None, arguments: Arguments) -> None:
        """Read or write the file that a call names, by its method's or function's name."""
        reading, writing = name in lib.FILE_READERS, name in lib.FILE_WRITERS
        if not reading and not writing:
            return
        texts = [value.const for value in arguments.every() if value.const is not None]
        place = own or next((text for text in texts if "." in text or "/" in text), None)
        mode = next((text for text in texts if text != place and len(text) <= 3), "")  # noqa: PLR2004  "rb+"
        if name == "open" and set(mode) & set("wax+"):
            reading, writing = "r" in mode or "+" in mode, True
        if reading:
            self.read_file(place)
        if writing:
            self.write_file(place)

    def _random(self, path: str, root: str, name: str, arguments: Arguments) -> None:
        given = bool(arguments.every()) and self.constant(arguments.first) is not None
        if path in {"numpy.random.seed", "random.seed"}:
            self.seed(root, given=given)
        elif path.startswith(("numpy.random.default_rng", "numpy.random.RandomState", "random.Random")):
            if not given:
                self.outside.add(f"random numbers without a seed ({root})")
        elif path.startswith("numpy.random.") or (root == "random" and name not in {"SystemRandom"}):
            self.draw(root)
        elif (
            root == "sklearn"
            and not name[:1].isupper()
            and not path.startswith(("sklearn.metrics", "sklearn.utils.valid"))
        ):
            if self._draws(name, arguments) or self._holds_drawing(arguments.regions()):
                self.draw("numpy")
        elif root == "scipy" and name in {"rvs", "random"} and "random_state" not in arguments.nodes:
            self.draw("numpy")

    def _holds_drawing(self, regions: Regions) -> bool:
        return self.world.flagged(self.world.reach(regions, seeing=False), "draws")

    # builtins and the shell ----------------------------------------------------------------------------------

    def builtin(self, name: str, arguments: Arguments) -> Value:
        """Call a builtin."""
        if name in lib.OPAQUE:
            return self._opaque_builtin(name, arguments)
        special = {
            "setattr": self._set_attribute, "delattr": self._set_attribute, "getattr": self._first, "vars": self._vars,
            "next": self._next, "anext": self._next, "open": self._open, "super": self._super, "input": lambda _: EMPTY,
        }.get(name)  # fmt: skip
        if special is not None:
            return special(arguments)
        if self._dangerous(arguments):
            return self.unknown_call(arguments.every())
        if name in lib.ITERATING:
            for value in arguments.every():
                self.consume(value)
        self.invoke(
            arguments.regions(),
            Value(arguments.regions()),
            lambda method: method[:2] == "__" and method != "__init__",
        )
        if name in lib.PLAIN or name in {"sum", "any", "all"} or name[:1].isupper():
            return EMPTY
        return self._gathered(name, arguments)

    def _gathered(self, name: str, arguments: Arguments) -> Value:
        parts = [*(self.elements(value) for value in arguments.values), *arguments.keywords.values()]
        inside = joined(parts or [EMPTY]).regions
        functions = [
            r for value in arguments.every() for r in value.regions if self.world.kinds[r] is Kind.FUNCTION
        ]
        if name in {"max", "min"}:
            inside |= arguments.regions() if len(arguments.values) > 1 else frozenset()
            self.invoke(frozenset(functions), Value(inside))
            return Value(inside)
        if name in lib.MAKES_CONTAINER:
            self.invoke(frozenset(functions), Value(inside))
            return self.world.fresh(Kind.CONTAINER, inside)
        if name in lib.MAKES_ITERATOR:
            self.invoke(frozenset(functions), Value(inside))
            return self.world.fresh(Kind.ITERATOR, [*inside, *arguments.regions()])
        return self.unknown_call(arguments.every())

    def _opaque_builtin(self, name: str, arguments: Arguments) -> Value:
        text = arguments.values[0].const if arguments.values else None
        if name in {"exec", "eval"} and text is not None and len(arguments.every()) == 1:
            try:
                tree = ast.parse(text)
            except (SyntaxError, ValueError):
                return EMPTY
            self.run(tree.body)
            last = tree.body[-1] if tree.body else None
            return self.value_of(last.value) if name == "eval" and isinstance(last, ast.Expr) else EMPTY
        if name == "compile" or name == "breakpoint":
            return EMPTY
        if name == "__import__" and text is not None:
            return Value(frozenset((self.world.module(text.partition(".")[0]),)), path=text)
        self.become_opaque()
        return Value(frozenset((self.world.old,)))

    def _set_attribute(self, arguments: Arguments) -> Value:
        if arguments.values:
            target = arguments.values[0]
            self.store(target, joined([*arguments.values[1:], EMPTY]))
        return EMPTY

    def _first(self, arguments: Arguments) -> Value:
        if not arguments.values or arguments.values[0].path:
            return self.unknown_call(arguments.every())
        return Value(
            frozenset[int]().union(arguments.values[0].regions, *(v.regions for v in arguments.values[2:]))
        )

    def _vars(self, arguments: Arguments) -> Value:
        return self._first(arguments) if arguments.values else self._opaque_builtin("globals", arguments)

    def _next(self, arguments: Arguments) -> Value:
        for value in arguments.values[:1]:
            self.change_deep(value.regions)
            self.invoke(value.regions, value)
        return joined([self.elements(value) for value in arguments.values] or [EMPTY])

    def _open(self, arguments: Arguments) -> Value:
        self.file_effects("open", None, arguments)
        return self.world.fresh(Kind.ITERATOR)

    def _super(self, arguments: Arguments) -> Value:
        frames = [frame for frame in self.frames if not frame.comprehension]
        own = next(iter(frames[-1].values.values()), EMPTY) if frames else EMPTY
        return self.world.fresh(Kind.UNKNOWN, own.regions)

    def _shell(self, name: str, arguments: Arguments) -> Value:
        text = arguments.values[0].const if arguments.values else None
        if name == "__shell__":
            return self._command(text or "")
        if name == "__magic__" and text is not None:
            rest = arguments.values[1].const if len(arguments.values) > 1 else ""
            return self._magic(text, rest or "")
        return EMPTY

    def _command(self, command: str) -> Value:
        if _HARMLESS.match(command):
            return EMPTY
        words = command.split()
        self.outside.add(f"the shell: {' '.join(words)[:60]}")
        if any(word in _PACKAGES for word in words[:3]):
            self.keep(command)
        else:
            self.read_file(None)
            self.write_file(None)
        return EMPTY

    def _magic(self, name: str, rest: str) -> Value:
        if name in {"timeit", "capture"} or (name in {"load_ext", "reload_ext"} and "mlops" in rest):
            return EMPTY
        if name in _PACKAGES:
            return self._command(f"{name} {rest}")
        self.outside.add("environment variables" if "env" in name else f"%{name} {rest}".strip()[:60])
        if name in {"writefile", "file"}:
            words = [word for word in rest.split() if word != "-a"]
            self.write_file(words[-1] if words else None)
        elif name in _AMBIENT:
            self.keep(f"%{name} {rest}")
        else:
            self.become_opaque()
            return Value(frozenset((self.world.old,)))
        return EMPTY

    # given by expressions ------------------------------------------------------------------------------------

    def method(self, base: Value, name: str, arguments: Arguments) -> Value:
        """Call a method of an object."""
        raise NotImplementedError

    def elements(self, value: Value) -> Value:
        """Return what comes out of *value* by iterating or by a key."""
        raise NotImplementedError

    def consume(self, value: Value) -> None:
        """Iterate over *value*."""
        raise NotImplementedError

    def store(self, base: Value, value: Value) -> None:
        """Put *value* into *base*."""
        raise NotImplementedError
