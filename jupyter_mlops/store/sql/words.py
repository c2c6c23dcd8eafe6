"""Text as databases can hold it.

A file name that is no UTF-8 or a message with a zero byte must not keep a run from being stored, but PostgreSQL
takes no zero byte and no database takes half a surrogate pair. Both are spelled out behind a mark, and read back.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import TEXT, Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = ["Words", "hide", "hide_all", "show", "show_all"]

_MARK = "\ue0ff"  # private use: means nothing in Unicode, and doubles itself where it is meant
_ODD = re.compile(f"[\x00\ud800-\udfff{_MARK}]")
_HIDDEN = re.compile(f"{_MARK}([0-9a-f]{{4}})")


def hide(text: str) -> str:
    """Return *text* without what a database refuses."""
    return _ODD.sub(lambda found: f"{_MARK}{ord(found[0]):04x}", text) if _ODD.search(text) else text


def show(text: str) -> str:
    """Return the text that was hidden."""
    return _HIDDEN.sub(lambda found: chr(int(found[1], 16)), text) if _MARK in text else text


def hide_all(data: Any) -> Any:
    """Hide in every text of JSON-ready *data*, keys included."""
    return _walk(data, hide)


def show_all(data: Any) -> Any:
    """Show in every text of JSON-ready *data*, keys included."""
    return _walk(data, show)


def _walk(data: Any, act: Any) -> Any:
    if isinstance(data, str):
        return act(data)
    if isinstance(data, dict):
        return {act(key): _walk(value, act) for key, value in data.items()}
    return [_walk(item, act) for item in data] if isinstance(data, list) else data


class Words(TypeDecorator[str]):
    """Text that compares by code point in every database, as Python does."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of one database."""
        return TEXT(collation="C") if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Hide on the way in."""
        return None if value is None else hide(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Show on the way out."""
        return None if value is None else show(value)
