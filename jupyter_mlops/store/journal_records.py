"""What stands in a journal, record by record: its length, its checksum, its body.

A point is a record of fixed length, so that many are read at once; the name of its metric is said by a record of
its own before the first point of each file. Notes are JSON. Journals of 0.1.0, which said a name with each point, are
read too.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.records.run import MetricPoint
from jupyter_mlops.store.curves import Curve, joined

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["HEAD", "POINT", "Said", "name_record", "note_record", "parse", "point_record", "read_segment"]

HEAD = struct.Struct("<II")  # length of the body, its crc32
POINT = struct.Struct("<cIqqqd")  # kind, number of the name, sequence, step, microseconds since 1970, value
_NAME = struct.Struct("<cI")  # kind, number; then the name
_POINTS = struct.Struct("<cQqdH")  # as 0.1.0 wrote: kind, first sequence, step, seconds since 1970, how many
_VALUE = struct.Struct("<dH")  # value, length of the name
_LONGEST_BODY = 64 << 20  # a longer one is a damaged length, not a record
_FIRST_LOOK, _LONGEST_LOOK = 64, 1 << 16  # points that are looked at together
_SEQUENCE = attrgetter("sequence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a stretch of a segment holds. ``torn`` counts bytes behind ``end`` that make no whole record."""

    curves: tuple[Curve, ...] = ()
    notes: tuple[Mapping[str, Any], ...] = ()
    end: int = 0
    torn: int = 0
    names: Mapping[int, str] = field(default_factory=dict)  # of metrics, as far as they were said

    def __bool__(self) -> bool:
        return bool(self.curves or self.notes)

    @property
    def points(self) -> tuple[MetricPoint, ...]:
        """The points of all curves, as they were numbered."""
        return tuple(sorted((point for curve in self.curves for point in curve.points()), key=_SEQUENCE))


def point_record(name: int, sequence: int, step: int, time: int, value: float) -> bytes:
    """Return a point, *time* in microseconds since 1970."""
    return _record(POINT.pack(b"Q", name, sequence, step, time, value))


def name_record(number: int, name: str) -> bytes:
    """Return what says how a metric is called."""
    return _record(_NAME.pack(b"K", number) + name.encode("utf-8", "surrogatepass"))


def note_record(note: Mapping[str, object]) -> bytes:
    """Return a note."""
    text = json.dumps(note, separators=(",", ":"), ensure_ascii=False)
    return _record(b"N" + text.encode("utf-8", "surrogatepass"))  # a file's name need be no UTF-8


def _record(body: bytes) -> bytes:
    return HEAD.pack(len(body), zlib.crc32(body)) + body


def read_segment(
    path: Path, owner: str, *, offset: int = 0, most: int = 50_000, names: Mapping[int, str] | None = None
) -> Said:
    """Read whole records from *offset* on, about *most* points at a time.

    An incomplete or damaged record ends the reading: what lies behind it cannot be told from noise.

    Parameters
    ----------
    names
        What the reading before said; without them they are looked up from the start of the file.
    """
    with path.open("rb") as file:
        if offset and names is None:
            names = parse(file.read(offset), owner, most=offset).names
        file.seek(offset)
        # About what is asked for and one long note: a long file is not read again for each stretch of it.
        data = file.read(min(most * _BODIES.size, max(path.stat().st_size - offset, 0)))
        said = parse(data, owner, offset=offset, most=most, names=names)
        if said or not said.torn:
            return said
        return parse(data + file.read(), owner, offset=offset, most=most, names=names)


def parse(
    data: bytes, owner: str, *, offset: int = 0, most: int = 50_000, names: Mapping[int, str] | None = None
) -> Said:
    """Read records from *data*, which starts at *offset* of its file."""
    read = _Reading(owner, dict(names or {}))
    at, look = 0, _FIRST_LOOK
    while read.count < most:
        some = _points_at(data, at, look)
        if some is not None:
            read.add(some)
            at += some.nbytes
            # Notes between the points must not make each look a long one.
            look = min(2 * look, _LONGEST_LOOK) if len(some) == look else _FIRST_LOOK
            continue
        body = _body(data, at)
        if body is None:
            return read.said(offset + at, _torn(data[at:]))
        read.take(body)
        at += HEAD.size + len(body)
    return read.said(offset + at, 0)


def _torn(rest: bytes) -> int:
    """Return how much of *rest* was written: space that the writer was given and has not used is nothing torn."""
    return 0 if rest == bytes(len(rest)) else len(rest.rstrip(b"\0"))


def _body(data: bytes, at: int) -> bytes | None:
    if len(data) - at < HEAD.size:
        return None
    length, checksum = HEAD.unpack_from(data, at)
    body = data[at + HEAD.size : at + HEAD.size + length]
    if not 0 < length <= _LONGEST_BODY or len(body) != length or zlib.crc32(body) != checksum:
        return None
    return body


_FIELDS = [("length", "<u4"), ("checksum", "<u4"), ("kind", "S1"), ("name", "<u4"), ("sequence", "<i8"),
           ("step", "<i8"), ("time", "<i8"), ("value", "<f8")]  # fmt: skip
_BODIES = struct.Struct(f"<{HEAD.size}x{POINT.size}s")


def _points_at(data: bytes, at: int, look: int) -> NDArray[np.void] | None:
    """Return the points that stand at *at* one after the other, no more than *look*; None where none does."""
    size = _BODIES.size
    look = min(look, (len(data) - at) // size)
    if look == 0 or data[at + HEAD.size : at + HEAD.size + 1] != b"Q":
        return None
    import numpy as np

    found = np.frombuffer(data, np.dtype(_FIELDS), look, at)
    alike = (found["length"] == POINT.size) & (found["kind"] == b"Q")
    count = look if alike.all() else int(alike.argmin())
    bodies = _BODIES.iter_unpack(memoryview(data)[at : at + count * size])
    checksums = np.fromiter((zlib.crc32(body) for (body,) in bodies), np.uint32, count)
    whole = checksums == found["checksum"][:count]
    count = count if whole.all() else int(whole.argmin())
    return found[:count] if count else None


class _Reading:
    """What was read so far."""

    def __init__(self, owner: str, names: dict[int, str]) -> None:
        self._owner, self._names = owner, names
        self._notes: list[Mapping[str, Any]] = []
        self._parts: dict[str, list[Curve]] = {}
        self.count = 0

    def add(self, points: NDArray[np.void]) -> None:
        import numpy as np

        self.count += len(points)
        numbers = points["name"]
        if (numbers == numbers[0]).all():
            self._add_one(int(numbers[0]), points)
            return
        points = points[np.argsort(numbers, kind="stable")]
        turns = np.flatnonzero(np.diff(points["name"])) + 1
        for some in np.split(points, turns):
            self._add_one(int(some["name"][0]), some)

    def _add_one(self, number: int, points: NDArray[np.void]) -> None:
        key = self._names.get(number)
        if key is None:  # its name did not reach the disk
            return
        part = Curve(
            self._owner,
            key,
            points["sequence"].copy(),
            points["step"].copy(),
            points["time"].copy(),
            points["value"].copy(),
        )
        self._parts.setdefault(key, []).append(part)

    def take(self, body: bytes) -> None:
        """Take a record that is no point of today's form."""
        if body[:1] == b"K":
            (_, number) = _NAME.unpack_from(body)
            self._names[number] = body[_NAME.size :].decode("utf-8", "surrogatepass")
        elif body[:1] == b"N":
            self._notes.append(json.loads(body[1:]))
        else:
            for one in _old_points(body, self._owner):
                self.count += 1
                self._parts.setdefault(one.key, []).append(one)

    def said(self, end: int, torn: int) -> Said:
        curves = tuple(joined(parts) for parts in self._parts.values())
        return Said(curves=curves, notes=tuple(self._notes), end=end, torn=torn, names=self._names)


def _old_points(body: bytes, owner: str) -> Iterator[Curve]:
    import numpy as np

    _, first, step, seconds, count = _POINTS.unpack_from(body)
    steps, times = np.array([step]), np.array([round(seconds * 1e6)])
    at = _POINTS.size
    for sequence in range(first, first + count):
        value, length = _VALUE.unpack_from(body, at)
        at += _VALUE.size
        key = body[at : at + length].decode()
        yield Curve(owner, key, np.array([sequence]), steps, times, np.array([value]))
        at += length
