"""The open inference protocol as plain values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.serving.protocol import Inputs, describe, read_inputs, read_rows, write_answer
from jupyter_mlops.serving.service import Answer
from tests.serving.test_predictor import predictor

TABLE = (("a", "float64"), ("b", "int64"))
ARRAY = (("0", "float32"), ("1", "float32"))


def column(name: str, data: list[Any], datatype: str = "FP64", **more: Any) -> dict[str, Any]:
    return {"name": name, "shape": [len(data)], "datatype": datatype, "data": data} | more


def read(*inputs: dict[str, Any], columns: Any = TABLE, **body: Any) -> Inputs:
    return read_inputs({"inputs": list(inputs), **body}, predictor(*columns))


def test_a_table_is_described_column_by_column_and_an_array_as_one_tensor() -> None:
    told = describe(predictor(*TABLE, output="pm25"))
    assert told["inputs"] == [
        {"name": "a", "datatype": "FP64", "shape": [-1]},
        {"name": "b", "datatype": "INT64", "shape": [-1]},
    ]
    assert told["outputs"] == [{"name": "pm25", "datatype": "FP64", "shape": [-1]}]
    assert (told["name"], told["versions"], told["platform"]) == ("pm25", ["1"], "jupyter-mlops_skops")
    assert describe(predictor(*ARRAY))["inputs"] == [{"name": "input", "datatype": "FP32", "shape": [-1, 2]}]
    assert describe(predictor())["inputs"] == []


def test_columns_are_read_in_any_order_and_as_one_column_matrices() -> None:
    found = read(column("b", [1, 2], "INT64"), column("a", [[0.5], [1.5]], shape=[2, 1]), id="mine")
    assert (found.request, dict(found.columns)) == ("mine", {"b": [1, 2], "a": [0.5, 1.5]})


def test_a_matrix_is_taken_apart_into_its_columns() -> None:
    found = read(column("input", [[1, 2], [3, 4], [5, 6]], "FP32", shape=[3, 2]), columns=ARRAY)
    assert dict(found.columns) == {"0": [1, 3, 5], "1": [2, 4, 6]}


def test_a_model_without_a_signature_takes_columns_by_name() -> None:
    assert dict(read(column("x", [1.0]), columns=()).columns) == {"x": [1.0]}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "inputs is a list"),
        ({"inputs": {}}, "inputs is a list"),
        ({"inputs": [1]}, "inputs is a list"),
        ({"inputs": [{"name": 1}]}, "inputs is a list"),
        ({"inputs": [column("a", [1.0]), column("a", [2.0])]}, "the same name"),
        ({"inputs": [column("a", [1.0, 2.0]), column("b", [1], "INT64")]}, "different numbers of rows"),
        ({"inputs": [column("a", [1.0, 2.0], shape=[1, 2])]}, "a column has"),
        ({"inputs": [column("a", [1.0], shape=[1, 1, 1])]}, "a column has"),
        ({"inputs": [column("a", [None])]}, "declared as FP64"),
        ({"inputs": [], "id": 7}, "the id"),
        ({"inputs": [], "id": "x" * 201}, "the id"),
        ({"inputs": [], "parameters": []}, "parameters"),
        ({"inputs": [], "parameters": {"a": {}}}, "parameters"),
        ({"inputs": [column("a", [1.0], parameters={"x": None})]}, "parameters"),
        ({"inputs": [], "outputs": "y"}, "outputs is a list"),
        ({"inputs": [], "outputs": ["y"]}, "outputs is a list"),
        ({"inputs": [], "outputs": [{"name": "y"}]}, "there is no output 'y'"),
        ({"inputs": [], "outputs": [{}]}, "there is no output None"),
        ({"inputs": 7, "parameters": {}}, "inputs is a list"),
        ({"inputs": "text"}, "inputs is a list"),
        ({"inputs": None}, "inputs is a list"),
    ],
)
def test_a_request_that_breaks_the_protocol_is_refused_in_words(body: dict[str, Any], says: str) -> None:
    with pytest.raises(Invalid, match=says) as refusal:
        read_inputs(body, predictor(*TABLE))
    assert refusal.value.remedy


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (column("x", [1.0, 2.0], shape=[1, 2]), "the model takes one, 'input'"),
        (column("input", [1.0, 2.0]), r"the model takes \[rows, 2\]"),
        (column("input", [1.0, 2.0, 3.0], shape=[1, 3]), r"the model takes \[rows, 2\]"),
    ],
)
def test_an_array_of_another_shape_is_refused_with_the_one_that_is_taken(
    given: dict[str, Any], says: str
) -> None:
    with pytest.raises(Invalid, match=says):
        read(given, columns=ARRAY)
    with pytest.raises(Invalid, match="the inputs are none"):
        read(columns=ARRAY)


@pytest.mark.parametrize("rows", [None, {}, "x", [1], [[1]], [{}, None]])
def test_plain_rows_are_a_list_of_objects(rows: object) -> None:
    with pytest.raises(Invalid, match="rows"):
        read_rows({"rows": rows})


def test_as_many_plain_rows_as_a_model_answers_at_once_are_read_and_no_more() -> None:
    assert len(read_rows({"rows": [{}] * 100_000})) == 100_000
    assert read_rows({"rows": []}) == []
    with pytest.raises(Invalid, match="100001 rows at once") as refusal:
        read_rows({"rows": [{}] * 100_001})
    assert "parts" in refusal.value.remedy


def test_an_answer_names_the_version_that_gave_it_and_the_request_only_where_it_had_a_name() -> None:
    asked = predictor(*TABLE, output="pm25")
    told = write_answer(Answer("mine", 7, np.array([1.5, np.nan])), Inputs("mine", {}), asked)
    assert (told["id"], told["model_name"], told["model_version"]) == ("mine", "pm25", "7")
    assert told["outputs"] == [{"name": "pm25", "shape": [2], "datatype": "FP64", "data": [1.5, None]}]
    assert "id" not in write_answer(Answer("x", 7, np.array([])), Inputs("", {}), asked)
