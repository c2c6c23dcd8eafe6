"""Plain Python values to bytes that say exactly what they are: equal bytes mean equal values and types."""

from __future__ import annotations

import hashlib
import math
import struct
import uuid
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any, Protocol, cast

__all__ = ["Hasher", "Unreadable", "digest_of_values", "feed_strings", "feed_values"]

_CHUNK = 65_536
_DEEPEST = 40


class Hasher(Protocol):
    """What the hashes of hashlib share."""

    def update(self, data: Any, /) -> None:
        """Take in more bytes."""

    def hexdigest(self) -> str:
        """Return the digest of all bytes so far."""


class Unreadable(Exception):
    """A value with no exact form in bytes: an arbitrary object, a cycle."""


def feed_values(hasher: Hasher, values: Iterable[object]) -> None:
    """Feed *values* in order, with their types.

    Raises
    ------
    Unreadable
        One of them has no exact form.
    """
    stream = iter(values)
    while chunk := list(islice(stream, _CHUNK)):
        hasher.update(_chunk_bytes(chunk))


def _chunk_bytes(chunk: Sequence[Any]) -> bytes:
    kinds = set(map(type, chunk))
    head = struct.pack("<q", len(chunk))
    if kinds == {str}:
        lengths = array("q", map(len, chunk)).tobytes()
        return b"S" + head + lengths + "".join(chunk).encode("utf-8", "surrogatepass")
    if kinds == {float} and not any(map(math.isnan, chunk)):
        return b"R" + head + array("d", chunk).tobytes()
    if kinds == {int}:
        try:
            return b"Z" + head + array("q", chunk).tobytes()
        except OverflowError:
            pass
    return b"*" + head + b"".join([_bytes_of(value, 0) for value in chunk])


def feed_strings(hashers: tuple[Hasher, Hasher, Hasher], values: Iterable[str | None]) -> None:
    """Feed text that may be missing into three hashes: which are missing, lengths in bytes, the bytes themselves."""
    missing, lengths, data = hashers
    stream = iter(values)
    while chunk := list(islice(stream, _CHUNK)):
        gone = None in chunk
        missing.update(bytes([value is None for value in chunk]) if gone else bytes(len(chunk)))
        texts = [value or "" for value in chunk] if gone else cast("list[str]", chunk)
        joined = "".join(texts)
        # Text is nearly always ASCII, and then a character is a byte.
        sizes = texts if joined.isascii() else [text.encode("utf-8", "surrogatepass") for text in texts]
        lengths.update(array("q", map(len, sizes)).tobytes())
        data.update(joined.encode("utf-8", "surrogatepass"))


def _framed(tag: bytes, content: bytes) -> bytes:
    return tag + struct.pack("<q", len(content)) + content


def _float_bytes(value: float) -> bytes:
    return b"f" + struct.pack("<d", math.nan if math.isnan(value) else value)


def _time_bytes(value: Any) -> bytes:
    zone = getattr(value, "tzinfo", None)
    return _framed(
        b"t", f"{type(value).__name__}|{value.isoformat()}|{zone}|{getattr(value, 'fold', 0)}".encode()
    )


def _sequence_bytes(value: Sequence[object], depth: int) -> bytes:
    inside = b"".join(_bytes_of(item, depth + 1) for item in value)
    return _framed(b"l" if isinstance(value, list) else b"u", inside)


def _set_bytes(value: frozenset[object], depth: int) -> bytes:
    return _framed(
        type(value).__name__[:1].encode(), b"".join(sorted(_bytes_of(item, depth + 1) for item in value))
    )


def _mapping_bytes(value: Mapping[object, object], depth: int) -> bytes:
    pairs = (_bytes_of(key, depth + 1) + _bytes_of(item, depth + 1) for key, item in value.items())
    return _framed(b"m", b"".join(pairs))


_EXACT: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda _: b"N",
    bool: lambda value: b"T" if value else b"F",
    int: lambda value: _framed(b"i", b"%x" % value),
    float: _float_bytes,
    complex: lambda value: b"c" + _float_bytes(value.real) + _float_bytes(value.imag),
    str: lambda value: _framed(b"s", value.encode("utf-8", "surrogatepass")),
    bytes: lambda value: _framed(b"b", value),
    bytearray: lambda value: _framed(b"B", bytes(value)),
    Decimal: lambda value: _framed(b"D", str(value).encode()),
    Fraction: lambda value: _framed(b"Q", str(value).encode()),
    uuid.UUID: lambda value: _framed(b"U", value.bytes),
    datetime: _time_bytes,
    date: _time_bytes,
    time: _time_bytes,
    timedelta: lambda value: _framed(b"d", f"{value.days}|{value.seconds}|{value.microseconds}".encode()),
    range: lambda value: _framed(b"r", f"{value.start}|{value.stop}|{value.step}".encode()),
}
_NESTED: dict[type, Callable[[Any, int], bytes]] = {
    list: _sequence_bytes,
    tuple: _sequence_bytes,
    set: _set_bytes,
    frozenset: _set_bytes,
    dict: _mapping_bytes,
}
_PANDAS_TEXT = frozenset({"Timestamp", "Timedelta", "Period", "Interval", "NaTType", "NAType"})


def _bytes_of(value: object, depth: int) -> bytes:
    if depth > _DEEPEST:
        raise Unreadable("nested too deep")
    kind = type(value)
    if kind in _EXACT:
        return _EXACT[kind](value)
    if kind in _NESTED:
        return _NESTED[kind](value, depth)
    if kind.__module__.partition(".")[0] == "pandas" and kind.__name__ in _PANDAS_TEXT:
        return _framed(b"p", f"{kind.__name__}|{value!r}|{getattr(value, 'tzinfo', '')}".encode())
    if kind.__module__ == "numpy":
        return _numpy_bytes(value, depth)
    raise Unreadable(f"no exact form for a {kind.__module__}.{kind.__qualname__}")


def _numpy_bytes(value: Any, depth: int) -> bytes:
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is None or dtype is None:
        raise Unreadable(f"no exact form for a numpy.{type(value).__name__}")
    content = value.tobytes() if dtype.kind in "biumMSU" else _bytes_of(value.tolist(), depth + 1)
    return _framed(b"n", f"{dtype.str}|{shape}|".encode() + content)


def digest_of_values(values: Iterable[object], head: str) -> str:
    """Return the digest of *values* under the heading *head*."""
    hasher = hashlib.sha256(f"{head}|values|".encode())
    feed_values(hasher, values)
    return hasher.hexdigest()
