"""The door of the notebook: ``%load_ext jupyter_mlops`` opens nothing and imports nothing heavy."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.magics import display, entry, track
from jupyter_mlops.magics.session import Session
from jupyter_mlops.settings import read_settings

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["load", "session_of", "unload"]

_sessions: dict[int, Session] = {}


def load(shell: InteractiveShell) -> None:
    """Add ``%%track``, ``%mlops``, the recorder and the formatters to *shell*; a second time doubles nothing."""
    unload(shell)
    track.register(shell)
    entry.register(shell)
    display.register(shell)
    session = Session(shell)
    _sessions[id(shell)] = session
    session.open()
    _watch_if_asked()


def _watch_if_asked() -> None:
    """Switch autolog on everywhere where the workspace's settings ask for it."""
    with suppress(MlopsError):  # a setting that is wrong is told where the first cell is tracked
        settings = read_settings()
        if settings.autolog and not settings.disabled:
            from jupyter_mlops.tracking.watching import autolog

            autolog()


def unload(shell: InteractiveShell) -> None:
    """Take all of it away and put every replaced object back."""
    session = _sessions.pop(id(shell), None)
    if session is not None:
        from jupyter_mlops.tracking.files import stop_reading
        from jupyter_mlops.tracking.watching import watch_undone

        session.close()
        watch_undone()
        stop_reading()
    display.unregister(shell)
    entry.unregister(shell)
    track.unregister(shell)


def session_of(shell: InteractiveShell) -> Session | None:
    """Return the session that records *shell*, for tests and for the curious."""
    return _sessions.get(id(shell))
