"""The portrait of a table and the signature of a model."""

from __future__ import annotations

import json
import math
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp

from jupyter_mlops.capture.dataset import profile, signature_of
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.model import Signature, SignatureColumn
from jupyter_mlops.records.profile import ColumnProfile, Profile


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def column(values: object) -> ColumnProfile:
    found = profile(pd.DataFrame({"a": values}))
    assert len(found.columns) == 1
    return found.columns[0]


def test_a_numeric_column_has_moments_and_equally_full_bins() -> None:
    found = column(np.arange(100.0))
    assert (found.kind, found.dtype, found.nulls, found.distinct) == ("numeric", "float64", 0, 100)
    assert (found.minimum, found.maximum, found.mean) == (0.0, 99.0, 49.5)
    assert found.deviation == pytest.approx(np.arange(100.0).std())
    assert (len(found.edges), sum(found.counts)) == (11, 100)
    assert max(found.counts) - min(found.counts) <= 2
    assert dict(found.top) == {}


def test_missing_and_infinite_values_are_counted_apart_from_the_bins() -> None:
    found = column([1.0, 2.0, math.nan, math.inf])
    assert (found.nulls, found.minimum, found.maximum, sum(found.counts)) == (1, 1.0, 2.0, 2)


def test_a_constant_column_is_one_bin() -> None:
    found = column([3, 3, 3])
    assert (found.edges, found.counts, found.deviation) == ((3.0, 3.0), (3,), 0.0)


@pytest.mark.parametrize("values", [[math.nan] * 3, [math.inf] * 3, pd.array([None] * 3, dtype="Int64")])
def test_a_column_without_a_number_has_no_moments(values: object) -> None:
    found = column(values)
    assert (found.kind, found.mean, found.edges) == ("numeric", None, ())


def test_text_with_few_values_is_a_category_and_its_values_are_counted() -> None:
    found = column(["x", "y", "x", None])
    assert (found.kind, found.nulls, found.distinct, dict(found.top)) == ("category", 1, 2, {"x": 2, "y": 1})


def test_text_with_many_values_keeps_the_fifty_most_frequent() -> None:
    found = column([f"id{i}" for i in range(200)])
    assert (found.kind, found.distinct, len(found.top)) == ("text", 200, 50)


def test_other_kinds_are_told_apart() -> None:
    kinds = {
        "boolean": [True, False],
        "category": pd.Categorical(["a", "b"], categories=["a", "b", "c"]),
        "datetime": pd.date_range("2020-01-01", periods=2, tz="Asia/Shanghai"),
        "other": [1j, 2j],
    }
    assert {kind: column(values).kind for kind, values in kinds.items()} == {kind: kind for kind in kinds}
    assert dict(column(kinds["category"]).top) == {"a": 1, "b": 1}


def test_times_are_measured_in_seconds_since_1970_in_utc() -> None:
    found = column(
        pd.to_datetime(["1970-01-01 08:00:10", "1970-01-01 08:00:20"]).tz_localize("Asia/Shanghai")
    )
    assert (found.minimum, found.maximum) == (10.0, 20.0)


@pytest.mark.parametrize("values", [[[1], [2]], [{"a": 1}, {"b": 2}], [object(), object()]])
def test_odd_cells_never_raise(values: object) -> None:
    assert column(values).kind in {"other", "category", "text"}


def test_arrays_polars_and_lists_have_portraits_too() -> None:
    frame = pl.DataFrame({"n": [1, None], "s": ["x", None], "b": [True, None]})
    assert [(c.name, c.nulls) for c in profile(frame).columns] == [("n", 1), ("s", 1), ("b", 1)]
    assert [c.name for c in profile(np.zeros((3, 2))).columns] == ["0", "1"]
    assert [c.name for c in profile(pl.Series("y", [1, 2])).columns] == ["y"]
    assert profile([1, 2, 3]).columns[0].maximum == 3.0


@pytest.mark.parametrize(
    ("data", "rows"), [(np.zeros((4, 2, 2)), 4), (sp.eye(5, format="csr"), 5), (np.zeros((3, 2001)), 3)]
)
def test_what_nobody_would_read_column_by_column_has_its_rows_counted(data: object, rows: int) -> None:
    assert profile(data) == Profile(rows=rows, columns=())


def test_empty_tables_have_portraits() -> None:
    assert profile(pd.DataFrame()).rows == 0
    assert profile(pd.DataFrame({"a": []})).columns[0].distinct == 0


def test_a_portrait_goes_through_json() -> None:
    data = pd.DataFrame({"a": [1.0, None], "b": ["x", "y"], "t": pd.date_range("2020", periods=2)})
    found = profile(data)
    assert decode(Profile, json.loads(json.dumps(encode(found)))) == found


def test_a_signature_names_columns_types_and_what_may_be_missing() -> None:
    data = pd.DataFrame({"a": [1, 2], "b": [1.0, None]})
    assert signature_of(data, np.zeros(2)) == Signature(
        inputs=(
            SignatureColumn(name="a", dtype="int64"),
            SignatureColumn(name="b", dtype="float64", nullable=True),
        ),
        outputs=(SignatureColumn(name="prediction", dtype="float64"),),
    )


def test_a_signature_of_arrays_numbers_its_columns() -> None:
    found = signature_of(np.zeros((2, 2), dtype="f4"), np.zeros((2, 2)))
    assert [(c.name, c.dtype) for c in found.inputs] == [("0", "float32"), ("1", "float32")]
    assert [c.name for c in found.outputs] == ["prediction_0", "prediction_1"]
    assert signature_of(np.zeros((2, 2))).outputs == ()
