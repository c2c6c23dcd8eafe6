"""Records found by the last characters of their id."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.store.short_ids import by_id
from jupyter_mlops.workspace import Workspace
from tests.contracts.samples import run

ONE, TWO, THREE = (f"01kb{'0' * 14}{tail}" for tail in ("aaaa1111", "bbbb1111", "cccc2222"))


@pytest.fixture
def kept(ws: Workspace) -> Workspace:
    with ws.store.write() as tx:
        for key, name in ((ONE, "first"), (TWO, "second"), (THREE, "")):
            tx.runs.add(run(key, name=name))
    return ws


@pytest.mark.parametrize("key", [ONE, ONE.upper(), f" {ONE}\n", "aaaa1111", "A1111", "0aaaa1111"])
def test_a_whole_id_or_a_tail_of_four_is_enough_in_any_letters(kept: Workspace, key: str) -> None:
    with kept.store.read() as tx:
        assert by_id(tx.runs, "run", key).id == ONE


@pytest.mark.parametrize("key", ["", "a11", "%11", "____", "aa%1", "aa_1", "äaaa", ONE + "1", "x" * 400])
def test_what_is_no_tail_is_not_looked_for(kept: Workspace, key: str) -> None:
    with kept.store.read() as tx, pytest.raises(NotFound, match="there is no run") as refused:
        by_id(tx.runs, "run", key)
    assert "4 or more characters" in refused.value.remedy
    assert "jupyter mlops runs" in refused.value.remedy
    assert len(refused.value.message) < 100


def test_a_tail_that_fits_none_or_several_says_so_and_names_them(kept: Workspace) -> None:
    with kept.store.read() as tx:
        with pytest.raises(NotFound, match="no run ends in 'dddd'"):
            by_id(tx.runs, "run", "dddd")
        with pytest.raises(Invalid, match="2 runs end in '1111'") as several:
            by_id(tx.runs, "run", "1111")
    assert "aaaa1111 (first)" in several.value.message
    assert "bbbb1111 (second)" in several.value.message
