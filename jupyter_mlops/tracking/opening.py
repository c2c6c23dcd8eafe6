"""A workspace that is opened at the first need: arming a tracked cell must wait for nothing."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO

from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.settings import Settings, account
from jupyter_mlops.store.protocol import Digest, Transaction
from jupyter_mlops.workspace import Workspace, open_workspace

__all__ = ["workspace_later"]


class _Later:
    """Store and blobs of one workspace, opened by whoever asks first."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._opened: Workspace | None = None

    @property
    def opened(self) -> Workspace:
        with self._lock:
            if self._opened is None:
                place = self._settings.folder or self._settings.store
                self._opened = open_workspace(place, store=self._settings.store, blobs=self._settings.blobs)
            return self._opened

    def waited(self) -> float:
        """Return for how long a writer has been waiting; nobody waits for a store that is not open."""
        return 0.0 if self._opened is None else self._opened.store.waited()

    def close(self) -> None:
        """Close the store; one that nobody has asked for is not opened for it."""
        with self._lock:
            if self._opened is not None:
                self._opened.store.close()


class _LaterStore:
    def __init__(self, later: _Later) -> None:
        self._later = later

    def read(self) -> AbstractContextManager[Transaction]:
        return self._later.opened.store.read()

    def write(self) -> AbstractContextManager[Transaction]:
        return self._later.opened.store.write()

    def waited(self) -> float:
        return self._later.waited()

    def close(self) -> None:
        self._later.close()


class _LaterBlobs:
    def __init__(self, later: _Later) -> None:
        self._later = later

    def put(self, content: BinaryIO) -> Digest:
        return self._later.opened.blobs.put(content)

    def open(self, digest: Digest) -> BinaryIO:
        return self._later.opened.blobs.open(digest)

    def has(self, digest: Digest) -> bool:
        return self._later.opened.blobs.has(digest)

    def size(self, digest: Digest) -> int:
        return self._later.opened.blobs.size(digest)

    def remove(self, digest: Digest, *, unless_since: datetime | None = None) -> None:
        self._later.opened.blobs.remove(digest, unless_since=unless_since)


def workspace_later(settings: Settings, via: Door) -> Workspace:
    """Return the workspace of *settings*; its store and its blobs are opened when they are first used."""
    later = _Later(settings)
    return Workspace(
        settings=settings,
        store=_LaterStore(later),
        blobs=_LaterBlobs(later),
        actor=Actor(name=account(), via=via),
    )
