"""What an execution leaves behind beside its points: written by the end of the run, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.frozen import freeze_mappings
from jupyter_mlops.records.run import DocumentState, Grade, Param, RunError, RunInput, RunStatus
from jupyter_mlops.records.source import CellExecution, Source

__all__ = ["Captured", "End"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """What was seen of an execution. A field left at its default leaves the run as it is."""

    source: Source | None = None
    grade: Grade = Grade.UNKNOWN
    grade_reason: str = ""
    document: DocumentState = DocumentState.UNKNOWN
    cells: tuple[CellExecution, ...] = ()  # the slice the run rests on
    inputs: tuple[RunInput, ...] = ()
    written: tuple[RunInput, ...] = ()
    params: Mapping[str, Param] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    artifacts: tuple[Artifact, ...] = ()  # their bytes are kept already
    notes: tuple[str, ...] = ()
    last_cell: str | None = None

    def __post_init__(self) -> None:
        freeze_mappings(self, "params", "tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How and when a run ended; said to the journal first, so that it is known even where the store is away."""

    status: RunStatus
    at: datetime
    captured: Captured = field(default_factory=Captured)
    error: RunError | None = None
