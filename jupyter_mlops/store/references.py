"""Which blobs records speak of: every digest in them, and those in the manifests these digests name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from jupyter_mlops.errors import NotFound
from jupyter_mlops.store.protocol import Blobs, Digest

__all__ = ["blobs_behind", "digests_in"]

_DIGEST = re.compile(r"[0-9a-f]{64}")
_LARGEST_LIST = 4 << 20  # bytes; a manifest, an environment, an evidence document are smaller


def digests_in(text: str) -> set[Digest]:
    """Return whatever in *text* could be a digest: one too many costs a look, one too few costs the bytes."""
    return set(_DIGEST.findall(text))


def blobs_behind(blobs: Blobs, digests: set[Digest]) -> tuple[set[Digest], set[Digest]]:
    """Return the digests whose bytes are kept, documents followed, and those that records name and nobody keeps.

    Digests of data and of cells name no bytes and are in neither.
    """
    found: set[Digest] = set()
    waiting = set(digests)
    while waiting:
        digest = waiting.pop()
        if digest in found or not blobs.has(digest):
            continue
        found.add(digest)
        waiting |= set(_inside(blobs, digest)) - found
    return found, digests - found


def _inside(blobs: Blobs, digest: Digest) -> Iterator[Digest]:
    try:
        if blobs.size(digest) > _LARGEST_LIST:
            return
        with blobs.open(digest) as file:
            content = file.read()
        if content[:1] in {b"{", b"["}:
            json.loads(content)
            yield from digests_in(content.decode())
    except (NotFound, ValueError):
        return
