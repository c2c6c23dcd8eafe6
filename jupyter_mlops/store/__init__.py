"""Where records and bytes rest: opened by URL, each adapter imported when it is first asked for."""

from __future__ import annotations

import re
from pathlib import Path

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.upgrade import Upgrade
from jupyter_mlops.store.protocol import Blobs, Store

__all__ = ["masked", "open_blobs", "open_store", "upgrade_store"]


_SQL = ("sqlite:///", "postgresql://", "postgresql+psycopg://")


def open_store(url: str) -> Store:
    """Open the store at *url*; a place where nothing is yet gets an empty one.

    Parameters
    ----------
    url
        ``sqlite:///relative.db``, ``sqlite:////absolute.db``, ``postgresql://…`` or ``memory://`` (a new, empty
        store at each call). The text after the scheme is taken as it stands, nothing in it is unquoted.

    Raises
    ------
    Invalid
        The scheme is none of these.
    Unavailable
        The place cannot be reached, holds something else, or a schema of another version.
    """
    if url.startswith("memory://"):
        from jupyter_mlops.store.memory import MemoryStore

        return MemoryStore()
    if url.startswith(_SQL):
        from jupyter_mlops.store.sql.store import open_sql

        return open_sql(url)
    raise _no_store(url)


def upgrade_store(url: str) -> Upgrade:
    """Bring the store at *url* to today's schema: all of it or nothing, a backup made first.

    Raises
    ------
    Invalid
        The address is none of a store that has a schema.
    Unavailable
        The store cannot be reached, or its schema is newer than this version knows.
    """
    if not url.startswith(_SQL):
        raise _no_store(url)
    from jupyter_mlops.store.sql.store import upgrade_sql

    return upgrade_sql(url)


def _no_store(url: str) -> Invalid:
    return Invalid(
        f"no store can be opened at {masked(url)!r}",
        remedy="Known: sqlite:///file, postgresql://host/database, memory://.",
    )


def open_blobs(url: str) -> Blobs:
    """Open the place for bytes at *url*.

    Parameters
    ----------
    url
        ``file:///folder`` (made on first use), ``s3://bucket/prefix`` or ``memory://``.

    Raises
    ------
    Invalid
        The scheme is none of these.
    Unavailable
        The library for object stores is not installed, or the place cannot be reached.
    """
    if url.startswith("memory://"):
        from jupyter_mlops.store.blobs import MemoryBlobs

        return MemoryBlobs()
    if url.startswith("file://"):
        from jupyter_mlops.store.blobs import FolderBlobs

        return FolderBlobs(Path(url.removeprefix("file://")))
    if url.startswith("s3://"):
        from jupyter_mlops.store.objects import open_objects

        return open_objects(url)
    raise Invalid(
        f"no place for files can be opened at {masked(url)!r}",
        remedy="Known: file:///folder, s3://bucket/prefix, memory://.",
    )


def masked(url: str) -> str:
    """Return *url* without what may be a password."""
    scheme, _, rest = url.partition("://")
    if rest.startswith("/"):
        return url  # a path: nobody is named in front of it
    address = f"{scheme}://…@{rest.rpartition('@')[2]}" if "@" in rest else url
    return re.sub(r"([?&]password=)[^&]*", r"\1…", address)
