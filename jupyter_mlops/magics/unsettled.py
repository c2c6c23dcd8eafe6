"""Runs that the store does not know all of yet, and the one warning that says what keeps them from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from jupyter_mlops.store.notices import taken
from jupyter_mlops.tracking.pulse import hurry

if TYPE_CHECKING:  # loading the extension imports no more than its hooks need
    from jupyter_mlops.tracking.handle import ActiveRun

__all__ = ["Unsettled"]

_FIRST_SECONDS = 0.02  # that a session's first run waits to hear of the store


class Unsettled:
    """The runs of one session whose end has been said.

    Parameters
    ----------
    say
        Tells the user one line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._runs: list[ActiveRun] = []
        self._told = self._waited = False

    def add(self, run: ActiveRun) -> None:
        """Give the background a moment to meet a store that is away; else that is told with a later cell."""
        self._runs.append(run)
        if not self._waited:
            self._waited = True
            hurry()
            run.wait_settled(_FIRST_SECONDS)
        self.tell()

    def tell(self) -> None:
        """Say what is the matter, once as long as it lasts, and what the background has met."""
        for text in taken():
            self._say(text)
        troubled = [said for run in self._runs if (said := run.trouble)]
        self._runs = [run for run in self._runs if run.trouble or not run.settled]
        if troubled and not self._told:
            self._say(f"the store cannot be reached ({troubled[0]}); what was recorded waits in the journal")
        self._told = bool(troubled)
