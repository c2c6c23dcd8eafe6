"""ONNX graphs: arithmetic without code."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from jupyter_mlops.errors import Invalid, MlopsError, Unavailable, Untrusted
from jupyter_mlops.formats.archive import refuse
from jupyter_mlops.formats.protocol import Saved
from jupyter_mlops.formats.sniffing import EXECUTABLE, format_of

__all__ = ["Onnx", "OnnxModel"]

_FILE = "model.onnx"
# TensorProto: the key "location" among its external_data, and data_location = EXTERNAL.
_LOCATION = b"\x0a\x08location"
_EXTERNAL = b"\x70\x01"


class OnnxModel:
    """A graph that predicts: rows in, the graph's first output back (the label of a classifier)."""

    def __init__(self, content: bytes) -> None:
        try:
            import onnxruntime
        except ImportError as failure:
            raise Unavailable(
                "this model is an ONNX graph and onnxruntime is not installed",
                remedy="pip install onnxruntime",
            ) from failure
        try:
            self._session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        except Exception as failure:
            # The runtime raises classes of its own that differ between its versions.
            raise refuse(f"onnxruntime cannot read it ({failure})") from failure

    def predict(self, rows: Any) -> Any:
        """Return the first output for *rows* (a frame or a two-dimensional array)."""
        return self._session.run(None, self._feed(rows))[0].reshape(len(rows))

    def _feed(self, rows: Any) -> dict[str, Any]:
        import numpy as np

        inputs = self._session.get_inputs()
        kinds = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64}
        if len(inputs) == 1:
            return {inputs[0].name: np.asarray(rows, dtype=kinds.get(inputs[0].type, object))}
        columns = {name: np.asarray(rows[name]).reshape(-1, 1) for name in (i.name for i in inputs)}
        return {i.name: columns[i.name].astype(kinds.get(i.type, object)) for i in inputs}


class Onnx:
    """An ONNX model as its own bytes."""

    name = "onnx"

    def accepts(self, model: object) -> bool:
        """A ``ModelProto``, or bytes: whether they are one is looked at when they are saved."""
        return _bytes_of(model) is not None

    def save(self, model: object) -> Saved:
        """Return the bytes of *model*."""
        content = _bytes_of(model)
        if content is None or format_of(content) != self.name:
            raise _not_onnx(model, "" if content is None else format_of(content))
        _check_whole(content)
        return Saved(
            format=self.name, kind="onnx.ModelProto", files={_FILE: content}, requirements=_runtime()
        )

    def load(self, files: Mapping[str, bytes], *, trust: Collection[str] = ()) -> OnnxModel:
        """Return a model that predicts with onnxruntime."""
        del trust
        if len(files) != 1:
            raise refuse(f"an ONNX model is one file, this one has {len(files)}")
        (content,) = files.values()
        _check_whole(content)
        return OnnxModel(content)


def _not_onnx(model: object, family: str) -> MlopsError:
    if family in EXECUTABLE and family != "unknown":
        return Untrusted(
            f"these bytes are {family}: {EXECUTABLE[family]}",
            remedy="Give the fitted estimator itself to run.log_model(model): it is stored as skops, which runs nothing.",
        )
    return Invalid(
        f"a {type(model).__name__} is not an ONNX model",
        remedy="Give a ModelProto or its bytes, for example from skl2onnx.to_onnx(model, X[:1]).",
    )


def _check_whole(content: bytes) -> None:
    """Refuse weights kept in other files: the runtime would read whatever path the graph names."""
    if _LOCATION in content and _EXTERNAL in content:
        raise Untrusted(
            "the ONNX model keeps its weights in other files", remedy="Save it with its weights inside."
        )


def _bytes_of(model: object) -> bytes | None:
    if isinstance(model, (bytes, bytearray)):
        return bytes(model)
    if type(model).__module__.startswith("onnx") and hasattr(model, "SerializeToString"):
        return bytes(model.SerializeToString())
    return None


def _runtime() -> dict[str, str]:
    try:
        return {"onnxruntime": version("onnxruntime")}
    except PackageNotFoundError:
        return {}
