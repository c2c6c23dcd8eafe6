"""What changed between two runs' cells: which cell is which, what is said of it, and where the comparing stops."""

from __future__ import annotations

from datetime import UTC, datetime

from jupyter_mlops.records.source import CellExecution, CellStatus
from jupyter_mlops.tracking.code import code_changes

AT = datetime(2026, 1, 5, tzinfo=UTC)


def cells(*texts: tuple[str | None, str], counted: bool = True) -> list[CellExecution]:
    """Executions in the order given, each by its cell's id (None where the executor sent none) and its text."""
    return [
        CellExecution(
            session="s", sequence=n, cell=cell, position=None, count=n if counted else None, source=text,
            source_digest=text, started=AT, ended=AT, status=CellStatus.OK,
        )
        for n, (cell, text) in enumerate(texts, start=1)
    ]  # fmt: skip


def told(new: list[CellExecution], old: list[CellExecution]) -> list[tuple[str, str]]:
    return [(change.cell, change.kind) for change in code_changes(new, old)]


def test_a_copied_notebook_has_other_ids_and_still_the_same_cells():
    old = cells(("a", "import pandas"), ("b", "x = load()"), ("c", "x = load()"))
    copied = cells(("p", "import pandas"), ("q", "x = load()"), ("r", "x = load()"))
    assert told(copied, old) == []


def test_a_cell_put_in_above_moves_none_of_those_below():
    old = cells(("a", "first()"), ("b", "second()"), ("c", "third()"))
    new = cells(("n", "import numpy"), ("a", "first()"), ("b", "second()"), ("c", "third()"))
    assert told(new, old) == [("n", "added")]


def test_as_few_cells_as_possible_are_said_to_have_moved():
    old = cells(*((letter, f"{letter}()") for letter in "abcdefg"))
    new = cells(*((letter, f"{letter}()") for letter in "bcgdefa"))
    assert told(new, old) == [("g", "moved"), ("a", "moved")]


def test_changes_stand_in_the_order_of_the_new_cells_and_what_is_gone_stands_last():
    old = cells(("gone", "print('away')"), ("a", "alpha = 1"), ("b", "beta = 1"))
    new = cells(("b", "beta = 2"), ("new", "result = [n ** 2 for n in made]"), ("a", "alpha = 1"))
    assert told(new, old) == [("b", "edited"), ("new", "added"), ("gone", "removed")]


def test_the_diff_names_its_sides_and_shows_the_lines_that_went_and_came():
    (change,) = code_changes(
        cells(("a", "alpha = 0.1\nfit()")), cells(("a", "alpha = 0.3\nfit()")), sides=("baseline", "smaller")
    )
    assert change.diff.splitlines() == [
        "--- baseline", "+++ smaller", "@@ -1,2 +1,2 @@", "-alpha = 0.3", "+alpha = 0.1", " fit()",
    ]  # fmt: skip


def test_of_other_line_ends_there_is_nothing_to_tell():
    old = cells(("a", "x = 1\ny = 2"), (None, "z = 3"))
    assert told(cells(("a", "x = 1\r\ny = 2\n"), (None, "z = 3\n")), old) == []


def test_a_cell_is_called_by_its_number_and_by_its_place_where_it_had_none():
    counted = code_changes(cells(("a", "x = 1"), ("b", "y = 1")), cells(("a", "x = 1")))
    uncounted = code_changes(cells(("a", "x = 1"), ("b", "y = 1"), counted=False), cells(("a", "x = 1")))
    assert [change.label for change in (*counted, *uncounted)] == ["In [2]", "execution 2"]


def test_of_the_same_text_run_twice_without_an_id_only_one_is_told():
    assert told(cells((None, "step()"), (None, "step()")), cells((None, "step()"))) == []


def test_too_many_cells_to_compare_by_likeness_are_still_aligned_by_id_and_text():
    many = 60  # on either side: more pairs than are compared word by word
    old = cells(("k", "alpha = 1"), *((None, f"value_{n} = load({n}, old=True)") for n in range(many)))
    new = cells(("k", "alpha = 2"), *((None, f"value_{n} = load({n}, old=False)") for n in range(many)))
    kinds = [change.kind for change in code_changes(new, old)]
    assert kinds == ["edited", *["added"] * many, *["removed"] * many]
    few = [change.kind for change in code_changes(new[:10], old[:10])]
    assert few == ["edited"] * 10


def test_each_old_cell_is_the_origin_of_one_new_cell_only_and_of_the_likest():
    old = cells((None, "model = Ridge(alpha=0.3).fit(X, y)"))
    new = cells(
        (None, "model = Ridge(alpha=0.7, tol=1).fit(X, y)"), (None, "model = Ridge(alpha=0.1).fit(X, y)")
    )
    assert [(change.label, change.kind) for change in code_changes(new, old)] == [
        ("In [1]", "added"),
        ("In [2]", "edited"),
    ]
