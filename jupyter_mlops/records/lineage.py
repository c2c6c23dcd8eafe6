"""Where a model version comes from and where it went, in one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.frozen import freeze_mappings

__all__ = ["Lineage", "LineageCell", "LineageReview", "Resolved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What a reference names: always one version, and the alias where it was reached by one."""

    model: str
    version: int
    alias: str | None = None

    @property
    def reference(self) -> str:
        """The version, ``name:7``."""
        return f"{self.model}:{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageCell:
    """One cell the run rests on."""

    sequence: int
    cell: str | None
    digest: str  # of its source
    first_line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageReview:
    """One review of the version."""

    review: str
    alias: str
    status: str
    approvals: tuple[str, ...] = ()  # whose counted
    closed: datetime | None = None


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Data, cells, run, version, reviews, aliases: one chain."""

    model: str
    version: int
    digest: str
    run: str | None = None
    run_name: str = ""
    notebook: str | None = None
    commit: str | None = None
    job: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)  # input name to digest
    datasets: Mapping[str, str] = field(
        default_factory=dict
    )  # input name to name:version, where it is registered
    cells: tuple[LineageCell, ...] = ()
    reviews: tuple[LineageReview, ...] = ()
    aliases: tuple[str, ...] = ()  # that point at it now

    def __post_init__(self) -> None:
        freeze_mappings(self, "data", "datasets")
