"""``%%track``: armed before the cell, recorded after it; the body stays an ordinary cell.

A transformer takes the line off and the session's hooks do the rest, so that an error stops a job at the right cell,
prints one traceback, and top-level ``await`` keeps working. The magic itself is only called where its line cannot be
read, to say so; and it is there for its help.
"""

from __future__ import annotations

from typing import Any

from IPython.core.completer import CompletionContext, SimpleMatcherResult, context_matcher
from IPython.core.error import UsageError

from jupyter_mlops.errors import Invalid
from jupyter_mlops.magics.options import USAGE, parse_track, without_track

__all__ = ["register", "track", "unregister"]

_NAME = "track"


class _UsageError(UsageError):
    """A usage error that is an ``error`` output too, in one line.

    IPython prints its own kind to stderr only, and whoever reads the executed notebook would not find it.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"UsageError: {self}"]


_UsageError.__name__ = "UsageError"


def track(line: str, cell: str) -> None:
    """Record this cell as a run.

    ::

        %%track NAME [-e EXPERIMENT] [--tag K=V]... [--as VARIABLE] [--on-rerun continue|replace|fork] [--resume RUN]

    Kept without another line of code: parameters (simple assignments and estimator hyperparameters), metrics of
    fits and scores, the fitted model with its signature and environment, figures, displays and printed text, digests
    of the data, the cells the run rests on in the order they ran, duration, and the traceback of a failure.

    Parameters
    ----------
    NAME
        What people call the run.
    -e, --experiment
        The name it is filed under; slashes make folders, such as air/pm25.
    --tag
        K=V, for finding it again; may be given more than once.
    --as
        The variable that holds the run; by default ``run``, where that name is free.
    --on-rerun
        What happens where the name is taken by an earlier run of this notebook: the run goes on (continue), makes
        room (replace), or stands beside the new one (fork, the default).
    --resume
        In place of a new run, one that goes on: its id, a tail of it, or its name. NAME may be left out then.
    """
    del cell
    try:
        parse_track(line)
    except Invalid as failure:
        raise _UsageError(f"{failure.message}. {failure.remedy}") from None
    raise _UsageError(
        f"%%track stands in the first lines of a cell, beside other cell magics only. Usage: {USAGE}"
    )


@context_matcher()  # type: ignore[untyped-decorator]
def _matcher(context: CompletionContext) -> SimpleMatcherResult:
    """Offer words behind ``%%track``, and nothing elsewhere; what knows them is imported when they are wanted."""
    if not context.line_with_cursor.startswith(f"%%{_NAME}"):
        return {"completions": []}
    from jupyter_mlops.magics import offers

    return offers.complete(context)


def register(shell: Any) -> None:
    """Add the magic, its completion and the transformer to *shell*, once."""
    unregister(shell)
    shell.Completer.custom_matchers.append(_matcher)
    shell.register_magic_function(track, "cell", _NAME)
    shell.input_transformers_cleanup.append(without_track)


def unregister(shell: Any) -> None:
    """Take all of it away again."""
    if _matcher in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.remove(_matcher)
    magics = shell.magics_manager.magics["cell"]
    if magics.get(_NAME) is track:
        del magics[_NAME]
    while without_track in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(without_track)
