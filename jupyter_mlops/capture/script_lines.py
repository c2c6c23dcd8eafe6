"""In the kernel of a script that is run as a notebook: its cells are compiled under the script's name and with its lines.

So a traceback names what people have before their eyes.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Sequence
from typing import Any

__all__ = ["as_script"]


def as_script(shell: Any, path: str, places: Sequence[tuple[str, int]]) -> None:
    """Have *shell*, a kernel's, run cells as the parts of the script at *path* that they are.

    Parameters
    ----------
    places
        The source of each cell, and how many lines of the script stand before it, in their order.
    """
    shell.user_ns["__file__"] = path
    sys.argv = [path]
    compiler, waiting = shell.compile, list(places)
    cache, parse = compiler.cache, compiler.ast_parse
    before = 0
    linecache.cache[path] = _submitted(path, places)

    def named(transformed: str, number: int = 0, raw_code: str | None = None) -> str:
        nonlocal before
        source = transformed if raw_code is None else raw_code
        place = next((i for i, (text, _) in enumerate(waiting) if text.strip() == source.strip()), None)
        if place is None:
            return str(cache(transformed, number, raw_code))
        before = waiting.pop(place)[1]
        return path

    def parsed(source: str, filename: str = "<unknown>", symbol: str = "exec") -> Any:
        return parse("\n" * before + source if filename == path else source, filename, symbol)

    compiler.cache, compiler.ast_parse = named, parsed


def _submitted(path: str, places: Sequence[tuple[str, int]]) -> tuple[int, None, list[str], str]:
    """Return the script as it was submitted, as ``linecache`` keeps lines: the file may have been edited since."""
    lines: list[str] = []
    for source, before in places:
        lines += ["\n"] * (before - len(lines))
        lines += [f"{line}\n" for line in source.split("\n")]
    return sum(map(len, lines)), None, lines, path
