"""A first look at a skops archive, before any library reads it: sizes, names, links, and the shape of its text."""

from __future__ import annotations

import io
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_mlops.errors import Untrusted
from jupyter_mlops.records.pairs import each_once

__all__ = ["DAMAGED", "Limits", "open_archive", "refuse"]

# What reading an entry raises where its bytes are not what they should be; RuntimeError: encrypted after all.
DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError)


class Limits:
    """How large a model may be. Bytes are uncompressed."""

    entries = 100_000
    total = 8 << 30
    ratio = 100  # beyond ``ratio_from`` only: a small sparse array compresses very well, and harms nobody
    ratio_from = 64 << 20
    schema = 256 << 20
    depth = 200


_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}\.(?:npy|npz|bin)")
_REMEDY = (
    "Log the fitted model again with run.log_model(model); do not load files from people you do not know."
)


def refuse(why: str, **data: object) -> Untrusted:
    """Return the error that says why a model file is not loaded."""
    return Untrusted(f"the model file is refused: {why}", remedy=_REMEDY, data=data)


def open_archive(content: bytes) -> tuple[zipfile.ZipFile, Mapping[str, Any]]:
    """Return the archive in *content* and its parsed schema.

    Raises
    ------
    Untrusted
        It is damaged, too large, or holds names that no model of ours has.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
    except DAMAGED as failure:
        raise refuse(f"it is not a whole archive ({failure})") from None
    _check_sizes(entries, len(content))
    seen: set[str] = set()
    for entry in entries:
        _check_entry(entry, seen)
    for entry in entries:
        if entry.filename.endswith((".npy", ".npz")):
            _check_array(archive, entry)
    return archive, _schema(archive)


def _check_sizes(entries: list[zipfile.ZipInfo], packed: int) -> None:
    total = sum(entry.file_size for entry in entries)
    if len(entries) > Limits.entries:
        raise refuse(f"it has {len(entries)} entries, more than {Limits.entries}")
    if total > Limits.total or (total > Limits.ratio_from and total > Limits.ratio * packed):
        raise refuse(f"its {packed} bytes unpack to {total}", packed=packed, total=total)


def _check_entry(entry: zipfile.ZipInfo, seen: set[str]) -> None:
    name = entry.filename
    if name.casefold() in seen:
        raise refuse(f"the name {name!r} stands in it twice")
    seen.add(name.casefold())
    # orig_filename: zipfile cuts a name at a NUL and mends separators before we see it.
    if name != entry.orig_filename or not (name == "schema.json" or _NAME.fullmatch(name)):
        raise refuse(f"it holds an entry called {entry.orig_filename!r}")
    if stat.S_IFMT(entry.external_attr >> 16) not in {0, stat.S_IFREG}:
        raise refuse(f"{name!r} is a link or a device, not a file")
    if entry.flag_bits & 0x1 or entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise refuse(f"{name!r} is encrypted or packed in an unknown way")


def _check_array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    try:
        if entry.filename.endswith(".npz"):
            _check_bundle(archive.read(entry))
        else:
            with archive.open(entry) as file:
                _check_header(file, entry.file_size, entry.filename)
    except DAMAGED as failure:
        raise refuse(f"{entry.filename!r} cannot be read ({failure})") from None


def _check_bundle(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        _check_sizes(bundle.infolist(), len(content))
        for entry in bundle.infolist():
            with bundle.open(entry) as file:
                _check_header(file, entry.file_size, entry.filename)


def _check_header(file: Any, size: int, name: str) -> None:
    """Refuse object arrays, and a shape that promises more than the file holds: numpy would allocate it."""
    from math import prod

    from numpy.lib import format as npy

    version = npy.read_magic(file)
    if version == (1, 0):
        shape, _, dtype = npy.read_array_header_1_0(file)
    elif version == (2, 0):
        shape, _, dtype = npy.read_array_header_2_0(file)
    else:
        raise refuse(f"{name!r} has an unknown array version {version}")
    if dtype.hasobject:
        raise refuse(f"{name!r} holds Python objects, which only pickle can read")
    if file.tell() + prod(shape) * dtype.itemsize != size:
        raise refuse(f"{name!r} promises an array of {shape} but has {size} bytes")


def _schema(archive: zipfile.ZipFile) -> Mapping[str, Any]:
    try:
        entry = archive.getinfo("schema.json")
    except KeyError:
        raise refuse("it has no schema.json") from None
    if entry.file_size > Limits.schema:
        raise refuse(f"its schema.json has {entry.file_size} bytes, more than {Limits.schema}")
    try:
        schema = json.loads(archive.read(entry), object_pairs_hook=each_once)
    except RecursionError:
        raise refuse(f"its schema.json is nested deeper than {Limits.depth}") from None
    except DAMAGED as failure:
        raise refuse(f"its schema.json cannot be read ({failure})") from None
    if not isinstance(schema, dict):
        raise refuse("its schema.json is not an object")
    if any(depth > Limits.depth for depth in _depths(schema)):
        raise refuse(f"its schema.json is nested deeper than {Limits.depth}")
    return schema


def _depths(schema: object) -> Iterator[int]:
    waiting: list[tuple[object, int]] = [(schema, 1)]
    while waiting:
        value, depth = waiting.pop()
        yield depth
        if depth <= Limits.depth and isinstance(value, (dict, list)):
            inner = value.values() if isinstance(value, dict) else value
            waiting.extend((item, depth + 1) for item in inner if isinstance(item, (dict, list)))
