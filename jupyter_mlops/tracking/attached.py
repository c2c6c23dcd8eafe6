"""The files of a run, with one that no store keeps: the packages it ran with, written out of what the run says of them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

from jupyter_mlops.errors import MlopsError, NotFound
from jupyter_mlops.records.artifact import ENVIRONMENT, Artifact
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.source import Environment
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.tracking.environment import read_environment
from jupyter_mlops.workspace import Workspace

__all__ = ["artifact_of", "attached_to", "content_of", "environment_of", "merged"]


def environment_of(ws: Workspace, run: Run) -> Environment | None:
    """Return what a run ran with; None where nothing is known of it, or it cannot be read now: no list waits for that."""
    try:
        return read_environment(ws, run.source.environment)
    except (MlopsError, OSError, ValueError):
        return None


def attached_to(ws: Workspace, tx: Transaction, run: Run, folder: str = "") -> tuple[Artifact, ...]:
    """Return what stands among the files of *run* below *folder* and is kept nowhere; a file that the run itself left goes before it."""
    if folder and not ENVIRONMENT.startswith(f"{folder.rstrip('/')}/"):
        return ()  # and nothing is read for it: the bucket may be away
    found = environment_of(ws, run)
    if found is None or _has_own(tx, run):
        return ()
    return (_described(run, _written(found)),)


def merged(page: Page[Artifact], attached: Iterable[Artifact], limit: int) -> Page[Artifact]:
    """Return a first page of files with what is *attached* in its place."""
    more = tuple(attached)
    items = sorted((*page.items, *more), key=lambda file: file.name)[:limit]
    return replace(page, items=tuple(items), total=page.total + len(more))


def artifact_of(ws: Workspace, run: Run, name: str) -> Artifact:
    """Return the file of *run* under *name*; NotFound where there is none."""
    try:
        with ws.store.read() as tx:
            return tx.artifacts.get(run.id, name)
    except NotFound:
        found = environment_of(ws, run) if name == ENVIRONMENT else None
        if found is None:
            raise
        return _described(run, _written(found))


def content_of(ws: Workspace, run: Run, file: Artifact) -> BinaryIO:
    """Return the bytes of a file of *run*, open for reading."""
    found = environment_of(ws, run) if file.name == ENVIRONMENT else None
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
    """Write an environment as pip reads it; what pip has no word for stands in comments."""
    return "".join(f"{' '.join(line.split())}\n" for line in _lines(found)).encode()


def _lines(found: Environment) -> Iterator[str]:
    yield f"# Python {found.python} ({found.implementation}) on {found.platform}"
    yield f"# {found.processor or 'processor unknown'}, {found.cpus or 'unknown number of'} CPUs"
    yield from (f"# {gpu}" for gpu in found.gpus)
    yield from (f"{name}=={version}" for name, version in found.packages.items())
