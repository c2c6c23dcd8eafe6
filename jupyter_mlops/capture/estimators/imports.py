"""Be told when a module has been imported, without importing it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

__all__ = ["ImportWatch"]


class _Telling(Loader):
    """The module's own loader, and a word to the watcher afterwards."""

    def __init__(self, loader: Any, tell: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._tell = tell

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self._loader.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        # Others look at these (inspect, pkgutil, importlib.resources): leave no trace of the detour.
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._tell(module)


class ImportWatch(MetaPathFinder):
    """Calls a function once for each watched module: at once if it is loaded, else right after its import."""

    def __init__(self, modules: Sequence[str], imported: Callable[[ModuleType], None]) -> None:
        self._waiting = set(modules)
        self._imported = imported

    def start(self) -> None:
        """Begin to watch."""
        sys.meta_path.insert(0, self)
        for name in sorted(self._waiting & set(sys.modules)):
            self._tell(sys.modules[name])

    def stop(self) -> None:
        """Watch no more."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        self._waiting.clear()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer only for a watched module, with its ordinary spec and a telling loader."""
        del path, target
        if fullname not in self._waiting:
            return None
        self._waiting.discard(fullname)  # the search below comes through here again
        spec = find_spec(fullname)
        if spec is None or spec.loader is None:
            return None
        self._waiting.add(fullname)
        spec.loader = _Telling(spec.loader, self._tell)
        return spec

    def _tell(self, module: ModuleType) -> None:
        if module.__name__ in self._waiting:
            self._waiting.discard(module.__name__)
            self._imported(module)
