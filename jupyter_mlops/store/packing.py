"""A stretch of a curve as bytes: columns, each in the fewest bytes that its numbers need, behind a checksum."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from jupyter_mlops.store.curves import Curve

if TYPE_CHECKING:
    from jupyter_mlops.store.curves import Real, Whole

__all__ = ["Damaged", "pack", "unpack"]

_HEAD = struct.Struct("<BII")  # form, checksum of the rest begun with how many, how many points
_COLUMN = struct.Struct("<Bqq")  # bytes a difference takes, first number, least difference
_ALONE = struct.Struct("<q")  # the one number of a column of one
_FORM = 1
_WIDTHS = (1, 2, 4)
_WHOLE_NUMBER = 8  # no differences: the numbers as they are
_FAR = 2**62  # beyond this a difference could overflow


class Damaged(Exception):
    """These bytes are not what was packed."""


def pack(curve: Curve) -> bytes:
    """Return the columns of *curve* as bytes; it holds one point at least."""
    columns = (curve.sequences, curve.steps, curve.times)
    rest = b"".join((*map(_whole, columns), _real(curve.values)))
    return _HEAD.pack(_FORM, zlib.crc32(rest, len(curve)), len(curve)) + rest


def unpack(owner: str, key: str, packed: bytes) -> Curve:
    """Return the curve that was packed.

    Raises
    ------
    Damaged
        A bit is not as it was, or the bytes are of a form that is not known.
    """
    if len(packed) < _HEAD.size:
        raise Damaged
    form, checksum, count = _HEAD.unpack_from(packed)
    if form != _FORM or zlib.crc32(memoryview(packed)[_HEAD.size :], count) != checksum:
        raise Damaged
    sequences, at = _read_whole(packed, _HEAD.size, count)
    steps, at = _read_whole(packed, at, count)
    times, at = _read_whole(packed, at, count)
    return Curve(owner, key, sequences, steps, times, _read_real(packed, at, count))


def _whole(column: Whole) -> bytes:
    import numpy as np

    first = int(column[0])
    if len(column) == 1:
        return _ALONE.pack(first)
    if int(column.min()) < -_FAR or int(column.max()) > _FAR:
        return _COLUMN.pack(_WHOLE_NUMBER, 0, 0) + column.astype("<i8").tobytes()
    differences = np.diff(column)
    least = int(differences.min())
    spread = int(differences.max()) - least
    if spread == 0:
        return _COLUMN.pack(0, first, least)
    width = next((width for width in _WIDTHS if spread < 1 << (8 * width)), None)
    if width is None:
        return _COLUMN.pack(_WHOLE_NUMBER, 0, 0) + column.astype("<i8").tobytes()
    return _COLUMN.pack(width, first, least) + (differences - least).astype(f"<u{width}").tobytes()


def _read_whole(packed: bytes, at: int, count: int) -> tuple[Whole, int]:
    import numpy as np

    if count == 1:
        return np.array(_ALONE.unpack_from(packed, at), np.int64), at + _ALONE.size
    width, first, least = _COLUMN.unpack_from(packed, at)
    at += _COLUMN.size
    if width == 0:
        return first + least * np.arange(count, dtype=np.int64), at
    if width == _WHOLE_NUMBER:
        return np.frombuffer(packed, "<i8", count, at).astype(np.int64), at + 8 * count
    column = np.empty(count, np.int64)
    column[0] = first
    np.cumsum(np.frombuffer(packed, f"<u{width}", count - 1, at) + np.int64(least), out=column[1:])
    column[1:] += first
    return column, at + width * (count - 1)


def _real(column: Real) -> bytes:
    import numpy as np

    with np.errstate(over="ignore"):
        short = column.astype("<f4")
    if np.array_equal(short.astype(np.float64), column, equal_nan=True):
        return b"\4" + short.tobytes()  # losses of most neural networks
    return b"\10" + column.astype("<f8").tobytes()


def _read_real(packed: bytes, at: int, count: int) -> Real:
    import numpy as np

    return np.frombuffer(packed, f"<f{packed[at]}", count, at + 1).astype(np.float64)
