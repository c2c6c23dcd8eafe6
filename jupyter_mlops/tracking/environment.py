"""The environment of this process as a blob: taken once, named by its digest in every run."""

from __future__ import annotations

import io
import threading
from weakref import WeakKeyDictionary

from jupyter_mlops.capture.environment import environment
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.event import canonical
from jupyter_mlops.records.source import Environment
from jupyter_mlops.store.protocol import Blobs
from jupyter_mlops.workspace import Workspace

__all__ = ["environment_digest", "read_environment", "this_environment"]

_lock = threading.Lock()
_taken: list[Environment] = []
# By the place itself: the address of one that is gone may soon be another's.
_kept: WeakKeyDictionary[Blobs, str] = WeakKeyDictionary()


def this_environment() -> Environment:
    """Return the environment of this process; the first call takes tens of milliseconds."""
    with _lock:
        if not _taken:
            _taken.append(environment())
        return _taken[0]


def environment_digest(ws: Workspace) -> str:
    """Keep this process's environment with the workspace, once, and return the digest of its bytes."""
    digest = _kept.get(ws.blobs)
    if digest is None:
        digest = _kept[ws.blobs] = ws.blobs.put(io.BytesIO(canonical(encode(this_environment()))))
    return digest


def read_environment(ws: Workspace, digest: str | None) -> Environment | None:
    """Return the environment under *digest*; None where the run has none or its bytes are gone."""
    import json

    if digest is None or not ws.blobs.has(digest):
        return None
    with ws.blobs.open(digest) as file:
        return decode(Environment, json.loads(file.read()))
