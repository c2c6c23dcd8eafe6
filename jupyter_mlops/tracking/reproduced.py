"""What came of a run when it was run again: read off the ledger, where it cannot be changed unseen as a tag can."""

from __future__ import annotations

from jupyter_mlops.records.event import Event
from jupyter_mlops.records.reproduced import Reproduced, ReproductionVerdict
from jupyter_mlops.store.protocol import Transaction

__all__ = ["reproduced_in"]

_KIND = "run.reproduced"
_PAGE = 1000


def reproduced_in(tx: Transaction, run: str) -> Reproduced | None:
    """Return what came of *run* when it was last run again; None where nobody has."""
    last: Event | None = None
    after = 0
    while events := tx.events.read(subject=run, kind=_KIND, after=after, limit=_PAGE):
        last, after = events[-1], events[-1].sequence
        if len(events) < _PAGE:
            break
    return None if last is None else _read(last)


def _read(event: Event) -> Reproduced | None:
    data = event.data
    try:
        verdict = ReproductionVerdict(str(data.get("verdict")))
    except ValueError:  # a word of a later version
        return None
    causes, tolerance, run = data.get("causes"), data.get("tolerance"), data.get("run")
    return Reproduced(
        verdict=verdict,
        run=str(run) if run else None,
        at=event.at,
        cause=str(causes[0]) if isinstance(causes, (list, tuple)) and causes else "",
        tolerance=float(tolerance) if isinstance(tolerance, (int, float)) else None,
    )
