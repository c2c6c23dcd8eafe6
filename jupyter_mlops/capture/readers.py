"""Readers and writers that open files where the interpreter does not see it: those of pyarrow and polars, and pandas on top."""

# ruff: noqa: PTH112, PTH116, PTH118, PTH207
# this runs for every file that is opened; a Path costs ten times as much

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import wraps
from itertools import islice
from time import monotonic, time_ns
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.imports import ImportWatch
from jupyter_mlops.capture.estimators.patches import Patches
from jupyter_mlops.capture.files import MOST_FILES

__all__ = ["Readers"]

_LONGEST = 1.0  # seconds that a folder or pattern is gone through before the reader begins
Tell = Callable[[object, bool], None]

_MOST = (
    MOST_FILES + 1
)  # files of one folder or pattern; one more than are kept in mind, so that it is noticed


class _Does(Enum):
    """What a function does with the place it is given.

    What it fills is a folder, whose new files are known afterwards; what it opens is read or written, by its mode,
    and what it keeps open may be written to where no mode is given. What it fetches or sends matters where it is an
    address: a file on a disk of ours the interpreter sees.
    """

    READS, WRITES, FILLS, OPENS, KEEPS, FETCHES, SENDS = range(7)


_READS, _WRITES, _FILLS, _OPENS, _KEEPS, _FETCHES, _SENDS = _Does
_AFAR = frozenset({_FETCHES, _SENDS})
# Schemes may stand before each other, as in simplecache::s3://; what begins otherwise may be the text of a document.
_ADDRESS = re.compile(r"(?!(?:file|local):)[A-Za-z][\w+.-]*(?:::[A-Za-z][\w+.-]*)*://\S+")
_UNSAID = {_OPENS: "r", _KEEPS: "a"}  # the mode where none is given
_NAMES: Mapping[str, Mapping[str, _Does]] = {
    "pandas": {
        **dict.fromkeys(
            (
                "read_csv", "read_table", "read_fwf", "read_json", "read_parquet", "read_feather", "read_excel", "read_pickle",
                "read_stata", "read_sas", "read_xml", "read_html",
            ),
            _FETCHES,
        ),
        **dict.fromkeys(
            ("DataFrame.to_csv", "DataFrame.to_json", "DataFrame.to_excel", "DataFrame.to_pickle", "DataFrame.to_xml"), _SENDS
        ),
        "DataFrame.to_parquet": _WRITES,
        "DataFrame.to_feather": _WRITES,
        "DataFrame.to_orc": _WRITES,
        "DataFrame.to_hdf": _WRITES,
        "Series.to_hdf": _WRITES,
        "read_orc": _READS,
        "read_hdf": _READS,
        "HDFStore.__init__": _KEEPS,
    },
    "pyarrow": {"memory_map": _OPENS, "input_stream": _READS, "output_stream": _WRITES},
    "pyarrow.parquet": {
        "read_table": _READS,
        "read_pandas": _READS,
        "write_table": _WRITES,
        "write_to_dataset": _FILLS,
        "ParquetFile.__init__": _READS,
        "ParquetDataset.__init__": _READS,
        "ParquetWriter.__init__": _WRITES,
    },
    "pyarrow.json": {"read_json": _READS, "open_json": _READS},
    "pyarrow.orc": {"read_table": _READS, "write_table": _WRITES, "ORCFile.__init__": _READS},
    "pyarrow.feather": {"read_table": _READS, "read_feather": _READS, "write_feather": _WRITES},
    "pyarrow.csv": {"read_csv": _READS, "open_csv": _READS, "write_csv": _WRITES},
    "pyarrow.dataset": {"dataset": _READS, "write_dataset": _FILLS},
    "polars": {
        **dict.fromkeys(
            (
                "read_csv", "read_parquet", "read_ipc", "read_json", "read_ndjson", "read_avro", "read_excel",
                "read_ipc_stream", "read_ods", "read_delta", "read_lines", "scan_csv", "scan_parquet", "scan_ipc",
                "scan_ndjson", "scan_delta", "scan_lines",
            ),
            _READS,
        ),
        **dict.fromkeys(
            (
                "DataFrame.write_csv", "DataFrame.write_parquet", "DataFrame.write_ipc", "DataFrame.write_json",
                "DataFrame.write_ndjson", "DataFrame.write_ipc_stream", "DataFrame.write_avro", "DataFrame.write_excel",
                "LazyFrame.sink_csv", "LazyFrame.sink_parquet", "LazyFrame.sink_ipc", "LazyFrame.sink_ndjson",
            ),
            _WRITES,
        ),
        "DataFrame.write_delta": _FILLS,
    },
}  # fmt: skip
_SOURCES = (
    "source", "where", "dest", "file", "path", "input_file", "output_file", "path_or_buf", "path_or_paths", "root_path",
    "base_dir", "workbook", "target", "sources", "filepath_or_buffer", "path_or_buffer", "filepath", "io", "excel_writer",
)  # fmt: skip


_GRAIN = 20_000_000  # nanoseconds by which a file system's clock may lag behind


class Readers:
    """Listens to those readers: to those that are loaded, and to others as they are imported.

    Parameters
    ----------
    tell
        Called with each path, and whether it is written.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._patches = Patches()
        self._imports: ImportWatch | None = None

    def start(self) -> None:
        """Begin to listen, once."""
        if self._imports is None:
            self._imports = ImportWatch(tuple(_NAMES), self._patch)
            self._imports.start()

    def stop(self) -> None:
        """Put every object back that was replaced."""
        if self._imports is not None:
            self._imports.stop()
            self._imports = None
            self._patches.undo()

    def _patch(self, module: ModuleType) -> None:
        for name, does in _NAMES.get(module.__name__, {}).items():
            owner: Any = module
            *folders, last = name.split(".")
            for folder in folders:
                owner = getattr(owner, folder, None)
            function = getattr(owner, last, None)
            # A method has itself before the place, and pyarrow's writers the table.
            skipped = int(
                bool(folders) or (module.__name__.startswith("pyarrow.") and last.startswith("write_"))
            )
            if isinstance(function, FunctionType):
                self._patches.body(function, self._telling(does, skipped))
            elif isinstance(function, BuiltinFunctionType) or type(function).__name__.startswith("cython"):
                self._patches.attribute(owner, last, self._telling(does, skipped))

    def _telling(self, does: _Does, skipped: int) -> Callable[[Any], Callable[..., Any]]:
        """Return what has a function tell of its place, which stands behind so many arguments."""

        def make(function: Any) -> Callable[..., Any]:
            @wraps(function)
            def told(*args: Any, **named: Any) -> Any:
                given = args[skipped:]
                if does is not _FILLS:
                    by_mode = does in _UNSAID and _by_mode(given, named, _UNSAID[does])
                    writes = does in {_WRITES, _SENDS} or by_mode
                    self._say(given, named, written=writes, afar=does in _AFAR)
                    return function(*args, **named)
                begun = time_ns()
                try:
                    return function(*args, **named)
                finally:
                    self._say(given, named, written=True, since=begun)

            return told

        return make

    def _say(
        self,
        args: tuple[Any, ...],
        named: Mapping[str, Any],
        *,
        written: bool,
        since: int = 0,
        afar: bool = False,
    ) -> None:
        try:
            given = [*args[:1], *(named[name] for name in _SOURCES if name in named)]
            if afar:
                given = [one for one in given if isinstance(one, str) and _ADDRESS.fullmatch(one)]
            until = monotonic() + _LONGEST
            for path in islice((path for one in given for path in _paths(one)), _MOST):
                if monotonic() > until:  # a network's folder: the user waits for the reader, and not for us
                    self._tell(None, written)
                    return
                if _is_new(path, since):
                    self._tell(path, written)
        except Exception:  # noqa: BLE001, S110 - reading must go on
            pass


def _by_mode(given: tuple[Any, ...], named: Mapping[str, Any], unsaid: str) -> bool:
    """Tell whether a place is opened to be written to, by the mode behind it or by its name."""
    mode = named.get("mode", given[1] if len(given) > 1 else unsaid)
    return isinstance(mode, str) and any(letter in mode for letter in "wax+")


def _is_new(path: str, since: int) -> bool:
    return not since or "://" in path or os.stat(path).st_mtime_ns >= since - _GRAIN


def _paths(given: object) -> Iterator[str]:
    """Return the files that an argument names: a path, a pattern, a folder, or some of these."""
    if isinstance(given, (list, tuple)):
        for one in given:
            yield from _paths(one)
        return
    if not isinstance(given, (str, os.PathLike)):
        return
    text = os.fspath(given)
    if not isinstance(text, str) or "\n" in text:
        return
    if "://" in text:
        yield text
    elif os.path.isdir(text):
        yield from (
            os.path.join(folder, name) for folder, _, names in os.walk(text) for name in sorted(names)
        )
    elif glob.has_magic(text):
        yield from sorted(glob.glob(text, recursive=True))
    else:
        yield text
