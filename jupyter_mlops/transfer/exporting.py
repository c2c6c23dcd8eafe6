"""A workspace, or some of its runs, into one file."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from jupyter_mlops.errors import Invalid, NotFound, Unavailable
from jupyter_mlops.records.chain import Head
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.event import canonical
from jupyter_mlops.records.query import equal as where
from jupyter_mlops.records.query import query as asked
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.transfer import Exported
from jupyter_mlops.store.protocol import Collection, Transaction
from jupyter_mlops.store.references import blobs_behind, digests_in
from jupyter_mlops.store.shelves import Shelf
from jupyter_mlops.transfer.bundle import FORMAT, INDEX, Index, Member, blob_name
from jupyter_mlops.transfer.kinds import KINDS, collection, member_of, point_line, record_line
from jupyter_mlops.workspace import Workspace

__all__ = ["export_bundle"]

_PAGE = 1000
_CHUNK = 1 << 20


def export_bundle(ws: Workspace, *, file: str, runs: str | None = None) -> Exported:
    """Write a workspace, or some of its runs, into one file that ``import_bundle`` reads anywhere.

    A run takes along what belongs to it: its cells, points, files, inputs, children, the runs it is part of (not
    their other children), and the job that executed it. A whole workspace takes along everything, its ledger line by line included.

    Parameters
    ----------
    file
        The file to write; it must not be there yet.
    runs
        Which runs, as a query; None: the whole workspace.

    Raises
    ------
    Invalid
        The query cannot be read, or names no run.
    Unavailable
        The file is there already, or cannot be written.
    """
    path = Path(file)
    if path.exists():
        raise Unavailable(f"{file} is there already", remedy="Give another name, or remove it first.")
    part = path.with_name(f".{path.name}.{ws.new_id()[-6:]}.part")
    try:
        with zipfile.ZipFile(part, "x", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            exported = _Writing(ws, archive).write(runs)
        size = part.stat().st_size
        os.link(part, path)  # unlike a rename, never over what somebody put there meanwhile
    except FileExistsError:
        raise Unavailable(
            f"{file} is there already", remedy="Give another name, or remove it first."
        ) from None
    except OSError as failure:
        raise Unavailable(
            f"{file} cannot be written: {failure.strerror}", remedy="Give another place."
        ) from failure
    finally:
        with suppress(OSError):
            part.unlink()
    return Exported(**exported, file=str(path), size=size)


class _Writing:
    """One bundle on its way out: members in order, then the blobs they speak of, then the index."""

    def __init__(self, ws: Workspace, archive: zipfile.ZipFile) -> None:
        self._ws, self._archive = ws, archive
        self._members: dict[str, Member] = {}
        self._digests: set[str] = set()

    def write(self, runs: str | None) -> dict[str, Any]:
        with self._ws.store.read() as tx:
            self._records(tx, runs)
            last = tx.events.head()
        kept, gone = blobs_behind(self._ws.blobs, self._digests)
        for digest in sorted(kept):
            self._blob(digest)
        head = None if last is None else Head(sequence=last.sequence, digest=last.digest, at=last.at)
        index = self._index(head, len(kept), whole=runs is None)
        with self._archive.open(INDEX, "w") as out:
            out.write(index)
        return {
            "digest": hashlib.sha256(index).hexdigest(),
            "whole": runs is None,
            "records": {name.split("/")[1][:-6]: member.lines for name, member in self._members.items()},
            "blobs": len(kept),
            "head": head,
            "missing": tuple(sorted(gone & self._named_as_bytes)),
        }

    def _index(self, head: Head | None, blobs: int, *, whole: bool) -> bytes:
        import jupyter_mlops

        index = Index(
            format=FORMAT,
            software=jupyter_mlops.__version__,
            made=self._ws.now(),
            actor=self._ws.actor,
            whole=whole,
            members=self._members,
            blobs=blobs,
            head=head,
        )
        return canonical(encode(index))

    def _records(self, tx: Transaction, runs: str | None) -> None:
        self._named_as_bytes: set[str] = set()
        chosen = None if runs is None else _chosen(tx, runs)
        for kind in KINDS:
            records = _all(collection(tx, kind)) if chosen is None else _belonging(tx, kind, chosen)
            self._lines(member_of(kind), map(record_line, self._noting(records)))
        owners = chosen if chosen is not None else {run.id: run for run in _all(tx.runs)}
        self._lines("series/metrics.jsonl", (point_line(p) for o in owners for p in _series(tx.metrics, o)))
        self._lines(
            "series/cells.jsonl",
            ({"owner": owner, "cell": encode(cell)} for owner in owners for cell in tx.cells.read(owner)),
        )
        if chosen is None:
            deployed = [d.id for d in _all(tx.deployments)]
            self._lines(
                "series/predictions.jsonl", (encode(p) for d in deployed for p in _series(tx.predictions, d))
            )
            self._lines("series/events.jsonl", map(encode, _ledger(tx)))

    def _noting(self, records: Iterable[Any]) -> Iterator[Any]:
        for record in records:
            digest = getattr(record, "digest", None)
            if isinstance(digest, str) and type(record).__name__ in {"Artifact", "ModelVersion"}:
                self._named_as_bytes.add(digest)
            yield record

    def _lines(self, name: str, lines: Iterable[object]) -> None:
        seen, count = hashlib.sha256(), 0
        with self._archive.open(name, "w", force_zip64=True) as out:
            for line in lines:
                raw = canonical(line) + b"\n"
                self._digests |= digests_in(raw.decode("utf-8", "surrogatepass"))
                seen.update(raw)
                out.write(raw)
                count += 1
        self._members[name] = Member(lines=count, digest=seen.hexdigest())

    def _blob(self, digest: str) -> None:
        # Stored, not packed: models and pictures do not get smaller.
        entry = zipfile.ZipInfo(blob_name(digest), date_time=(1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_STORED
        with self._ws.blobs.open(digest) as content, self._archive.open(entry, "w", force_zip64=True) as out:
            _copy(content, out)


def _copy(content: Any, out: IO[bytes]) -> None:
    while chunk := content.read(_CHUNK):
        out.write(chunk)


def _all(of: Collection[Any], condition: Any = None) -> Iterator[Any]:
    cursor = None
    while True:
        page = of.find(asked(limit=_PAGE, cursor=cursor, also=condition))
        yield from page
        cursor = page.cursor
        if cursor is None:
            return


def _series(series: Any, owner: str) -> Iterator[Any]:
    after = 0
    while batch := series.read(owner, after=after, limit=_PAGE * 10):
        yield from batch
        after = batch[-1].sequence


def _ledger(tx: Transaction) -> Iterator[Any]:
    after = 0
    while batch := tx.events.read(after=after, limit=_PAGE):
        yield from batch
        after = batch[-1].sequence


def _chosen(tx: Transaction, query: str) -> dict[str, Run]:
    """Return the runs asked for, with those they are part of and those that are part of them."""
    chosen: dict[str, Run] = {}
    cursor = None
    while True:
        page = tx.runs.find(asked(query, limit=_PAGE, cursor=cursor, of=Run))
        chosen |= {run.id: run for run in page}
        cursor = page.cursor
        if cursor is None:
            break
    if not chosen:
        raise Invalid(f"no run answers the query {query!r}", remedy="Try it first: jupyter mlops runs QUERY.")
    asked_for = list(chosen.values())
    waiting = list(chosen)
    while waiting:
        children = [c for c in _all(tx.runs, where(parent=waiting.pop())) if c.id not in chosen]
        chosen |= {child.id: child for child in children}
        waiting += [child.id for child in children]
    # Behind the children: what else a parent is made of was not asked for, as the other runs of one job.
    for run in asked_for:
        _with_parents(tx, run, chosen)
    return chosen


def _with_parents(tx: Transaction, run: Run, chosen: dict[str, Run]) -> None:
    while run.parent is not None and run.parent not in chosen:
        try:
            run = tx.runs.get(run.parent)
        except NotFound:
            return
        chosen[run.id] = run


def _belonging(tx: Transaction, kind: Shelf, chosen: dict[str, Run]) -> Iterator[Any]:
    if kind.name == "runs":
        yield from chosen.values()
    elif kind.name == "artifacts":
        for owner in chosen:
            yield from _all(tx.artifacts, where(run=owner))
    elif kind.name == "jobs":
        for job in sorted({run.job for run in chosen.values() if run.job}):
            with suppress(NotFound):
                yield tx.jobs.get(job)
