"""Text from the books inside Markdown: shown as it is, never read as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["code", "escaped", "table"]

_SPECIAL = re.compile(r"_+|[\\`*\[\]|~$<]|&(?=#|\w+;)")
# Some readers see a tag, a cell's end or a formula in spite of a backslash.
_ENTITIES = {"<": "&lt;", "&": "&amp;", "|": "&#124;"}
_FORMULA = "()[]"
_OPENING = re.compile(r"(?:[#>]|[-+](?=[\s-]|$)|=(?==*$)|\d+(?=[.)](?:\s|$)))")
_CLOSING = re.compile(r"(?<=\s)(?=#+$)")


def escaped(text: object) -> str:
    """Return *text* on one line with every character that Markdown or HTML would read as markup made plain."""
    line = " ".join(str(text).split())
    opening = _OPENING.match(line)
    shown = _CLOSING.sub(r"\\", _SPECIAL.sub(_made_plain, line))
    if opening is None:
        return shown
    # Behind the number of a list, or in front of the sign of a heading, a quotation or a list.
    at = opening.end() if opening[0].isdigit() else 0
    return f"{shown[:at]}\\{shown[at:]}"


def _made_plain(match: re.Match[str]) -> str:
    found, line = match[0], match.string
    before, after = line[: match.start()][-1:], line[match.end() :][:1]
    if found[0] == "_":
        return found if before.isalnum() and after.isalnum() else "".join(f"\\{sign}" for sign in found)
    if found == "\\" and after and after in _FORMULA:
        return "&#92;"
    return _ENTITIES.get(found, f"\\{found}")


def code(text: object) -> str:
    """Return *text* as code inside a line, where nothing is markup but the mark that ends it."""
    line = " ".join(str(text).split())
    mark = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    return f"{mark}{line}{mark}" if len(mark) == 1 else f"{mark} {line} {mark}"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a table; cells are escaped, heads are ours."""
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    return lines + [f"| {' | '.join(escaped(cell) for cell in row)} |" for row in rows]
