"""A bundle: one ZIP file that holds records as lines of canonical JSON, blobs under their digests, and a list of both.

::

    bundle.json             format, who, when, the digest and number of lines of each member below, the ledger's head
    records/runs.jsonl      one record a line; a kind for each collection of the store
    series/metrics.jsonl    [run, sequence, name, value, step, time]
    series/cells.jsonl      {owner, cell}
    series/events.jsonl     the ledger, line by line; only where the whole workspace is in the bundle
    blobs/<sha-256>         bytes

The digest of ``bundle.json`` is the digest of the bundle: it covers every member, and a blob's name covers its bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from jupyter_mlops.errors import Invalid, NotFound, Unavailable, Untrusted
from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.chain import Head
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.frozen import freeze_mappings

__all__ = ["FORMAT", "INDEX", "Index", "Member", "Opened", "blob_name", "open_bundle"]

FORMAT = 1
INDEX = "bundle.json"
_NAME = re.compile(r"(?:records|series)/[a-z]{1,20}\.jsonl|blobs/[0-9a-f]{64}|bundle\.json")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST_ENTRIES = 5_000_000
_LONGEST_LINE = 64 << 20  # bytes; a record is far smaller
_LONGEST_INDEX = 4 << 20
_REMEDY = "Export it again, or fetch the file again: nothing was imported."


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of lines: how many, and the SHA-256 of them all."""

    lines: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The content of ``bundle.json``."""

    format: int
    software: str
    made: datetime
    actor: Actor
    whole: bool
    members: Mapping[str, Member] = field(default_factory=dict)
    blobs: int = 0
    head: Head | None = None

    def __post_init__(self) -> None:
        freeze_mappings(self, "members")


def blob_name(digest: str) -> str:
    """Return where the bytes under *digest* stand in a bundle."""
    return f"blobs/{digest}"


def damaged(why: str, **data: object) -> Untrusted:
    """Return the error that says why a bundle is not read."""
    return Untrusted(f"the bundle is refused: {why}", remedy=_REMEDY, data=data)


class Opened:
    """A bundle that is being read. Every line and every blob is checked against its digest before it is handed out."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        raw = self._index_bytes()
        self.digest = hashlib.sha256(raw).hexdigest()
        self.index = _read_index(raw)
        self.blobs = tuple(sorted(name[6:] for name in archive.namelist() if name.startswith("blobs/")))
        if len(self.blobs) != self.index.blobs:
            raise damaged(f"it names {self.index.blobs} blobs and holds {len(self.blobs)}")
        for name in self.index.members:
            if not _NAME.fullmatch(name) or name not in archive.NameToInfo:
                raise damaged(f"it names a member {name!r} that it does not hold")

    def _index_bytes(self) -> bytes:
        try:
            info = self._archive.getinfo(INDEX)
        except KeyError:
            raise damaged(f"it has no {INDEX}; it is not a bundle of ours") from None
        if info.file_size > _LONGEST_INDEX:
            raise damaged(f"its {INDEX} has {info.file_size} bytes")
        return self._archive.read(info)

    def check(self) -> None:
        """Read every member once and compare it with its digest; ``Untrusted`` where one differs."""
        for name, member in self.index.members.items():
            seen, lines = hashlib.sha256(), 0
            for line in self._raw(name):
                seen.update(line)
                lines += 1
            if seen.hexdigest() != member.digest or lines != member.lines:
                raise damaged(f"{name} was changed: its lines no longer have the digest written beside them")

    def lines(self, name: str) -> Iterator[Any]:
        """Return the parsed lines of a member; none where the bundle has no such member."""
        if name not in self.index.members:
            return
        for number, line in enumerate(self._raw(name), 1):
            try:
                yield json.loads(line)
            except ValueError as failure:
                raise damaged(f"{name} line {number} is not JSON ({failure})") from None

    def blob(self, digest: str) -> BinaryIO:
        """Return the bytes called *digest*; whoever keeps them compares what they come to."""
        return self._archive.open(blob_name(digest))  # type: ignore[return-value]

    def member(self, name: str) -> BinaryIO:
        """Return the bytes of a member."""
        return self._archive.open(name)  # type: ignore[return-value]

    def _raw(self, name: str) -> Iterator[bytes]:
        with self._archive.open(name) as file:
            while line := file.readline(_LONGEST_LINE):
                if len(line) == _LONGEST_LINE:
                    raise damaged(f"{name} has a line longer than {_LONGEST_LINE} bytes")
                yield line


def _read_index(raw: bytes) -> Index:
    try:
        data = json.loads(raw)
        version = data["format"]
    except (ValueError, KeyError, TypeError):
        raise damaged(f"its {INDEX} cannot be read") from None
    if version != FORMAT:
        raise Invalid(
            f"the bundle has format {version!r}; this version reads format {FORMAT}",
            remedy="Import it with the version that wrote it, or a newer one.",
        )
    index = decode(Index, data, at=INDEX)
    if not all(_DIGEST.fullmatch(member.digest) for member in index.members.values()):
        raise damaged(f"a digest in its {INDEX} is none")
    return index


class _Closing:
    """The open file and what is read from it, closed together."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Opened:
        self._archive = _archive(self._path)
        return Opened(self._archive)

    def __exit__(self, *_: object) -> None:
        self._archive.close()


def open_bundle(path: Path) -> _Closing:
    """Open the bundle at *path*, as a context.

    Raises
    ------
    NotFound
        There is no such file.
    Untrusted
        It is no bundle, or holds names that no bundle of ours has.
    """
    return _Closing(path)


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}", remedy="Check the path.") from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as failure:
        raise damaged(f"it is not a whole archive ({failure})") from None
    except OSError as failure:
        raise Unavailable(
            f"{path} cannot be read: {failure.strerror}", remedy="Check its permissions."
        ) from failure
    try:
        _check_entries(archive.infolist())
    except Untrusted:
        archive.close()
        raise
    return archive


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _MOST_ENTRIES:
        raise damaged(f"it has {len(entries)} entries")
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if name != entry.orig_filename or not _NAME.fullmatch(name) or name in seen:
            raise damaged(f"it holds an entry called {entry.orig_filename!r}")
        seen.add(name)
        if entry.flag_bits & 0x1 or entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise damaged(f"{name!r} is encrypted or packed in an unknown way")
