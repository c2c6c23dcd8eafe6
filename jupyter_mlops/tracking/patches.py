"""The patch of what was not committed, as a file of each run that names it in its source; the same one is kept once."""

from __future__ import annotations

import hashlib
import io
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_mlops.capture.uncommitted import patch_sentences, uncommitted
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.codec import encode
from jupyter_mlops.workspace import Workspace

__all__ = ["PATCH", "patch_files", "patch_note", "patch_notes", "take_patch"]

PATCH = "source/uncommitted.patch"
_MOST = 16  # patches that wait to be kept with a run

_taken: OrderedDict[str, bytes] = OrderedDict()


def take_patch(root: Path, commit: str) -> str | None:
    """Take what the work tree around *root* has beyond *commit* now; return the digest it is known by, None where there is nothing."""
    patch = uncommitted(root, commit)
    if patch is None:
        return None
    digest = hashlib.sha256(patch).hexdigest()
    _taken.pop(digest, None)  # the latest stands last
    _taken[digest] = patch
    while len(_taken) > _MOST:
        with suppress(KeyError):
            _taken.popitem(last=False)
    return digest


def patch_files(ws: Workspace, digest: str | None) -> tuple[Artifact, ...]:
    """Keep the bytes of a patch that was taken in this process; return the file to be put beside a run, ``run`` left open.

    Nothing where there is none, where the settings say so, or where no bytes can be put down now: no run waits for it.
    """
    patch = _of(digest)
    if digest is None or patch is None or not ws.settings.uncommitted:
        return ()
    try:
        if not ws.blobs.has(digest):  # run after run it is the same
            ws.blobs.put(io.BytesIO(patch))
    except (MlopsError, OSError):
        return ()
    return (Artifact(run="", name=PATCH, digest=digest, size=len(patch), media_type="text/x-diff"),)


def patch_notes(ws: Workspace, digest: str | None) -> tuple[str, ...]:
    """Return what a run has to say of its patch: a sentence for what is not in it as it stood in the work tree."""
    patch = _of(digest) if ws.settings.uncommitted else None
    return () if patch is None else tuple(f"uncommitted changes: {text}" for text in patch_sentences(patch))


def patch_note(ws: Workspace, digest: str | None) -> Mapping[str, Any]:
    """Return the same as fields of a note of surroundings; empty where there is nothing to be kept."""
    files = patch_files(ws, digest)
    return {"files": encode(files), "said": list(patch_notes(ws, digest))} if files else {}


def _of(digest: str | None) -> bytes | None:
    return _taken.get(digest) if digest else None
