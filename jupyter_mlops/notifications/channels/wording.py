"""What is sent of a message's words: cut to a length, and without characters that a receiver would stumble over."""

from __future__ import annotations

import re
import unicodedata

from jupyter_mlops.records.notification import Notification

__all__ = ["line", "text_of", "title_of"]

_TITLE = 200  # characters
_TEXT = 4_000
_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def title_of(message: Notification) -> str:
    """Return the title of *message* in one line, never empty."""
    return line(message.title) or "(no title)"


def text_of(message: Notification) -> str:
    """Return the text of *message*, its lines kept."""
    lines = _BREAKS.sub("\n", message.text[: 2 * _TEXT]).split("\n")
    return _cut("\n".join(_printable(each) for each in lines).lstrip("\n").rstrip(), _TEXT)


def line(text: str) -> str:
    """Return *text* in one line."""
    return _cut(" ".join(_printable(text[: 20 * _TITLE]).split()), _TITLE)


def _printable(text: str) -> str:
    # Half a surrogate pair has no form in UTF-8, and a zero byte none in an argument of a program.
    return "".join(_SHOWN.get(unicodedata.category(each), each) for each in text)


_SHOWN = {"Cc": " ", "Cs": "\N{REPLACEMENT CHARACTER}", "Zl": " ", "Zp": " "}


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
