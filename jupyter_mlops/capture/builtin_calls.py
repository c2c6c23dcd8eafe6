"""Calls of Python's builtins, of the shell and of magics."""

from __future__ import annotations

import ast
import re

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.arguments import Arguments
from jupyter_mlops.capture.effects import Effects
from jupyter_mlops.capture.secrets import mask_secrets
from jupyter_mlops.capture.syntax import MAGIC, SHELL
from jupyter_mlops.capture.world import EMPTY, SURE, Kind, Regions, Value, joined

__all__ = ["BuiltinCalls"]

# Only look at the machine; nothing a later cell could read is written.
_HARMLESS = re.compile(
    r"^\s*(?:ls|pwd|cat|head|tail|wc|which|whoami|hostname|date|df|du|free|nproc|lscpu|nvidia-smi|uname|file|tree|env|"
    r"git (?:log|status|diff|show|branch|rev-parse)|pip3? (?:list|show|freeze)|conda list|python3? (?:-V|--version))\b[^>|;&]*$"
)
_FILTER = re.compile(r"^\s*(?:grep|head|tail|wc|sort|uniq|cut)\b[^>|;&]*$")
_PACKAGES = frozenset({"pip", "conda", "mamba", "uv", "micromamba"})
_AMBIENT = frozenset(
    {"env", "set_env", "cd", "pushd", "popd", "autoreload", "aimport", "dotenv", "load_ext", "reload_ext"}
)
# iter(f, stop) calls f; with that many arguments an iterator gives something else than the elements.
_SENTINEL = {"iter": 2, "zip": -1, "enumerate": -1, "reversed": -1}
_OURS = frozenset({"timeit", "capture", "mlops"})


def _special(method: str) -> bool:
    return method[:2] == "__" and method not in {"__init__", "__del__"}


class BuiltinCalls(Effects):
    """What needs no import."""

    def builtin(self, name: str, arguments: Arguments) -> Value:
        """Call a builtin."""
        special = {
            "setattr": self._set_attribute, "delattr": self._set_attribute, "getattr": self._get_attribute,
            "vars": self._vars, "next": self._next, "anext": self._next, "open": self._open, "super": self._super,
            "exec": self._exec, "eval": self._exec, "__import__": self._import, "hasattr": self._has,
        }.get(name)  # fmt: skip
        if special is not None:
            return special(arguments)
        if name in lib.OPAQUE:
            return self._opaque()
        if name == "type" and len(arguments.values) == 1:
            return self.class_of(arguments.values[0])
        if name == "dir" and not arguments.every():
            self.everything = True  # which names there are rests on every cell
            return self.world.fresh(Kind.CONTAINER)
        if self.dangerous(arguments) or self._unknown_key(name, arguments):
            return self.unknown_call(arguments.every())
        self._asked(name, arguments)
        return self._result_of_builtin(name, arguments)

    def _asked(self, name: str, arguments: Arguments) -> None:
        """Read what a builtin asks of its arguments by their special methods."""
        if name in lib.ITERATING:
            for value in arguments.every():
                self.consume(value)
        if name == "print" and "file" in arguments.keywords:
            self.consume_iterators(arguments)
            self.invoke(arguments.keywords["file"].regions, Value(arguments.regions()))
        self.invoke(arguments.regions(), Value(arguments.regions()), _special)
        for value in arguments.every():
            if Kind.CLASS in self.world.kinds_of(value):
                self.protocol(value, _special)

    def _unknown_key(self, name: str, arguments: Arguments) -> bool:
        """Say whether a builtin calls something that nobody knows."""
        first = (
            arguments.values[:1] if name in {"map", "filter", "iter"} and len(arguments.values) > 1 else []
        )
        called = [*first, *(v for k, v in arguments.keywords.items() if k in {"key", "default_factory"})]
        return any(self.world.kinds_of(value) & {Kind.UNKNOWN, Kind.PLOT} for value in called)

    def _has(self, arguments: Arguments) -> Value:
        for value in arguments.values[:1]:
            if not value.path:
                self.attribute(value, (arguments.values[1].const if len(arguments.values) > 1 else "") or "")
        return EMPTY

    def _result_of_builtin(self, name: str, arguments: Arguments) -> Value:
        if name in lib.PLAIN:
            return SURE if name in lib.NUMBERS else EMPTY
        parts = [self.elements(value) for value in arguments.values]
        if name in {"abs", "round", "pow", "divmod", "sum"}:
            return self.operate([*arguments.every(), *parts, EMPTY])
        inside = joined([*parts, *arguments.keywords.values(), EMPTY]).regions
        if name in {"max", "min"} and len(arguments.values) > 1:
            inside |= arguments.regions()
        functions = [r for r in arguments.regions() if self._may_be_called(r)]
        self.invoke(frozenset(functions), Value(inside))
        if name in {"max", "min"}:
            return Value(inside)
        return self._gathered(name, inside, arguments)

    def _may_be_called(self, region: int) -> bool:
        return self.world.kinds[region] in {Kind.FUNCTION, Kind.CLASS} or region in self.world.cells.within

    def _gathered(self, name: str, inside: Regions, arguments: Arguments) -> Value:
        if name in {"zip", "enumerate"}:
            inside = self.pairs(inside)
        elif name == "dict":
            inside |= self.elements(Value(inside)).regions  # of a list of pairs
        if name in lib.MAKES_CONTAINER:
            made = self.world.fresh(Kind.CONTAINER, inside)
            if name in {"dict", "set", "frozenset"}:
                self.world.flag(made, "no list")
            return made
        if name in lib.MAKES_ITERATOR:
            made = self.world.fresh(Kind.ITERATOR, [*inside, *arguments.regions()])
            if name in _SENTINEL and len(arguments.values) != _SENTINEL[name]:
                self.world.gives.update(dict.fromkeys(made.regions, inside))
            return made
        if name[:1].isupper() or name in {"staticmethod", "classmethod", "property", "memoryview"}:
            return self.world.fresh(Kind.UNKNOWN, arguments.regions())
        return self.unknown_call(arguments.every())

    def _opaque(self) -> Value:
        self.become_opaque()
        return Value(frozenset((self.world.old,)))

    def _exec(self, arguments: Arguments) -> Value:
        text = arguments.text()
        if text is None or len(arguments.every()) != 1:
            return self._opaque()
        try:
            tree = ast.parse(text.strip())
        except (SyntaxError, ValueError):
            return EMPTY
        last = tree.body[-1] if tree.body else None
        self.run(tree.body[:-1] if isinstance(last, ast.Expr) else tree.body)
        return self.value_of(last.value) if isinstance(last, ast.Expr) else EMPTY

    def _import(self, arguments: Arguments) -> Value:
        text = arguments.text()
        return self._opaque() if text is None else self.unimported(text)

    def _set_attribute(self, arguments: Arguments) -> Value:
        if arguments.values:
            name = arguments.values[1].const if len(arguments.values) > 1 else None
            self.store(arguments.values[0], joined([*arguments.values[1:], EMPTY]), name or "")
        return EMPTY

    def _get_attribute(self, arguments: Arguments) -> Value:
        if len(arguments.values) < 2:  # noqa: PLR2004 - an object and a name
            return self.unknown_call(arguments.every())
        base, name = arguments.values[0], arguments.values[1].const
        if base.path:
            found = self.named(base, name)
            return found if len(arguments.values) == 2 else self.unknown_call([found, *arguments.values[2:]])  # noqa: PLR2004
        return joined([self.attribute(base, name or ""), *arguments.values[2:]])

    def _vars(self, arguments: Arguments) -> Value:
        return self.attribute(arguments.values[0], "__dict__") if arguments.values else self._opaque()

    def _next(self, arguments: Arguments) -> Value:
        for value in arguments.values[:1]:
            self.change_deep(value.regions)
            self.invoke(value.regions, value)
        return joined([*(self.elements(value) for value in arguments.values), *arguments.values, EMPTY])

    def _open(self, arguments: Arguments) -> Value:
        self.file_effects("open", None, arguments)
        self.invoke(arguments.regions(), Value(arguments.regions()))  # an opener
        return Value(self.world.fresh(Kind.ITERATOR).regions, const=arguments.text())

    def _super(self, arguments: Arguments) -> Value:
        frames = [frame for frame in self.frames if not frame.comprehension]
        own = next(iter(frames[-1].values.values()), EMPTY) if frames else EMPTY
        # What scikit-learn's own classes do to a model of the notebook derived from them, they do to any model.
        kind = Kind.ESTIMATOR if own.regions and self._models(own.regions) else Kind.UNKNOWN
        return self.world.fresh(kind, own.regions | arguments.regions())

    def _models(self, regions: Regions) -> bool:
        for region in regions:
            classes = self.world.classes.get(region, EMPTY).regions
            codes = [self.world.code[c] for c in classes if c in self.world.code]
            bases = [base for code in codes for base in code.bases]
            if not bases or not all(base.path.startswith("sklearn.") for base in bases):
                return False
        return True

    # the shell and magics --------------------------------------------------------------------------------------

    def kernel_call(self, path: str, arguments: Arguments) -> Value:
        """Call something of IPython, or one of the calls that stand for its own syntax."""
        name, text = path.rpartition(".")[2], arguments.text()
        if name == SHELL:
            self._command(text or "")
            return self.world.fresh(Kind.CONTAINER)
        if name == MAGIC:
            rest = arguments.values[1].const if len(arguments.values) > 1 else ""
            return self.world.fresh(Kind.UNKNOWN) if text is None else self._magic(text, rest or "")
        if path.startswith(("IPython.display", "IPython.name", "IPython.exit", "IPython.quit")):
            for value in arguments.every():
                self.told(value)
            return EMPTY
        return self._opaque()

    def _command(self, command: str) -> None:
        if all(_HARMLESS.match(part) or _FILTER.match(part) for part in command.split("|")):
            self.read_file(None)  # what it shows may have been made by a cell
            return
        words = command.split()
        # Masked as the line that it was, and before it is cut: half an address hides its password from whoever looks.
        said = mask_secrets(f"!{' '.join(words)}").text[1:]
        self.outside.add(f"the shell: {said[:60]}")
        if any(word in _PACKAGES for word in words[:3]):
            self.keep(command)
        else:
            self.read_file(None)
            self.write_file(None)

    def _magic(self, name: str, rest: str) -> Value:
        if name in _OURS or (name in {"load_ext", "reload_ext"} and "mlops" in rest):
            return self.world.fresh(Kind.UNKNOWN)
        if name in _PACKAGES:
            self._command(f"{name} {rest}")
            return EMPTY
        said = "environment variables" if "env" in name else mask_secrets(f"%{name} {rest}".strip()).text[:60]
        self.outside.add(said)
        if name in {"writefile", "file"}:
            words = [word for word in rest.split() if word != "-a"]
            self.write_file(words[-1] if words else None)
        elif name in _AMBIENT:
            self.keep(f"%{name} {rest}")
        else:
            return self._opaque()
        return EMPTY
