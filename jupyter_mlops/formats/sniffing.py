"""What a file is, by its content and never by its name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

__all__ = ["EXECUTABLE", "format_of"]

# What each family does when it is loaded; a sentence for the refusal.
EXECUTABLE: Mapping[str, str] = {
    "pickle": "a pickle runs whatever code its author put in",
    "joblib": "a joblib file is a compressed pickle and runs whatever code its author put in",
    "torch": "a torch archive holds a pickle and runs whatever code its author put in",
    "hdf5": "an HDF5 model may hold code (a lambda layer) that runs when it is loaded",
    "npy": "a bare NumPy file may hold a pickle",
    "unknown": "its content belongs to no format that is known to be safe",
}
_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"\x93NUMPY", "npy"),
    (b"\x1f\x8b", "joblib"),
    (b"BZh", "joblib"),
    (b"\xfd7zXZ\x00", "joblib"),
    (b"\x04\x22\x4d\x18", "joblib"),
    (b"\x28\xb5\x2f\xfd", "joblib"),
    (b"ZF", "joblib"),
    (b"\x78\x01", "joblib"),
    (b"\x78\x9c", "joblib"),
    (b"\x78\xda", "joblib"),
    (b"\x78\x5e", "joblib"),
)


def format_of(content: bytes) -> str:
    """Return ``skops``, ``onnx``, or a key of ``EXECUTABLE``.

    An answer that names a safe format is only a claim: its loader still checks everything.
    """
    if content.startswith(b"PK\x03\x04"):
        return _archive(content)
    for prefix, family in _PREFIXES:
        if content.startswith(prefix):
            return family
    if content[:1] == b"\x80" and content[1:2] in {b"\x02", b"\x03", b"\x04", b"\x05"}:
        return "pickle"
    if _is_onnx(content):
        return "onnx"
    # Protocols 0 and 1 have no mark of their own, but every pickle ends with a stop.
    return "pickle" if content.rstrip(b"\n").endswith(b".") and len(content) > 1 else "unknown"


def _archive(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "unknown"
    if any(name.endswith((".pkl", ".pickle", ".pth")) for name in names):
        return "torch"
    return "skops" if "schema.json" in names else "unknown"


def _is_onnx(content: bytes) -> bool:
    """An ONNX file is a ModelProto: field 1 (ir_version, a small varint), then further fields of that message."""
    return len(content) > 4 and content[0] == 0x08 and 1 <= content[1] <= 0x20 and content[2] in _ONNX_FIELDS  # noqa: PLR2004


# The keys a ModelProto may go on with: producer_name, producer_version, domain, model_version, doc_string, graph,
# opset_import, metadata_props.
_ONNX_FIELDS = frozenset({0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42, 0x72})
