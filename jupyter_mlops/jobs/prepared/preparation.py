"""What the prepared process imports, and whether a kernel forked after that would be what a cold one is.

Loaded by ``server``, by its path, as that is: only the standard library is used until the imports begin.
"""

from __future__ import annotations

import builtins
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["ASKS_AGAIN", "Doubt", "Preparation"]

# A kernel has all of them when its first cell runs, whatever its notebook imports.
_KERNEL = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "tornado.platform.asyncio", "psutil",
    "IPython.core.debugger", "IPython.core.completerlib", "IPython.core.oinspect", "IPython.core.logger",
    "IPython.extensions.storemagic", "sqlite3", "faulthandler", "resource",
)  # fmt: skip
_INLINE = "module://matplotlib_inline.backend_inline"  # ipykernel names it before its user imports anything
# Modules that look for the shell at their import, by what makes them look again.
ASKS_AGAIN = {
    "matplotlib.pyplot": "install_repl_displayhook",
    "matplotlib_inline.backend_inline": "_enable_matplotlib_integration",
}
_OWN = ("JUPYTER_MLOPS_", "JPY_")  # of one kernel alone, and read by no library as it is imported
_JEMALLOC = "jemalloc_bg_thd"  # jemalloc's own handlers see it safely through a fork


class Doubt(Exception):
    """A kernel forked from here might not be what a cold one is."""


class Preparation:
    """The imports, and what must be as it was while they are made.

    Parameters
    ----------
    roots
        Where installed packages lie. What was imported from elsewhere may be the project's own.
    """

    def __init__(self, roots: tuple[str, ...]) -> None:
        self._roots = roots
        self._before = set(sys.modules)  # what Python itself brings at its start, each kernel has
        self._packages = _changes()
        self._environment = dict(os.environ)
        self._kept = (_open_files(), _signals(), str(Path.cwd()))
        self._asked: set[str] = set()
        self._kernel = _StandIn(self._asked.add)
        self._shell = _StandIn(self._asked.add, kernel=self._kernel)
        self._holders = 0
        self._said = 0
        self.ask_again = set[str]()  # modules that saw no shell, and are to look for one in the kernel
        self.left: dict[str, str] = {}  # what the imports have put into the environment

    def make(self, imports: Mapping[str, tuple[str, ...]]) -> None:
        """Import all of it. Raises `Doubt`, with the import's name and what was wrong with it."""
        sys.modules["__main__"] = ModuleType("__main__")  # a shell's has no file: libraries tell by that
        with _shell_stands_in(self._shell, self.ask_again.add):
            self._holders = self._held()
            os.environ.setdefault("MPLBACKEND", _INLINE)
            for module in _KERNEL:
                with suppress(ImportError):  # of a version that has it elsewhere: then each kernel imports it
                    __import__(module)
            self._said = _said()  # the debugger does, in each kernel
            self._check("ipykernel")
            for module, names in imports.items():
                try:
                    __import__(module, {}, {}, names, 0)
                except BaseException as failure:  # each kernel is to see it for itself
                    asked = "it asks for the notebook's shell" if self._asked else ""
                    raise Doubt(module, asked or f"its import raised {type(failure).__name__}") from failure
                self._check(module)
        self.left = {
            name: value
            for name, value in os.environ.items()
            if self._environment.get(name) != value and name != "MPLBACKEND"
        }
        gc.collect()
        gc.freeze()  # no collection in a kernel is a reason to copy what all of them share

    def _check(self, module: str) -> None:
        wrong = {
            "it asks for the notebook's shell": bool(self._asked) or self._held() > self._holders,
            "it says something when it is imported": _said() > self._said,
            "it starts threads": threading.active_count() > 1 or _foreign_threads() > 0,
            "it leaves files, sockets or devices open": bool(_open_files() - self._kept[0]),
            "it handles signals": _signals() != self._kept[1],
            "it changes the working folder": str(Path.cwd()) != self._kept[2],
            "it starts processes": _has_children(),
            "it imports what is not installed": bool(self.elsewhere()),
        }
        for reason, holds in wrong.items():
            if holds:
                raise Doubt(module, reason)

    def _held(self) -> int:
        return sys.getrefcount(self._shell) + sys.getrefcount(self._kernel)

    def elsewhere(self) -> list[str]:
        """Return the files of modules that lie outside of where packages are installed."""
        made = [module for name, module in tuple(sys.modules.items()) if name not in self._before]
        files = [getattr(module, "__dict__", {}).get("__file__") for module in made]
        return [file for file in files if isinstance(file, str) and not file.startswith(self._roots)]

    def refuse(self, environment: Mapping[str, str], folder: str) -> None:
        """Raise `Doubt` unless a kernel with this environment in this folder can be forked from here."""
        if _changes() != self._packages:
            raise Doubt("packages", "packages were installed or removed since they were imported")
        if _shared(environment) != _shared(self._environment):
            raise Doubt("environment", "its environment is not the one the imports were made in")
        if folder != self._kept[2]:
            raise Doubt("folder", "its working folder is not the one the imports were made in")
        shadowed = _modules_in(folder) & {name.partition(".")[0] for name in sys.modules}
        if shadowed:
            raise Doubt("folder", f"the working folder has a module of its own called {min(shadowed)}")
        if threading.active_count() > 1 or _foreign_threads():
            raise Doubt("threads", "the prepared process has more than one thread")


class _StandIn:
    """What a library finds at its import where the notebook's shell will be.

    That it is there, what it is called and that it has a kernel: many ask no more than that. Who asks more, or keeps
    it, cannot be told the truth yet.
    """

    def __init__(self, heard: Callable[[str], None], **has: object) -> None:
        self._heard: Callable[[str], None]
        vars(self).update(_heard=heard, **has)

    def __getattr__(self, name: str) -> object:
        self._heard(_asker())
        raise AttributeError(name)


_StandIn.__name__ = _StandIn.__qualname__ = "ZMQInteractiveShell"


def _asker() -> str:
    """Return the module, not IPython's and not this one, that asks."""
    frame, us = sys._getframe(1), __name__  # noqa: SLF001 - there is no other way to who asks
    while frame.f_back is not None and frame.f_globals.get("__name__") == us:
        frame = frame.f_back
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "IPython":
        frame = frame.f_back
    return str(frame.f_globals.get("__name__"))


@contextmanager
def _shell_stands_in(shell: _StandIn, none_for: Callable[[str], None]) -> Iterator[None]:
    """Let the imports see *shell*; those that can ask again later see none, and are told of."""

    def ask(*_: object) -> _StandIn | None:
        asker = _asker()
        if asker not in ASKS_AGAIN:
            return shell
        none_for(asker)
        return None

    shells: Any = import_module("IPython.core.interactiveshell").InteractiveShell
    shells.initialized = classmethod(lambda _: ask() is not None)
    shells.instance = classmethod(ask)
    vars(builtins).update(__IPYTHON__=True, get_ipython=ask)
    try:
        yield
    finally:
        del shells.initialized, shells.instance
        for name in ("__IPYTHON__", "get_ipython"):
            del vars(builtins)[name]


def _said() -> int:
    """How much was written to the output and the errors, which are one file."""
    sys.stdout.flush()
    sys.stderr.flush()
    return os.fstat(2).st_size


def _foreign_threads() -> int:
    """Count the threads that a fork would lose: those of a pool that looks after itself are gone after one."""
    if len(_entries("task")) == 1:
        return 0
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    names = [Path(f"/proc/self/task/{task}/comm").read_text().strip() for task in _entries("task")]
    return len(names) - 1 - names.count(_JEMALLOC)


def _entries(what: str) -> list[str]:
    return [entry.name for entry in Path("/proc/self", what).iterdir()]


def _open_files() -> set[str]:
    found = set()
    for number in _entries("fd"):
        with suppress(OSError):  # the one that the listing itself has opened
            found.add(f"{number} {Path('/proc/self/fd', number).readlink()}")
    return found


def _signals() -> dict[int, Any]:
    return {number: signal.getsignal(number) for number in signal.valid_signals()}


def _has_children() -> bool:
    return bool(Path(f"/proc/self/task/{os.getpid()}/children").read_text().strip())


def _changes() -> dict[str, int]:
    """When each folder that modules are found in last changed: installing and removing a package changes it."""
    found = {}
    for folder in sys.path:
        with suppress(OSError):
            found[folder] = Path(folder).stat().st_mtime_ns
    return found


def _shared(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(_OWN)}


def _modules_in(folder: str) -> set[str]:
    """The names under which a kernel in *folder* would import something from there, before any package."""
    found = set()
    with os.scandir(folder) as entries:
        for entry in entries:
            stem, _, ending = entry.name.partition(".")
            if ending.rpartition(".")[2] in {"py", "pyc", "so"} or Path(entry.path, "__init__.py").is_file():
                found.add(stem)
    return found
