"""What a dataset's consumers may rely on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.datasets.contract import check_contract
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.dataset import Contract

FRAME = pd.DataFrame({"pm25": [1.0, np.nan, 3.0], "wind": ["N", "S", "N"], "Größe": [1, 2, 3]})


def broken(contract: Contract, frame: pd.DataFrame = FRAME) -> list[str]:
    try:
        check_contract(contract, frame, "air:2")
    except Invalid as refusal:
        assert refusal.message.startswith("air:2 breaks its contract: ")
        assert refusal.remedy
        assert all(promise in refusal.message for promise in refusal.data["broken"])  # type: ignore[union-attr]
        return list(refusal.data["broken"])  # type: ignore[call-overload]
    return []


def test_who_has_no_contract_has_nothing_to_break() -> None:
    check_contract(None, FRAME, "air:1")
    check_contract(None, object(), "air:1")


def test_a_frame_keeps_the_contract_taken_from_itself_with_more_columns_or_less_rows_asked_for() -> None:
    promised = {name: str(dtype) for name, dtype in FRAME.dtypes.items()}
    assert broken(Contract(columns=promised, not_null=("wind", "Größe"), minimum_rows=3)) == []
    assert broken(Contract(columns=promised, minimum_rows=3), FRAME.assign(more=1)) == []


@pytest.mark.parametrize(
    ("contract", "said"),
    [
        (Contract(columns={"dewp": "float64"}), ["the column 'dewp' is missing"]),
        (Contract(columns={"pm25": "int64"}), ["'pm25' is float64 and not int64"]),
        (Contract(not_null=("pm25",)), ["'pm25' misses 1 of 3 values"]),
        (Contract(not_null=("dewp",)), ["the column 'dewp' is missing"]),
        (Contract(minimum_rows=4), ["it has 3 rows, fewer than 4"]),
        (Contract(columns={"dewp": "x"}, not_null=("dewp",)), ["the column 'dewp' is missing"]),
    ],
)
def test_a_broken_promise_is_named_once(contract: Contract, said: list[str]) -> None:
    assert broken(contract) == said


def test_all_broken_promises_are_told_at_once() -> None:
    contract = Contract(columns={"a": "x", "wind": "int64"}, not_null=("pm25",), minimum_rows=9)
    assert len(broken(contract)) == 4


def test_a_table_without_rows_breaks_nothing_but_their_number() -> None:
    empty = FRAME.iloc[:0]
    assert broken(Contract(columns={"pm25": "float64"}, not_null=("pm25", "wind")), empty) == []
    assert broken(Contract(minimum_rows=1), empty) == ["it has 0 rows, fewer than 1"]


def test_columns_that_are_numbered_are_promised_by_their_number() -> None:
    numbered = pd.DataFrame(np.zeros((2, 2)))
    assert broken(Contract(columns={"0": "float64", "1": "float64"}, not_null=("1",)), numbered) == []
    assert broken(Contract(not_null=("1",)), numbered.astype("float64").replace(0.0, np.nan)) == [
        "'1' misses 2 of 2 values"
    ]


def test_a_column_that_stands_twice_misses_what_any_of_the_two_misses() -> None:
    twice = pd.DataFrame([[1.0, np.nan]], columns=["a", "a"])
    assert broken(Contract(not_null=("a",)), twice) == ["'a' misses 1 of 1 values"]


@given(st.lists(st.none() | st.floats(allow_nan=False), max_size=20))
def test_the_missing_are_counted_exactly(values: list[float | None]) -> None:
    frame = pd.DataFrame({"a": pd.Series(values, dtype="float64")})
    missing = values.count(None)
    expected = [f"'a' misses {missing} of {len(values)} values"] if missing else []
    assert broken(Contract(not_null=("a",)), frame) == expected
