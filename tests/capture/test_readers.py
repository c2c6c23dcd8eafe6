"""Readers that open files where the interpreter does not see it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet
import pytest

from jupyter_mlops.capture.readers import Readers


@pytest.fixture
def heard(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame({"a": [1, 2]})
    frame.to_csv("a.csv", index=False)
    frame.to_parquet("a.parquet")
    Path("folder").mkdir()
    for name in ("1", "2"):
        frame.to_parquet(f"folder/{name}.parquet")
    found: list[tuple[str, bool]] = []
    readers = Readers(lambda path, written: found.append((str(path), written)))
    readers.start()
    yield found
    readers.stop()


def test_pyarrow_and_pandas_on_top_of_it_are_heard(heard):
    pyarrow.parquet.read_table("a.parquet")
    pd.read_parquet("a.parquet")
    table = pyarrow.csv.read_csv("a.csv")
    pyarrow.parquet.write_table(table, "b.parquet")
    pd.DataFrame({"a": [1]}).to_parquet("c.parquet")
    assert set(heard) == {("a.parquet", False), ("a.csv", False), ("b.parquet", True), ("c.parquet", True)}


@pytest.mark.parametrize(
    ("mode", "written"), [({}, True), ({"mode": "a"}, True), ({"mode": "r+"}, True), ({"mode": "r"}, False)]
)
def test_a_store_of_tables_may_be_written_to_unless_it_is_opened_to_be_read(heard, mode, written):
    with suppress(ImportError, OSError):  # the place is told before the store's own library is looked for
        pd.HDFStore("a.h5", **mode)
    assert ("a.h5", written) in heard


def test_polars_is_heard_eager_and_lazy_reading_and_writing(heard):
    frame = pl.read_csv("a.csv")
    assert pl.scan_parquet("a.parquet").collect().equals(frame)
    frame.write_parquet("b.parquet")
    pl.scan_csv("a.csv").sink_parquet("c.parquet")
    assert set(heard) == {
        ("a.csv", False),
        ("a.parquet", False),
        ("b.parquet", True),
        ("c.parquet", True),
    }


def test_folders_and_patterns_are_their_files(heard):
    pyarrow.dataset.dataset("folder")
    pl.scan_parquet("folder/*.parquet").collect()
    assert {name for name, _ in heard} == {"folder/1.parquet", "folder/2.parquet"}


def test_stopping_puts_every_object_back_by_identity(tmp_path):
    def state() -> list[object]:
        return [
            pl.read_csv, pl.read_csv.__code__, pl.DataFrame.write_csv, pl.DataFrame.write_csv.__code__,
            pl.LazyFrame.sink_parquet.__code__, pyarrow.parquet.read_table, pyarrow.parquet.read_table.__code__,
            pyarrow.csv.read_csv, pyarrow.dataset.dataset.__code__, vars(pl.read_csv).get("__signature__"),
        ]  # fmt: skip

    before = state()
    readers = Readers(lambda _path, _written: None)
    readers.start()
    readers.start()
    assert [a is b for a, b in zip(state(), before, strict=True)].count(False) >= 5
    readers.stop()
    assert all(a is b for a, b in zip(state(), before, strict=True))


def test_a_reader_that_fails_fails_as_it_always_did(heard):
    with pytest.raises(FileNotFoundError):
        pl.read_csv("missing.csv")


def test_the_readers_of_arrow_that_are_classes_or_map_memory_are_heard(heard):
    import pyarrow as pa
    import pyarrow.ipc
    import pyarrow.json
    import pyarrow.orc

    table = pyarrow.parquet.ParquetFile("a.parquet").read()
    pyarrow.parquet.ParquetDataset("folder").read()
    with pyarrow.parquet.ParquetWriter("w.parquet", table.schema) as writer:
        writer.write_table(table)
    pyarrow.orc.write_table(table, "a.orc")
    pyarrow.orc.ORCFile("a.orc").read()
    Path("a.json").write_text('{"a": 1}\n')
    pyarrow.json.read_json("a.json")
    pl.DataFrame({"a": [1]}).write_ipc("a.arrow", compression="uncompressed")
    with pa.memory_map("a.arrow") as mapped:
        pyarrow.ipc.open_file(mapped).read_all()
    with pa.input_stream("a.csv") as stream:
        stream.read()
    reads = {name for name, written in heard if not written}
    assert reads >= {
        "a.parquet", "folder/1.parquet", "folder/2.parquet", "a.orc", "a.json", "a.arrow", "a.csv"
    }  # fmt: skip
    assert {name for name, written in heard if written} == {"w.parquet", "a.orc", "a.arrow"}


def test_the_rest_of_polars_is_heard(heard):
    frame = pl.DataFrame({"a": [1]})
    frame.write_ipc_stream("s.arrow")
    pl.read_ipc_stream("s.arrow")
    frame.write_avro("a.avro")
    pl.read_avro("a.avro")
    frame.lazy().sink_ndjson("a.ndjson")
    pl.scan_ndjson("a.ndjson").collect()
    names = {"s.arrow", "a.avro", "a.ndjson"}
    assert set(heard) == {(name, written) for name in names for written in (True, False)}


@pytest.mark.parametrize("write", ["parquet", "dataset"])
def test_of_a_folder_that_is_filled_the_new_files_are_told(heard, write):
    table = pyarrow.parquet.read_table("a.parquet")
    old = Path("folder/1.parquet")
    import os

    os.utime(old, (1, 1))
    heard.clear()
    if write == "parquet":
        pyarrow.parquet.write_to_dataset(table, root_path="folder", partition_cols=["a"])
    else:
        pyarrow.dataset.write_dataset(
            table, "folder", format="parquet", existing_data_behavior="overwrite_or_ignore"
        )
    told = {name for name, written in heard if written}
    assert told
    assert all(name.startswith("folder/") for name in told)
    assert str(old) not in told


def test_columns_keys_and_modes_are_no_places(heard):
    import pyarrow as pa
    import pyarrow.feather

    for folder in ("a", "r", "gzip"):
        Path(folder).mkdir()
        Path(folder, "z.csv").write_text("a\n1\n")
    pyarrow.feather.write_feather(pd.DataFrame({"a": [1]}), "x.feather", compression="uncompressed")
    pyarrow.feather.read_table("x.feather", ["a"])
    with pa.memory_map("x.feather", "r"), pa.output_stream("o.gz", "gzip"):
        pass
    assert {name for name, _ in heard} == {"x.feather", "o.gz"}
    heard.clear()
    with pa.memory_map("x.feather", "r+"), pa.memory_map("a.csv", mode="r"):
        pass
    assert set(heard) == {("x.feather", True), ("a.csv", False)}


@pytest.mark.parametrize(
    "read",
    [
        pd.read_csv, pd.read_table, pd.read_fwf, pd.read_json, pd.read_parquet, pd.read_feather, pd.read_excel, pd.read_pickle,
        pd.read_stata, pd.read_sas, pd.read_xml, pd.read_html,
    ],
    ids=lambda read: read.__name__,
)  # fmt: skip
def test_an_address_that_pandas_reads_from_is_heard(heard, read):
    with suppress(Exception):  # what is there is no such file, or a library of its own is missing
        read("memory://bucket/air.data")
    assert ("memory://bucket/air.data", False) in heard


def test_an_address_by_its_name_and_one_that_is_written_to_are_heard(heard):
    frame = pd.DataFrame({"a": [1, 2]})
    frame.to_csv("memory://bucket/kept.csv", index=False)
    assert pd.read_csv(filepath_or_buffer="memory://bucket/kept.csv").equals(frame)
    frame.to_json("memory://bucket/kept.json")
    assert heard == [
        ("memory://bucket/kept.csv", True),
        ("memory://bucket/kept.csv", False),
        ("memory://bucket/kept.json", True),
    ]


@pytest.mark.parametrize(
    "given",
    ["a.csv", Path("a.csv"), "file:///nowhere/a.csv", "<table><tr><td>http://a.b/c</td></tr></table>", '{"a": "http://a.b/c"}'],
)  # fmt: skip
def test_a_file_of_ours_and_a_text_with_an_address_in_it_are_no_address(heard, given):
    for read in (pd.read_csv, pd.read_html, pd.read_json):
        with suppress(Exception):
            read(given)
    assert heard == []


def test_a_folder_that_takes_too_long_is_gone_through_no_further(heard, monkeypatch):
    monkeypatch.setattr("jupyter_mlops.capture.readers._LONGEST", -1.0)
    pyarrow.dataset.dataset("folder").to_table()
    assert ("None", False) in heard
    assert not any("parquet" in path for path, _ in heard)
