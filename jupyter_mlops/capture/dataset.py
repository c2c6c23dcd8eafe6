"""The portrait of a table and the signature of a model: measured here for training and live data alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jupyter_mlops.records.model import Signature, SignatureColumn
from jupyter_mlops.records.profile import ColumnProfile, Profile

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Numbers = np.ndarray[Any, Any]

__all__ = ["profile", "signature_of"]

_BINS = 10
_TOP = 50
_LONGEST = 100  # characters of a value that is kept
_MOST_COLUMNS = 2000  # a wider table (an image, a bag of words) has no portrait anybody would read


def profile(frame: object) -> Profile:
    """Return the portrait of a pandas or Polars frame or series, an array or a list, over all rows.

    Columns of an array are named by their number. More than 2,000 columns, sparse matrices and arrays of three
    and more dimensions have their rows counted and no columns.
    """
    rows, columns = _columns(frame, "x")
    return Profile(rows=rows, columns=tuple(_column_profile(name, values) for name, values in columns))


def signature_of(data: object, prediction: object = None) -> Signature:
    """Return the signature of a model that took *data* and gave *prediction*.

    Columns of an array are named by their number, an unnamed prediction ``prediction``; ``nullable`` says whether
    a value was missing in what was seen.
    """
    outputs = [] if prediction is None else _columns(prediction, "prediction")[1]
    return Signature(inputs=_signature_columns(_columns(data, "x")[1]), outputs=_signature_columns(outputs))


def _signature_columns(columns: Sequence[tuple[str, pd.Series[Any]]]) -> tuple[SignatureColumn, ...]:
    return tuple(
        SignatureColumn(name=name, dtype=str(values.dtype), nullable=bool(values.isna().any()))
        for name, values in columns
    )


def _columns(data: Any, alone: str) -> tuple[int, list[tuple[str, pd.Series[Any]]]]:
    """Return the number of rows and the columns as pandas series; *alone* names a single unnamed one."""
    import numpy as np
    import pandas as pd

    library = type(data).__module__.partition(".")[0]
    if library == "polars":
        series = data.get_columns() if hasattr(data, "get_columns") else [data]
        return len(data), [(one.name or alone, _from_polars(one)) for one in series[:_MOST_COLUMNS]]
    if isinstance(data, pd.DataFrame):
        wide = data.shape[1] > _MOST_COLUMNS
        return len(data), [] if wide else [
            (str(name), data.iloc[:, i]) for i, name in enumerate(data.columns)
        ]
    if isinstance(data, pd.Series):
        return len(data), [(alone if data.name is None else str(data.name), data)]
    if hasattr(data, "tocsr") or (hasattr(data, "shape") and len(data.shape) not in {1, 2}):
        return int(data.shape[0]) if data.shape else 1, []
    array = np.asarray(data)
    if array.ndim == 1:
        return len(array), [(alone, pd.Series(array))]
    names = [str(i) if alone == "x" else f"{alone}_{i}" for i in range(array.shape[1])]
    return len(array), [
        (name, pd.Series(array[:, i])) for i, name in enumerate(names) if len(names) <= _MOST_COLUMNS
    ]


def _from_polars(series: Any) -> pd.Series[Any]:
    import pandas as pd

    plain = series.dtype.is_numeric() or series.dtype.is_temporal()
    return pd.Series(series.to_numpy() if plain else series.to_list(), dtype=None if plain else object)


def _kind(values: pd.Series[Any]) -> str:
    from pandas.api import types

    dtype = values.dtype
    checks = (
        ("category", isinstance(dtype, _categorical())),
        ("boolean", types.is_bool_dtype(dtype)),
        ("numeric", types.is_numeric_dtype(dtype) and not types.is_complex_dtype(dtype)),
        ("datetime", types.is_datetime64_any_dtype(dtype)),
        ("text", types.is_object_dtype(dtype) or types.is_string_dtype(dtype)),
    )
    return next((name for name, holds in checks if holds), "other")


def _categorical() -> type:
    import pandas as pd

    return pd.CategoricalDtype


def _column_profile(name: str, values: pd.Series[Any]) -> ColumnProfile:
    kind = _kind(values)
    nulls = int(values.isna().sum())
    if kind in {"numeric", "datetime"}:
        return _measured(name, values, kind, nulls)
    try:
        counts = values.value_counts()
    except TypeError:  # lists and dicts in the cells cannot be counted
        return ColumnProfile(name=name, dtype=str(values.dtype), kind="other", nulls=nulls)
    counts = counts[counts > 0]
    if kind == "text" and len(counts) <= _TOP:
        kind = "category"
    top: dict[str, int] = {}
    for value, count in counts.head(_TOP).items():
        text = str(value)[:_LONGEST]
        top[text] = top.get(text, 0) + int(count)
    return ColumnProfile(
        name=name, dtype=str(values.dtype), kind=kind, nulls=nulls, distinct=len(counts), top=top
    )


def _measured(name: str, values: pd.Series[Any], kind: str, nulls: int) -> ColumnProfile:
    import numpy as np

    numbers = _seconds(values) if kind == "datetime" else _floats(values)
    finite = numbers[np.isfinite(numbers)]
    distinct = int(values.nunique())
    if not finite.size:
        return ColumnProfile(name=name, dtype=str(values.dtype), kind=kind, nulls=nulls, distinct=distinct)
    edges, counts = _equal_mass(finite)
    return ColumnProfile(
        name=name,
        dtype=str(values.dtype),
        kind=kind,
        nulls=nulls,
        distinct=distinct,
        minimum=float(finite.min()),
        maximum=float(finite.max()),
        mean=_finite(finite.mean()),
        deviation=_finite(finite.std()),
        edges=edges,
        counts=counts,
    )


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def _floats(values: pd.Series[Any]) -> Numbers:
    return values.to_numpy(dtype="float64", na_value=math.nan)


def _seconds(values: pd.Series[Any]) -> Numbers:
    """Return seconds since 1970 in UTC, not-a-number where missing."""
    import numpy as np
    import pandas as pd

    utc = values if values.dt.tz is None else values.dt.tz_convert("UTC").dt.tz_localize(None)
    since: Numbers = ((utc - pd.Timestamp(0)) / np.timedelta64(1, "s")).to_numpy(dtype="float64")
    return since


def _equal_mass(finite: Numbers) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return edges of about equally full bins, each edge a value that occurs, and how many lie in each bin."""
    import numpy as np

    edges = np.unique(np.quantile(finite, np.linspace(0, 1, _BINS + 1), method="nearest"))
    if edges.size == 1:
        return (float(edges[0]), float(edges[0])), (int(finite.size),)
    counts, _ = np.histogram(finite, bins=edges)
    return tuple(map(float, edges)), tuple(map(int, counts))
