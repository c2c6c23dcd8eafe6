"""The commit and the environment around a run, looked at in the background: git may be slow, and packages are many."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from jupyter_mlops.capture.environment import variables
from jupyter_mlops.capture.modules import Load, imported, loads
from jupyter_mlops.records.source import Source
from jupyter_mlops.store import pending
from jupyter_mlops.tracking.commits import commit_now, commit_of_process
from jupyter_mlops.tracking.environment import environment_digest, this_environment
from jupyter_mlops.tracking.patches import patch_note
from jupyter_mlops.tracking.pulse import in_background, this_pulse
from jupyter_mlops.workspace import Workspace

__all__ = ["Look", "around_script", "module_sentences"]


_AT_ONCE = 50  # imported files that are read on the user's thread: some milliseconds
_LONGEST_WAIT = 2.0  # seconds that somebody who reads waits for all looks under way


class Look:
    """One look around, begun soon; its answer is there at the end of the run, or comes later, but before this process reads a store.

    Parameters
    ----------
    ws
        Whose root is looked at, and where the environment is kept.
    late
        Told what was seen, as fields of ``Source``, where it was asked for before it was there.
    early
        Told the commit alone, as soon as that is known: what is installed takes longer to list, once in a process.
    """

    def __init__(
        self,
        ws: Workspace,
        late: Callable[[dict[str, Any]], None],
        early: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self._ws, self._late, self._early = ws, late, early
        self._seen: dict[str, Any] = {}
        self._asked = False
        self._lock = threading.Lock()
        self._looks: int | None = None  # the thread that looks, or has looked
        self._commit: dict[str, Any] | None = None
        self._asking = threading.Lock()  # git
        self._told, self._done = threading.Event(), threading.Event()
        in_background(self._look)

    def hasten(self) -> None:
        """Look now, beside the background, which may be at something else. Never on the caller's thread: git may be slow."""
        if self._looks is None:
            threading.Thread(target=self._look_quietly, name="mlops-look", daemon=True).start()

    def wait(self, seconds: float) -> None:
        """Wait until all was told, but no longer than *seconds*; a look that reads does not wait for itself."""
        if self._looks != threading.get_ident():
            self._done.wait(max(0.0, seconds))

    def wait_commit(self, seconds: float) -> None:
        """Wait until the commit was told, but no longer than *seconds*; the background may be at something else."""
        if not self._told.is_set():
            asks = threading.Thread(target=self._ask, name="mlops-commit", daemon=True)
            asks.start()
            asks.join(seconds)

    def _look_quietly(self) -> None:
        with suppress(Exception):  # as in the background: its failure is nobody's
            self._look()

    def _look(self) -> None:
        with self._lock:
            if self._looks is not None:
                return
            self._looks = threading.get_ident()
        try:
            self._look_around()
        finally:
            with self._lock:
                self._done.set()
                _awaited.drop(self)

    def _ask(self) -> None:
        with suppress(Exception):  # the look fails likewise, in the background
            self._taken()

    def _taken(self) -> dict[str, Any]:
        """Return the commit, asked for once, and tell it."""
        with self._asking:
            if self._commit is None:
                state = commit_now(self._ws.settings.root)
                self._commit = {**state, "dirty": list(state["dirty"])}
                if self._early is not None:
                    with suppress(Exception):  # a card that cannot be drawn costs the run nothing
                        self._early(self._commit)
                self._told.set()
            return self._commit

    def _look_around(self) -> None:
        state = self._taken()
        seen = {
            **state,
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
            if not self._done.is_set():
                _awaited.add(self)
            return {**self._seen, "dirty": tuple(self._seen["dirty"])} if self._seen else {}


class _Awaited:
    """The looks that runs have ended without: whoever reads waits for them, for all together no longer than a moment."""

    def __init__(self) -> None:
        self.looks: list[Look] = []

    def add(self, look: Look) -> None:
        """Have *look* waited for."""
        self.looks.append(look)
        pending.remember(self.bring, first=True)

    def drop(self, look: Look) -> None:
        """Wait for *look* no more."""
        with suppress(ValueError):
            self.looks.remove(look)
        if not self.looks:
            pending.forget(self.bring)

    def bring(self) -> None:
        """Have them made now. A hook at work does not wait: it has milliseconds."""
        if not this_pulse().loud.is_set():
            return
        deadline = time.monotonic() + _LONGEST_WAIT
        for look in tuple(self.looks):
            look.hasten()
        for look in tuple(self.looks):
            look.wait(deadline - time.monotonic())


_awaited = _Awaited()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _awaited.looks.clear())  # noqa: PLW0108 - the parent says what it sees


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
