"""What extra work may cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from jupyter_mlops.capture.estimators.budget import Budget, few_rows, rows_of


def test_what_is_in_hand_is_spent_and_a_fit_earns_a_share():
    budget = Budget()
    assert budget.allows(0.2, fit=0.0)
    budget.spend(10)
    assert not budget.allows(0.2, fit=0.0)
    assert budget.allows(0.2, fit=2.0)
    budget.earn(100)
    assert budget.allows(0.2, fit=0.0)
    assert not budget.allows(5, fit=0.0)  # a long fit does not pay for every later one


def test_few_rows_need_no_probe_and_a_cheap_prediction_is_affordable():
    asked = []
    data = np.zeros((100, 2))
    assert Budget().exceeded_by(asked.append, data, fit=0.0) is None
    assert asked == []
    data = np.zeros((100_000, 2))
    assert Budget().exceeded_by(lambda rows: asked.append(len(rows)), data, fit=10.0) is None
    assert asked == [50, 500, 5000]


def test_a_costly_prediction_is_given_up_after_a_probe():
    asked = []

    def slow(rows):
        asked.append(len(rows))
        sum(i * i for i in range(4000 * len(rows)))

    expected = Budget().exceeded_by(slow, np.zeros((1_000_000, 2)), fit=0.001)
    assert expected > 0.25
    assert max(asked) <= 5000


@pytest.mark.parametrize(
    "data",
    [
        np.arange(200.0).reshape(100, 2),
        pd.DataFrame({"a": range(100)}),
        sparse.coo_matrix(np.eye(100)),
        [[i] for i in range(100)],
    ],
    ids=["array", "frame", "sparse", "list"],
)
def test_few_rows_are_spread_over_all_and_share_nothing(data):
    few = few_rows(data)
    assert rows_of(few) == 20
    assert rows_of(data) == 100
    if isinstance(data, np.ndarray):
        assert few[0, 0] == data[0, 0]
        assert few[-1, 0] == data[-1, 0]
        assert few.base is None


def test_what_has_no_rows_is_given_back():
    assert rows_of(3) is None
    assert few_rows(3) == 3
