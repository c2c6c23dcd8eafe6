"""The exact digests of table columns: pandas, Polars, Arrow. Duck-typed: nothing is imported that is not there."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from jupyter_mlops.capture.fingerprint_arrays import array_digest, column_digests
from jupyter_mlops.capture.fingerprint_values import Unreadable, digest_of_values, feed_strings

__all__ = ["arrow_columns", "pandas_columns", "pandas_index", "polars_columns"]

_WIDE = 64  # bits
_WORTH_AN_IMPORT = 500_000  # rows
Column = tuple[str, str, str]  # the name's repr, the dtype, the digest


def pandas_columns(columns: Sequence[tuple[object, Any]]) -> list[Column]:
    """Return name, dtype and digest of each (name, Series or Index), in order.

    Raises
    ------
    Unreadable
        A column holds objects with no exact form.
    """
    import numpy as np

    plain: list[int] = []
    arrays = []
    digests = [""] * len(columns)
    for i, (_, series) in enumerate(columns):
        if isinstance(series.dtype, np.dtype) and series.dtype.kind in "biufcmM":
            plain.append(i)
            arrays.append(series.to_numpy())
        else:
            digests[i] = _extension_digest(series)
    for i, digest in zip(plain, column_digests(arrays), strict=True):
        digests[i] = digest
    return [(repr(name), str(series.dtype), digests[i]) for i, (name, series) in enumerate(columns)]


def pandas_index(index: Any) -> str:
    """Return the digest of an index: its type, names, and every label in order."""
    names = repr(list(index.names))
    if type(index).__name__ == "RangeIndex":
        return _combined("range", names, repr((index.start, index.stop, index.step)))
    if type(index).__name__ == "MultiIndex":
        levels = [(None, index.get_level_values(i)) for i in range(index.nlevels)]
        return _combined("multi", names, *("".join(column) for column in pandas_columns(levels)))
    return _combined("index", names, *("".join(column) for column in pandas_columns([(None, index)])))


def _combined(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _extension_digest(series: Any) -> str:
    import numpy as np

    dtype, values = series.dtype, series.array
    head = f"{dtype}|{len(series)}"
    if isinstance(dtype, np.dtype):
        return (
            digest_of_values(series.tolist(), head) if dtype.kind == "O" else array_digest(series.to_numpy())
        )
    by_name = {
        "CategoricalDtype": _categorical,
        "DatetimeTZDtype": _instants,
        "PeriodDtype": _instants,
        "IntervalDtype": _intervals,
        "SparseDtype": _sparse,
        "StringDtype": _text,
        "ArrowDtype": _arrow,
    }
    read = by_name.get(type(dtype).__name__)
    if read is not None:
        return _combined(head, read(values))
    if hasattr(dtype, "numpy_dtype"):
        return _combined(head, _masked(values))
    return digest_of_values(list(np.asarray(values, dtype=object)), head)


def _categorical(values: Any) -> str:
    return _combined(array_digest(values.codes), pandas_index(values.categories), str(values.ordered))


def _instants(values: Any) -> str:
    return array_digest(values.asi8)


def _intervals(values: Any) -> str:
    return _combined(pandas_index(values.left), pandas_index(values.right), str(values.closed))


def _sparse(values: Any) -> str:
    places = values.sp_index.to_int_index().indices
    return _combined(array_digest(values.sp_values), array_digest(places), repr(values.fill_value))


def _masked(values: Any) -> str:
    # What lies under the mask is left over from earlier and must not count.
    plain = values.dtype.numpy_dtype
    data = values.to_numpy(dtype=plain, na_value=plain.type(0))
    return _combined(array_digest(values.isna()), array_digest(data))


def _text(values: Any) -> str:
    if values.dtype.storage == "pyarrow" and hasattr(values, "__arrow_array__"):
        return _arrow_text(_chunks(values.__arrow_array__()))
    texts = (
        values.to_numpy(dtype=object, na_value=None) if values.isna().any() else values.to_numpy(dtype=object)
    )
    return text_digest(texts.tolist())


def text_digest(values: Any) -> str:
    """Return the digest of text that may be missing: the same for every library and storage."""
    hashers = (hashlib.sha256(), hashlib.sha256(), hashlib.sha256())
    feed_strings(hashers, values)
    return _combined(*(hasher.hexdigest() for hasher in hashers))


def _arrow(values: Any) -> str:
    return _arrow_digest(values.__arrow_array__())


def _chunks(array: Any) -> Sequence[Any]:
    return array.chunks if hasattr(array, "chunks") else [array]


def _arrow_digest(array: Any) -> str:
    import pyarrow.types as kinds

    kind = array.type
    if kinds.is_string(kind) or kinds.is_large_string(kind):
        return _arrow_text(_chunks(array))
    if (
        kinds.is_integer(kind)
        or kinds.is_floating(kind)
        or (kinds.is_temporal(kind) and not kinds.is_interval(kind))
    ):
        return _arrow_numbers(array)
    return digest_of_values(array.to_pylist(), str(kind))


def _arrow_numbers(array: Any) -> str:
    import numpy as np
    import pyarrow as pa
    import pyarrow.types as kinds

    missing = np.concatenate([_missing(chunk) for chunk in _chunks(array)] or [np.zeros(0, bool)])
    whole = array.combine_chunks() if hasattr(array, "combine_chunks") else array
    if kinds.is_temporal(array.type):
        whole = whole.view(pa.int64() if array.type.bit_width == _WIDE else pa.int32())
    data = whole.fill_null(0).to_numpy(zero_copy_only=False)
    return _combined(array_digest(missing), array_digest(data))


def _missing(chunk: Any) -> Any:
    return chunk.is_null().to_numpy(zero_copy_only=False)


def _arrow_text(chunks: Sequence[Any]) -> str:
    """Read text where it lies; only a chunk with bytes behind its missing values goes the slow way."""
    import numpy as np

    missing, lengths, data = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    for chunk in chunks:
        wide = str(chunk.type).startswith("large_")
        offsets = (
            np.frombuffer(chunk.buffers()[1], dtype="<i8" if wide else "<i4")
            if len(chunk)
            else np.zeros(1, "<i8")
        )
        offsets = offsets[chunk.offset : chunk.offset + len(chunk) + 1].astype("<i8")
        gone, sizes = _missing(chunk), np.diff(offsets)
        if gone.any() and sizes[gone].any():
            feed_strings((missing, lengths, data), chunk.to_pylist())
            continue
        missing.update(gone.tobytes())
        lengths.update(sizes.tobytes())
        if offsets[-1] > offsets[0]:
            data.update(memoryview(chunk.buffers()[2])[int(offsets[0]) : int(offsets[-1])])
    return _combined(missing.hexdigest(), lengths.hexdigest(), data.hexdigest())


def arrow_columns(table: Any) -> list[Column]:
    """Return name, type and digest of each column of an Arrow table."""
    names = zip(table.column_names, table.columns, strict=True)
    return [
        (repr(name), str(column.type), _combined(str(column.type), _arrow_digest(column)))
        for name, column in names
    ]


def polars_columns(columns: Sequence[Any]) -> list[Column]:
    """Return name, dtype and digest of each Polars series."""
    return [
        (repr(s.name), str(s.dtype), _combined(str(s.dtype), str(len(s)), _polars_digest(s))) for s in columns
    ]


def _polars_digest(series: Any) -> str:
    kind = series.dtype.base_type().__name__
    if kind in {"String", "Utf8"}:
        if "pyarrow" in sys.modules or (len(series) >= _WORTH_AN_IMPORT and find_spec("pyarrow") is not None):
            return _arrow_text(_chunks(series.to_arrow()))  # six times as fast, and the same digest
        return text_digest(_slices(series))
    if kind in {"Categorical", "Enum", "Decimal"}:
        import polars as pl

        allowed = [str(category) for category in series.dtype.categories] if kind == "Enum" else []
        return _combined(_polars_digest(series.cast(pl.String)), digest_of_values(allowed, kind))
    if kind == "Struct":
        fields = series.struct.unnest().get_columns()
        return _combined(
            array_digest(series.is_null().to_numpy()), *(column[2] for column in polars_columns(fields))
        )
    if kind == "Object":
        return digest_of_values(series.to_list(), "polars.Object")
    return _polars_plain(series, kind)


def _polars_plain(series: Any, kind: str) -> str:
    if kind in {"List", "Array", "Binary", "Null"}:
        return digest_of_values(series.to_list(), kind)
    missing = series.is_null().to_numpy() if series.null_count() else None
    physical = series.to_physical()
    if kind == "Boolean":
        import polars as pl

        physical = physical.cast(pl.UInt8)
    data = physical.fill_null(0).to_numpy() if missing is not None else physical.to_numpy()
    if data.dtype.kind not in "biuf":
        raise Unreadable(f"no exact form for a column of {series.dtype}")
    return _combined("" if missing is None else array_digest(missing), array_digest(data))


def _slices(series: Any) -> Iterator[str | None]:
    for start in range(0, len(series), 65_536):
        yield from series[start : start + 65_536].to_list()
