"""The manifest of a model version: canonical bytes in the blob folder, read back only when their digest fits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from jupyter_mlops.errors import Invalid, NotFound, Untrusted
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.event import canonical
from jupyter_mlops.records.model import Manifest
from jupyter_mlops.store.protocol import Blobs, Digest

__all__ = ["digest_of", "file_reader", "manifest_bytes", "read_blob", "read_manifest"]

_MAXIMUM = 64 << 20


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
    try:
        with blobs.open(digest) as file:
            content = file.read()
    except NotFound as failure:
        raise NotFound(
            f"the bytes of {what} are gone from the workspace ({digest[:12]}…)",
            remedy="Restore the blob folder from a copy, or train and register again.",
            data={"digest": digest},
        ) from failure
    if digest_of(content) != digest:
        raise Untrusted(
            f"the bytes of {what} were changed: their digest is no longer {digest[:12]}…",
            remedy="Restore the blob folder from a copy, or train and register again.",
            data={"digest": digest, "found": digest_of(content)},
        )
    return content


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
