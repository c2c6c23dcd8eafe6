"""Rows of copied batches: found again by their bits."""

from __future__ import annotations

import gc
import weakref

import pytest

from jupyter_mlops.capture.estimators.torch_rows import Rows
from tests.needed import needed

torch = needed("torch")

torch.manual_seed(0)


def rows_of(*batches):
    rows = Rows()
    for batch in batches:
        rows.add(batch)
    return rows


@pytest.mark.parametrize(
    "dtype",
    [torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.uint8, torch.bool, torch.complex64],
)
def test_each_row_is_found_where_it_was_taken_from(dtype):
    drawn = torch.randn(50, 2, 12)
    thing = drawn > 0 if dtype is torch.bool else (drawn * 9).to(dtype)
    order = torch.tensor([41, 3, 17])
    places = rows_of(thing[order]).places_in(thing)
    assert [at.tolist() for at in places] == [[41], [3], [17]]
    assert rows_of(thing[order]).places_in(thing[:40]) == []


def test_values_that_are_no_numbers_are_found_too():
    thing = torch.full((5, 2), float("nan"))
    thing[2, 0] = 1.0
    assert [at.tolist() for at in rows_of(thing[[2]]).places_in(thing)] == [[2]]


def test_in_what_is_not_contiguous_nor_small_they_are_found(monkeypatch):
    from jupyter_mlops.capture.estimators import torch_rows

    monkeypatch.setattr(torch_rows, "_CHUNK", 8)
    thing = torch.randn(4, 60).T
    assert [at.tolist() for at in rows_of(thing[[59, 0]]).places_in(thing)] == [[59], [0]]


def test_labels_have_to_be_at_the_places_of_their_features():
    features, labels = torch.randn(30, 3), torch.arange(30) % 3
    places = rows_of(features[[4, 8, 9]]).places_in(features)
    assert rows_of(labels[[4, 8, 9]]).are_at(labels, places)
    assert not rows_of(labels[[4, 8, 9]]).are_at((labels + 1) % 3, places)
    assert not rows_of(labels[[4, 8]]).are_at(labels, places)


def test_a_few_labels_do_not_tell_a_tensor_from_another():
    assert not rows_of(torch.arange(40) % 3).tell_apart
    assert rows_of(torch.randn(40)).tell_apart
    assert rows_of(torch.ones(4, 2)).tell_apart


def test_equal_rows_are_at_any_of_their_places():
    features = torch.tensor([[1.0], [2.0], [1.0]])
    assert [at.tolist() for at in rows_of(features[[2]]).places_in(features)] == [[0, 2]]


def test_so_many_rows_of_a_loop_are_enough_and_none_of_them_is_kept():
    rows, gone = Rows(), []
    for _ in range(10):
        batch = torch.randn(100, 2)
        rows.add(batch)
        gone.append(weakref.ref(batch))
    del batch
    gc.collect()
    assert len(rows) == 64
    assert not any(way() is not None for way in gone)


def test_the_random_numbers_of_the_loop_go_on_as_they_were():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    rows_of(torch.ones(3, 2)).places_in(torch.ones(5, 2))
    assert torch.rand(1) == expected
