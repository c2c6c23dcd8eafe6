"""The end of a series."""

from __future__ import annotations

from typing import Any

from contracts.samples import prediction
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.store.tail import last_sequence
from jupyter_mlops.workspace import Workspace


class Kept:
    """A series in a list that counts how often it is asked."""

    def __init__(self, sequences: list[int]) -> None:
        self.sequences, self.asked = sorted(sequences), 0

    def append(self, items: Any) -> None:
        raise AssertionError

    def read(self, owner: str, *, after: int = 0, limit: int = 1000) -> list[int]:
        del owner
        self.asked += 1
        return [n for n in self.sequences if n > after][:limit]


@given(st.lists(st.integers(1, 10**9), unique=True, max_size=30))
def test_the_last_is_found_in_few_looks_also_where_numbers_are_missing(sequences: list[int]) -> None:
    series = Kept(sequences)
    assert last_sequence(series, "me") == max(sequences, default=0)
    assert series.asked <= 2 * max(sequences, default=0).bit_length() + 1


def test_each_owner_has_its_own_end(ws: Workspace) -> None:
    with ws.store.write() as tx:
        tx.predictions.append([prediction("a", n) for n in range(1, 8)])
        tx.predictions.append([prediction("b", 1)])
        assert [last_sequence(tx.predictions, owner) for owner in ("a", "b", "c")] == [7, 1, 0]
