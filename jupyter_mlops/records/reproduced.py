"""What came of running something again: the verdict, and where the outputs of two executions part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["OutputDifference", "Reproduced", "ReproductionVerdict", "RunIn", "at_least", "worst_verdict"]


class ReproductionVerdict(StrEnum):
    """What came of running a recorded run again; the worst of its parts."""

    IDENTICAL = "identical"
    WITHIN_TOLERANCE = "within_tolerance"
    DIFFERS = "differs"
    DOES_NOT_RUN = "does_not_run"


class RunIn(StrEnum):
    """The environment in which a recorded run is run again."""

    THIS = "this"
    RECREATE = "recreate"  # the recorded packages, in a virtual environment


_ORDER = tuple(ReproductionVerdict)  # the best first


def worst_verdict(verdicts: Iterable[ReproductionVerdict]) -> ReproductionVerdict:
    """Return the worst of *verdicts*; of none at all, identical."""
    return max(verdicts, key=_ORDER.index, default=ReproductionVerdict.IDENTICAL)


def at_least(verdict: ReproductionVerdict, least: ReproductionVerdict) -> bool:
    """Tell whether *verdict* is as good as *least*, or better."""
    return _ORDER.index(verdict) <= _ORDER.index(least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduced:
    """What came of a run when it was last run again, as the ledger has it."""

    verdict: ReproductionVerdict
    run: str | None  # the id of the run that holds the verdict; None: it did not come to one
    at: datetime
    cause: str = ""  # the first one, where it is not identical
    tolerance: float | None = None  # what two numbers might differ by; None: nobody said


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDifference:
    """Where one part of a cell's output is not the same the second time."""

    cell: int  # code cells, from 1
    id: str  # the cell's id
    part: str  # stdout, stderr, error, display, or display 2 where there are several
    verdict: ReproductionVerdict
    says: str  # the first difference, in words: row 3 column mean: was 4.2 and is 4.5

    def __str__(self) -> str:
        return f"cell {self.cell} {self.part}: {self.says}"
