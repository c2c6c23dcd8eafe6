"""What recomputed digests say about executions of cells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_mlops.records.links import cells_digest, first_broken_link, link_digest
from jupyter_mlops.records.source import CellExecution
from tests.contracts.samples import linked_cells


@pytest.fixture
def chain() -> list[CellExecution]:
    """Five executions of one session."""
    return linked_cells(5)


@pytest.mark.parametrize("kept", [[0, 1, 2, 3, 4], [0, 2, 4], [3], [1, 2, 4], []])
def test_any_cut_of_a_whole_chain_holds(chain: list[CellExecution], kept: list[int]) -> None:
    assert first_broken_link([chain[place] for place in kept]) is None


def test_a_changed_cell_is_found_in_a_cut(chain: list[CellExecution]) -> None:
    cut = [chain[0], replace(chain[2], source="x = 99"), chain[4]]
    assert first_broken_link(cut) == 1


def test_a_cell_that_was_given_a_fitting_digest_no_longer_fits_its_neighbour(
    chain: list[CellExecution],
) -> None:
    forged = replace(chain[1], source="x = 99")
    chain[1] = replace(forged, digest=link_digest(forged))
    assert first_broken_link(chain) == 2
    # Alone it cannot be told; the digest over all of them can.
    assert first_broken_link(chain[:2]) is None


def test_the_digest_over_cells_changes_with_their_number_their_order_and_each_of_them(
    chain: list[CellExecution],
) -> None:
    forged = replace(chain[2], digest="0" * 64)
    others = [chain[:4], chain[1:], [chain[1], chain[0], *chain[2:]], [*chain[:2], forged, *chain[3:]], []]
    digests = {cells_digest(cells) for cells in (chain, *others)}
    assert len(digests) == 1 + len(others)


def test_cells_of_two_sessions_are_not_neighbours(chain: list[CellExecution]) -> None:
    other = replace(chain[3], session="t", previous="")
    other = replace(other, digest=link_digest(other))
    assert first_broken_link([*chain[:3], other]) is None
