"""What a cell came to, as texts that two processes can compare: the values it bound, displayed and printed."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from typing import Any

__all__ = ["described", "names_bound", "seen_in"]

_DEEPEST = 6
_TIMES = ("time", "time_", "times_")
_SECONDS = re.compile(r"\d+\.\d+ ?s\b")
_PLAIN = (bool, int, float, complex, str, bytes, type(None))


def names_bound(source: str) -> list[str]:
    """Return the names a cell binds at its top level, and those of the objects it fits in place."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and node.attr.startswith(("fit", "partial_fit")):
            if isinstance(node.value, ast.Name):
                found.add(node.value.id)
    return sorted(found)


def seen_in(namespace: Mapping[str, Any], source: str, printed: str, shown: Any = None) -> dict[str, str]:
    """Return what the cell *source* left in *namespace*, what it printed, line by line, and what it displayed."""
    seen = {name: described(namespace[name]) for name in names_bound(source) if name in namespace}
    # How long something took may be the same twice by chance.
    lines = (_SECONDS.sub("", line) for line in printed.splitlines())
    seen |= {f"line {i}": line for i, line in enumerate(lines, 1)}
    seen["displayed"] = described(shown)
    return seen


def described(value: Any, depth: int = 0) -> str:
    """Return a text that is the same for equal values: exact for data, by attributes for models, else the class."""
    if isinstance(value, _PLAIN) or type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        return repr(value)
    name = type(value).__name__
    if depth > _DEEPEST:
        return name
    if isinstance(value, Mapping):
        return f"{name}{[(str(k), described(v, depth + 1)) for k, v in value.items()]}"
    if isinstance(value, (list, tuple)):
        return f"{name}{[described(item, depth + 1) for item in value]}"
    exact = _exact(value)
    if exact:
        return f"{name}:{exact}"
    if type(value).__module__.partition(".")[0] == "sklearn":
        state = getattr(value, "__dict__", None) or getattr(value, "__getstate__", dict)()
        inside = dict(state) if isinstance(state, Mapping) else {}
        inside.pop("cv_results_", None)  # it holds times, as do those that end so
        kept = [(k, described(v, depth + 1)) for k, v in sorted(inside.items()) if not k.endswith(_TIMES)]
        return f"{name}{kept}"
    return name


def _exact(value: Any) -> str:
    from jupyter_mlops.capture.fingerprint import fingerprint

    if type(value).__module__.partition(".")[0] not in {"numpy", "pandas", "polars", "scipy"}:
        return ""
    found = fingerprint(value)
    return "" if found is None else found.digest


if __name__ == "__main__":
    sys.exit("This is a part of slices.py.")
