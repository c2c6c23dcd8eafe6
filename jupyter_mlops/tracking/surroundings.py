"""The commit and the environment around a run, looked at in the background: git may be slow, and packages are many."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from jupyter_mlops.capture.environment import variables
from jupyter_mlops.capture.modules import Load, imported, loads
from jupyter_mlops.records.source import Source
from jupyter_mlops.tracking.commits import commit_now, commit_of_process
from jupyter_mlops.tracking.environment import environment_digest, this_environment
from jupyter_mlops.tracking.patches import patch_note
from jupyter_mlops.tracking.pulse import in_background
from jupyter_mlops.workspace import Workspace

__all__ = ["Look", "around_script", "module_sentences"]


_AT_ONCE = 50  # imported files that are read on the user's thread: some milliseconds


class Look:
    """One look around, begun soon; its answer is there at the end of the run, or comes later.

    Parameters
    ----------
    ws
        Whose root is looked at, and where the environment is kept.
    late
        Told what was seen, as fields of ``Source``, where it was asked for before it was there.
    """

    def __init__(self, ws: Workspace, late: Callable[[dict[str, Any]], None]) -> None:
        self._ws, self._late = ws, late
        self._seen: dict[str, Any] = {}
        self._asked = False
        self._lock = threading.Lock()
        in_background(self._look)

    def _look(self) -> None:
        state = commit_now(self._ws.settings.root)
        seen = {
            **state,
            "dirty": list(state["dirty"]),
            "environment": environment_digest(self._ws),
            "python": this_environment().python,
        }
        with self._lock:
            self._seen, asked = seen, self._asked
        if asked:
            self._late(seen)
        beside = patch_note(self._ws, state["patch"])
        if beside:
            self._late({"beside": beside})

    def imports(self) -> dict[str, Any]:
        """Return what of the project is imported now, as fields of ``Source``; empty where that has to be read first."""
        of = loads()
        if sum(not load.is_read for load in of) <= _AT_ONCE:
            return self._imports(of)
        in_background(lambda: self._late(self._imports(of)))
        return {}

    def _imports(self, of: Sequence[Load]) -> dict[str, Any]:
        found = imported(self._ws.settings.root, of)
        return {"modules": found.digests, "module_notes": found.notes}

    def seen(self) -> dict[str, Any]:
        """Return what was seen, as fields of ``Source``; empty where that comes later.

        All of it at once: that there is an environment is how ``registry.settled`` knows that a run has said its last word.
        """
        with self._lock:
            self._asked = not self._seen
            return {**self._seen, "dirty": tuple(self._seen["dirty"])} if self._seen else {}


def module_sentences(notes: Mapping[str, str]) -> tuple[str, ...]:
    """Return what a run has to say of its imported files, a sentence each."""
    return tuple(f"{file} was {note}" for file, note in notes.items())


def around_script(ws: Workspace, source: Source) -> Source:
    """Return *source* with what surrounds a script that has no session: commit, environment, variables, imported files."""
    found = imported(ws.settings.root)
    return replace(
        source,
        **commit_of_process(ws.settings.root),
        environment=environment_digest(ws),
        python=this_environment().python,
        variables=variables(ws.settings.environment_variables),
        modules=found.digests,
        module_notes=found.notes,
    )
