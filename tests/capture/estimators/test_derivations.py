"""What may have been made of a prediction, by its values."""

from __future__ import annotations

import numpy as np
import pytest

from jupyter_mlops.capture.estimators.derivations import is_derived, same_values

P = np.array([0.1, 0.7, 0.4, 0.9, 0.2])
TABLE = np.column_stack([1 - P, P])
CLASSES = np.array(["no", "yes"])


@pytest.mark.parametrize("values", [TABLE, TABLE[:, 1], P.copy(), P.tolist(), P.astype(object)])
def test_equal_values_are_the_same(values):
    assert same_values(values, TABLE)


@pytest.mark.parametrize("values", [P + 1e-12, P[:4], P[::-1], 0.5, [], None, object()])
def test_other_values_are_not(values):
    assert not same_values(values, TABLE)


@pytest.mark.parametrize(
    "values",
    [
        P > 0.5, (P > 0.15).astype(int), np.exp(P), -P, P.round(), P.reshape(-1, 1), P[P > 0.3], P[::-1], TABLE.argmax(axis=1),
        CLASSES[TABLE.argmax(axis=1)], ["b" if one > 0.5 else "a" for one in P],
    ],
)  # fmt: skip
def test_a_choice_an_order_and_a_part_are_derived(values):
    assert is_derived(values, TABLE, CLASSES)


@pytest.mark.parametrize(
    "values",
    [
        [1, 1, 0, 0, 1],
        np.ones(5),
        ["a", "b", "c", "a", "b"],
        [0.3, 0.4],
        [0.7, 0.2, 0.3, 0.1, 0.9, 0.4],
        0.5,
        np.ones((5, 2)),
    ],
)
def test_what_breaks_the_order_or_says_nothing_is_not(values):
    assert not is_derived(values, TABLE, CLASSES)


def test_a_value_that_became_two_is_not_derived():
    assert not is_derived(np.array([0, 1, 1]), np.array([0.5, 0.5, 0.9]), None)


def test_every_row_counts_beyond_the_sample():
    prediction = np.linspace(0, 1, 10_001)
    labels = (prediction > 0.5).astype(int)
    assert is_derived(labels, prediction, None)
    labels[9_999] = 0
    assert not is_derived(labels, prediction, None)
