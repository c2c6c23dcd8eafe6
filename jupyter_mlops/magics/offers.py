"""What may stand in a ``%%track`` line: its options, the policies for a rerun, the experiments there are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from jupyter_mlops.magics.options import FLAGS, track_line
from jupyter_mlops.operations.naming import Namer
from jupyter_mlops.operations.table import OPERATIONS, Row
from jupyter_mlops.operations.workspaces import open_to_read
from jupyter_mlops.settings import OnRerun
from jupyter_mlops.tracking.finding import find_runs

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult

__all__ = ["EXPERIMENTS", "complete"]

_LATEST = 100  # runs whose experiments are offered
_LAST = re.compile(r"""(?P<before>.*?\s)(?P<quote>["']?)(?P<bare>(?<=")[^"]*|(?<=')[^']*|[^\s"']*)$""")
_FIND = next(row for row in OPERATIONS if row.name == "run.find")


def complete(context: CompletionContext) -> SimpleMatcherResult:
    """Offer what may stand at the cursor, if it stands behind ``%%track`` at the head of the cell; elsewhere nothing."""
    from IPython.core.completer import SimpleCompletion

    found = _LAST.match(context.line_with_cursor[: context.cursor_position])
    if found is None or context.cursor_line != track_line(context.full_text):
        return {"completions": []}
    quote, bare = found["quote"], found["bare"]
    offers = [one for one in _offers(found["before"].split()[-1]) if one.startswith(bare)]
    return {
        "completions": [
            SimpleCompletion(text=one if quote else shlex.quote(one), type="option") for one in offers
        ],
        "matched_fragment": bare,
        "suppress": bool(offers),
    }


def _offers(before: str) -> Iterable[str]:
    if before in {"-e", "--experiment"}:
        return EXPERIMENTS.names(_FIND)
    if before == "--on-rerun":
        return [str(policy) for policy in OnRerun]
    return () if before in FLAGS else FLAGS  # the others take what nobody can guess


def _experiments(_row: Row) -> Iterable[str]:
    ws = open_to_read()  # of this thread alone
    try:
        return sorted({run.experiment for run in find_runs(ws, limit=_LATEST) if run.experiment})
    finally:
        ws.store.close()


EXPERIMENTS = Namer(_experiments)
