"""One changed value anywhere is another digest; the same data is the same digest, however it lies in memory."""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import itertools
import uuid

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp

from jupyter_mlops.capture.fingerprint import fingerprint, fingerprint_file


def digest(data: object) -> str:
    found = fingerprint(data)
    assert found is not None, f"no fingerprint for {data!r}"
    return found.digest


def frame(**columns: object) -> pd.DataFrame:
    base = {"n": np.arange(5.0), "i": np.arange(5), "s": list("abcde"), "b": [True, False, True, True, False]}
    return pd.DataFrame(base | columns)


DIFFERENT = {
    "the frame": frame(),
    "last value": frame(n=[0, 1, 2, 3, 4.0000001]),
    "first value": frame(n=[-0.0, 1, 2, 3, 4.0]),
    "dtype of numbers": frame(n=np.arange(5, dtype="f4")),
    "integers instead": frame(n=np.arange(5)),
    "text": frame(s=list("abcdE")),
    "text shifted between rows": frame(s=["ab", "", "c", "d", "e"]),
    "text as objects": frame(s=pd.Series(list("abcde"), dtype=object)),
    "missing text": frame(s=["a", "b", "c", "d", None]),
    "empty instead of missing": frame(s=["a", "b", "c", "d", ""]),
    "the word None": frame(s=["a", "b", "c", "d", "None"]),
    "boolean": frame(b=[True, False, True, True, True]),
    "boolean as numbers": frame(b=[1, 0, 1, 1, 0]),
    "missing number": frame(n=[0, 1, 2, 3, np.nan]),
    "infinite": frame(n=[0, 1, 2, 3, np.inf]),
    "another column": frame(z=0),
    "fewer columns": frame().drop(columns="b"),
    "columns in another order": frame()[["i", "n", "s", "b"]],
    "a renamed column": frame().rename(columns={"n": "m"}),
    "rows in another order": frame().iloc[::-1],
    "rows in another order without their labels": frame().iloc[::-1].reset_index(drop=True),
    "fewer rows": frame().head(4),
    "labels": frame().set_axis(list("vwxyz")),
    "the name of the index": frame().rename_axis("id"),
    "shifted range": frame().set_axis(pd.RangeIndex(1, 6)),
    "two levels of labels": frame().set_axis(pd.MultiIndex.from_product([[0], range(5)])),
    "category": frame(s=pd.Categorical(list("abcde"))),
    "category with one more": frame(s=pd.Categorical(list("abcde"), categories=list("abcdef"))),
    "category in another order": frame(s=pd.Categorical(list("abcde"), categories=list("edcba"))),
    "ordered category": frame(s=pd.Categorical(list("abcde"), ordered=True)),
    "category changed": frame(s=pd.Categorical(list("abcdd"), categories=list("abcde"))),
    "times": frame(s=pd.date_range("2020-01-01", periods=5)),
    "times one nanosecond later": frame(s=pd.date_range("2020-01-01", periods=5) + pd.Timedelta(1, "ns")),
    "times in a zone": frame(s=pd.date_range("2020-01-01", periods=5, tz="UTC")),
    "times in another zone": frame(s=pd.date_range("2020-01-01", periods=5, tz="Asia/Shanghai")),
    "times in another unit": frame(s=pd.date_range("2020-01-01", periods=5).as_unit("s")),
    "a missing time": frame(s=[*pd.date_range("2020-01-01", periods=4), pd.NaT]),
    "spans": frame(s=pd.to_timedelta(range(5), unit="s")),
    "periods": frame(s=pd.period_range("2020", periods=5, freq="M")),
    "other periods": frame(s=pd.period_range("2020", periods=5, freq="D")),
    "intervals": frame(s=pd.interval_range(0, 5)),
    "intervals closed left": frame(s=pd.interval_range(0, 5, closed="left")),
    "nullable integers": frame(i=pd.array([0, 1, 2, 3, 4], dtype="Int64")),
    "nullable with a gap": frame(i=pd.array([0, 1, 2, 3, None], dtype="Int64")),
    "nullable with zero for the gap": frame(i=pd.array([0, 1, 2, 3, 0], dtype="Int64")),
    "sparse": frame(i=pd.arrays.SparseArray([0, 0, 0, 0, 1])),
    "sparse with another fill": frame(i=pd.arrays.SparseArray([0, 0, 0, 0, 1], fill_value=1)),
    "objects": frame(s=pd.Series([1, "1", 1.0, True, None], dtype=object)),
    "objects of other types": frame(s=pd.Series(["1", 1, 1.0, True, None], dtype=object)),
    "lists": frame(s=pd.Series([[1], [2], [3], [4], [5]])),
    "longer lists": frame(s=pd.Series([[1], [2], [3], [4], [5, 6]])),
    "dictionaries": frame(s=pd.Series([{"a": 1}] * 5)),
    "decimals": frame(s=pd.Series([decimal.Decimal("1.10")] * 5)),
    "decimals written otherwise": frame(s=pd.Series([decimal.Decimal("1.1")] * 5)),
    "complex": frame(n=np.arange(5) * 1j),
}


def test_whatever_differs_has_another_digest() -> None:
    digests = {name: digest(data) for name, data in DIFFERENT.items()}
    same = [pair for pair in itertools.combinations(digests, 2) if digests[pair[0]] == digests[pair[1]]]
    assert same == []


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_copy_has_the_same_digest(name: str) -> None:
    assert digest(DIFFERENT[name].copy(deep=True)) == digest(DIFFERENT[name])


def test_only_the_changed_column_has_another_digest() -> None:
    one, other = fingerprint(frame()), fingerprint(frame(n=[0, 1, 2, 3, 9.0]))
    assert one is not None
    assert other is not None
    assert (one.rows, one.kind, list(one.columns)) == (5, "frame", ["n", "i", "s", "b"])
    assert [name for name in one.columns if one.columns[name] != other.columns[name]] == ["n"]


def test_the_columns_of_an_array_are_numbered_as_its_last_index_is() -> None:
    before = np.arange(20.0).reshape(10, 2)
    after = before.copy()
    after[9, 1] = -1
    one, other = fingerprint(before), fingerprint(after)
    assert one is not None
    assert other is not None
    assert (one.rows, one.kind, list(one.columns)) == (10, "array", ["0", "1"])
    assert [name for name in one.columns if one.columns[name] != other.columns[name]] == ["1"]


@pytest.mark.parametrize(
    "data",
    [np.zeros((3, 257)), np.ma.array(np.zeros((3, 2)), mask=np.eye(3, 2)), np.zeros(3), np.zeros((3, 2, 2))],
)
def test_the_columns_of_a_picture_and_of_what_is_masked_have_no_digests_of_their_own(data: object) -> None:
    found = fingerprint(data)
    assert found is not None
    assert (found.rows, dict(found.columns)) == (3, {})


def test_every_single_value_counts() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(3000, 7))
    whole = digest(pd.DataFrame(values))
    for row, column in [(0, 0), (2999, 6), (1500, 3), (2047, 0), (2999, 0), (0, 6)]:
        changed = values.copy()
        changed[row, column] = np.nextafter(changed[row, column], 9)
        assert digest(pd.DataFrame(changed)) != whole
        assert digest(changed) != digest(values)


def test_the_layout_in_memory_does_not_count() -> None:
    values = np.random.default_rng(0).normal(size=(5000, 9))
    values[::7, 2] = np.nan
    by_column = pd.DataFrame({str(i): values[:, i].copy() for i in range(9)})
    together = pd.DataFrame(values, columns=[str(i) for i in range(9)], copy=False)
    every_other = pd.DataFrame(np.repeat(values, 2, axis=0), columns=by_column.columns)[::2].reset_index(
        drop=True
    )
    assert digest(by_column) == digest(together) == digest(every_other)
    assert digest(values) == digest(np.asfortranarray(values)) == digest(np.repeat(values, 2, axis=1)[:, ::2])


def test_every_not_a_number_is_the_same() -> None:
    odd = np.array([0x7FF8000000000001, 0xFFF8000000000000], dtype="u8").view("f8")
    assert np.isnan(odd).all()
    assert digest(odd) == digest(np.array([np.nan, np.nan]))
    assert digest(odd.astype(complex)) == digest(np.array([complex(np.nan, 0)] * 2))
    assert digest(pd.DataFrame({"a": odd, "b": odd})) == digest(
        pd.DataFrame({"a": [np.nan] * 2, "b": [np.nan] * 2})
    )


def test_what_lies_under_a_mask_does_not_count() -> None:
    column = pd.array([1, 2, 3], dtype="Int64")
    column[1] = pd.NA
    assert digest(pd.Series(column)) == digest(pd.Series(pd.array([1, None, 3], dtype="Int64")))
    assert digest(np.ma.array([1, 5], mask=[False, True])) == digest(np.ma.array([1, 7], mask=[False, True]))


ARRAYS = {
    "floats": np.arange(6.0),
    "as a column": np.arange(6.0).reshape(6, 1),
    "as a row": np.arange(6.0).reshape(1, 6),
    "as a table": np.arange(6.0).reshape(3, 2),
    "as another table": np.arange(6.0).reshape(2, 3),
    "in three dimensions": np.arange(6.0).reshape(1, 2, 3),
    "integers": np.arange(6),
    "big-endian": np.arange(6, dtype=">i8"),
    "text": np.array(list("abcdef")),
    "objects": np.array([1, "a", None], dtype=object),
    "dates": np.arange(6).astype("M8[D]"),
    "records": np.zeros(6, dtype=[("a", "i4"), ("b", "f8")]),
    "records of other names": np.zeros(6, dtype=[("a", "i4"), ("c", "f8")]),
    "long doubles": np.arange(6, dtype=np.longdouble),
    "one number": np.array(5.0),
    "nothing": np.zeros(0),
    "nothing of two columns": np.zeros((0, 2)),
    "masked": np.ma.array([1, 2], mask=[False, True]),
    "sparse rows": sp.csr_array(np.eye(3)),
    "sparse columns": sp.csc_array(np.eye(3)),
    "sparse pairs": sp.coo_array(np.eye(3)),
    "sparse lists": sp.lil_array(np.eye(4)),
    "sparse diagonals": sp.dia_array(np.eye(3)),
    "a list": [1, 2, 3],
    "a list of other types": [1, 2, 3.0],
    "a tuple": (1, 2, 3),
    "a nested list": [[1, 2], [3]],
    "a list nested otherwise": [[1], [2, 3]],
    "a range": range(1, 4),
    "big integers": [2**80],
    "an index": pd.Index([1, 2, 3]),
    "a series": pd.Series([1, 2, 3]),
    "a named series": pd.Series([1, 2, 3], name="a"),
    "odd things": [
        dt.date(2020, 1, 1),
        dt.time(1),
        uuid.UUID(int=1),
        b"x",
        {1, 2},
        np.float64(1),
        np.ones(2),
    ],
}


def test_arrays_that_differ_have_other_digests() -> None:
    digests = {name: digest(data) for name, data in ARRAYS.items()}
    same = [pair for pair in itertools.combinations(digests, 2) if digests[pair[0]] == digests[pair[1]]]
    assert same == []


POLARS = {
    "integers": pl.DataFrame({"a": [1, 2, 3]}),
    "floats": pl.DataFrame({"a": [1.0, 2.0, 3.0]}),
    "a gap": pl.DataFrame({"a": [1, None, 3]}),
    "a zero for the gap": pl.DataFrame({"a": [1, 0, 3]}),
    "text": pl.DataFrame({"a": ["x", "y", None]}),
    "empty text": pl.DataFrame({"a": ["x", "y", ""]}),
    "dates": pl.DataFrame({"a": [dt.date(2020, 1, i) for i in (1, 2, 3)]}),
    "times": pl.DataFrame({"a": [dt.datetime(2020, 1, i) for i in (1, 2, 3)]}),  # noqa: DTZ001
    "booleans": pl.DataFrame({"a": [True, None, False]}),
    "lists": pl.DataFrame({"a": [[1], [2, 3], None]}),
    "structs": pl.DataFrame({"a": [{"x": 1}, {"x": 2}, None]}),
    "categories": pl.DataFrame({"a": pl.Series(["x", "y", "x"], dtype=pl.Categorical)}),
    "an enum": pl.DataFrame({"a": pl.Series(["x", "y", "x"], dtype=pl.Enum(["x", "y"]))}),
    "another enum": pl.DataFrame({"a": pl.Series(["x", "y", "x"], dtype=pl.Enum(["y", "x"]))}),
    "decimals": pl.DataFrame({"a": [decimal.Decimal("1.5")] * 3}),
    "bytes": pl.DataFrame({"a": [b"x", b"y", None]}),
    "nothing": pl.DataFrame({"a": [None, None, None]}),
    "another name": pl.DataFrame({"b": [1, 2, 3]}),
    "a series": pl.Series("a", [1, 2, 3]),
}


def test_polars_frames_that_differ_have_other_digests() -> None:
    digests = {name: digest(data) for name, data in POLARS.items()}
    same = [pair for pair in itertools.combinations(digests, 2) if digests[pair[0]] == digests[pair[1]]]
    assert same == []


def test_chunks_of_a_polars_column_do_not_count() -> None:
    whole = pl.DataFrame({"a": [1, 2, 3], "s": ["x", None, "z"]})
    pieces = pl.concat([whole.head(1), whole.tail(2)], rechunk=False)
    assert digest(pieces) == digest(whole)


def test_two_columns_of_one_name_are_both_covered() -> None:
    twice = pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"])
    found = fingerprint(twice)
    assert found is not None
    assert list(found.columns) == ["a", "a#2"]
    assert digest(twice) != digest(pd.DataFrame([[1, 2], [3, 5]], columns=["a", "a"]))


def test_column_names_keep_their_type() -> None:
    assert digest(pd.DataFrame({1: [0]})) != digest(pd.DataFrame({"1": [0]}))


class Odd:
    """An object that says the same whatever it holds."""

    def __repr__(self) -> str:
        return "Odd"


@pytest.mark.parametrize(
    "data",
    [
        object(),
        Odd(),
        [Odd()],
        pd.DataFrame({"a": [Odd()]}),
        np.array([Odd()], dtype=object),
        {},
        [],
        "text",
        None,
        3,
    ],
)
def test_what_cannot_be_read_exactly_has_no_fingerprint(data: object) -> None:
    assert fingerprint(data) is None


def test_a_cycle_has_no_fingerprint() -> None:
    ring: list[object] = []
    ring.append(ring)
    assert fingerprint(ring) is None


def test_a_thing_that_raises_when_looked_at_has_no_fingerprint() -> None:
    class Broken(pd.DataFrame):
        @property
        def columns(self):
            raise RuntimeError

    assert fingerprint(Broken({"a": [1]})) is None


def test_a_subclass_is_read_as_what_it_is() -> None:
    class Mine(pd.DataFrame):
        pass

    assert digest(Mine({"a": [1]})) == digest(pd.DataFrame({"a": [1]}))


def test_a_file_has_the_digest_of_its_bytes(tmp_path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(b"a,b\n1,2\n")
    found = fingerprint_file(path)
    assert found is not None
    assert found.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (found.kind, found.size, found.rows) == ("file", 8, None)
    assert fingerprint(path) == found
    path.write_bytes(b"a,b\n1,3\n")
    assert fingerprint(path) != found
    assert fingerprint_file(tmp_path / "no.csv") is None


def test_data_are_not_changed_by_looking() -> None:
    values = np.array([1.0, np.nan, 3.0])
    values.flags.writeable = False
    data = pd.DataFrame({"a": values, "s": ["x", None, "z"]})
    before = data.copy(deep=True)
    digest(data)
    pd.testing.assert_frame_equal(data, before)
