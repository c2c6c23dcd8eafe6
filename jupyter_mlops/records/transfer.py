"""What went out of a workspace into a bundle, and what came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_mlops.records.chain import Head
from jupyter_mlops.records.frozen import freeze_mappings

__all__ = ["Exported", "Imported"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A bundle that was written. ``digest`` covers every record and every byte in it."""

    file: str
    digest: str
    whole: bool  # False: some runs and what belongs to them
    records: Mapping[str, int] = field(default_factory=dict)  # kind to number
    blobs: int = 0
    size: int = 0  # bytes of the file
    head: Head | None = None  # the ledger's last line at that moment
    missing: tuple[str, ...] = ()  # digests that records name and that are no longer kept

    def __post_init__(self) -> None:
        freeze_mappings(self, "records")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import brought. Asked a second time, it adds nothing."""

    source: str
    digest: str  # of what was read
    added: Mapping[str, int] = field(default_factory=dict)
    present: Mapping[str, int] = field(default_factory=dict)  # were here already, the same in every field
    blobs: int = 0  # that were not here before
    history: str = "none"  # replayed, sealed, none: what became of the other ledger
    notes: tuple[str, ...] = ()  # what was left out, and why

    def __post_init__(self) -> None:
        freeze_mappings(self, "added", "present")
