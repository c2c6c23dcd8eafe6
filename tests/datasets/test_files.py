"""Tables to bytes and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.capture.fingerprint import fingerprint
from jupyter_mlops.datasets.files import checked_path, media_type_of, read_table, write_table
from jupyter_mlops.errors import Forbidden, Invalid, Unavailable
from jupyter_mlops.workspace import Workspace

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
CELLS = {
    "float64": st.floats(),
    "float32": st.floats(width=32),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "uint8": st.integers(0, 255),
    "bool": st.booleans(),
    # What a reader of CSV takes for missing, for a number, for a line's end or for a quote.
    "object": st.sampled_from(["", "NA", "nan", "null", "1", "01", "1e5", "True", " a", "a\nb", 'a"b', "a,b", "ü", "\r", "#"]),
    "category": st.sampled_from(["a", "b", "NA"]),
}  # fmt: skip


def read_again(content: bytes, media_type: str, frame: pd.DataFrame) -> pd.DataFrame:
    return read_table(content, media_type, {str(name): str(dtype) for name, dtype in frame.dtypes.items()})


# --- what is written is what is read again -----------------------------------------------------------------------


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.integers(0, 4))
    names = draw(st.lists(st.text(max_size=4), min_size=1, max_size=4, unique=True))
    columns = {}
    for name in names:
        dtype = draw(st.sampled_from(sorted(CELLS)))
        cells = draw(st.lists(CELLS[dtype], min_size=rows, max_size=rows))
        columns[name] = pd.Series(cells, dtype=dtype)
    return pd.DataFrame(columns)


@settings(max_examples=120, deadline=None)
@given(frames())
def test_a_table_comes_back_exactly_or_is_not_kept(frame: pd.DataFrame) -> None:
    try:
        content, media_type = write_table(frame)
    except Invalid as refusal:
        assert refusal.remedy
        return
    told, again = fingerprint(frame), fingerprint(read_again(content, media_type, frame))
    assert told is not None
    assert again is not None
    assert again.digest == told.digest


def test_csv_is_written_only_where_it_keeps_everything() -> None:
    assert write_table(pd.DataFrame({"a": [0.1, np.nan], "b": ["x", "y"]}))[1] == CSV
    for lossy in (pd.DataFrame({"a": ["NA", "x"]}), pd.DataFrame({"a": [1.0]}, index=["x"])):
        try:
            assert write_table(lossy)[1] == PARQUET
        except Invalid as refusal:  # where pyarrow is not installed
            assert "pyarrow" in refusal.remedy


def test_the_last_digit_of_a_number_survives() -> None:
    values = [0.1 + 0.2, 5e-324, 1.7976931348623157e308, -0.0, 1 / 3]
    content, media_type = write_table(pd.DataFrame({"a": values}))
    assert media_type == CSV
    assert read_table(content, CSV)["a"].tolist() == values


@pytest.mark.parametrize("thing", [None, [1, 2], np.zeros(3), pd.Series([1.0]), {"a": [1]}, "a,b"])
def test_what_is_no_table_is_refused_by_its_kind(thing: object) -> None:
    with pytest.raises(Invalid, match=type(thing).__name__):
        write_table(thing)


# --- strangers' files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.csv", b"a\n1\n", CSV),
        ("A.CSV", b"", CSV),
        ("a.txt", b"a\n", CSV),
        ("a.csv", b"PAR1\x15\x04", PARQUET),
        ("a", b"PAR1", PARQUET),
    ],
)
def test_parquet_is_known_by_its_mark_and_csv_by_its_name(name: str, content: bytes, media_type: str) -> None:
    assert media_type_of(Path(name), content) == media_type


@pytest.mark.parametrize("name", ["a.pkl", "a", "a.parquet", "a.pq", "a.csv.gz", ".csv"])
def test_any_other_file_is_refused_with_what_is_read(name: str) -> None:
    with pytest.raises(Invalid, match="is not a table this reads") as refusal:
        media_type_of(Path(name), b"\x80\x04.")
    assert "CSV" in refusal.value.remedy


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=80) | st.text(st.sampled_from('a1,"\n\r\x00;ü'), max_size=30).map(str.encode))
def test_whatever_a_file_holds_it_is_read_or_refused(content: bytes) -> None:
    for media_type, whole in ((CSV, content), (PARQUET, b"PAR1" + content + b"PAR1")):
        try:
            assert hasattr(read_table(whole, media_type), "columns")
        except (Invalid, Unavailable) as refusal:
            assert refusal.remedy


@pytest.mark.parametrize(
    ("content", "dtypes"),
    [
        (b"", None),
        (b"\xff\xfe\x00", None),
        (b'a\n"open', None),
        (b"a\nx\n", {"a": "float64"}),
        (b"a\n1\n", {"b": "datetime64[ns]"}),
        (b"a\nnever\n", {"a": "datetime64[ns, UTC]"}),
        (b"a\n1\n", {"a": "no such type"}),
    ],
)
def test_text_that_is_not_the_table_it_should_be_is_refused(
    content: bytes, dtypes: dict[str, str] | None
) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        read_table(content, CSV, dtypes)


def test_times_come_back_in_the_type_they_had() -> None:
    frame = pd.DataFrame(
        {
            "naive": pd.date_range("2026-01-01", periods=2, freq="h"),
            "utc": pd.date_range("2026-01-01", periods=2, tz="UTC"),
        }
    )
    content, media_type = write_table(frame)
    assert (
        read_again(content, media_type, frame).dtypes.astype(str).to_dict()
        == frame.dtypes.astype(str).to_dict()
    )


# --- where files may be read -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["", ".", "none.csv", "a\x00b", "~nobody-of-that-name/a.csv", "x" * 5000, "a/" * 3000, "loop/a.csv"],
)
def test_what_is_no_file_is_refused_in_words(memory_ws: Workspace, path: str) -> None:
    (memory_ws.settings.root / "loop").symlink_to("loop")
    for confined in (False, True):
        ws = replace(memory_ws, settings=replace(memory_ws.settings, confined=confined))
        with pytest.raises((Invalid, Forbidden)) as refusal:
            checked_path(ws, path)
        assert refusal.value.remedy


def test_a_path_counts_from_the_project_and_its_links_are_followed(memory_ws: Workspace) -> None:
    root = memory_ws.settings.root
    (root / "raw").mkdir()
    (root / "raw" / "größe 1.csv").write_text("a\n1\n")
    (root / "link.csv").symlink_to("raw/größe 1.csv")
    expected = (root / "raw" / "größe 1.csv").resolve()
    for path in ("raw/größe 1.csv", "link.csv", "raw/../link.csv", str(expected)):
        assert checked_path(memory_ws, path) == expected


def test_a_confined_workspace_takes_a_tilde_for_what_it_says_elsewhere(memory_ws: Workspace) -> None:
    confined = replace(memory_ws, settings=replace(memory_ws.settings, confined=True))
    with pytest.raises((Forbidden, Invalid)):
        checked_path(confined, "~/.bashrc")
