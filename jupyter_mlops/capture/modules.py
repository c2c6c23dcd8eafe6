"""The files of a project that a process has imported, and what stands in them."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

__all__ = ["imported_modules"]

_APART = frozenset({"site-packages", "dist-packages"})
_MOST = 500
_kept: dict[tuple[str, int, int], str] = {}


def imported_modules(root: Path) -> dict[str, str]:
    """Return the imported Python files inside *root*, relative to it, to the SHA-256 of what they hold now.

    Installed packages do not count, wherever they lie. Takes some milliseconds: call it in the background.
    """
    found: dict[str, str] = {}
    root = root.resolve()
    inside = str(root)
    for module in tuple(sys.modules.values()):
        name = getattr(module, "__file__", None)
        if not isinstance(name, str) or not name.startswith(inside) or not name.endswith(".py"):
            continue
        path = Path(name)
        if not path.is_relative_to(root) or _hidden(path.relative_to(root)):
            continue
        digest = _digest(path)
        if digest is not None and len(found) < _MOST:
            found[path.relative_to(root).as_posix()] = digest
    return dict(sorted(found.items()))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part in _APART for part in path.parts)


def _digest(path: Path) -> str | None:
    try:
        stat = path.stat()
        key = str(path), stat.st_mtime_ns, stat.st_size
        if key not in _kept:
            _kept[key] = hashlib.sha256(path.read_bytes()).hexdigest()
        return _kept[key]
    except OSError:
        return None
