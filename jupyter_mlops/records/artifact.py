"""A name for bytes that a run left behind, and what they say."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_mlops.records.brief import brief

__all__ = ["ENVIRONMENT", "PICTURES", "Artifact", "ArtifactContent"]

# What a page may draw as a picture: in one, nothing runs and nothing is fetched.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"})
# The packages a run ran with; written when it is asked for, so that no run keeps a copy of it.
ENVIRONMENT = "source/environment.txt"


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file of a run. ``name`` is relative with forward slashes; ``digest`` is the SHA-256 of its bytes."""

    run: str
    name: str
    digest: str
    size: int  # bytes
    media_type: str = "application/octet-stream"


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactContent:
    """A file of a run with what it says, as far as that can be shown: a text, a picture, or neither."""

    artifact: Artifact
    text: str | None = None
    picture: str | None = None  # base64 of all its bytes; of the kind that its media type says
    note: str = ""  # what is not shown, and why
