"""The cards of cells that a program executes: it listens while a cell runs, and only to that cell.

nbclient, papermill and nbconvert pass over what comes later under the request of a cell that is over. So the end of a
cell waits a moment for what takes one, and what comes later still is said again under the request of a later cell.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what a run takes is imported with the first tracked cell
    from jupyter_mlops.magics.card import Card
    from jupyter_mlops.tracking.cells import TrackedCell

__all__ = ["Unheard"]

_MOST = 100  # cards
_COMMIT = 0.25  # seconds that the end of a cell waits for git at most


class Unheard:
    """The cards of a session of which somebody may not have heard the last."""

    def __init__(self) -> None:
        self._cards: deque[Card] = deque(maxlen=_MOST)

    def ends(self, card: Card, tracked: TrackedCell) -> None:
        """The cell of *card* is about to end: with the commit, where nobody would hear of it later."""
        if card.executed:
            tracked.wait_commit(_COMMIT)
            self._cards.append(card)

    def tell(self) -> None:
        """A cell is about to end: say what has changed on the cards of earlier ones."""
        for card in tuple(self._cards):
            card.again()
