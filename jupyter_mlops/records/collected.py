"""What a collection erased for good."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Collected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Runs that had been deleted long enough, and the bytes that nothing else speaks of."""

    runs: tuple[str, ...] = ()  # ids
    names: tuple[str, ...] = ()  # what people call them, in the same order
    waiting: int = 0  # deleted, but not long enough: they can still be restored
    kept: int = 0  # long enough, but a run that is part of it is still there
    blobs: int = 0
    size: int = 0  # bytes
    dry: bool = False  # True: this is what would be erased
