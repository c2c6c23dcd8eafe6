"""The end of a cell is told whatever fails on the way: steps that are kept from breaking the next, and a plainer end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from jupyter_mlops.records.source import CellStatus

if TYPE_CHECKING:  # what a run takes is imported with the first tracked cell
    from jupyter_mlops.tracking.handle import ActiveRun
    from jupyter_mlops.workspace import Workspace

__all__ = ["Troubles", "end_plainly", "said_by", "status_of"]

_PLAINLY = "the cell has ended, but not all that was seen of it could be put together"
T = TypeVar("T")


class Troubles:
    """What went wrong of our own at the end of one cell; the first counts as its failure."""

    def __init__(self) -> None:
        self.first: Exception | None = None

    def kept_from(self, step: Callable[[], T], otherwise: T) -> T:
        """Return what *step* returns; *otherwise* where it fails, or is interrupted by somebody who meant the cell."""
        try:
            return step()
        except Exception as failure:  # noqa: BLE001 - the next step is owed whatever this one does
            self.first = self.first or failure
        except KeyboardInterrupt:
            pass
        return otherwise


def status_of(failure: BaseException | None) -> CellStatus:
    """Return how a cell ends that *failure* ended."""
    if isinstance(failure, KeyboardInterrupt):
        return CellStatus.ABORTED
    return CellStatus.OK if failure is None else CellStatus.ERROR


def said_by(failure: BaseException | None) -> str | None:
    """Return the kind and the message of *failure*; of one whose message cannot be had its kind alone."""
    if failure is None:
        return None
    kind = type(failure).__name__
    try:
        return f"{kind}: {failure}"
    except Exception:  # noqa: BLE001 - an exception of the user's may do anything to say what it is
        return kind


def end_plainly(ws: Workspace, run: ActiveRun, failure: BaseException | None) -> None:
    """Say the end of *run* with nothing but how the cell ended, unless it was said; a journal that fails has the last word."""
    from jupyter_mlops.records.captured import Captured, End
    from jupyter_mlops.records.run import RunError
    from jupyter_mlops.tracking.active import disarm, status_after
    from jupyter_mlops.tracking.live import find_live

    live = find_live(ws, run.id)
    if live is None or live.closing:
        return
    disarm(run)
    kind, _, message = (said_by(failure) or "").partition(": ")
    error = RunError(kind=kind, message=message) if failure is not None else None
    end = End(status=status_after(failure), at=ws.now(), captured=Captured(notes=(_PLAINLY,)), error=error)
    with suppress(Exception):  # what failed was said already
        run.end_soon(end)
