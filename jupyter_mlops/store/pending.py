"""What this process has said and its stores have not yet taken: a reader sees it all the same.

Whoever writes behind the back of a store (the journals of live runs) leaves a function here that brings it home;
stores call them before they read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

__all__ = ["bring_home", "forget", "remember"]

_homecomings: list[Callable[[], object]] = []
_inside = threading.local()


def remember(bring: Callable[[], object], *, first: bool = False) -> None:
    """Have *bring* called before any store of this process is read; *first* where it says what others bring home."""
    if bring not in _homecomings:
        _homecomings.insert(0 if first else len(_homecomings), bring)


def forget(bring: Callable[[], object]) -> None:
    """Call *bring* no more."""
    with suppress(ValueError):
        _homecomings.remove(bring)


def bring_home() -> None:
    """Call what was left here. A failure stays here: a read must not fail because a write has to wait."""
    if not _homecomings or getattr(_inside, "now", False):
        return
    _inside.now = True
    try:
        for bring in tuple(_homecomings):
            with suppress(Exception):
                bring()
    finally:
        _inside.now = False
