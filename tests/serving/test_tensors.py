"""Tensors to columns and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jupyter_mlops.errors import Invalid
from jupyter_mlops.serving.tensors import DATATYPES, column_of, datatype_of, flattened, output_tensor, plain

RANGES = {
    **{f"INT{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
}


def tensor(datatype: str, data: object, shape: object = None) -> dict[str, Any]:
    size = [len(data)] if shape is None else shape  # type: ignore[arg-type]
    return {"name": "x", "datatype": datatype, "shape": size, "data": data}


@pytest.mark.parametrize(("datatype", "limits"), RANGES.items())
def test_an_integer_is_taken_to_the_edge_and_never_wrapped_round(
    datatype: str, limits: tuple[int, int]
) -> None:
    low, high = limits
    assert column_of(tensor(datatype, [low, high]))[1] == [low, high]
    for beyond in (low - 1, high + 1, 10**400):
        with pytest.raises(Invalid, match=f"declared as {datatype}"):
            column_of(tensor(datatype, [beyond]))


@pytest.mark.parametrize(
    ("datatype", "value"),
    [
        ("INT64", 1.0), ("INT64", True), ("INT64", "1"), ("INT64", None), ("UINT8", -1), ("FP32", 1e39), ("FP32", True),
        ("FP16", 65505), ("FP64", "nan"), ("FP64", math.nan), ("BOOL", 1), ("BOOL", "true"), ("BYTES", 1), ("BYTES", b"x"),
        ("BYTES", None), ("FP64", {}),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused_with_the_input_it_stands_in(datatype: str, value: object) -> None:
    with pytest.raises(Invalid, match="the input 'x' is declared as") as refusal:
        column_of(tensor(datatype, [value]))
    assert refusal.value.remedy


def test_what_is_missing_is_taken_only_where_it_may_be() -> None:
    assert column_of(tensor("FP64", [None, 1]), nullable=True)[1] == [None, 1]
    with pytest.raises(Invalid):
        column_of(tensor("FP64", [None, 1]))


@pytest.mark.parametrize("shape", [None, [], [-1], [1.0], [True], "1", {"0": 1}, [[1]], [3], [1, 1], [2, 2]])
def test_a_shape_that_is_none_or_does_not_fit_is_refused(shape: object) -> None:
    with pytest.raises(Invalid, match="shape"):
        column_of({"name": "x", "datatype": "FP64", "shape": shape, "data": [1.0, 2.0]})


@pytest.mark.parametrize("shape", [[10**9], [10**5, 10**5], [10**4000] * 4000, [1] * 100_000, [0, 10**300]])
def test_a_shape_that_claims_too_much_is_refused_before_it_is_multiplied_out(shape: list[int]) -> None:
    with pytest.raises(Invalid, match="the input 'x'") as refusal:
        column_of({"name": "x", "datatype": "FP64", "shape": shape, "data": []})
    assert len(refusal.value.message) < 400


@pytest.mark.parametrize("datatype", [None, "", "fp64", "INT128", 7, ["FP64"], {}])
def test_a_datatype_nobody_knows_is_refused_with_those_there_are(datatype: object) -> None:
    with pytest.raises(Invalid, match="UINT64"):
        column_of({"name": "x", "datatype": datatype, "shape": [1], "data": [1]})


@pytest.mark.parametrize("data", [None, 1, "12", {"0": 1}])
def test_data_must_be_a_list(data: object) -> None:
    with pytest.raises(Invalid, match="no data array"):
        column_of({"name": "x", "datatype": "FP64", "shape": [1], "data": data})


@given(arrays.arrays(np.int64, arrays.array_shapes(max_dims=4, max_side=4)))
def test_nested_data_are_read_row_by_row(array: Any) -> None:
    assert flattened(array.tolist()) == array.reshape(-1).tolist()
    shape, values = column_of(tensor("INT64", array.tolist(), list(array.shape)))
    assert shape == array.shape
    assert values == array.reshape(-1).tolist()


def test_nesting_without_end_is_read_without_recursion() -> None:
    deep: list[Any] = [1]
    for _ in range(100_000):
        deep = [deep]
    assert flattened(deep) == [1]
    assert flattened([[], [[]], [2, []]]) == [2]


@pytest.mark.parametrize(
    ("dtype", "datatype"),
    [
        ("float64", "FP64"), ("float32", "FP32"), ("Int8", "INT8"), ("uint16", "UINT16"), ("boolean", "BOOL"), ("bool", "BOOL"),
        ("object", "BYTES"), ("category", "BYTES"), ("str", "BYTES"), ("datetime64[ns]", "BYTES"), ("", "BYTES"),
    ],
)  # fmt: skip
def test_every_column_type_has_a_datatype(dtype: str, datatype: str) -> None:
    assert datatype_of(dtype) == datatype
    assert datatype in DATATYPES


@given(
    st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.bool_]).flatmap(
        lambda dtype: arrays.arrays(dtype, arrays.array_shapes(max_dims=2, max_side=5))
    )
)
def test_an_answer_can_be_read_as_an_input(array: Any) -> None:
    told = output_tensor("y", array)
    shape, values = column_of(told, nullable=True)
    assert shape == array.shape
    expected = [
        None if isinstance(v, float) and not math.isfinite(v) else v for v in array.reshape(-1).tolist()
    ]
    assert values == expected


def test_labels_are_told_as_text() -> None:
    told = output_tensor("y", np.array(["a", "ü"], dtype=object))
    assert (told["datatype"], told["data"], told["shape"]) == ("BYTES", ["a", "ü"], [2])
    assert output_tensor("y", [])["shape"] == [0]


def test_what_is_no_number_in_json_is_null() -> None:
    assert plain([1.5, math.nan, math.inf, "nan", None, True]) == [1.5, None, None, "nan", None, True]
    assert plain(np.array([[1.0, math.nan], [2.0, -math.inf]])) == [[1.0, None], [2.0, None]]
