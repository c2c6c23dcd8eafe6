"""Text in which nothing acts: light enough for whoever only wants to keep a line."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["plain"]

# A sequence of control, or a command of the operating system such as a link, up to one of its two ends.
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


def plain(text: str) -> str:
    """Return *text* without terminal escapes and other control characters, so that nothing in it acts."""
    return "".join(
        c for c in _ESCAPES.sub("", text) if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"}
    )
