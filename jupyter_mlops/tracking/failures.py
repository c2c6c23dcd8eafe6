"""What ended a run, as a reader wants it: the exception, its last line, and the line of the cell that failed."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from types import TracebackType

from jupyter_mlops.records.run import RunError, RunStatus
from jupyter_mlops.render.plain import plain

__all__ = ["error_of", "error_said", "status_with", "traceback_text"]

_LONGEST_LINE = 200
# Who raises these wants an end, and nothing is wrong; the last is how Optuna gives a trial up.
_CANCELS = frozenset({"KeyboardInterrupt", "GeneratorExit", "CancelledError", "TrialPruned"})
_OF_A_CELL = re.compile(r'File "(?:[^"\n]*[\\/]ipykernel_\d+[\\/]\d+\.py|<ipython-input-[^"\n]*)"')


def error_of(
    failure: BaseException | None, *, cell: str | None, source: str, is_own: Callable[[str], bool]
) -> RunError | None:
    """Return the error of a cell that *failure* ended; None where it ended well.

    Parameters
    ----------
    failure
        What the cell raised.
    cell
        The cell's id.
    source
        The cell's text, secrets masked: the failing line is quoted from it.
    is_own
        Tells by its file name whether a frame is code of a cell; frames above the first such one are the front end's.
    """
    if failure is None or (isinstance(failure, SystemExit) and failure.code in {None, 0}):
        return None
    frames = _own_frames(failure, is_own)
    line = failure.lineno if isinstance(failure, SyntaxError) else frames and frames.tb_lineno
    return RunError(
        kind=type(failure).__name__,
        message=str(failure),
        traceback=plain(traceback_text(failure, frames)),
        cell=cell,
        line=line,
        code=_quoted(source, line),
    )


def status_with(error: RunError | None) -> RunStatus:
    """Return how a run ends that *error* ended, of which no more is known."""
    if error is None:
        return RunStatus.FINISHED
    return RunStatus.CANCELLED if error.kind in _CANCELS else RunStatus.FAILED


def error_said(failure: BaseException | None) -> RunError | None:
    """Return *failure* by its kind and message alone."""
    if failure is None:
        return None
    try:
        message = str(failure)
    except Exception:  # noqa: BLE001 - an exception of the user's may do anything to say what it is
        message = ""
    return RunError(kind=type(failure).__name__, message=message)


def traceback_text(failure: BaseException, frames: TracebackType | None) -> str:
    """Return the traceback from *frames* on; where a kernel puts a cell's text for the interpreter is nobody's business."""
    return _OF_A_CELL.sub(
        'File "<cell>"', "".join(traceback.format_exception(type(failure), failure, frames))
    )


def _own_frames(failure: BaseException, is_own: Callable[[str], bool]) -> TracebackType | None:
    frames = failure.__traceback__
    while frames is not None and not is_own(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    return frames


def _quoted(source: str, line: int | None) -> str:
    lines = source.splitlines()
    return plain(lines[line - 1].strip())[:_LONGEST_LINE] if line and 0 < line <= len(lines) else ""
