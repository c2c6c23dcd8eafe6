"""Code as it counts: two cells that differ in comments and layout only are the same."""

from __future__ import annotations

import ast
import re

__all__ = ["plain_code"]

# Cell magics behind which Python stands; behind any other it is another language, whose layout may count.
_PYTHON = frozenset({"%%capture", "%%prun", "%%time", "%%timeit", "%%track"})
_MAGIC = re.compile(r"^([ \t]*)([%!].*)$", re.MULTILINE)


def plain_code(source: str) -> str:
    """Return code without comments and layout, magics as they stand; what Python cannot read stays whole."""
    head, _, body = source.lstrip().partition("\n")
    if head.startswith("%%"):
        return f"{head.rstrip()}\n{_plain(body)}" if head.split()[0] in _PYTHON else source
    return _plain(source)


def _plain(source: str) -> str:
    # A line of magic is no Python: in its place stands a call that says the same.
    for text in (source, _MAGIC.sub(lambda line: f"{line[1]}__magic__({line[2].rstrip()!r})", source)):
        try:
            return ast.dump(ast.parse(text))
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last: nested too deep
            continue
    return source
