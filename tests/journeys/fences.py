"""What a Markdown page tells its reader to type, in order, as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(\w*)\n([\s\S]*?)^```$|((?:^ {4}.*\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Fence:
    """A block of code: its language (empty: indented), and its text."""

    language: str
    text: str

    @property
    def for_shell(self) -> bool:
        """Whether it is typed at a prompt."""
        return self.language in {"", "sh"} and not self.for_notebook

    @property
    def for_notebook(self) -> bool:
        """Whether it is typed into a cell."""
        return self.language == "python" or (not self.language and self.text.startswith("%"))


def fences_of(page: Path) -> Iterator[Fence]:
    """Yield the blocks of code of *page*."""
    for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        language, fenced, indented = found.groups()
        yield Fence(
            language or "", fenced or re.sub(r"^ {4}", "", indented or "", flags=re.MULTILINE).rstrip()
        )


def spans_of(page: Path, *beginnings: str) -> list[str]:
    """Return the code inside sentences that begins with one of *beginnings*."""
    prose = re.sub(_BLOCK, "", page.read_text(encoding="utf-8"))
    return [span for span in re.findall(r"`([^`]+)`", prose) if span.startswith(beginnings)]
