"""Named data, versioned by content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.frozen import freeze_mappings
from jupyter_mlops.records.profile import Profile

__all__ = ["Contract", "Dataset"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What the consumers of a dataset may rely on: its columns and their types, and which may be null."""

    columns: Mapping[str, str] = field(default_factory=dict)  # column to dtype
    not_null: tuple[str, ...] = ()  # columns in which nothing may be missing
    minimum_rows: int = 0  # fewer are refused

    def __post_init__(self) -> None:
        freeze_mappings(self, "columns")


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One immutable version of named data. ``file`` is the blob that holds it (Parquet or CSV bytes as given)."""

    name: str
    version: int
    digest: str  # of the content: every row, column, type, index and order
    columns: Mapping[str, str] = field(default_factory=dict)  # column to digest
    rows: int
    file: str | None = None
    media_type: str = "text/csv"
    profile: Profile | None = None
    contract: Contract | None = None
    source: str | None = None  # a path or address it came from, as text
    licence: str | None = None
    run: str | None = None
    created: datetime
    actor: Actor

    def __post_init__(self) -> None:
        freeze_mappings(self, "columns")
