"""What a call does beyond its result: files, random generators, settings, the world outside; and what makes it risky."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.arguments import Arguments
from jupyter_mlops.capture.chance import Chance
from jupyter_mlops.capture.world import EMPTY, Kind, Regions, Value, joined

__all__ = ["Effects"]

_WORD = re.compile(r"[^\W\d]\w*")
_FILTERS = frozenset({"warnings.filterwarnings", "warnings.simplefilter"})
# They hand on what is logged and keep nothing of it.
_LOGGING = frozenset(
    {
        "debug",
        "info",
        "warning",
        "warn",
        "error",
        "critical",
        "fatal",
        "exception",
        "log",
        "getLogger",
        "setLevel",
        "Formatter",
    }
)
# Colour maps and themes: they are drawn with, not called.
_DRAWN = frozenset({"matplotlib", "seaborn", "plotly", "altair", "bokeh"})


@lru_cache(maxsize=1024)
def _outside(path: str) -> frozenset[str]:
    return frozenset(
        note
        for prefix, note in lib.OUTSIDE
        if path == prefix or path.startswith(prefix if prefix[-1] in "._d" else f"{prefix}.")
    )


class Effects(Chance):
    """Effects of calls of known functions."""

    def note(self, path: str) -> None:
        """List the part of the world outside that the thing at *path* belongs to."""
        self.outside |= _outside(path)

    def effects(self, path: str, arguments: Arguments) -> None:
        """Read what a known function does beyond the namespace."""
        root, name = path.partition(".")[0], path.rpartition(".")[2]
        self._process(path, root, name, arguments)
        if path.startswith("matplotlib.pyplot."):
            self._figure(name)
        self.file_effects(name, None, arguments)
        self.moves(root, name, arguments)
        self.chances(path, root, name, arguments)
        if path == "importlib.reload":
            self.change(arguments.regions())
            self.keep()

    def _process(self, path: str, root: str, name: str, arguments: Arguments) -> None:
        """Read what a known function sets for the whole process."""
        said = f"{path} {arguments.text()}"
        if path.startswith(lib.AMBIENT_PATHS) and name not in lib.LOOKING:
            self.keep(said)
        if path in _FILTERS and (arguments.text() in {"error", None} or self._raises_warnings()):
            self.keep(said)
        if path.startswith(("pandas.api.", "polars.api.")) and "register" in name:
            self.keep(said)
        if self._registers(path, root, name):
            self.let_loose(self.given(arguments))
        if self._sets_up(path, name) and not self._only_display(arguments):
            self.set_up(root, said)

    def _raises_warnings(self) -> bool:
        """Say whether warnings may be errors by now: then whoever takes that back counts, too."""
        return any(said.startswith("warnings.") for said in self.world.kept)

    def logs(self, base: Value, name: str, arguments: Arguments) -> None:
        """Call a method of a logger or handler: it keeps what it is given, unless it only hands it on."""
        if name not in _LOGGING or name == "setLevel":
            self.change(base.regions)
            self.let_loose(self.given(arguments))
            if self.world.loose:
                self.keep()
        for value in arguments.every():
            self.told(value)

    @staticmethod
    def _registers(path: str, root: str, name: str) -> bool:
        """Say whether what is given to a function stays with the process: a handler, a trace, a hook in a list."""
        if root == "logging":
            return name not in _LOGGING
        return path.startswith(("sys.set", "sys.addaudithook")) or (
            name in lib.CONTAINER_CHANGING and path.count(".") > 1 and lib.KNOWN.get(root) is None
        )

    @staticmethod
    def _sets_up(path: str, name: str) -> bool:
        parts = path.split(".")
        if name in {"get_option", "get_config", "describe_option"}:
            return False
        # sys.modules.pop(...), some.registry.append(...): a library's own list is changed.
        own_list = name in lib.CONTAINER_CHANGING and path.count(".") > 1
        return own_list or any(part in lib.SETTING for part in parts[1:])

    @staticmethod
    def _only_display(arguments: Arguments) -> bool:
        return (arguments.text() or "").startswith(("display", "plotting", "max_"))

    def _figure(self, name: str) -> None:
        """A figure that one cell began, another may go on with or save."""
        if name in lib.GOES_ON and not self.drawing:
            self.read_state("figure")
        if name not in {"show", "close"}:
            self.drawing = True
            self.write_state("figure")

    def names_in(self, arguments: Arguments) -> Value:
        """Read the names of the session that stand in a text which a library runs as code; return what they stand for."""
        texts = [text for value in arguments.every() if (text := value.const) is not None]
        if isinstance(arguments.first, ast.JoinedStr):
            texts += self._texts_in(arguments.first)
        elif self._computes_text(arguments):
            self.everything = True  # it may name anything
        words = sorted({word for text in texts for word in _WORD.findall(text)})
        known = [w for w in words if w in self.world.names or any(w in frame.values for frame in self.frames)]
        found = [EMPTY, *map(self.load, known)]
        return Value(joined(found).regions)

    def _texts_in(self, text: ast.JoinedStr) -> list[str]:
        parts = [said for part in ast.walk(text) if isinstance(said := self.constant(part), str)]
        pieces = (part.value for part in text.values if isinstance(part, ast.FormattedValue))
        return parts + [said for piece in pieces if (said := self.value_of(piece).const) is not None]

    def _computes_text(self, arguments: Arguments) -> bool:
        """Say whether a text that is run as code is made when it is run: nobody knows what stands in it."""
        if arguments.spread or arguments.spread_keywords:
            return True
        given = arguments.keywords.get("expr") or arguments.keywords.get("formula")
        if given is not None:
            return given.const is None
        return arguments.first is not None and arguments.text() is None

    # what makes a call risky -----------------------------------------------------------------------------------

    def forced(self, arguments: Arguments) -> bool:
        """Say whether a known call was told to work in the given memory, or to call something nobody knows."""
        return self._told(arguments) or self.dangerous(arguments)

    def _told(self, arguments: Arguments) -> bool:
        if arguments.spread_keywords:
            return True
        for name, safe in lib.RISKY_KEYWORDS.items():
            if name in arguments.nodes and self.constant(arguments.nodes[name]) not in safe:
                return True
        return False

    def dangerous(self, arguments: Arguments) -> bool:
        """Say whether a function that nobody knows, or that changes things, is handed over to be called."""
        found = False
        for value in arguments.every():
            found = bool(value.path and self._dangerous_path(value.path)) or found
        return found

    def _dangerous_path(self, path: str) -> bool:
        root, name = path.partition(".")[0], path.rpartition(".")[2]
        if name in {"__version__", "__file__", "__name__", "__doc__"}:
            return False
        if root == "builtins":
            if name in lib.OPAQUE - {"vars"}:
                self.become_opaque()  # whoever gets it may call it with any text
            if path == "builtins.open":
                self.write_file(None)
            return name in lib.OPAQUE | {"setattr", "delattr", "next"} or lib.changes_arguments(path)
        if root not in lib.KNOWN or lib.changes_arguments(path):
            return True
        if name[:1].islower() and root not in _DRAWN:
            self.perhaps(path)
        return False

    def perhaps(self, path: str) -> None:
        """A known function may be called, and with anything."""
        self.doubt += 1
        self.effects(path, Arguments(spread=True))
        self.doubt -= 1

    def calls_unknown(self, name: str, arguments: Arguments) -> bool:
        """Say whether the known function or method *name* calls what it was given, and nobody knows what that does."""
        if name not in lib.CALLING:
            return False
        unknown = {Kind.UNKNOWN, Kind.PLOT}
        return any(self.world.kinds_of(value) & unknown for value in arguments.every())

    def consume_iterators(self, arguments: Arguments) -> None:
        """A known function reads or writes the iterators and open files it is given."""
        for value in arguments.every():
            if Kind.ITERATOR in self.world.kinds_of(value) or self.lies_in_one(value):
                self.consume(value)
                if value.const is not None:
                    self.write_file(value.const)

    @staticmethod
    def _known(path: str) -> bool:
        return path.partition(".")[0] in lib.KNOWN

    def given(self, arguments: Arguments) -> Regions:
        """Return the regions handed over, those of known libraries' own things left out."""
        return frozenset(
            r for value in arguments.every() if not self._known(value.path) for r in value.regions
        )
