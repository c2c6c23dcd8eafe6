"""A console whose voices are remembered, for the commands that are processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from jupyter_mlops.operations.console import Answer, Console
from jupyter_mlops.records.actor import Door


@dataclass
class Voices:
    """What a command said while it worked."""

    told: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    announced: list[Answer] = field(default_factory=list)

    def console(self, start: Path | None, *, workspace: str | None = None, via: Door = Door.SHELL) -> Console:
        """A console that works from *start* and speaks through these voices."""
        return Console(
            tell=self.told.append,
            show=self.shown.append,
            announce=self.announced.append,
            workspace=workspace,
            start=start,
            via=via,
        )
