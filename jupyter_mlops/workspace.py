"""The waist of the house: a store, blobs, settings, a clock, and who is asking.

Nothing else opens a store, reads the clock, makes an id or asks who is there.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from jupyter_mlops.errors import NotFound, Unavailable
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.event import Event
from jupyter_mlops.settings import Settings, account, read_settings
from jupyter_mlops.store import open_blobs, open_store
from jupyter_mlops.store.protocol import Blobs, Store

__all__ = ["Workspace", "new_id", "open_workspace", "refuse_nowhere", "utc_now"]

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u


def utc_now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


_last_made = [0]  # the number behind the latest id of this process


def new_id() -> str:
    """Return 26 characters that sort by time of making: 48 bits of milliseconds, 80 of chance (a ULID).

    What one process makes within a millisecond sorts in the order of making too, as the specification of ULIDs
    asks of a monotonic generator: children of a run would else stand in an order of chance.
    """
    moment = int(utc_now().timestamp() * 1000)
    before = _last_made[0]
    if moment == before >> 80:
        # By a step of chance and not by one: a forked kernel begins with the same number as its parent.
        number = before + 1 + secrets.randbits(64)
    else:
        # The first of a moment leaves the top bit free, so that no step runs over into the next moment.
        number = (moment << 80) | secrets.randbits(79)
    # Without a lock, so that a signal's handler may make one too: two threads may tie, but never meet.
    _last_made[0] = number
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Where a notebook works: its store, its bytes, its clock, and who is asking."""

    settings: Settings
    store: Store
    blobs: Blobs
    actor: Actor
    now: Callable[[], datetime] = utc_now
    new_id: Callable[[], str] = new_id

    def acting_as(self, actor: Actor) -> Workspace:
        """Return the same workspace with somebody else asking."""
        return replace(self, actor=actor)

    def event(self, kind: str, subject: str, **data: object) -> Event:
        """Return a line for the ledger; it is written by the transaction it is appended in."""
        return Event(at=self.now(), actor=self.actor, kind=kind, subject=subject, data=data)


def open_workspace(
    workspace: str | Path | None = None,
    *,
    start: Path | None = None,
    via: Door = Door.PYTHON,
    environ: Mapping[str, str] | None = None,
    **changes: object,
) -> Workspace:
    """Find (see ``settings.read_settings``) and open a workspace; the first open creates its folder.

    Raises
    ------
    NotFound
        A place was named, by argument or environment, whose folder cannot be made: its parent is not there.
    """
    settings = read_settings(workspace, start=start, environ=environ, **changes)
    refuse_nowhere(settings, workspace, os.environ if environ is None else environ)
    if settings.folder is not None:
        _lay_out(settings.folder)
    return Workspace(
        settings=settings,
        store=open_store(settings.store),
        blobs=open_blobs(settings.blobs),
        actor=Actor(name=account(), via=via),
    )


def refuse_nowhere(
    settings: Settings, workspace: str | Path | None, environ: Mapping[str, str], *, read: bool = False
) -> None:
    """Refuse a place that was named and is not there; to write, a new folder may be made in one that is there.

    Raises
    ------
    NotFound
        It would be told as an empty workspace, or be made by a slip.
    """
    named = str(workspace) if workspace is not None else environ.get("JUPYTER_MLOPS_WORKSPACE", "")
    if not named or settings.folder is None:
        return
    project = settings.folder.parent
    if not project.is_dir() and (read or not project.parent.is_dir()):
        by = "" if workspace is not None else " (named by JUPYTER_MLOPS_WORKSPACE)"
        raise NotFound(
            f"there is no workspace at {named!r}{by}: the folder {project} does not exist",
            remedy=f"Check the path; jupyter mlops init {project} makes it.",
            data={"workspace": named},
        )


def _lay_out(folder: Path) -> None:
    """Make the hidden folder: for the owner only, and invisible to version control."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ignore = folder / ".gitignore"
        # Exclusive: two kernels may open the workspace for the first time at once.
        with (
            suppress(FileExistsError),
            os.fdopen(os.open(ignore, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out,
        ):
            out.write("*\n")
    except OSError as failure:
        raise Unavailable(
            f"the workspace folder {folder} cannot be made: {failure.strerror}",
            remedy="Give another place with --workspace or JUPYTER_MLOPS_WORKSPACE.",
        ) from failure


class _Place(ModuleType):
    """Makes this module callable.

    ``mlops.workspace()`` is a promise, and ``jupyter_mlops.workspace`` is where the interpreter puts this module as
    soon as anything imports it: the one attribute must be both.
    """

    def __call__(self, workspace: str | Path | None = None, **options: Any) -> Workspace:
        """Find and open a workspace: see ``open_workspace``."""
        return open_workspace(workspace, **options)


sys.modules[__name__].__class__ = _Place
