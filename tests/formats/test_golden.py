from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from jupyter_mlops.errors import Untrusted
from jupyter_mlops.formats.golden import frame_of, golden_rows, replay

RNG = np.random.default_rng(1)
FRAME = pd.DataFrame(
    {
        "a": RNG.normal(size=50),
        "b": RNG.integers(0, 9, 50),
        "f": RNG.normal(size=50).astype("float32"),
        "c": pd.Categorical(RNG.choice(["x", "y"], 50), categories=["x", "y", "z"]),
        "yes": RNG.random(50) > 0.5,
    }
)
FRAME.loc[0, "a"] = np.nan


def boosted() -> Any:
    model = HistGradientBoostingClassifier(max_iter=3, categorical_features="from_dtype")
    return model.fit(FRAME, np.where(FRAME["b"] > 4, "high", "low"))


def test_rows_of_every_type_come_back_as_they_were() -> None:
    golden = golden_rows(boosted(), FRAME)
    assert golden is not None
    again = frame_of(json.loads(golden))
    assert again.shape == (20, 5)
    assert again.dtypes.astype(str).tolist() == FRAME.dtypes.astype(str).tolist()
    pd.testing.assert_frame_equal(again.iloc[:1], FRAME.iloc[:1])


def test_the_model_that_gave_the_answers_agrees_with_them() -> None:
    model = boosted()
    told = replay(model, golden_rows(model, FRAME) or b"")
    assert told.agrees
    assert told.summary == "all 20 golden rows are answered as recorded"


def test_another_model_is_told_apart_and_the_row_named() -> None:
    X = RNG.normal(size=(30, 2))
    told = replay(Ridge(alpha=500).fit(X, X[:, 0]), golden_rows(Ridge().fit(X, X[:, 0]), X) or b"")
    assert not told.agrees
    assert told.summary.startswith("20 of 20 golden rows are answered differently; row 0 gave ")


def test_how_near_is_near_enough_can_be_said() -> None:
    content = {"kind": "array", "columns": [{"dtype": "float64"}], "rows": [[1.0]], "method": "predict"}

    class Model:
        def predict(self, rows: Any) -> Any:
            return [1.05]

    golden = json.dumps(content | {"predictions": [1.0]}).encode()
    assert not replay(Model(), golden).agrees
    assert replay(Model(), golden, 0.1).agrees
    assert not replay(Model(), golden, 0.1).exact


def test_a_difference_in_the_last_bits_is_none() -> None:
    X = RNG.normal(size=(30, 2))
    model = Ridge().fit(X, X[:, 0])
    golden = golden_rows(model, X) or b""
    model.coef_ = model.coef_ * (1 + 1e-9)
    assert replay(model, golden).agrees


def test_a_transformer_is_asked_to_transform() -> None:
    X = RNG.normal(size=(30, 2))
    model = StandardScaler().fit(X)
    golden = golden_rows(model, X) or b""
    assert json.loads(golden)["method"] == "transform"
    assert replay(model, golden).agrees


def test_rows_without_an_exact_form_are_left_out_and_harm_nothing() -> None:
    class Strange:
        def predict(self, rows: Any) -> Any:
            return [object() for _ in range(len(rows))]

    class Failing:
        def predict(self, rows: Any) -> Any:
            raise RuntimeError("not today")

    assert golden_rows(Strange(), FRAME) is None
    assert golden_rows(Failing(), FRAME) is None
    assert golden_rows(boosted(), ["some", "texts"]) is None


def test_the_same_rows_give_the_same_bytes() -> None:
    model = boosted()
    assert golden_rows(model, FRAME) == golden_rows(model, FRAME)


@pytest.mark.parametrize("golden", [b"{}", b"no json", b"[]"])
def test_damaged_rows_are_refused(golden: bytes) -> None:
    with pytest.raises(Untrusted, match="cannot be read"):
        replay(Ridge(), golden)


def test_golden_rows_cannot_call_another_method() -> None:
    content = json.loads(golden_rows(boosted(), FRAME) or b"") | {"method": "__reduce__"}
    with pytest.raises(Untrusted, match="__reduce__"):
        replay(boosted(), json.dumps(content).encode())
