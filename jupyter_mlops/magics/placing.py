"""Runs that ended before the page had said where its cells stand: they are graded anew once it has.

The page is asked as the extension is loaded. Where "Run All" has sent every cell by then, its answer comes behind them all,
when their runs have been graded by the saved file, which need not stand as the page does.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from jupyter_mlops.capture.recorder import Recorder

if TYPE_CHECKING:  # what a run takes is imported with the first tracked cell
    from jupyter_mlops.magics.card import Card
    from jupyter_mlops.records.run import Run
    from jupyter_mlops.records.source import CellExecution
    from jupyter_mlops.workspace import Workspace

__all__ = ["PlaceWatch", "Placed"]

_MOST = 500  # runs that wait: whoever executes notebooks without a page never answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A run that was graded by the places its cells had then."""

    ws: Workspace
    run: Run
    execution: int  # sequence number of the cell it ended in
    known_names: frozenset[str]  # that no cell need have written
    order: Sequence[str]
    card: Card | None = None


class PlaceWatch:
    """The runs whose grade waits for the page's word.

    Parameters
    ----------
    recorder
        The session's cells, and the order they stand in as last known.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._waiting: deque[Placed] = deque(maxlen=_MOST)
        self._lock = threading.Lock()  # a front end may be heard in another thread than cells
        self._told = False

    @property
    def told(self) -> bool:
        """True once the page has said where its cells stand: what ends from now on was graded by that."""
        return self._told

    def add(self, placed: Placed) -> None:
        """Wait with a run that was graded before the page said anything; it may have meanwhile."""
        with self._lock:
            if not self._told:
                self._waiting.append(placed)
                return
        self._settle([placed])

    def tell(self, order: Sequence[str]) -> None:
        """Take the page's cells, top to bottom; the first time, what waits is graded by them."""
        self._recorder.document(order)
        with self._lock:
            self._told = True
            waiting = tuple(self._waiting)
            self._waiting.clear()
        self._settle(waiting)

    def _settle(self, waiting: Sequence[Placed]) -> None:
        """Grade what waits in the background, or before anybody reads: it takes time for each cell of the chain."""
        chain, blind, order = self._recorder.chain, self._recorder.blind, self._recorder.order
        moved = [placed for placed in waiting if tuple(placed.order) != order]
        if moved:
            from jupyter_mlops.tracking.afterwards import afterwards

            for placed in moved:
                afterwards(partial(_grade, placed, chain, blind=blind, order=order))


def _grade(placed: Placed, chain: Sequence[CellExecution], *, blind: bool, order: Sequence[str]) -> None:
    from jupyter_mlops.capture.slicing import slice_of
    from jupyter_mlops.tracking.editing import settle_grade

    at, known = placed.execution, placed.known_names
    found = slice_of(chain, at, at, blind=blind, known_names=known, order=order)
    if (found.grade, found.reason) == (placed.run.grade, placed.run.grade_reason):
        return
    if placed.card is not None:
        placed.card.graded(found.grade, found.reason)
    settle_grade(placed.ws, placed.run.id, found.grade, found.reason)
