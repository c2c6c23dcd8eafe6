"""The manifest of a model version: canonical bytes in the blob folder, read back only when their digest fits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jupyter_mlops.errors import Invalid, NotFound, Untrusted
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.event import canonical
from jupyter_mlops.records.model import Manifest
from jupyter_mlops.store.protocol import Blobs, Digest

__all__ = [
    "check_blob",
    "digest_of",
    "file_reader",
    "hash_blob",
    "manifest_bytes",
    "read_blob",
    "read_manifest",
]

_MAXIMUM = 64 << 20
_CHUNK = 1 << 20
_RESTORE = "Restore the blob folder from a copy, or train and register again."


def digest_of(content: bytes) -> Digest:
    """Return the SHA-256 of *content* in hex."""
    return hashlib.sha256(content).hexdigest()


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return the canonical bytes of *manifest*; their SHA-256 is the digest of a version."""
    return canonical(encode(manifest))


def read_blob(blobs: Blobs, digest: Digest, what: str) -> bytes:
    """Return the bytes under *digest*, hashed again: what is returned is what was promised.

    Raises
    ------
    NotFound
        They are not there.
    Untrusted
        They are not what they were.
    """
    with _telling(what, digest), blobs.open(digest) as file:
        content = file.read()
    _require_same(digest_of(content), digest, what)
    return content


def hash_blob(blobs: Blobs, digest: Digest) -> Digest:
    """Return the SHA-256 of the bytes that lie under *digest* now, read a piece at a time."""
    found = hashlib.sha256()
    with blobs.open(digest) as file:
        while piece := file.read(_CHUNK):
            found.update(piece)
    return found.hexdigest()


def check_blob(blobs: Blobs, digest: Digest, what: str) -> None:
    """Check as ``read_blob`` checks, without holding the bytes in memory."""
    with _telling(what, digest):
        found = hash_blob(blobs, digest)
    _require_same(found, digest, what)


@contextmanager
def _telling(what: str, digest: Digest) -> Iterator[None]:
    """Say whose bytes it is that are gone."""
    try:
        yield
    except NotFound as failure:
        raise NotFound(
            f"the bytes of {what} are gone from the workspace ({digest[:12]}…)",
            remedy=_RESTORE,
            data={"digest": digest},
        ) from failure


def _require_same(found: Digest, digest: Digest, what: str) -> None:
    if found != digest:
        raise Untrusted(
            f"the bytes of {what} were changed: their digest is no longer {digest[:12]}…",
            remedy=_RESTORE,
            data={"digest": digest, "found": found},
        )


def read_manifest(blobs: Blobs, digest: Digest, what: str) -> Manifest:
    """Return the manifest under *digest*, checked as ``read_blob`` checks."""
    content = read_blob(blobs, digest, f"the manifest of {what}")
    try:
        if len(content) > _MAXIMUM:
            raise Invalid(
                f"it has {len(content)} bytes, more than {_MAXIMUM}",
                remedy="Log the model again with run.log_model(model).",
            )
        return decode(Manifest, json.loads(content))
    except (ValueError, RecursionError) as failure:
        raise Untrusted(
            f"the manifest of {what} is not one: {failure}",
            remedy="Log the model again with run.log_model(model).",
        ) from failure


def file_reader(blobs: Blobs, manifest: Manifest, what: str) -> Callable[[str], bytes]:
    """Return what ``formats.load`` asks for files with: a path of *manifest* to its bytes, and no other path."""
    digests = {file.path: file.digest for file in manifest.files}
    return lambda path: read_blob(blobs, digests[path], f"{path} of {what}")
