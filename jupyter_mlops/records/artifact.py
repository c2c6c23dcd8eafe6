"""A name for bytes that a run left behind."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_mlops.records.brief import brief

__all__ = ["Artifact"]


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file of a run. ``name`` is relative with forward slashes; ``digest`` is the SHA-256 of its bytes."""

    run: str
    name: str
    digest: str
    size: int  # bytes
    media_type: str = "application/octet-stream"
