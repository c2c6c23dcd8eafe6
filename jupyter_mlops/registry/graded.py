"""Versions and jobs, each with the word on the run behind it: read off the book of runs, for all of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from jupyter_mlops.records.job import Job
from jupyter_mlops.records.model import ModelVersion
from jupyter_mlops.records.query import Comparison, Field, Operator, Order, Query, Scope
from jupyter_mlops.records.trust import RunTrust, trust_in
from jupyter_mlops.store.protocol import Transaction

__all__ = ["with_trust"]

_AT_ONCE = 500  # runs that one question names
_ID = Field(Scope.ATTRIBUTE, "id")
T = TypeVar("T", Job, ModelVersion)


def with_trust(tx: Transaction, items: Sequence[T]) -> tuple[T, ...]:
    """Return *items*, each with how far its run can be trusted; as it was where the run is unknown or goes on."""
    runs = dict.fromkeys(item.run for item in items if item.run is not None)
    found = _trusts(tx, tuple(runs))
    return tuple(replace(item, trust=found.get(item.run or "")) for item in items)


def _trusts(tx: Transaction, runs: Sequence[str]) -> Mapping[str, RunTrust | None]:
    return {
        run.id: trust_in([run])
        for begin in range(0, len(runs), _AT_ONCE)
        for run in tx.runs.find(_named(tuple(runs[begin : begin + _AT_ONCE])))
    }


def _named(runs: tuple[str, ...]) -> Query:
    # By their ids: newest first, a store would look through all that there are.
    return Query(where=Comparison(_ID, Operator.IN, runs), order=(Order(_ID),), limit=_AT_ONCE)
