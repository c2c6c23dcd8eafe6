"""Columns of pandas, Polars and Arrow: one digest however they lie in memory, another after any change."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.capture.fingerprint import fingerprint
from jupyter_mlops.capture.fingerprint_frames import text_digest

TEXTS = st.lists(st.none() | st.text(max_size=6), min_size=1, max_size=12)
ROWS = 6


def digest(data: object) -> str:
    found = fingerprint(data)
    assert found is not None
    return found.digest


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Draw a frame with a column of every usual kind."""
    moments = [
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=draw(st.integers(0, 999)))
        for _ in range(ROWS)
    ]
    made = pd.DataFrame(
        {
            "i": draw(st.lists(st.integers(-(2**40), 2**40), min_size=ROWS, max_size=ROWS)),
            "f": draw(st.lists(st.floats(allow_nan=False), min_size=ROWS, max_size=ROWS)),
            "t": pd.Series(draw(st.lists(st.text(max_size=5), min_size=ROWS, max_size=ROWS)), dtype="str"),
            "z": pd.Series(moments).dt.tz_convert("Europe/Berlin"),
            "c": pd.Categorical(
                draw(st.lists(st.sampled_from("abc"), min_size=ROWS, max_size=ROWS)), list("abcd")
            ),
        },
    )
    labels = draw(st.lists(st.integers(0, 99), min_size=ROWS, max_size=ROWS, unique=True))
    return made.set_axis(labels).rename_axis("key")


def other_category(frame: pd.DataFrame) -> pd.DataFrame:
    changed = frame.copy()
    changed.iloc[-1, 4] = "d"
    return changed


def with_last(name: str, value: object) -> object:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        column = frame[name].copy()
        column.iloc[-1] = value
        return frame.assign(**{name: column})

    return change


CHANGES = {
    "last integer": lambda f: f.assign(i=[*f.i[:-1], f.i.iloc[-1] + 1]),
    "last float": lambda f: f.assign(f=[*f.f[:-1], np.nextafter(f.f.iloc[-1], 0 if f.f.iloc[-1] else 1)]),
    "last text": lambda f: f.assign(t=[*f.t[:-1], f.t.iloc[-1] + "x"]),
    "missing text": with_last("t", None),
    "last time": lambda f: f.assign(z=[*f.z[:-1], f.z.iloc[-1] + pd.Timedelta(1, "us")]),
    "zone": lambda f: f.assign(z=f.z.dt.tz_convert("Asia/Tokyo")),
    "no zone": lambda f: f.assign(z=f.z.dt.tz_localize(None)),
    "category": other_category,
    "categories": lambda f: f.assign(c=f.c.cat.add_categories("e")),
    "order of categories": lambda f: f.assign(c=f.c.cat.reorder_categories(list("dcba"))),
    "ordered categories": lambda f: f.assign(c=f.c.cat.as_ordered()),
    "dtype": lambda f: f.assign(i=f.i.astype("float64")),
    "extension dtype": lambda f: f.assign(i=f.i.astype("Int64")),
    "Arrow's dtype": lambda f: f.assign(i=f.i.astype("int64[pyarrow]")),
    "text as objects": lambda f: f.assign(t=f.t.astype(object)),
    "label": lambda f: f.set_axis([*f.index[:-1], 100]).rename_axis("key"),
    "name of the labels": lambda f: f.rename_axis("other"),
    "two levels": lambda f: f.set_index("i", append=True),
    "order of columns": lambda f: f[["f", "i", "t", "z", "c"]],
    "name of a column": lambda f: f.rename(columns={"i": "j"}),
    "one row less": lambda f: f.iloc[:-1],
    "order of rows": lambda f: f.iloc[::-1],
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
@settings(max_examples=6, deadline=None)
@given(frame=frames())
def test_any_change_of_a_frame_is_another_digest(name: str, frame: pd.DataFrame) -> None:
    changed = CHANGES[name](frame)
    assert digest(changed) != digest(frame)
    assert digest(frame.copy()) == digest(frame)


@settings(max_examples=30, deadline=None)
@given(texts=TEXTS, cuts=st.lists(st.integers(0, 12), max_size=4), before=st.integers(0, 3))
def test_chunks_and_offsets_of_an_arrow_column_do_not_count(texts, cuts, before) -> None:
    whole = pa.table({"t": pa.array(texts, pa.string())})
    places = sorted({0, len(texts), *(cut for cut in cuts if cut < len(texts))})
    padded = pa.array(["padding"] * before + texts, pa.string())
    chunks = [padded.slice(before + a, b - a) for a, b in pairwise(places)]
    assert digest(pa.table({"t": pa.chunked_array(chunks)})) == digest(whole)
    assert digest(pa.table({"t": pa.array([*texts[:-1], f"{texts[-1]}x"])})) != digest(whole)


@settings(max_examples=30, deadline=None)
@given(numbers=st.lists(st.none() | st.integers(-9, 9), min_size=2, max_size=9), cut=st.integers(1, 8))
def test_chunks_of_numbers_with_gaps_do_not_count(numbers, cut) -> None:
    whole = pa.array(numbers, pa.int64())
    parts = pa.chunked_array([whole.slice(0, cut), whole.slice(cut)], pa.int64())
    assert digest(pa.table({"n": parts})) == digest(pa.table({"n": whole}))
    assert digest(pa.table({"n": pa.array([*numbers[:-1], 10], pa.int64())})) != digest(
        pa.table({"n": whole})
    )


@settings(max_examples=30, deadline=None)
@given(texts=TEXTS)
def test_text_of_one_dtype_has_one_digest_in_objects_and_in_arrows_memory(texts) -> None:
    for missing in (np.nan, pd.NA):
        kinds = [pd.StringDtype(storage, na_value=missing) for storage in ("python", "pyarrow")]
        one, other = (pd.DataFrame({"t": pd.Series(texts, dtype=kind)}) for kind in kinds)
        assert digest(one) == digest(other)


@settings(max_examples=30, deadline=None)
@given(texts=TEXTS)
def test_text_of_polars_has_one_digest_with_and_without_arrow(texts) -> None:
    with_arrow = fingerprint(pl.DataFrame({"t": pl.Series(texts, dtype=pl.String)}))
    without = hash_of_polars(texts)
    assert with_arrow is not None
    assert with_arrow.columns["t"] == without


def hash_of_polars(texts: list[str | None]) -> str:
    from jupyter_mlops.capture.fingerprint_frames import _combined

    return _combined("String", str(len(texts)), text_digest(texts))


def test_bytes_behind_a_missing_text_do_not_count() -> None:
    values = pa.array(["a", "left over", "c"], pa.string())
    mask = pa.py_buffer(bytes([0b101]))
    hidden = pa.Array.from_buffers(pa.string(), 3, [mask, *values.buffers()[1:]])
    assert hidden.to_pylist() == ["a", None, "c"]
    assert digest(pa.table({"t": hidden})) == digest(pa.table({"t": ["a", None, "c"]}))


@pytest.mark.parametrize(
    "kind", [pa.bool_(), pa.float32(), pa.date32(), pa.timestamp("us", "UTC"), pa.decimal128(9, 2), pa.list_(pa.int8()), pa.dictionary(pa.int8(), pa.string()), pa.large_string(), pa.binary()]
)  # fmt: skip
def test_every_kind_of_arrow_column_is_read_exactly(kind: pa.DataType) -> None:
    samples = {
        "bool": [True, False], "float": [1.5, 2.5], "date32[day]": [dt.date(2026, 1, 1), dt.date(2026, 1, 2)],
        "decimal128(9, 2)": [None, 3], "list<item: int8>": [[1], [2, 3]], "binary": [b"a", b"b"],
        "timestamp[us, tz=UTC]": [dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 1, 2, tzinfo=dt.UTC)],
    }.get(str(kind), ["a", "b"])  # fmt: skip
    data = pa.table({"x": pa.array([*samples, None], kind)})
    assert digest(data) == digest(pa.concat_tables([data.slice(0, 1), data.slice(1)]))
    assert digest(data) != digest(pa.table({"x": pa.array([samples[0], samples[0], None], kind)}))


def test_the_same_numbers_under_another_dtype_are_other_data() -> None:
    numbers = [1, 2, 3]
    kinds = ["int64", "int32", "float64", "Int64", "int64[pyarrow]", "object", "category"]
    every = [digest(pd.DataFrame({"n": pd.Series(numbers, dtype=kind)})) for kind in kinds]
    every += [digest(pl.DataFrame({"n": numbers})), digest(pa.table({"n": numbers}))]
    assert len(set(every)) == len(every)


def test_each_column_has_a_digest_of_its_own() -> None:
    before = fingerprint(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}))
    after = fingerprint(pd.DataFrame({"a": [1, 2], "b": ["x", "z"]}))
    assert before is not None
    assert after is not None
    assert before.columns["a"] == after.columns["a"]
    assert before.columns["b"] != after.columns["b"]
