"""Methods that are said to leave their table alone, tried on real tables."""

from __future__ import annotations

import datetime as dt
import hashlib
import pathlib
import re
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from jupyter_mlops.capture.fingerprint import fingerprint
from jupyter_mlops.capture.library_methods import DATA_READING, TEXT_PLAIN

TABLES = {
    "frame": lambda: pd.DataFrame({"a": [3.0, 1.0, None], "b": [1, 2, 3]}),
    "series": lambda: pd.Series([3.0, 1.0, 2.0], name="a"),
    "index": lambda: pd.Index([3, 1, 2]),
    "array": lambda: np.arange(6.0).reshape(2, 3),
    "polars frame": lambda: pl.DataFrame({"a": [3, 1, 2]}),
    "polars series": lambda: pl.Series("a", [3, 1, 2]),
}
WRITES_FILES = ("to_", "write_", "sink_", "tofile", "dump", "show", "hist", "plot", "boxplot")


@pytest.mark.parametrize("kind", TABLES)
def test_calling_it_without_arguments_leaves_the_table_as_it_was(kind: str) -> None:
    for name in sorted(DATA_READING):
        table = TABLES[kind]()
        before = fingerprint(table)
        assert before is not None
        if name.startswith(WRITES_FILES) or name == "glimpse":
            continue
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                method = getattr(table, name)
                if callable(method):
                    method()
            except Exception as refusal:  # noqa: BLE001 - a refusal of any kind
                assert refusal  # it wants arguments: nothing was done
        after = fingerprint(table)
        assert after is not None
        assert after.digest == before.digest, name


def test_methods_of_text_are_methods_of_text_numbers_times_or_paths() -> None:
    kinds = [
        str,
        bytes,
        int,
        float,
        dt.datetime,
        dt.timedelta,
        pathlib.Path,
        re.Pattern,
        re.Match,
    ]
    known = {name for kind in kinds for name in dir(kind)} | set(dir(hashlib.sha256())) | {"quantize"}
    assert known >= TEXT_PLAIN
