"""Bytes in an object store (S3 and what speaks like it), under the digest of their content."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, cast

from jupyter_mlops.errors import NotFound, Unavailable
from jupyter_mlops.store.blobs import checked_digest
from jupyter_mlops.store.protocol import Digest

__all__ = ["ObjectBlobs", "open_objects"]

_CHUNK = 1 << 20
_IN_MEMORY = 16 << 20  # bytes held before a temporary file is used
# Bytes put again while they are so young are not sent again; a collection leaves alone what is twice as old.
_FRESH = timedelta(minutes=30)
# A person waits for what is logged by hand: a server that refuses is given up within seconds (the library's own numbers are 10 tries
# and 3 minutes), one that takes the request and says nothing when the library's half a minute is over. What a run could not put down
# waits in its journal and is tried again from there; an import is taken up where it was cut short.
_TRIES = 4
_GIVES_UP = timedelta(seconds=10)


def open_objects(url: str) -> ObjectBlobs:
    """Open *url*, ``s3://bucket/prefix``; who we are there is read from the environment (``AWS_…``).

    Raises
    ------
    Unavailable
        The library is not installed, or the address cannot be used.
    """
    try:
        from obstore.exceptions import BaseError
        from obstore.store import S3Store
    except ImportError:
        raise Unavailable(
            f"{url} needs a library for object stores that is not installed",
            remedy="Run: pip install obstore",
        ) from None
    try:
        patience: Any = {"max_retries": _TRIES, "retry_timeout": _GIVES_UP}
        return ObjectBlobs(S3Store.from_url(url, retry_config=patience), url)
    except (BaseError, ValueError) as failure:
        raise Unavailable(
            f"{url} cannot be opened: {failure}", remedy="Write s3://bucket/prefix."
        ) from failure


class ObjectBlobs:
    """Immutable keys ``ab/cdef…`` in an object store; each put is atomic there.

    Parameters
    ----------
    objects
        A store of the obstore library.
    place
        How sentences name it.
    """

    def __init__(self, objects: Any, place: str) -> None:
        self._objects = objects
        self._place = place

    def put(self, content: BinaryIO) -> Digest:
        """Keep the bytes of *content* from where it stands; the same bytes are kept once."""
        import obstore

        found = hashlib.sha256()
        # The key is known only after the last byte.
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as waiting:
            while chunk := content.read(_CHUNK):
                found.update(chunk)
                waiting.write(chunk)
            digest = found.hexdigest()
            if not self._fresh(digest):
                waiting.seek(0)
                with self._translated(digest):
                    try:
                        obstore.put(self._objects, _key(digest), waiting)
                    except FileNotFoundError as failure:
                        raise Unavailable(
                            f"{self._place} cannot be written: there is no such bucket",
                            remedy="Make the bucket first, or check its name and AWS_ENDPOINT_URL.",
                        ) from failure
        return digest

    def open(self, digest: Digest) -> BinaryIO:
        """Return the bytes as a readable file."""
        import obstore

        with contextlib.ExitStack() as undo:
            local = undo.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))
            with self._translated(digest):
                for chunk in obstore.get(self._objects, _key(digest)).stream(_CHUNK):
                    local.write(chunk)
            local.seek(0)
            undo.pop_all()
            return cast("BinaryIO", local)

    def has(self, digest: Digest) -> bool:
        """Tell whether the bytes are here."""
        try:
            self.size(digest)
        except NotFound:
            return False
        return True

    def size(self, digest: Digest) -> int:
        """Return their length."""
        import obstore

        with self._translated(digest):
            return int(obstore.head(self._objects, _key(digest))["size"])

    def remove(self, digest: Digest, *, unless_since: datetime | None = None) -> None:
        """Forget the bytes, if they are here and were not put since."""
        import obstore

        with contextlib.suppress(NotFound), self._translated(digest):
            if unless_since is None or self._dated(digest) < unless_since - 2 * _FRESH:
                obstore.delete(self._objects, _key(digest))

    def _fresh(self, digest: Digest) -> bool:
        """Tell whether the bytes are here, and young enough that no collection takes them before a record names them."""
        try:
            return datetime.now(UTC) - self._dated(digest) < _FRESH
        except NotFound:
            return False

    def _dated(self, digest: Digest) -> datetime:
        import obstore

        with self._translated(digest):
            dated: datetime = obstore.head(self._objects, _key(digest))["last_modified"]
        return dated

    @contextlib.contextmanager
    def _translated(self, digest: Digest) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except FileNotFoundError:
            raise NotFound(
                f"no bytes are kept under {digest}",
                remedy="They were deleted or never copied: restore the bucket from a copy.",
            ) from None
        except BaseError as failure:
            reason = str(failure).strip().splitlines()[0]
            raise Unavailable(
                f"{self._place} did not do its part: {reason}",
                remedy="Check the address, AWS_ENDPOINT_URL and the credentials in the environment.",
            ) from failure


def _key(digest: Digest) -> str:
    checked_digest(digest)
    return f"{digest[:2]}/{digest[2:]}"
