"""What a call does beyond its result: files, random generators, settings, the world outside; and what makes it risky."""

from __future__ import annotations

from functools import lru_cache

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.functions import Arguments
from jupyter_mlops.capture.parts import Parts
from jupyter_mlops.capture.world import Kind, Regions

__all__ = ["Effects"]

_LONGEST_MODE = 3  # "rb+"


@lru_cache(maxsize=1024)
def _outside(path: str) -> frozenset[str]:
    return frozenset(
        note
        for prefix, note in lib.OUTSIDE
        if path == prefix or path.startswith(prefix if prefix[-1] in "._d" else f"{prefix}.")
    )


class Effects(Parts):
    """Effects of calls of known functions."""

    def note(self, path: str) -> None:
        """List the part of the world outside that the thing at *path* belongs to."""
        self.outside |= _outside(path)

    def effects(self, path: str, arguments: Arguments) -> None:
        """Read what a known function does beyond the namespace."""
        root, name = path.partition(".")[0], path.rpartition(".")[2]
        said = f"{path} {arguments.text()}"
        if path.startswith(lib.AMBIENT_PATHS) and name not in lib.LOOKING:
            self.keep(said)
        if self._sets_up(path, name) and not self._only_display(arguments):
            self.set_up(root, said)
        if path.startswith("matplotlib.pyplot."):
            self._figure(name)
        self.file_effects(name, None, arguments)
        self._random(path, root, name, arguments)
        if path.startswith(("subprocess", "os.system", "os.popen")):
            self.write_file(None)
        if path == "importlib.reload":
            self.change(arguments.regions())
            self.keep()

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

    def file_effects(self, name: str, own: str | None, arguments: Arguments) -> None:
        """Read or write the file that a call names, by its method's or function's name."""
        reading, writing = name in lib.FILE_READERS, name in lib.FILE_WRITERS
        if not reading and not writing:
            return
        texts = [value.const for value in arguments.every() if value.const is not None]
        place = own or next((text for text in texts if "." in text or "/" in text), None)
        mode = next((text for text in texts if text != place and len(text) <= _LONGEST_MODE), "")
        if name == "open" and set(mode) & set("wax+"):
            reading, writing = "r" in mode or "+" in mode, True
        if reading:
            self.read_file(place)
        if writing:
            self.write_file(place)

    def unknown_files(self, arguments: Arguments) -> None:
        """A function nobody knows may read or write what looks like a file in its arguments."""
        for value in arguments.every():
            if value.const is not None and ("." in value.const or "/" in value.const):
                self.read_file(value.const)
                self.write_file(value.const)

    def _random(self, path: str, root: str, name: str, arguments: Arguments) -> None:
        given = bool(arguments.every()) and self.constant(arguments.first) is not None
        if path in {"numpy.random.seed", "random.seed"}:
            self.seed(root, given=given)
        elif path.startswith(("numpy.random.default_rng", "numpy.random.RandomState", "random.Random")):
            if not given:
                self.outside.add(f"random numbers without a seed ({root})")
        elif path.startswith("numpy.random.") or (root == "random" and name != "SystemRandom"):
            self.draw(root)
        elif self._library_draws(path, root, name, arguments):
            self.draw("numpy")

    def _library_draws(self, path: str, root: str, name: str, arguments: Arguments) -> bool:
        if root == "scipy":
            return name in {"rvs", "random"} and "random_state" not in arguments.nodes
        if (
            root != "sklearn"
            or name[:1].isupper()
            or path.startswith(("sklearn.metrics", "sklearn.utils.valid"))
        ):
            return False
        held = self.world.reach(arguments.regions(), seeing=False)
        return self.draws(name, arguments) or self.world.flagged(held, "draws")

    def draws(self, name: str, arguments: Arguments) -> bool:
        """Say whether something of scikit-learn takes numbers from NumPy's generator."""
        if "random_state" in arguments.nodes:
            return self.constant(arguments.nodes["random_state"]) is None
        if "shuffle" in arguments.nodes and name.endswith("Fold"):
            return self.constant(arguments.nodes["shuffle"]) is not False
        return name not in lib.DETERMINISTIC

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

    @staticmethod
    def dangerous(arguments: Arguments) -> bool:
        """Say whether a function that nobody knows, or that changes things, is handed over to be called."""
        for value in arguments.every():
            root, name = value.path.partition(".")[0], value.path.rpartition(".")[2]
            if root == "builtins" and name in lib.OPAQUE | {"setattr", "delattr", "next"}:
                return True
            if value.path and (root not in {*lib.KNOWN, "builtins"} or lib.changes_arguments(value.path)):
                return True
        return False

    def consume_iterators(self, arguments: Arguments) -> None:
        """A known function reads or writes the iterators and open files it is given."""
        for value in arguments.every():
            if Kind.ITERATOR in self.world.kinds_of(value):
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
