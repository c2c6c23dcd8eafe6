"""Text from the books inside Markdown: shown as it is, never read as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["escaped", "fenced", "table"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#|!&~$])")


def escaped(text: object) -> str:
    """Return *text* on one line with every character that Markdown or HTML would read as markup made plain."""
    line = " ".join(str(text).split())
    return _SPECIAL.sub(lambda match: f"&#{ord(match[1])};", line)


def fenced(text: str, language: str = "") -> str:
    """Return *text* as a code block whose fence is longer than any inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a table; cells are escaped, heads are ours."""
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    return lines + [f"| {' | '.join(escaped(cell) for cell in row)} |" for row in rows]
