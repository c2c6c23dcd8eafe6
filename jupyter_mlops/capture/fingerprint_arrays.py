"""The exact digest of NumPy arrays, at the speed of the hash: contiguous memory is fed as it lies, without a copy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from jupyter_mlops.capture.fingerprint_values import Hasher, Unreadable, digest_of_values

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

__all__ = ["Unreadable", "array_digest", "array_digests", "column_digests"]

# Large enough that a call costs nothing beside the hash, small enough to stay in the cache between two readers.
_TILE = 512 * 1024
_TURNED = 4 * _TILE  # of several columns at once: each gets a piece worth a call
_TABLE = 2  # dimensions
_LINE, _CROWDED = (
    64,
    512,
)  # bytes of a cache line, and of rows from whose lengths on a cache has few lines for a column
_MOST_COLUMNS = (
    1024  # a wider array is an image or an embedding: nobody asks for its columns, and turning it costs
)


def array_digest(array: Array) -> str:
    """Return the digest of dtype, shape and every element in C order; the memory layout does not count.

    Raises
    ------
    Unreadable
        The array holds objects with no exact form.
    """
    return array_digests(array)[0]


def array_digests(array: Array) -> tuple[str, list[str]]:
    """Return the digest of an array and, of a table of numbers that is not too wide, those of its columns.

    Raises
    ------
    Unreadable
        The array holds objects with no exact form.
    """
    import numpy as np

    array = np.asarray(array)
    head = f"array|{array.dtype.str}|{array.shape}"
    if array.dtype.names:
        parts = [f"{name}={array_digest(array[name])}" for name in array.dtype.names]
        return hashlib.sha256("|".join([head, str(array.dtype), *parts]).encode()).hexdigest(), []
    if array.dtype.kind == "O":
        return digest_of_values(array.ravel().tolist(), head), []
    if array.dtype.kind in "VT" or (array.dtype.kind in "fc" and array.dtype.itemsize > 16 // _halves(array)):
        return digest_of_values([repr(item) for item in array.ravel()], head), []
    if array.ndim == _TABLE and 1 < array.shape[1] <= _MOST_COLUMNS:
        parts = column_digests([array[:, i] for i in range(array.shape[1])])
        return hashlib.sha256("|".join([head, *parts]).encode()).hexdigest(), parts
    hasher = hashlib.sha256(head.encode())
    for tile in _tiles(array):
        _feed(hasher, tile)
    return hasher.hexdigest(), []


def _halves(array: Array) -> int:
    # A long double has bytes nobody sets; a complex of plain doubles is as wide and has none.
    return 1 if array.dtype.kind == "c" else 2


def column_digests(columns: Sequence[Array]) -> list[str]:
    """Return one digest per one-dimensional array of numbers, booleans or times: its dtype, length and elements."""
    digests = [""] * len(columns)
    for run in _runs(columns):
        hashers = [hashlib.sha256(f"{columns[i].dtype.str}|{columns[i].shape[0]}|".encode()) for i in run]
        if len(run) == 1:
            for tile in _tiles(columns[run[0]]):
                _feed(hashers[0], tile)
        else:
            _feed_interleaved(hashers, columns[run[0]], len(run))
        for i, hasher in zip(run, hashers, strict=True):
            digests[i] = hasher.hexdigest()
    return digests


def _runs(columns: Sequence[Array]) -> Iterator[list[int]]:
    """Group neighbours that lie side by side in the rows of one block of memory."""
    run: list[int] = []
    for i, column in enumerate(columns):
        if run and not _beside(columns[run[-1]], column):
            yield run
            run = []
        run.append(i)
    if run:
        yield run


def _beside(left: Array, right: Array) -> bool:
    width = left.dtype.itemsize
    return (
        left.dtype == right.dtype
        and left.dtype.kind in "biufcmM"
        and left.shape == right.shape
        and left.strides == right.strides
        and left.strides[0] > width
        and _address(right) - _address(left) == width
    )


def _address(array: Array) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _feed_interleaved(hashers: Sequence[Hasher], first: Array, count: int) -> None:
    import numpy as np

    rows, width = first.shape[0], first.dtype.itemsize
    # The columns between were checked to lie one after the other, so this view covers exactly them.
    block = np.lib.stride_tricks.as_strided(first, (rows, count), (first.strides[0], width), writeable=False)
    step = min(rows, max(256, _TURNED // (count * width)))
    # Where a row is a power of two long, a column's values share few places in the cache: a line more, and they do not.
    crowded = first.strides[0] % _CROWDED == 0
    apart = np.empty((step if crowded else 0, count + max(1, _LINE // width)), first.dtype)[:, :count]
    for start in range(0, rows, step):
        piece = block[start : start + step]
        if crowded:
            apart[: len(piece)] = piece
            piece = apart[: len(piece)]
        turned = _canonical(np.ascontiguousarray(piece.T))
        for hasher, column in zip(hashers, turned, strict=True):
            hasher.update(column.view(np.uint8))


def _tiles(array: Array) -> Iterator[Array]:
    import numpy as np

    if not array.size:
        return
    if array.flags.c_contiguous:
        flat = array.reshape(-1)
        step = max(1, _TILE // max(1, array.dtype.itemsize))
        for start in range(0, flat.shape[0], step):
            yield flat[start : start + step]
        return
    step = max(1, _TILE * array.shape[0] // max(1, array.nbytes))
    for start in range(0, array.shape[0], step):
        yield np.ascontiguousarray(array[start : start + step]).reshape(-1)


def _feed(hasher: Hasher, tile: Array) -> None:
    import numpy as np

    if tile.dtype.itemsize:
        hasher.update(_canonical(tile).view(np.uint8))


def _canonical(tile: Array) -> Array:
    """Give every not-a-number the same bytes: 0/0 and ``nan`` differ in their sign on this hardware."""
    import numpy as np

    if tile.dtype.kind not in "fc":
        return tile
    parts = (
        tile.view(f"{tile.dtype.byteorder}f{tile.dtype.itemsize // 2}") if tile.dtype.kind == "c" else tile
    )
    odd = np.isnan(parts)
    if not odd.any():
        return tile
    parts = parts.copy()
    parts[odd] = np.nan
    return parts
