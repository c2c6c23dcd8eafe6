"""How a command that is a process, not an operation, works and speaks to the person who waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jupyter_mlops.operations.workspaces import open_named
from jupyter_mlops.records.actor import Door
from jupyter_mlops.workspace import Workspace

__all__ = ["Answer", "Console"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a process has to say at its end: a value for programs, a text for people, an exit code.

    ``told``: it has announced its answer before, and has nothing to add.
    """

    value: object
    text: str
    code: int = 0
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """Where a process command works, and the two voices it has while it works.

    ``tell`` says a line that stays; ``show`` says where the work is, in place of what it said before where
    the terminal can do that. ``announce`` gives an answer before the end: a server's address.
    """

    tell: Callable[[str], None]
    show: Callable[[str], None]
    announce: Callable[[Answer], None]
    workspace: str | None = None
    start: Path | None = None
    via: Door = Door.SHELL

    @contextmanager
    def opened(self, *, read: bool = False) -> Iterator[Workspace]:
        """Open the workspace the command is about, and close it again; to *read*, none is made."""
        ws = open_named(self.workspace, start=self.start, via=self.via, read=read)
        try:
            yield ws
        finally:
            ws.store.close()
