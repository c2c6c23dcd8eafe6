"""A first look at an archive, before any library reads it."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops import formats
from jupyter_mlops.errors import Untrusted
from jupyter_mlops.formats import archive as archive_module
from jupyter_mlops.formats.archive import open_archive
from tests.formats.malicious import archive, object_array, pickled
from tests.formats.tampering import entries_of, load, with_content


def test_a_zip_that_holds_a_pickle_is_refused_by_its_content(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    saved = formats.Saved(
        format="skops",
        kind="x",
        files={"model.skops": archive({"archive/data.pkl": pickled(canary), "schema.json": b"{}"})},
    )
    with pytest.raises(Untrusted, match="torch"):
        load(saved)
    assert not canary.exists()


def test_an_object_array_inside_an_archive_is_refused(forest: formats.Saved, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    entries = entries_of(forest)
    entries["000000.npy"] = object_array(canary)
    with pytest.raises(Untrusted, match="Python objects"):
        load(with_content(forest, archive(entries)))
    assert not canary.exists()


def test_an_array_that_promises_more_than_it_holds_is_refused(forest: formats.Saved) -> None:
    entries = entries_of(forest)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    entries["000000.npy"] = header.getvalue()
    with pytest.raises(Untrusted, match="promises"):
        load(with_content(forest, archive(entries)))


@pytest.mark.parametrize(
    "name",
    [
        "../x.npy",
        "/x.npy",
        "a/b.npy",
        "a\\b.npy",
        "x.pkl.npy/..",
        "x.so",
        "C:x.npy",
        "x.npy\n",
        "é.npy",
        ".npy",
    ],
)
def test_an_entry_with_another_name_is_refused(forest: formats.Saved, name: str) -> None:
    content = io.BytesIO(forest.files["model.skops"])
    with zipfile.ZipFile(content, "a") as target:
        target.writestr(name, b"x")
    with pytest.raises(Untrusted, match="entry called|torch"):
        load(with_content(forest, content.getvalue()))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["schema.json", "000000.npy", "000000.NPY"])
def test_a_name_that_stands_twice_is_refused(forest: formats.Saved, name: str) -> None:
    content = io.BytesIO(forest.files["model.skops"])
    with zipfile.ZipFile(content, "a") as target:
        target.writestr(name, b"{}")
    with pytest.raises(Untrusted, match="twice|entry called"):
        load(with_content(forest, content.getvalue()))


def test_a_link_inside_an_archive_is_refused(forest: formats.Saved) -> None:
    content = io.BytesIO(forest.files["model.skops"])
    with zipfile.ZipFile(content, "a") as target:
        link = zipfile.ZipInfo("link.npy")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        target.writestr(link, "/etc/passwd")
    with pytest.raises(Untrusted, match="is a link or a device"):
        load(with_content(forest, content.getvalue()))


def test_a_schema_with_a_key_twice_is_refused(forest: formats.Saved) -> None:
    entries = entries_of(forest)
    entries["schema.json"] = b'{"__class__":"Harmless",' + entries["schema.json"][1:]
    with pytest.raises(Untrusted, match="the key '__class__' twice"):
        load(with_content(forest, archive(entries)))


def test_a_schema_nested_too_deep_is_refused(forest: formats.Saved) -> None:
    for depth in (300, 100_000):
        deep = b'{"a":' * depth + b"1" + b"}" * depth
        with pytest.raises(Untrusted, match="deeper"):
            load(with_content(forest, archive({"schema.json": deep})))


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [
        ("entries", 2, "entries"),
        ("total", 1000, "unpack"),
        ("schema", 100, "bytes, more"),
        ("ratio_from", 0, None),
    ],
)
def test_an_archive_over_a_limit_is_refused(
    forest: formats.Saved, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, said: str | None
) -> None:
    monkeypatch.setattr(archive_module.Limits, limit, value)
    if said is None:
        bomb = archive({"schema.json": b" " * 5_000_000}, zipfile.ZIP_DEFLATED)
        with pytest.raises(Untrusted, match="unpack to 5000000"):
            load(with_content(forest, bomb))
    else:
        with pytest.raises(Untrusted, match=said):
            load(forest)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_happened_to_its_bytes_an_archive_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(_PACKED)
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    for _ in range(data.draw(st.integers(1, 4)) if content else 0):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        _, schema = open_archive(bytes(content))
    except Untrusted as refusal:
        assert refusal.remedy
    else:
        assert isinstance(schema, dict)


@pytest.mark.parametrize("schema", [b"[]", b"1", b"null", b"", b"{", b"\xff{}", b"NaN", b'"text"'])
def test_a_schema_that_is_no_object_is_refused(schema: bytes) -> None:
    with pytest.raises(Untrusted, match="schema.json"):
        open_archive(archive({"schema.json": schema}))


def test_an_archive_without_a_schema_is_refused() -> None:
    with pytest.raises(Untrusted, match=r"no schema\.json"):
        open_archive(archive({"000000.npy": _array()}))


def test_a_damaged_packing_is_refused_and_no_crash() -> None:
    content = bytearray(archive({"000000.npy": _array() * 1, "schema.json": b"{}"}, zipfile.ZIP_DEFLATED))
    start = content.index(b"000000.npy") + len("000000.npy")
    content[start : start + 8] = b"\xff" * 8
    with pytest.raises(Untrusted, match="cannot be read"):
        open_archive(bytes(content))


def _array() -> bytes:
    out = io.BytesIO()
    np.save(out, np.arange(50.0))
    return out.getvalue()


def _bundle() -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, a=np.arange(9), b=np.zeros((2, 3)))
    return out.getvalue()


_PACKED = archive(
    {"schema.json": b'{"a": [1, {"b": 2}]}', "000000.npy": _array(), "000001.npz": _bundle()},
    zipfile.ZIP_DEFLATED,
)
