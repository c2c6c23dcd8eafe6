"""A file on its way to a run as a note of the journal: nobody waits for the store, and one that is away costs nothing."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.codec import encode
from jupyter_mlops.workspace import Workspace

__all__ = ["LARGEST", "SMALL", "far", "file_note", "may_travel"]

# Bytes of a file that the journal carries at all: a record of it has room for twice as much.
LARGEST = 32 << 20
SMALL = 512 * 1024  # bytes of a file that the journal carries without being asked twice
_NEAR = ("file:", "sqlite:", "memory:")  # on this machine


def may_travel(content: str | Path | bytes) -> bool:
    """Tell whether the journal could carry a file at all; asked before it is read whole."""
    if isinstance(content, bytes):
        return len(content) <= LARGEST
    path = Path(content)
    return path.is_file() and path.stat().st_size <= LARGEST


def file_note(ws: Workspace, artifact: Artifact, content: bytes, *, carry: bool = False) -> Mapping[str, Any]:
    """Return the note that brings *content* home: with the bytes in it where they are few, else put down first.

    Where nothing can be put down now, the journal carries them after all, up to ``LARGEST``; with *carry* nothing is tried.

    Raises
    ------
    Unavailable
        There is no place for it now, and it is too large to travel.
    """
    if len(content) > (LARGEST if carry else SMALL):
        try:
            digest = ws.blobs.put(io.BytesIO(content))
        except (MlopsError, OSError):
            if len(content) > LARGEST:
                raise
        else:
            return {"artifact": encode(replace(artifact, digest=digest))}
    return {"file": {**encode(artifact), "content": base64.b64encode(content).decode()}}


def far(ws: Workspace) -> bool:
    """Tell whether putting bytes down takes the network, which a hook must not: for the bytes, or to open the store beside them."""
    return not all(place.startswith(_NEAR) for place in (ws.settings.blobs, ws.settings.store))
