"""Runs that ended inside the cell that runs: noted here, asked for when the cell has ended.

Every cell of a notebook asks, also of those that never track: what is behind a run is not imported for it.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from jupyter_mlops.records.run import Run
    from jupyter_mlops.workspace import Workspace

__all__ = ["Block", "any_block_ended", "block_ended", "blocks_ended", "listen", "listening"]

_MOST = 10_000  # that one cell may open and still have looked at

Block: TypeAlias = "tuple[Workspace, Run]"
_ended: deque[Block] = deque(maxlen=_MOST)
_listening: list[bool] = []


def listen(on: bool) -> None:
    """Have ended blocks noted from now on, or no more: in a script nobody will ask for them."""
    _listening[:] = [True] if on else []
    _ended.clear()


def block_ended(ws: Workspace, run: Run) -> None:
    """Note that a block's run has ended, where somebody listens."""
    if _listening:
        _ended.append((ws, run))


def listening() -> bool:
    """Tell whether somebody adds the chain, and with it the surroundings, when the cell has ended."""
    return bool(_listening)


def any_block_ended() -> bool:
    """Tell whether there is anything to ask for: every cell asks."""
    return bool(_ended)


def blocks_ended() -> tuple[Block, ...]:
    """Return the runs of blocks that ended since this was asked last, each once."""
    found = {run.id: (ws, run) for ws, run in _ended}
    _ended.clear()
    return tuple(found.values())
