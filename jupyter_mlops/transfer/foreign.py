"""What another tool's store holds, in plain values, before it becomes records of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["ForeignModel", "ForeignPoint", "ForeignRun", "ForeignStore"]


@dataclass(frozen=True, slots=True)
class ForeignPoint:
    """One measured value, as MLflow keeps it."""

    key: str
    value: float
    milliseconds: int  # since the epoch
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRun:
    """One MLflow run without its points."""

    uuid: str
    experiment: str
    experiment_id: str
    name: str
    status: str  # RUNNING, SCHEDULED, FINISHED, FAILED, KILLED
    started: int  # milliseconds since the epoch
    ended: int | None
    user: str
    deleted: bool
    artifacts: str  # a URI
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignModel:
    """One MLflow model version."""

    name: str
    version: int
    run: str | None  # uuid
    location: str  # a URI
    aliases: tuple[str, ...] = ()


class ForeignStore(Protocol):
    """A place that MLflow wrote."""

    def runs(self) -> Iterator[ForeignRun]:
        """Return every run, the earliest first."""

    def points(self, run: ForeignRun) -> Iterator[ForeignPoint]:
        """Return the points of a run in the order of their times."""

    def models(self) -> Iterator[ForeignModel]:
        """Return every model version, by name and number."""

    def close(self) -> None:
        """Give back what was opened."""
