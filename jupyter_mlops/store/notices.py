"""What opening a store has to say: at once to whoever opened it, or later where that was the background of a kernel."""

from __future__ import annotations

import threading
import warnings

__all__ = ["BACKGROUND", "listen", "notice", "taken"]

BACKGROUND = (
    "jupyter-mlops"  # the name of a kernel's background thread, whose warnings would stand under an old cell
)
_unsaid: dict[str, None] = {}
_listeners = [0]


def listen(on: bool) -> None:
    """Somebody takes from now on what the background meets; or *on* is false, and does so no more."""
    _listeners[0] += 1 if on else -1


def notice(text: str) -> None:
    """Warn of *text*, or keep it for ``taken``."""
    if _listeners[0] and threading.current_thread().name == BACKGROUND:
        _unsaid[text] = None
    else:
        warnings.warn(text, RuntimeWarning, stacklevel=4)


def taken() -> list[str]:
    """Return what waits to be said; whoever takes it says it."""
    texts = list(_unsaid)
    for text in texts:
        _unsaid.pop(text, None)
    return texts
