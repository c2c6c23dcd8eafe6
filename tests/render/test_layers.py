"""Boxes stand right of what they need, apart from each other, and in the same places each time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.render.layers import Layered, layered

TALL, GAP = 40.0, 10.0


def placed(*needs: tuple[int, ...]) -> Layered:
    return layered(needs, tall=TALL, gap=GAP)


def joined(found: Layered) -> list[tuple[int, int]]:
    return sorted((before, box) for before, box, _ in found.lines)


def test_nothing_has_no_place() -> None:
    assert placed() == Layered((), (), ())
    assert placed().widest == 0


def test_one_stands_at_the_top() -> None:
    assert placed(()) == Layered((0,), (TALL / 2,), ())


def test_a_row_is_straight_whatever_order_it_is_told_in() -> None:
    found = placed((1,), (2,), ())

    assert found.layers == (2, 1, 0)
    assert found.heights == (20.0, 20.0, 20.0)
    assert joined(found) == [(1, 0), (2, 1)]


def test_what_two_need_stands_at_their_middle() -> None:
    found = placed((), (0,), (0,), (1, 2))

    assert found.layers == (0, 1, 1, 2)
    assert found.heights[1:3] == (20.0, 70.0)
    assert found.heights[0] == found.heights[3] == 45.0
    assert found.widest == 2


def test_what_follows_from_other_lines_is_not_drawn() -> None:
    assert joined(placed((), (0,), (1, 0), (2, 1, 0))) == [(0, 1), (1, 2), (2, 3)]
    assert joined(placed((), (0, 0))) == [(0, 1)]


def test_a_line_that_passes_a_layer_keeps_clear_of_the_boxes_in_it() -> None:
    found = placed((), (), (0,), (2, 1))
    (way,) = [way for before, box, way in found.lines if (before, box) == (1, 3)]

    assert found.layers == (0, 0, 1, 2)
    assert len(way) == 1
    assert abs(way[0] - found.heights[2]) >= TALL / 2


def test_lines_that_need_not_cross_do_not() -> None:
    # Told in turns, so that the order of telling would cross each with each.
    found = placed((), (), (), (2,), (1,), (0,))

    assert [found.heights[box] for box in (5, 4, 3)] == [found.heights[box] for box in (0, 1, 2)]


@pytest.mark.parametrize("needs", [((0,),), ((1,), (0,)), ((2,), (0,), (1,), (0,))], ids=range(3))
def test_a_circle_is_placed_though_no_line_goes_back(needs: tuple[tuple[int, ...], ...]) -> None:
    found = placed(*needs)

    assert all(found.layers[before] < found.layers[box] for before, box, _ in found.lines)
    assert len(set(zip(found.layers, found.heights, strict=True))) == len(needs)


@st.composite
def pipelines(draw: st.DrawFn) -> tuple[tuple[int, ...], ...]:
    size = draw(st.integers(1, 24))
    return tuple(
        tuple(draw(st.lists(st.integers(0, box - 1), max_size=4))) if box else () for box in range(size)
    )


@given(needs=pipelines())
def test_however_boxes_need_each_other_they_stand_apart_and_none_is_lost(
    needs: tuple[tuple[int, ...], ...],
) -> None:
    found = placed(*needs)

    assert all(found.layers[before] < found.layers[box] for box, own in enumerate(needs) for before in own)
    reached: list[set[int]] = []  # by the lines that are drawn
    for box in range(len(needs)):
        direct = {before for before, after in joined(found) if after == box}
        reached.append(direct.union(*(reached[before] for before in direct)))
        assert set(needs[box]) <= reached[box]
    for layer in set(found.layers):
        heights = sorted(h for at, h in zip(found.layers, found.heights, strict=True) if at == layer)
        assert all(under - over >= TALL + GAP - 1e-6 for over, under in pairwise(heights))
    assert min(found.heights) >= TALL / 2 - 1e-6
    assert all(height >= -1e-6 for *_, way in found.lines for height in way)
    assert all(len(way) == found.layers[box] - found.layers[before] - 1 for before, box, way in found.lines)
    assert placed(*needs) == found
