"""What a file is, by its content."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.formats import FORMATS
from jupyter_mlops.formats.sniffing import EXECUTABLE, format_of
from tests.formats.malicious import archive

PICKLED = pickle.dumps({"a": [1, 2.5, "text"]})


def npy() -> bytes:
    out = io.BytesIO()
    np.save(out, np.arange(3))
    return out.getvalue()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_known_in_every_protocol(protocol: int) -> None:
    assert format_of(pickle.dumps({"a": [1, "text"]}, protocol=protocol)) == "pickle"


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(PICKLED, mtime=0), bz2.compress(PICKLED), lzma.compress(PICKLED),
        *(zlib.compress(PICKLED, level) for level in range(10)),
    ],
)  # fmt: skip
def test_a_packed_pickle_is_known_by_its_packing(packed: bytes) -> None:
    assert format_of(packed) == "joblib"


@pytest.mark.parametrize(
    ("content", "family"),
    [
        (b"", "unknown"),
        (b".", "unknown"),
        (b"\x80", "unknown"),
        (b"\x80\x02", "pickle"),
        (b"a,b\n1,2\n", "unknown"),
        (b"\x89HDF\r\n\x1a\n\x00", "hdf5"),
        (npy(), "npy"),
        (b"PK\x03\x04 and then nothing", "unknown"),
        (archive({"schema.json": b"{}"}), "skops"),
        (archive({"weights.npy": b""}), "unknown"),
        (archive({"archive/data.pkl": PICKLED, "schema.json": b"{}"}), "torch"),
        (archive({"a.pth": b"", "schema.json": b"{}"}), "torch"),
        (b"\x08\x07\x12\x04onnx", "onnx"),
        (b"\x08\x00\x12\x04onnx", "unknown"),
        (b"\x08\x21\x12\x04onnx", "unknown"),
        (b"\x08\x07\xff\x04onnx", "unknown"),
        (b"\x08\x07\x12", "unknown"),
    ],
)
def test_a_family_is_known_by_its_mark(content: bytes, family: str) -> None:
    assert format_of(content) == family


def test_what_stands_in_front_of_an_archive_makes_it_something_else() -> None:
    """Zipfile would read it from its end; what looks at the beginning would see a pickle."""
    assert format_of(b"\x80\x04" + archive({"schema.json": b"{}"})) == "pickle"


@given(st.binary(max_size=200))
def test_any_content_is_a_safe_format_or_is_named_with_what_it_does(content: bytes) -> None:
    assert format_of(content) in {*FORMATS, *EXECUTABLE}


@given(st.binary(max_size=200))
def test_no_content_that_a_loader_would_unpickle_is_called_safe(content: bytes) -> None:
    for mark in (b"\x80\x04", b"\x80\x05", b"\x1f\x8b", b"\x93NUMPY"):
        assert format_of(mark + content) in EXECUTABLE


def test_every_refusal_says_what_the_content_would_do() -> None:
    assert all(said and not said.endswith(".") for said in EXECUTABLE.values())
    assert not {"skops", "onnx"} & set(EXECUTABLE)
