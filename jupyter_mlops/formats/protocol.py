"""What a format must be able to do, and what it hands back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from jupyter_mlops.records.frozen import freeze_mappings

__all__ = ["Format", "Saved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A model as bytes. ``types`` are the names a loader must construct, ``requirements`` what it must have."""

    format: str  # a key of formats.FORMATS
    kind: str  # the model's qualified class name
    files: Mapping[str, bytes]  # relative path to content
    types: tuple[str, ...] = ()
    requirements: Mapping[str, str] = field(default_factory=dict)  # package to version

    def __post_init__(self) -> None:
        freeze_mappings(self, "files", "requirements")


class Format(Protocol):
    """One way to turn a model into bytes and back."""

    name: str

    def accepts(self, model: object) -> bool:
        """Tell whether this format is the natural one for *model*; looks, and imports nothing heavy."""

    def save(self, model: object) -> Saved:
        """Return *model* as bytes; ``Untrusted`` where loading them would execute code, ``Invalid`` otherwise."""

    def load(self, files: Mapping[str, bytes], *, trust: Collection[str] = ()) -> Any:
        """Build the model from bytes whose digests were checked; *trust* names further types the caller vouches for."""
