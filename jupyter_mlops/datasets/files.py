"""Tables to bytes and back: what is read again is what was written, or it is not kept."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import Forbidden, Invalid, Unavailable
from jupyter_mlops.workspace import Workspace

__all__ = ["checked_path", "media_type_of", "read_table", "write_table"]

_CSV, _PARQUET = "text/csv", "application/vnd.apache.parquet"
_EXACT = 3  # pandas
_SUFFIXES = {".csv": _CSV, ".txt": _CSV, ".parquet": _PARQUET, ".pq": _PARQUET}


def checked_path(ws: Workspace, path: str) -> Path:
    """Return *path* resolved, if it is a regular file that may be read here.

    Raises
    ------
    Forbidden
        The workspace is confined to its root and the file, links followed, lies elsewhere.
    Invalid
        It is not there, is no regular file, or cannot be read.
    """
    if "\x00" in path:
        raise Invalid(
            f"{path!r} is not a path",
            remedy="Name a file or a folder, as seen from here or from the project.",
        )
    root = ws.settings.root.resolve()
    try:
        found = (root / Path(path).expanduser()).resolve()
        is_file = found.is_file()
    except (OSError, RuntimeError) as failure:  # a loop of links, an unknown account, a name too long
        raise Invalid(
            f"{path!r:.200} leads nowhere: {failure!s:.200}",
            remedy="Mend the symbolic link, or name the file itself.",
        ) from failure
    if ws.settings.confined and not found.is_relative_to(root):
        raise Forbidden(
            f"{path!r} lies outside the project's folder",
            remedy="Copy the file into the project, or register it from a notebook or a shell.",
        )
    if not is_file:
        raise Invalid(
            f"there is no file {path!r}",
            remedy=f"Paths are looked up from {root.name}/, the project's folder.",
        )
    return found


def media_type_of(path: Path, content: bytes) -> str:
    """Return what *content* is: Parquet by its mark, else what the suffix says."""
    if content.startswith(b"PAR1"):
        return _PARQUET
    found = _SUFFIXES.get(path.suffix.lower(), "")
    if found != _CSV:
        raise Invalid(
            f"{path.name!r} is not a table this reads",
            remedy="Known: CSV (.csv, .txt) and Parquet (.parquet).",
        )
    return found


def read_table(content: bytes, media_type: str, dtypes: Mapping[str, str] | None = None) -> Any:
    """Return *content* as a DataFrame; *dtypes* are the column types to give a CSV, which knows none."""
    import pandas as pd

    try:
        if media_type == _PARQUET:
            return pd.read_parquet(io.BytesIO(content))
        plain, times, categories = _sorted_types(dtypes or {})
        # Before version 3 the default reader rounded the last digit of some numbers.
        exact: dict[str, Any] = (
            {} if int(pd.__version__.partition(".")[0]) >= _EXACT else {"float_precision": "round_trip"}
        )
        frame: Any = pd.read_csv(io.BytesIO(content), dtype=plain or None, low_memory=False, **exact)
        for name, dtype in times.items():
            frame[name] = pd.to_datetime(frame[name], format="ISO8601", utc=dtype.endswith("UTC]")).astype(
                dtype
            )
        return frame.astype(categories) if categories else frame
    except ImportError as failure:
        raise Unavailable("Parquet files need pyarrow", remedy="pip install pyarrow") from failure
    except (ValueError, TypeError, OSError, KeyError, NotImplementedError) as failure:
        raise Invalid(
            f"the table cannot be read: {failure}", remedy="Save it as CSV with a header in UTF-8."
        ) from failure


def _sorted_types(dtypes: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    times = {name: dtype for name, dtype in dtypes.items() if dtype.startswith("datetime64")}
    categories = {name: dtype for name, dtype in dtypes.items() if dtype == "category"}
    plain = {name: dtype for name, dtype in dtypes.items() if name not in times and name not in categories}
    return plain, times, categories


def write_table(frame: Any) -> tuple[bytes, str]:
    """Return a DataFrame as bytes that read back as exactly the same frame: CSV where that holds, else Parquet.

    Raises
    ------
    Invalid
        Neither holds.
    """
    from jupyter_mlops.capture.fingerprint import fingerprint

    told = fingerprint(frame)
    if told is None or told.kind != "frame" or not hasattr(frame, "to_csv"):
        raise Invalid(
            f"a {type(frame).__name__} has no exact digest",
            remedy="Give a DataFrame of numbers, text, times, categories.",
        )
    dtypes = {str(name): str(dtype) for name, dtype in frame.dtypes.items()}
    for write, media_type in ((_as_csv, _CSV), (_as_parquet, _PARQUET)):
        content = write(frame)
        again = None if content is None else fingerprint(_read_quietly(content, media_type, dtypes))
        if content is not None and again is not None and again.digest == told.digest:
            return content, media_type
    raise Invalid(
        "the frame does not come back from a file as it is (its index, its column names, or a type)",
        remedy="Give it a plain index with reset_index(drop=True) and columns named in text; pip install pyarrow helps too.",
    )


def _read_quietly(content: bytes, media_type: str, dtypes: Mapping[str, str]) -> Any:
    try:
        return read_table(content, media_type, dtypes)
    except (Invalid, Unavailable):
        return None


def _as_csv(frame: Any) -> bytes:
    return bytes(frame.to_csv(index=False).encode())


def _as_parquet(frame: Any) -> bytes | None:
    out = io.BytesIO()
    try:
        frame.to_parquet(out)
    except (ImportError, ValueError, TypeError):
        return None
    return out.getvalue()
