"""Arrays: dtype, shape and every element count; how they lie in memory does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jupyter_mlops.capture.fingerprint_arrays import array_digest, array_digests, column_digests

KINDS = st.sampled_from(["u1", "i2", "i8", "f4", "f8", "c16", "?", "M8[ns]", "m8[s]"])
SHAPES = arrays.array_shapes(max_dims=3, max_side=5)


@settings(max_examples=60, deadline=None)
@given(array=KINDS.flatmap(lambda kind: arrays.arrays(kind, SHAPES)))
def test_the_layout_in_memory_does_not_count(array) -> None:
    wide = np.zeros((*array.shape[:-1], array.shape[-1] * 2), array.dtype)
    wide[..., ::2] = array
    for same in (np.asfortranarray(array), wide[..., ::2], array[::-1].copy()[::-1]):
        assert array_digest(same) == array_digest(array)


@settings(max_examples=60, deadline=None)
@given(
    array=st.sampled_from(["u1", "i8", "M8[ns]"]).flatmap(lambda kind: arrays.arrays(kind, SHAPES)),
    data=st.data(),
)
def test_one_changed_element_is_another_digest(array, data) -> None:
    changed = array.copy()
    flat = changed.reshape(-1).view(f"u{array.dtype.itemsize}")
    flat[data.draw(st.integers(0, flat.size - 1))] ^= 1
    assert array_digest(changed) != array_digest(array)


@pytest.mark.parametrize("rows", [65_535, 65_536, 65_537, 200_001])
def test_the_last_element_counts_beyond_every_tile(rows: int) -> None:
    array = np.zeros((rows, 3))
    before, columns = array_digest(array), column_digests([array[:, i] for i in range(3)])
    array[-1, 2] = 1
    after = column_digests([array[:, i] for i in range(3)])
    assert array_digest(array) != before
    assert (after[:2], after[2] == columns[2]) == (columns[:2], False)


def test_a_column_has_the_same_digest_alone_and_among_others() -> None:
    table = np.arange(3000.0).reshape(1000, 3)
    among = column_digests([table[:, i] for i in range(3)])
    assert among == [column_digests([table[:, i].copy()])[0] for i in range(3)]


def test_shape_and_dtype_count() -> None:
    flat = np.arange(6)
    every = [
        flat,
        flat.reshape(2, 3),
        flat.reshape(3, 2),
        flat.reshape(6, 1),
        flat.astype("i4"),
        flat.astype(">i8"),
        flat[:0],
    ]
    assert len({array_digest(array) for array in every}) == len(every)


def test_every_not_a_number_is_one_and_both_zeros_are_two() -> None:
    with np.errstate(invalid="ignore"):
        odd = np.array([np.inf, np.inf]) - np.inf
    assert array_digest(odd) == array_digest(np.array([np.nan, -np.nan]))
    assert array_digest(np.array([0.0])) != array_digest(np.array([-0.0]))


def test_fields_of_a_record_array_count_by_name() -> None:
    one = np.zeros(3, dtype=[("a", "i4"), ("b", "f8")])
    other = np.zeros(3, dtype=[("a", "i4"), ("c", "f8")])
    assert array_digest(one) != array_digest(other)


@pytest.mark.parametrize("kind", ["f8", "f4", "c16", "i8", "?"])
@pytest.mark.parametrize(
    "columns", [2, 63, 64, 128]
)  # rows of a length at which they are laid apart, and others
def test_every_column_of_a_table_has_the_digest_it_has_alone(kind: str, columns: int) -> None:
    rows = (
        5 * 2**21 // (columns * np.dtype(kind).itemsize) // 2 + 3
    )  # some pieces, and a last one that is short
    table = np.random.default_rng(0).integers(0, 9, (rows, columns)).astype(kind)
    if kind in {"f8", "f4", "c16"}:
        table[7, 1] = np.nan
    among = array_digests(table)
    assert among == array_digests(np.asfortranarray(table))
    assert among[1] == [column_digests([table[:, i].copy()])[0] for i in range(columns)]
    table[-1, -1] = 11 - table[-1, -1] if kind != "?" else not table[-1, -1]
    after = array_digests(table)
    assert (after[0] == among[0], after[1][:-1]) == (False, among[1][:-1])
    assert after[1][-1] != among[1][-1]


@pytest.mark.parametrize("shape", [(6,), (6, 1), (2, 2, 2), (2, 1025), (0, 2), ()])
def test_what_is_no_table_or_a_very_wide_one_has_one_digest_all_the_same(shape: tuple[int, ...]) -> None:
    digest, columns = array_digests(np.zeros(shape))
    assert len(digest) == 64
    assert len(columns) == (2 if shape == (0, 2) else 0)
