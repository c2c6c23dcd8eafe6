"""Tensors of the open inference protocol to columns and back: pure, strict, and never wrapping a number round."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_mlops.errors import Invalid

__all__ = ["DATATYPES", "column_of", "datatype_of", "flattened", "output_tensor", "plain"]

_INTEGERS = {
    **{f"INT{bits}": (-(1 << bits - 1), (1 << bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": (0, (1 << bits) - 1) for bits in (8, 16, 32, 64)},
}
_FLOATS = {"FP16": 65504.0, "FP32": 3.4028234663852886e38, "FP64": math.inf}
DATATYPES = frozenset({*_INTEGERS, *_FLOATS, "BOOL", "BYTES"})
_MAXIMUM = 10_000_000  # elements
_DEEPEST = 32  # dimensions
_FROM_DTYPE = {
    "float16": "FP16",
    "float32": "FP32",
    "float64": "FP64",
    "Float32": "FP32",
    "Float64": "FP64",
    "bool": "BOOL",
    "boolean": "BOOL",
    **{f"int{bits}": f"INT{bits}" for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": f"UINT{bits}" for bits in (8, 16, 32, 64)},
    **{f"Int{bits}": f"INT{bits}" for bits in (8, 16, 32, 64)},
    **{f"UInt{bits}": f"UINT{bits}" for bits in (8, 16, 32, 64)},
}


def datatype_of(dtype: str) -> str:
    """Return the protocol's name for a column type; text, categories and times travel as BYTES."""
    return _FROM_DTYPE.get(dtype, "BYTES")


def column_of(tensor: Mapping[str, Any], *, nullable: bool = False) -> tuple[tuple[int, ...], list[Any]]:
    """Return the shape and the flat values of an input *tensor*, each checked against its declared datatype.

    Raises
    ------
    Invalid
        The shape is not one, does not fit the data, or a value is not of the datatype.
    """
    name, datatype = tensor.get("name"), tensor.get("datatype")
    if not isinstance(datatype, str) or datatype not in DATATYPES:
        raise Invalid(
            f"the input {name!r} has the datatype {datatype!r:.60}; known are {', '.join(sorted(DATATYPES))}",
            remedy="Declare the datatype the model's signature names.",
        )
    shape = _shape(name, tensor.get("shape"))
    data = tensor.get("data")
    if not isinstance(data, list):
        raise Invalid(
            f"the input {name!r} has no data array",
            remedy="Send the values in data, a JSON array; binary bodies are not read.",
        )
    values = flattened(data)
    if len(values) != math.prod(shape):
        raise Invalid(
            f"the input {name!r} has {len(values)} elements and the shape {list(shape)}",
            remedy="Make the product of the shape the number of elements.",
        )
    for value in values:
        if not (value is None and nullable):
            _check(name, datatype, value)
    return shape, values


def _shape(name: object, shape: object) -> tuple[int, ...]:
    whole = isinstance(shape, list) and all(
        isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in shape
    )
    if not whole or not isinstance(shape, list) or not shape:
        raise Invalid(
            f"the input {name!r} has the shape {shape!r:.60}; a list of whole numbers from 0 is one",
            remedy="Write [rows] or [rows, columns].",
        )
    # Each by itself first: the product of thousands of long numbers takes a processor minutes.
    if len(shape) > _DEEPEST or max(shape) > _MAXIMUM or math.prod(shape) > _MAXIMUM:
        raise Invalid(
            f"the input {name!r} claims more elements than the {_MAXIMUM} that are read, or {_DEEPEST} dimensions",
            remedy="Send the rows in parts.",
        )
    return tuple(shape)


def flattened(data: Sequence[Any]) -> list[Any]:
    """Return nested lists as one, in row-major order."""
    waiting, values = [iter(data)], []
    while waiting:
        for item in waiting[-1]:
            if isinstance(item, list):
                waiting.append(iter(item))
                break
            values.append(item)
        else:
            waiting.pop()
    return values


def _check(name: object, datatype: str, value: object) -> None:
    if datatype == "BYTES":
        fits = isinstance(value, str)
    elif datatype == "BOOL":
        fits = isinstance(value, bool)
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        fits = False
    elif datatype in _FLOATS:
        fits = abs(value) <= _FLOATS[datatype]
    else:
        low, high = _INTEGERS[datatype]
        fits = isinstance(value, int) and low <= value <= high
    if not fits:
        raise Invalid(
            f"the input {name!r} is declared as {datatype} and holds {value!r:.40}",
            remedy="Send a value of that datatype, or declare another.",
        )


def output_tensor(name: str, values: Any) -> dict[str, Any]:
    """Return an answer (an array with a row for each row asked about) as an output tensor."""
    import numpy as np

    array = np.asarray(values)
    datatype = datatype_of(str(array.dtype))
    flat = plain(array.reshape(-1))
    return {
        "name": name,
        "shape": list(array.shape),
        "datatype": datatype,
        "data": [str(value) for value in flat] if datatype == "BYTES" else flat,
    }


def plain(values: Any) -> list[Any]:
    """Return an array as JSON knows it: what is no number in JSON is null."""
    listed = values.tolist() if hasattr(values, "tolist") else list(values)
    return [_plain(value) for value in listed]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
