"""Large data whose digest this run has taken, by identity: a loop over models that answer for a gigabyte digests it once.

Only where digesting again would be felt, only within a run, and only for plain numbers; anything else is digested each time.
Whether such data are still what they were is judged by a mark that costs a fraction of the digest: type, shape, names, and a
weighted sum of every few hundred numbers, in which each place has a weight of its own. Any one changed value changes it, and
several at once, exchanged ones too, are missed only by a chance too small to count.
"""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from types import FrameType
from typing import Any

from jupyter_mlops.capture.estimators.training import input_of
from jupyter_mlops.records.run import RunInput

__all__ = ["Digested", "mark_of"]

LARGE = 64 << 20  # bytes; smaller data are digested in a few hundredths of a second
_REMEMBERED = 32
_STRETCH = 512  # words that are summed together
_BLOCK = 128  # stretches that are looked at together: half a megabyte stays in the processor's cache
_PLAIN, _WORD = "biufmM", 8  # kinds of numbers that can be summed as they lie, and the bytes of a word


@dataclass(frozen=True, slots=True)
class _Taken:
    data: weakref.ref[Any]
    mark: object
    record: RunInput


class Digested:
    """The records of data, each with a weak way back to them."""

    def __init__(self) -> None:
        self._taken: dict[int, _Taken] = {}

    def clear(self) -> None:
        """Forget them all: a run begins, and what it is given is looked at anew."""
        self._taken.clear()

    def find(self, data: Any) -> RunInput | None:
        """Return the record of these very data, if they are what they were when it was taken."""
        known = self._taken.get(id(data))
        if known is None or known.data() is not data:
            return None
        return known.record if known.mark == mark_of(data) else None

    def record(self, data: Any, role: str, caller: FrameType | None, name: str) -> RunInput | None:
        """Return the record of *data* for *role*; digested now, unless they were already."""
        known = self.find(data)
        if known is not None:
            return replace(known, role=role, name=name)
        taken = input_of(data, role, caller, name)
        mark = mark_of(data) if taken is not None else None
        if taken is not None and mark is not None:
            while len(self._taken) >= _REMEMBERED:
                del self._taken[next(iter(self._taken))]
            self._taken.pop(id(data), None)
            self._taken[id(data)] = _Taken(weakref.ref(data), mark, taken)
        return taken


def mark_of(data: Any) -> object:
    """Return what tells large *data* from what they were; None where nothing can, or digesting them costs as little."""
    if getattr(data, "shape", None) is None or getattr(type(data), "__weakrefoffset__", 0) == 0:
        return None
    try:
        parts = tuple(_parts(data))
        if any(part is None for part in parts) or sum(part.nbytes for part in parts) < LARGE:
            return None
        return type(data), tuple(data.shape), _names(data), *(_sums(part) for part in parts)
    except Exception:  # noqa: BLE001 - data in the user's kernel may raise anything when looked at
        return None


def _parts(data: Any) -> Iterator[Any]:
    """Yield the arrays that *data* consist of; None where one is of anything but plain numbers."""
    import numpy as np

    if hasattr(data, "tocsr"):
        yield from (_plain(getattr(data, name)) for name in ("data", "indices", "indptr"))
    elif type(data) is np.ndarray:  # a masked array has a mask beside it
        yield _plain(data)
    elif hasattr(data, "iloc"):
        dtypes = set(data.dtypes) if hasattr(data, "columns") else {data.dtype}
        plain = len(dtypes) == 1 and all(isinstance(dtype, np.dtype) for dtype in dtypes)
        yield _plain(data.to_numpy()) if plain else None
        if type(data.index).__name__ != "RangeIndex":
            yield _plain(data.index.to_numpy()) if isinstance(data.index.dtype, np.dtype) else None
    else:
        yield None


def _plain(array: Any) -> Any:
    return array if array.dtype.kind in _PLAIN and array.dtype.itemsize <= _WORD else None


def _names(data: Any) -> object:
    columns = getattr(data, "columns", None)
    if columns is None:
        return getattr(data, "name", None), str(getattr(data, "index", ""))[:200]
    return tuple(columns), str(data.index)[:200]


def _sums(array: Any) -> tuple[str, str]:
    """Sum an array's words as they lie, stretch by stretch, each word with the weight of its place.

    All weights are odd, so a changed value changes its sum, whatever it was and became. A word is folded first: a
    change of its sign, its last bit on the left, would else be the same at every place, and two of them nothing.
    """
    import numpy as np

    # In the order of memory where that is one piece, else as it is read.
    flat = array.T.reshape(-1) if array.flags.f_contiguous else array.reshape(-1)
    told, room, weights = hashlib.sha256(), np.empty((_BLOCK, _STRETCH), "u8"), _weights()
    most = room.nbytes // array.dtype.itemsize
    for first in range(0, len(flat), most):
        lying = np.ascontiguousarray(flat[first : first + most]).view("u1")
        whole = len(lying) // (_WORD * _STRETCH) * _WORD * _STRETCH
        words = lying[:whole].view("u8").reshape(-1, _STRETCH)
        folded = np.right_shift(words, np.uint64(32), out=room[: len(words)])
        np.bitwise_xor(folded, words, out=folded)
        told.update((folded @ weights).tobytes() + lying[whole:].tobytes())
    return str(array.dtype), told.hexdigest()


@cache
def _weights() -> Any:
    import numpy as np

    return np.random.default_rng(_STRETCH).integers(1 << 63, size=_STRETCH, dtype="u8") * 2 + 1
