"""Cells are aligned by id, then by text, then by likeness."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.records.source import CellExecution, CellStatus
from jupyter_mlops.review.code import code_changes

AT = datetime(2026, 1, 5, tzinfo=UTC)


def cells(*texts: str | tuple[str, str]) -> list[CellExecution]:
    pairs = [text if isinstance(text, tuple) else ("", text) for text in texts]
    return [
        CellExecution(
            session="s", sequence=n, cell=cell or None, position=None, count=n, source=text,
            source_digest=text, started=AT, ended=AT, status=CellStatus.OK,
        )
        for n, (cell, text) in enumerate(pairs, start=1)
    ]  # fmt: skip


def kinds(new: list[CellExecution], old: list[CellExecution]) -> list[tuple[str, str]]:
    return [(change.label, change.kind) for change in code_changes(new, old)]


def test_equal_code_has_no_changes() -> None:
    assert code_changes(cells("a = 1", "b = 2"), cells("a = 1", "b = 2")) == ()


def test_a_cell_without_an_id_that_was_edited_is_recognised_by_its_text() -> None:
    old = cells("import pandas", "model = Ridge(alpha=0.3).fit(X, y)")
    new = cells("import pandas", "model = Ridge(alpha=0.1).fit(X, y)")

    assert kinds(new, old) == [("In [2]", "edited")]


def test_an_id_wins_over_likeness() -> None:
    old = cells(("k", "x = load()"))
    new = cells(("k", "completely(different, thing)"))

    assert kinds(new, old) == [("In [1]", "edited")]


def test_a_cell_that_only_changed_its_place_is_moved_and_has_no_diff() -> None:
    old = cells("first()", "second()", "third()")
    new = cells("third()", "first()", "second()")
    (change,) = code_changes(new, old)

    assert (change.label, change.kind, change.diff) == ("In [1]", "moved", "")


def test_cells_that_have_nothing_in_common_are_added_and_removed() -> None:
    assert kinds(cells("alpha beta gamma"), cells("x = [1, 2, 3]")) == [
        ("In [1]", "added"),
        ("In [1]", "removed"),
    ]


def test_a_cell_that_ran_twice_counts_as_it_ran_last() -> None:
    twice = cells(("k", "a = 1"), ("k", "a = 2"))

    assert kinds(twice, cells(("k", "a = 2"))) == []


def test_a_very_long_change_is_cut_and_says_so() -> None:
    (change,) = code_changes(cells("\n".join(f"line {n}" for n in range(2_000))), [])

    assert change.diff.endswith("more lines")
    assert change.diff.count("\n") < 500


@given(st.lists(st.sampled_from("abcdefg"), max_size=7), st.lists(st.sampled_from("abcdefg"), max_size=7))
def test_every_cell_is_told_of_once(new: list[str], old: list[str]) -> None:
    after, before = list(dict.fromkeys(new)), list(dict.fromkeys(old))
    changes = code_changes(cells(*after), cells(*before))

    told = [change.kind for change in changes]
    assert told.count("added") - told.count("removed") == len(after) - len(before)
    assert len(changes) <= len(after) + len(before)
