from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from jupyter_mlops import formats
from jupyter_mlops.errors import Invalid, Unavailable, Untrusted
from tests.contracts.format import FormatContract, manifest_of


def field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def doubling_model() -> bytes:
    """A ModelProto written by hand: y = x + x over float rows, opset 13."""
    node = field(1, b"x") + field(1, b"x") + field(2, b"y") + field(4, b"Add")
    shape = field(2, field(1, field(3, b"n")) + field(1, b"\x08\x01"))
    kind = field(2, field(1, b"\x08\x01" + shape))
    graph = (
        field(1, node) + field(2, b"g") + field(11, field(1, b"x") + kind) + field(12, field(1, b"y") + kind)
    )
    return b"\x08\x07" + field(7, graph) + field(8, b"\x10\x0d")


class TestOnnxKeepsTheContract(FormatContract):
    name = "onnx"

    def model(self) -> Any:
        return doubling_model()


def test_a_graph_predicts_or_says_which_library_is_missing() -> None:
    saved = formats.save(doubling_model())
    if importlib.util.find_spec("onnxruntime") is None:
        with pytest.raises(Unavailable, match="onnxruntime is not installed") as refusal:
            formats.load(manifest_of(saved), saved.files.__getitem__)
        assert refusal.value.remedy == "pip install onnxruntime"
    else:
        model = formats.load(manifest_of(saved), saved.files.__getitem__)
        assert model.predict([[1.0], [2.5]]).tolist() == [2.0, 5.0]


def test_weights_kept_in_other_files_are_refused() -> None:
    entry = field(13, field(1, b"location") + field(2, b"../../etc/passwd"))
    tensor = field(5, b"\x70\x01" + entry)
    with pytest.raises(Untrusted, match="other files"):
        formats.save(doubling_model() + field(7, tensor))


def test_what_is_no_graph_is_refused_with_the_way_to_get_one() -> None:
    with pytest.raises(Invalid, match="not an ONNX model") as refusal:
        formats.save(b"\x01\x02\x03\x04\x05\x06")
    assert "to_onnx" in refusal.value.remedy
