"""The experiments that runs are filed under, and how many stand where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jupyter_mlops.records.brief import brief

__all__ = ["Experiment", "ValueCount"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCount:
    """How many records have this text somewhere, and when the newest of them is from."""

    value: str
    count: int
    newest: datetime | None = None


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A name that runs are filed under; its parts between slashes are folders."""

    name: str
    runs: int  # under this very name; a folder may have none
    below: int  # these, and all in the folders below
    newest: datetime | None = None  # when the last of them all has started
