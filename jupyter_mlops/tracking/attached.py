"""The files of a run, with one that no store keeps: the packages it ran with, written out of what the run says of them."""

from __future__ import annotations

import hashlib
import io
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import BinaryIO

from jupyter_mlops.errors import Invalid, MlopsError, NotFound
from jupyter_mlops.records.artifact import ENVIRONMENT, Artifact
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.source import Environment
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.tracking.environment import read_environment
from jupyter_mlops.workspace import Workspace

__all__ = ["artifact_of", "attached_to", "content_of", "environment_of", "merged"]

# As packages are called (PEP 508) and numbered (PEP 440).
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.!+_-]*[A-Za-z0-9])?")
_ASKED_AGAIN = 10.0  # seconds

_away: dict[str, float] = {}  # digest of what could not be read, and until when it is not asked for


def environment_of(ws: Workspace, run: Run, folder: str = "") -> Environment | None:
    """Return what a run ran with, where that may stand below *folder*; None where nothing is known of it, or it cannot be read now.

    It is asked for before a store is read, and of a bucket that is away not again for some seconds: no list waits twice.
    """
    digest = run.source.environment
    if digest is None or (folder and not ENVIRONMENT.startswith(f"{folder.rstrip('/')}/")):
        return None
    if time.monotonic() < _away.get(digest, 0.0):
        return None
    try:
        return read_environment(ws, digest)
    except (MlopsError, OSError, ValueError, RecursionError):
        _away.clear()  # of many runs it is one
        _away[digest] = time.monotonic() + _ASKED_AGAIN
        return None


def attached_to(tx: Transaction, run: Run, found: Environment | None) -> tuple[Artifact, ...]:
    """Return what stands among the files of *run* and is kept nowhere; a file that the run itself left goes before it."""
    return () if found is None or _has_own(tx, run) else (_described(run, _written(found)),)


def merged(page: Page[Artifact], attached: Iterable[Artifact], limit: int) -> Page[Artifact]:
    """Return a first page of files, of which there is no second, with what is *attached* in its place."""
    more = tuple(attached)
    items = sorted((*page.items, *more), key=lambda file: file.name)[:limit]
    return replace(page, items=tuple(items), total=page.total + len(more), cursor=None)


def artifact_of(ws: Workspace, run: Run, name: str) -> Artifact:
    """Return the file of *run* under *name*; NotFound where there is none, Unavailable where nobody can say so now."""
    try:
        with ws.store.read() as tx:
            return tx.artifacts.get(run.id, name)
    except NotFound:
        found = None
        if name == ENVIRONMENT:
            with suppress(Invalid):  # what lies under that digest is no environment
                found = read_environment(ws, run.source.environment)
        if found is None:
            raise
        return _described(run, _written(found))


def content_of(ws: Workspace, run: Run, file: Artifact) -> BinaryIO:
    """Return the bytes of a file of *run*, open for reading."""
    found = read_environment(ws, run.source.environment) if file.name == ENVIRONMENT else None
    if found is not None and _described(run, text := _written(found)) == file:
        return io.BytesIO(text)
    return ws.blobs.open(file.digest)


def _has_own(tx: Transaction, run: Run) -> bool:
    try:
        tx.artifacts.get(run.id, ENVIRONMENT)
    except NotFound:
        return False
    return True


def _described(run: Run, text: bytes) -> Artifact:
    digest = hashlib.sha256(text).hexdigest()
    return Artifact(run=run.id, name=ENVIRONMENT, digest=digest, size=len(text), media_type="text/plain")


def _written(found: Environment) -> bytes:
    """Write an environment as pip reads it; what pip has no word for stands in comments.

    Names come from whoever wrote the blob, another workspace perhaps: one that is none could be an option of pip's, or an address.
    """
    return "".join(f"{' '.join(line.split())}\n" for line in _lines(found)).encode()


def _lines(found: Environment) -> Iterator[str]:
    yield f"# Python {found.python} ({found.implementation}) on {found.platform}"
    yield f"# {found.processor or 'processor unknown'}, {found.cpus or 'unknown number of'} CPUs"
    yield from (f"# {gpu}" for gpu in found.gpus)
    for name, version in found.packages.items():
        plain = _NAME.fullmatch(name) and _VERSION.fullmatch(version)
        yield f"{name}=={version}" if plain else f"# {name} {version}"
