"""The digest of data: every row, column, dtype, index and their order, as a whole and column by column.

A changed last value, dtype, time or category changes it. What cannot be read exactly has no fingerprint, rather
than one that could be the same for different data.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_mlops.capture.fingerprint_values import Unreadable, digest_of_values
from jupyter_mlops.records.frozen import freeze_mappings

__all__ = ["Fingerprint", "Hashing", "fingerprint", "fingerprint_file", "hashing"]

_MOST_NUMBERED = (
    256  # columns without names: those of a picture would fill a record, and nobody looks them up
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What data were, exactly. ``columns`` maps names to digests; two columns of one name become ``a`` and ``a#2``.

    The columns of an array are numbered from 0, as its last index is.
    """

    digest: str
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: int | None = None
    kind: str = "frame"  # frame, array, file
    size: int | None = None  # bytes, for files

    def __post_init__(self) -> None:
        freeze_mappings(self, "columns")


@dataclass(slots=True)
class Hashing:
    """What taking fingerprints has cost this process."""

    seconds: float = 0.0
    times: int = 0


hashing = Hashing()


def fingerprint(data: object) -> Fingerprint | None:
    """Return the fingerprint of a frame, series, index, array, sparse matrix, sequence of numbers, or file (a Path).

    None where the data have no exact form, such as a column of arbitrary objects. Never raises. Reads all rows,
    at the speed of the hash: 1 GB/s and more on numeric data and on text that lies in Arrow's memory, a fifth of
    that on text in Python objects.

    What counts is the dtype, not where its values lie: text of dtype ``str`` has one digest in Python objects and in
    Arrow's memory, a table of Arrow one digest however it is cut into chunks, an array one digest in either order of
    memory. ``int64`` and ``int64[pyarrow]`` are different dtypes, and so are a pandas and a Polars frame of the same
    numbers: they compute differently.
    """
    begun = time.perf_counter()
    try:
        if isinstance(data, Path):
            return fingerprint_file(data)
        read = _reader(data)
        return None if read is None else read(data)
    except Exception:  # noqa: BLE001 - data in the user's kernel may raise anything when looked at
        return None
    finally:
        hashing.seconds += time.perf_counter() - begun
        hashing.times += 1


def fingerprint_file(path: str | Path) -> Fingerprint | None:
    """Return the SHA-256 of a file's bytes and its size; None where it cannot be read."""
    try:
        with Path(path).open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            return Fingerprint(digest=digest, kind="file", size=content.tell())
    except (OSError, ValueError):
        return None


def _reader(data: object) -> Callable[[Any], Fingerprint | None] | None:
    for kind in type(data).__mro__:
        library = kind.__module__.partition(".")[0]
        read = _READERS.get((library, kind.__name__))
        # A class that only calls itself so is not of the library.
        if read is not None and (library == "builtins" or library in sys.modules):
            return read
    if type(data).__module__.startswith("scipy.sparse"):
        return _of_sparse
    return None


def _whole(kind: str, columns: Sequence[tuple[str, str, str]], rows: int, *more: str) -> str:
    content = json.dumps([kind, rows, columns, *more], separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def _named(names: Sequence[object], digests: Sequence[str]) -> dict[str, str]:
    named: dict[str, str] = {}
    for name, digest in zip(names, digests, strict=True):
        text, again = str(name), 1
        while text in named:
            again += 1
            text = f"{name}#{again}"
        named[text] = digest
    return named


def _of_pandas_frame(frame: Any) -> Fingerprint:
    from jupyter_mlops.capture.fingerprint_frames import pandas_columns, pandas_index

    names = list(frame.columns)
    columns = pandas_columns([(name, frame.iloc[:, i]) for i, name in enumerate(names)])
    digest = _whole(
        "pandas.DataFrame", columns, len(frame), pandas_index(frame.index), pandas_index(frame.columns)
    )
    return Fingerprint(digest=digest, columns=_named(names, [c[2] for c in columns]), rows=len(frame))


def _of_pandas_series(series: Any) -> Fingerprint:
    from jupyter_mlops.capture.fingerprint_frames import pandas_columns, pandas_index

    columns = pandas_columns([(series.name, series)])
    digest = _whole("pandas.Series", columns, len(series), pandas_index(series.index))
    return Fingerprint(
        digest=digest, columns=_named([series.name], [columns[0][2]]), rows=len(series), kind="array"
    )


def _of_pandas_index(index: Any) -> Fingerprint:
    from jupyter_mlops.capture.fingerprint_frames import pandas_index

    return Fingerprint(digest=pandas_index(index), rows=len(index), kind="array")


def _of_polars_frame(frame: Any) -> Fingerprint:
    from jupyter_mlops.capture.fingerprint_frames import polars_columns

    columns = polars_columns(frame.get_columns())
    digest = _whole("polars.DataFrame", columns, frame.height)
    return Fingerprint(
        digest=digest, columns=_named(frame.columns, [c[2] for c in columns]), rows=frame.height
    )


def _of_polars_series(series: Any) -> Fingerprint:
    from jupyter_mlops.capture.fingerprint_frames import polars_columns

    columns = polars_columns([series])
    digest = _whole("polars.Series", columns, len(series))
    return Fingerprint(
        digest=digest, columns=_named([series.name], [columns[0][2]]), rows=len(series), kind="array"
    )


def _of_arrow_table(table: Any) -> Fingerprint:
    from jupyter_mlops.capture.fingerprint_frames import arrow_columns

    columns = arrow_columns(table)
    digest = _whole("pyarrow.Table", columns, table.num_rows)
    return Fingerprint(
        digest=digest, columns=_named(table.column_names, [c[2] for c in columns]), rows=table.num_rows
    )


def _of_array(array: Any) -> Fingerprint:
    import numpy as np

    from jupyter_mlops.capture.fingerprint_arrays import array_digest, array_digests

    rows = int(array.shape[0]) if array.ndim else None
    digest, columns = array_digests(np.asarray(array))
    mask = getattr(array, "mask", None)
    if mask is not None:
        filled = np.ma.getdata(np.ma.array(array, copy=True).filled(array.dtype.type(0)))
        masked = [array_digest(filled), array_digest(np.ma.getmaskarray(array))]
        digest = hashlib.sha256("|".join(["masked", *masked]).encode()).hexdigest()
        columns = []  # they would tell of what lies under the mask
    return Fingerprint(digest=digest, columns=_numbered(columns), rows=rows, kind="array")


def _numbered(columns: Sequence[str]) -> dict[str, str]:
    return _named(range(len(columns)), columns) if len(columns) <= _MOST_NUMBERED else {}


def _of_sparse(matrix: Any) -> Fingerprint | None:
    from jupyter_mlops.capture.fingerprint_arrays import array_digest

    if matrix.format in {"lil", "dok"}:
        matrix = matrix.tocsr()
    fields = ("data", "indices", "indptr", "row", "col", "offsets")
    arrays = [(name, getattr(matrix, name)) for name in fields if hasattr(matrix, name)]
    if not arrays:
        return None
    parts = [matrix.format, str(matrix.shape), *(f"{name}={array_digest(array)}" for name, array in arrays)]
    digest = hashlib.sha256("|".join(["sparse", *parts]).encode()).hexdigest()
    return Fingerprint(digest=digest, rows=int(matrix.shape[0]), kind="array")


def _of_tensor(tensor: Any) -> Fingerprint:
    from jupyter_mlops.capture.fingerprint_arrays import array_digests

    content, columns = array_digests(tensor.detach().cpu().numpy())
    digest = hashlib.sha256(f"torch|{tensor.dtype}|{content}".encode()).hexdigest()
    rows = int(tensor.shape[0]) if tensor.ndim else None
    return Fingerprint(digest=digest, columns=_numbered(columns), rows=rows, kind="array")


def _of_sequence(values: Any) -> Fingerprint | None:
    if not values:
        return None
    try:
        digest = digest_of_values(values, type(values).__name__)
    except Unreadable:
        return None
    return Fingerprint(digest=digest, rows=len(values), kind="array")


_READERS: dict[tuple[str, str], Callable[[Any], Fingerprint | None]] = {
    ("pandas", "DataFrame"): _of_pandas_frame,
    ("pandas", "Series"): _of_pandas_series,
    ("pandas", "Index"): _of_pandas_index,
    ("polars", "DataFrame"): _of_polars_frame,
    ("polars", "Series"): _of_polars_series,
    ("pyarrow", "Table"): _of_arrow_table,
    ("numpy", "ndarray"): _of_array,
    ("torch", "Tensor"): _of_tensor,
    ("builtins", "list"): _of_sequence,
    ("builtins", "tuple"): _of_sequence,
    ("builtins", "range"): _of_sequence,
}
