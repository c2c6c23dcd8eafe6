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
    from jupyter_mlops.capture.slicing import Slice
    from jupyter_mlops.magics.card import Card
    from jupyter_mlops.records.run import Run
    from jupyter_mlops.records.source import CellExecution
    from jupyter_mlops.workspace import Workspace

__all__ = ["PlaceWatch", "Placed"]

_MOST = 500  # cells that wait: whoever executes notebooks without a page never answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The runs of one cell, which were graded by the places that cells had then."""

    runs: Sequence[tuple[Workspace, Run, Card | None]]
    execution: int  # sequence number of the cell
    known_names: frozenset[str]  # that no cell need have written
    order: Sequence[str]


class PlaceWatch:
    """The cells whose runs' grade waits for the page's word.

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

    @property
    def waits(self) -> bool:
        """True while a run waits for the page's word."""
        return bool(self._waiting)

    def add(self, placed: Placed) -> None:
        """Wait with runs that were graded before the page said anything; it may have meanwhile."""
        with self._lock:
            if not self._told:
                self._waiting.append(placed)
                return
        self._settle([placed])

    def tell(self, order: Sequence[str], *, answer: bool) -> None:
        """Take the page's cells, top to bottom; where that is the *answer* to the question, what waits is graded by them.

        Any other word is of another time: a page that was opened later does not know how the cells stood when they ran.
        """
        if not order:
            return  # a page that has not read its notebook yet
        self._recorder.document(order)
        with self._lock:
            waiting = tuple(self._waiting) if answer else ()
            self._told = True
            self._waiting.clear()
        self._settle(waiting)

    def forget(self) -> None:
        """There is no page that could say anything."""
        with self._lock:
            self._waiting.clear()

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
    from jupyter_mlops.tracking.afterwards import afterwards

    at, known = placed.execution, placed.known_names
    found = slice_of(chain, at, at, blind=blind, known_names=known, order=order)
    for ws, run, card in placed.runs:
        afterwards(partial(_write, ws, run, card, found))


def _write(ws: Workspace, run: Run, card: Card | None, found: Slice) -> None:
    from jupyter_mlops.tracking.regrading import settle_grade

    kept = settle_grade(ws, run, found.grade, found.reason)
    if card is not None and (kept.grade, kept.grade_reason) == (found.grade, found.reason):
        card.graded(kept.grade, kept.grade_reason)
