"""A few rows and the predictions they must give: what proves that a model still is the model it was."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from jupyter_mlops.errors import Untrusted
from jupyter_mlops.records.event import canonical

__all__ = ["Replay", "frame_of", "golden_rows", "replay"]

_RELATIVE, _ABSOLUTE = 1e-6, 1e-9
_MAXIMUM_CELLS = 20_000
_METHODS = ("predict", "transform")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How golden rows came out: whether they agree, and in one sentence by how much not."""

    agrees: bool
    rows: int
    summary: str
    exact: bool = False  # to the last digit


def golden_rows(model: Any, X: Any, n: int = 20) -> bytes | None:  # noqa: N803
    """Return *n* rows spread evenly over *X* with what *model* says to them, as canonical JSON.

    Parameters
    ----------
    model
        A fitted model with ``predict`` (or else ``transform``).
    X
        The rows it is asked about: a data frame or a two-dimensional array, as the model takes it.
    n
        How many rows to keep.

    Returns
    -------
    None where the rows or the answers have no exact form in JSON; a model may be registered without.
    """
    try:
        rows = _spread(X, n)
        method = next(name for name in _METHODS if hasattr(model, name))
        content = _described(rows) | {"method": method, "predictions": _plain(getattr(model, method)(rows))}
        return canonical(content) if _agrees(content, rows) else None
    except Exception:  # noqa: BLE001 - whatever a user's model raises here, it only costs the proof
        return None


def _spread(X: Any, n: int) -> Any:  # noqa: N803
    import numpy as np

    places = np.unique(np.linspace(0, len(X) - 1, min(n, len(X))).astype(int))
    rows = X.iloc[places] if hasattr(X, "iloc") else np.asarray(X)[places]
    if rows.ndim != 2 or rows.size > _MAXIMUM_CELLS:  # noqa: PLR2004 - rows and columns
        raise ValueError("golden rows are a small table")
    return rows


def _described(rows: Any) -> dict[str, Any]:
    if not hasattr(rows, "iloc"):
        return {"kind": "array", "columns": [{"dtype": str(rows.dtype)}], "rows": _plain(rows)}
    columns = []
    for name, column in rows.items():
        if not isinstance(name, str):
            raise TypeError("a column without a name in text")
        told: dict[str, Any] = {"name": name, "dtype": str(column.dtype)}
        if told["dtype"] == "category":
            told["categories"] = _plain(column.cat.categories.to_numpy())
        columns.append(told)
    values = [_plain(column.astype(object).to_numpy()) for _, column in rows.items()]
    return {"kind": "frame", "columns": columns, "rows": [list(row) for row in zip(*values, strict=True)]}


def _plain(values: Any) -> Any:
    """Return an array as nested lists of JSON values; a missing number is null."""
    import numpy as np

    array = values.toarray() if hasattr(values, "toarray") else np.asarray(values)
    if array.ndim > 1:
        return [_plain(row) for row in array]
    return [_scalar(value) for value in array.tolist()]


def _scalar(value: object) -> object:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return None if value != value else value  # noqa: PLR0124 - NaN is what differs from itself
    if type(value).__name__ in {"NAType", "NaTType"}:
        return None
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise TypeError(f"a {type(value).__name__} has no exact form in JSON")


def _agrees(content: dict[str, Any], rows: Any) -> bool:
    """Tell whether the written rows read back as the same table, so that a later difference is the model's."""
    return bool(_described(frame_of(content))["rows"] == _described(rows)["rows"])


def frame_of(content: dict[str, Any]) -> Any:
    """Return the rows of golden *content* as the frame or array they were taken from."""
    import numpy as np
    import pandas as pd

    if content["kind"] == "array":
        dtype = np.dtype(content["columns"][0]["dtype"])
        rows = [
            [np.nan if value is None and dtype.kind == "f" else value for value in row]
            for row in content["rows"]
        ]
        return np.array(rows, dtype=dtype)
    columns = {}
    for place, told in enumerate(content["columns"]):
        values = [row[place] for row in content["rows"]]
        dtype = pd.CategoricalDtype(told["categories"]) if told["dtype"] == "category" else told["dtype"]
        columns[told["name"]] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(columns)


def replay(model: Any, golden: bytes, relative: float = _RELATIVE) -> Replay:
    """Ask *model* about golden rows again and compare: text exactly, numbers within *relative*, by default a millionth."""
    try:
        content = json.loads(golden)
        rows, method = frame_of(content), content["method"]
        expected = content["predictions"]
    except (ValueError, KeyError, TypeError) as failure:
        raise Untrusted(
            f"the golden rows of the model cannot be read: {failure}",
            remedy="Log the model again with run.log_model(model).",
        ) from failure
    if method not in _METHODS:
        raise Untrusted(
            f"the golden rows ask for {method!r}; only {' and '.join(_METHODS)} are called",
            remedy="Log the model again with run.log_model(model): its golden rows were written by something else.",
        )
    given = _plain(getattr(model, method)(rows))
    differing = [
        place for place, pair in enumerate(zip(expected, given, strict=False)) if not _same(*pair, relative)
    ]
    count = len(expected)
    if len(given) != count:
        return Replay(
            agrees=False, rows=count, summary=f"{count} rows went in and {len(given)} answers came out"
        )
    if differing:
        first = differing[0]
        return Replay(
            agrees=False,
            rows=count,
            summary=f"{len(differing)} of {count} golden rows are answered differently; "
            f"row {first} gave {given[first]!r:.60} instead of {expected[first]!r:.60}",
        )
    said = f"all {count} golden rows are answered as recorded"
    return Replay(agrees=True, rows=count, summary=said, exact=bool(expected == given))


def _same(expected: Any, given: Any, relative: float = _RELATIVE) -> bool:
    if isinstance(expected, list) and isinstance(given, list):
        pairs = zip(expected, given, strict=False)
        return len(expected) == len(given) and all(_same(*pair, relative) for pair in pairs)
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (expected, given))
    if numbers:
        return bool(abs(expected - given) <= _ABSOLUTE + relative * abs(expected))
    return bool(expected == given)
