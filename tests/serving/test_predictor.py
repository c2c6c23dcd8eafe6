"""A model version that answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from contracts.samples import version
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.errors import Invalid, NotFound, Untrusted
from jupyter_mlops.records.model import Signature, SignatureColumn
from jupyter_mlops.registry import load_model, move_alias
from jupyter_mlops.serving.predictor import Predictor, load_predictor
from jupyter_mlops.workspace import Workspace


class Seen:
    """A model that keeps what it was asked about."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.table: Any = None
        self.failure = failure

    def predict(self, table: Any) -> Any:
        self.table = table
        if self.failure is not None:
            raise self.failure
        return np.arange(float(len(table)))


def predictor(
    *columns: tuple[str, str] | tuple[str, str, bool], model: Any = None, output: str = ""
) -> Predictor:
    inputs = tuple(SignatureColumn(name=c[0], dtype=c[1], nullable=c[2:] == (True,)) for c in columns)
    outputs = (SignatureColumn(name=output, dtype="float64"),) if output else ()
    return Predictor(replace(version(), signature=Signature(inputs=inputs, outputs=outputs)), model or Seen())


def test_columns_are_put_in_the_models_order_by_their_names() -> None:
    asked = predictor(("a", "float64"), ("b", "int64"))
    assert asked.predict([{"b": 1, "a": 2}, {"a": 3.5, "b": 4}]).tolist() == [0.0, 1.0]
    assert list(asked.model.table.columns) == ["a", "b"]
    assert asked.model.table.dtypes.astype(str).tolist() == ["float64", "int64"]


def test_a_model_of_arrays_is_asked_with_an_array() -> None:
    asked = predictor(("0", "float64"), ("1", "float64"))
    assert asked.positional
    asked.answer({"1": [2.0], "0": [1.0]}, 1)
    np.testing.assert_array_equal(asked.model.table, [[1.0, 2.0]])


def test_a_model_of_unknown_columns_takes_what_it_is_given() -> None:
    asked = predictor()
    asked.predict([{"x": 1, "y": "a"}])
    assert list(asked.model.table.columns) == ["x", "y"]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"a": 1}], "row 0: 'b' is missing"),
        ([{"a": 1, "b": 1}, {"a": 1, "b": 1, "c": 1}], "row 1: 'c' is unknown"),
        ([{"c": 1}], "row 0: 'a', 'b' is missing and 'c' is unknown"),
        ([{"a": 1, "b": 1.5}], "'b' is int64 and cannot be 1.5"),
        ([{"a": "1", "b": 1}], "'a' is float64 and cannot be '1'"),
        ([{"a": True, "b": 1}], "cannot be True"),
        ([{"a": None, "b": 1}], "'a' may not be missing"),
        ([{"a": [1], "b": 1}], "cannot be"),
        ([{"a": 1, "b": 10**400}], "'b'"),
        ([{"a": 10**400, "b": 1}], "'a'"),
        ([{"a": 1, "b": 2**63}], "'b'"),
        ([{"a": 1, "b": float("inf")}], "'b' is int64 and cannot be inf"),
    ],
)
def test_rows_that_break_the_signature_are_refused_in_words(rows: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(Invalid) as refusal:
        predictor(("a", "float64"), ("b", "int64")).predict(rows)
    assert says in refusal.value.message
    assert refusal.value.remedy


@pytest.mark.parametrize(
    ("dtype", "good", "bad"),
    [
        ("bool", True, 1),
        ("str", "x", 1),
        ("datetime64[ns]", "2026-01-01", 3),
        ("category", "x", []),
        ("object", 1.5, {}),
        ("uint8", 255, 256),
        ("float32", 1e300, "1"),
        ("int64", 3.0, 3.1),
    ],
)
def test_a_value_fits_its_column_or_is_refused(dtype: str, good: object, bad: object) -> None:
    asked = predictor(("a", dtype))
    assert len(asked.predict([{"a": good}])) == 1
    with pytest.raises(Invalid):
        asked.predict([{"a": bad}])


def test_a_whole_number_that_may_be_missing_is_asked_as_training_had_it() -> None:
    asked = predictor(("a", "int64", True))
    asked.predict([{"a": 1}, {"a": None}])
    assert str(asked.model.table["a"].dtype) == "float64"
    assert asked.model.table["a"].isna().tolist() == [False, True]
    asked.predict([{"a": 1}])
    assert str(asked.model.table["a"].dtype) == "int64"


def test_nothing_asked_is_nothing_answered_and_the_model_is_left_alone() -> None:
    asked = predictor(("a", "float64"), model=Seen(RuntimeError()))
    assert asked.predict([]) == []
    assert asked.answer({"a": []}, 0) == []


def test_whatever_the_model_raises_is_about_this_request() -> None:
    for failure in (ValueError("secret path"), KeyError("x"), RecursionError(), ZeroDivisionError()):
        with pytest.raises(Invalid, match=type(failure).__name__) as refusal:
            predictor(("a", "float64"), model=Seen(failure)).predict([{"a": 1}])
        assert "secret" not in str(refusal.value)


def test_the_answer_has_the_name_the_signature_gives_it() -> None:
    assert predictor(output="pm25").output == "pm25"
    assert predictor().output == "prediction"


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.lists(st.integers(), max_size=1)
)


@given(
    st.sampled_from(
        [
            "float64",
            "float32",
            "int64",
            "uint8",
            "Int64",
            "bool",
            "str",
            "object",
            "category",
            "datetime64[ns]",
            "",
        ]
    ),
    st.booleans(),
    st.lists(VALUES, min_size=1, max_size=4),
)
def test_any_json_value_is_answered_or_refused(dtype: str, nullable: bool, values: list[Any]) -> None:
    try:
        answers = predictor(("a", dtype, nullable)).predict([{"a": value} for value in values])
    except Invalid as refusal:
        assert "'a'" in refusal.message
    else:
        assert len(answers) == len(values)


def test_what_is_loaded_answers_as_the_registered_model(champion: Workspace) -> None:
    loaded = load_predictor(champion, "pm25@champion")
    rows = [{"dewp": 0.5, "temp": -1.0, "wind": 3}]
    expected = load_model(champion, "pm25:1").predict(pd.DataFrame(rows))
    assert loaded.version.version == 1
    assert loaded.predict(rows) == expected


def test_an_alias_that_moves_while_it_is_loaded_is_loaded_again(
    champion: Workspace, monkeypatch: Any
) -> None:
    moved = []

    def moving(ws: Workspace, reference: str) -> Any:
        model = load_model(ws, reference)
        if not moved:
            moved.append(move_alias(ws, model="pm25", alias="champion", version=2, reason="meanwhile"))
        return model

    monkeypatch.setattr("jupyter_mlops.serving.predictor.load_model", moving)
    loaded = load_predictor(champion, "pm25@champion")
    assert loaded.version.version == 2
    rows = [{"dewp": 0.5, "temp": -1.0, "wind": 3}]
    assert loaded.predict(rows) == load_model(champion, "pm25:2").predict(pd.DataFrame(rows))


def test_what_may_not_be_loaded_is_not_served(champion: Workspace) -> None:
    with pytest.raises(NotFound):
        load_predictor(champion, "pm25@nobody")
    with champion.store.write() as tx:
        tx.versions.replace(replace(tx.versions.get("pm25", 1), digest="0" * 64))
    with pytest.raises((Untrusted, NotFound)):
        load_predictor(champion, "pm25@champion")
