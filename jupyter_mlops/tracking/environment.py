"""The environment of this process as a blob: taken once, named by its digest in every run."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from contextlib import suppress
from weakref import WeakKeyDictionary

from jupyter_mlops.capture.environment import environment
from jupyter_mlops.errors import Invalid
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
# What was read, by the digest of its bytes: the runs of a project share a few, and a card should not wait for one again.
_read: OrderedDict[str, Environment] = OrderedDict()
_MOST_READ = 32
_LARGEST = 4 << 20  # bytes; an imported run may name any


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
        _remember(digest, this_environment())  # a kernel that shows its own runs need not read it back
    return digest


def read_environment(ws: Workspace, digest: str | None) -> Environment | None:
    """Return the environment under *digest*, read once; None where the run has none, or its bytes are gone, or too many."""
    import json

    if digest is None:
        return None
    found = _read.get(digest)
    if found is not None:
        with suppress(KeyError):  # another thread was faster
            _read.move_to_end(digest)
    else:
        if not ws.blobs.has(digest) or ws.blobs.size(digest) > _LARGEST:
            return None
        with ws.blobs.open(digest) as file:
            text = file.read()
        try:
            found = decode(Environment, json.loads(text))
        except (ValueError, RecursionError) as failure:
            raise Invalid(
                f"environment {digest[:6]} is none: {failure}",
                remedy="The bytes under its digest are of something else.",
            ) from None
        _remember(digest, found)
    return found


def _remember(digest: str, found: Environment) -> None:
    _read[digest] = found
    while len(_read) > _MOST_READ:
        with suppress(KeyError):  # another thread was faster
            _read.popitem(last=False)
