"""What schedules without a clock wait for: files, datasets, drift, one certain job."""

from __future__ import annotations

import glob
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.jobs.places import find_output, for_people
from jupyter_mlops.jobs.retrying import next_try
from jupyter_mlops.records.job import Job
from jupyter_mlops.records.query import Comparison, Field, Operator, Query, Scope, equal, parse_order
from jupyter_mlops.records.review import Outcome
from jupyter_mlops.records.schedule import After, JobDefinition, OnDataset, OnDrift, OnFile
from jupyter_mlops.settings import Settings
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["WATCHED", "Happening", "file_pattern", "files_now", "happening", "is_over", "seen_now", "watched"]

WATCHED = ("file", "dataset", "drift", "job")  # looked at by every turn
_MOST = 1_000
_MOST_FILES = 2_000
_STILL = timedelta(seconds=3)  # a file that was written to since is thought to be written still
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that makes a schedule due."""

    cause: str  # names it, so that it counts once
    reason: str  # for people
    moment: datetime
    seen: tuple[str, ...]  # what has then been looked at
    last: bool = False  # nothing like it can come again


def watched(when: object) -> str:
    """Return what kind of thing a schedule waits for; nothing for one by the clock."""
    if isinstance(when, After):
        return f"after {when.schedule}" if when.schedule else "job"
    kinds: dict[type, str] = {OnFile: "file", OnDataset: "dataset", OnDrift: "drift"}
    return kinds.get(type(when), "")


def files_now(ws: Workspace, *whens: object) -> dict[str, tuple[str, ...]]:
    """Return, by pattern, the files that are there already: for ``seen_now``, and before a transaction is begun.

    To walk along a tree may take long, and who walks in a write transaction keeps all others from writing.
    """
    found: dict[str, tuple[str, ...]] = {}
    for when in whens:
        if isinstance(when, OnFile) and when.pattern not in found:
            with suppress(Invalid):  # told by seen_now, to those only who need what is there
                found[when.pattern] = _seen(ws, when.pattern)
    return found


def _seen(ws: Workspace, pattern: str) -> tuple[str, ...]:
    return tuple(sorted(_marks(_files(ws.settings, pattern)).values()))


def seen_now(
    ws: Workspace, tx: Transaction, when: object, files: Mapping[str, tuple[str, ...]] = MappingProxyType({})
) -> tuple[str, ...]:
    """Return what is there already as a schedule begins, and so does not make it due.

    Parameters
    ----------
    files
        What ``files_now`` returned. Only a pattern that is not in there is looked for now.
    """
    if isinstance(when, OnFile):
        return files[when.pattern] if when.pattern in files else _seen(ws, when.pattern)
    if isinstance(when, OnDataset):
        return _newest(tx, when.dataset)
    return ()


def happening(ws: Workspace, tx: Transaction, definition: JobDefinition) -> Happening | None:
    """Return what has happened that makes a schedule due; None for nothing.

    Raises
    ------
    Invalid
        More files match than can be looked at.
    """
    when = definition.when
    if isinstance(when, OnFile):
        return _changed(ws, definition, when)
    if isinstance(when, OnDataset):
        newest = _newest(tx, when.dataset)
        if not newest or newest == definition.seen:
            return None
        return Happening(f"version {newest[0]}", f"{when.dataset}:{newest[0]} is new", ws.now(), newest)
    if isinstance(when, OnDrift):
        return _drifted(tx, definition, when)
    return _ended(ws, tx, when) if isinstance(when, After) else None


def is_over(job: Job) -> bool:
    """Tell whether a job has ended and is not about to be tried again."""
    return job.status.ended and (job.followed or next_try(job) is None)


# --- files -----------------------------------------------------------------------------------------------


def file_pattern(settings: Settings, pattern: str) -> str:
    """Return a path or glob as it is kept: as seen from the project's folder where it lies in there.

    Raises
    ------
    Forbidden
        The workspace is confined, and the pattern leads out of it.
    Invalid
        It is no pattern.
    """
    fixed, rest = _split(pattern)
    if "\0" in pattern or ".." in Path(rest).parts:
        raise _unreadable(pattern, "'..' may stand before a wildcard only")
    with suppress(RuntimeError):  # an account that nobody has: then that is a folder's name
        fixed = str(Path(fixed).expanduser())
    # From the project's folder, wherever it is said: it is looked at from anywhere later.
    place = find_output(settings, str(settings.root / fixed / "_")).parent
    return "/".join(filter(None, (for_people(settings, place).removesuffix("/."), rest))).removeprefix("./")


def _split(pattern: str) -> tuple[str, str]:
    """Return the folder that no wildcard is in, and what follows."""
    parts = Path(pattern).parts
    plain = next((place for place, part in enumerate(parts) if glob.has_magic(part)), len(parts) - 1)
    return str(Path(*parts[:plain])), "/".join(parts[plain:])


def _files(settings: Settings, pattern: str) -> list[tuple[str, os.stat_result]]:
    fixed, rest = _split(pattern)
    try:
        found = list(islice(_matching(settings.root / fixed, rest), _MOST_FILES + 1))
    except (ValueError, NotImplementedError, OSError) as failure:
        raise _unreadable(pattern, str(failure)) from failure
    if len(found) > _MOST_FILES:
        raise Invalid(
            f"{pattern!r} names more than {_MOST_FILES:,} files",
            remedy="Narrow the pattern, or wait for one file that is written last.",
        )
    return found


def _matching(base: Path, rest: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the files that match, one by one: what is hidden does not count towards the most that are looked at."""
    for path in base.glob(rest):
        # What begins with a dot is another program's: half of a file that is being copied, a folder of notes.
        if any(part.startswith(".") for part in path.relative_to(base).parts) and "/." not in f"/{rest}":
            continue
        try:
            state = path.stat()
        except OSError:
            continue  # gone meanwhile
        if stat.S_ISREG(state.st_mode):
            yield path.relative_to(base).as_posix(), state


def _unreadable(pattern: str, why: str) -> Invalid:
    return Invalid(
        f"{pattern!r} names no files: {why}",
        remedy="Give a path, or a pattern such as data/*.csv or data/**/*.csv.",
    )


def _marks(files: list[tuple[str, os.stat_result]]) -> dict[str, str]:
    """Return, by name, what tells a file's state from its others."""
    return {
        name: hashlib.sha256(f"{name}\0{state.st_size}\0{state.st_mtime_ns}".encode()).hexdigest()[:16]
        for name, state in files
    }


def _changed(ws: Workspace, definition: JobDefinition, when: OnFile) -> Happening | None:
    files = _files(ws.settings, when.pattern)
    marks, known, now = _marks(files), set(definition.seen), ws.now()
    changed = [(name, state) for name, state in files if marks[name] not in known]
    # Those that are written to still are left for a later look, and hold back no other.
    written = {name for name, state in changed if timedelta() <= now - _changed_at(state) < _STILL}
    changed = [(name, state) for name, state in changed if name not in written]
    seen = tuple(sorted(mark for name, mark in marks.items() if name not in written))
    if seen == definition.seen:
        return None
    if not changed:
        return Happening("", "", now, seen)  # some are gone: that is no reason to run, and is remembered
    newest = max(_changed_at(state) for _, state in changed)
    names = sorted(name for name, _ in changed)
    told = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    before = "\0".join((*definition.seen, "", *seen))
    cause = f"files {hashlib.sha256(before.encode()).hexdigest()[:32]}"
    return Happening(cause, f"{told} changed", newest, seen)


def _changed_at(state: os.stat_result) -> datetime:
    return datetime.fromtimestamp(state.st_mtime, UTC)


# --- the rest ----------------------------------------------------------------------------------------------


def _newest(tx: Transaction, dataset: str) -> tuple[str, ...]:
    found = tx.datasets.find(Query(where=equal(name=dataset), order=parse_order("version desc"), limit=1))
    return (str(found[0].version),) if len(found) else ()


def _drifted(tx: Transaction, definition: JobDefinition, when: OnDrift) -> Happening | None:
    """Look at the last report on the deployment (an id, or ``model@alias``); it counts once."""
    model, at, alias = when.deployment.partition("@")
    served = tx.deployments.find(Query(where=equal(model=model, alias=alias), limit=_MOST)) if at else ()
    names = [deployment.id for deployment in served] or [when.deployment]
    among = Comparison(Field(Scope.ATTRIBUTE, "deployment"), Operator.IN, tuple(names))
    found = tx.reports.find(Query(where=among, order=parse_order("ended desc"), limit=1))
    since = definition.since or definition.last_fired or definition.created
    if not len(found) or found[0].verdict is not Outcome.FAILED or found[0].ended <= since:
        return None
    report = found[0]
    if report.id in definition.seen:
        return None
    return Happening(f"report {report.id}", "live data have drifted", report.ended, (report.id,))


def _ended(ws: Workspace, tx: Transaction, when: After) -> Happening | None:
    try:
        job = tx.jobs.get(when.job)
    except NotFound:
        return None
    if not is_over(job) or not when.ending.matches(job.status):
        return None
    return Happening(f"job {job.id}", f"job {job.short} {job.status}", job.ended or ws.now(), (), last=True)
