"""Two executions of a notebook."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_mlops.jobs.outputs import Rules, compare_notebooks, has_outputs, shows_anything

RULES = Rules()


def cell(source: str, shown: str = "", **changes: Any) -> dict[str, Any]:
    outputs = [{"output_type": "stream", "name": "stdout", "text": shown}] if shown else []
    made = {"cell_type": "code", "source": source, "outputs": outputs, "metadata": {}, "execution_count": 1}
    return made | changes


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"cells": [{"cell_type": "markdown", "source": "# a", "metadata": {}}, *cells]}


def test_a_difference_is_named_by_its_cell_among_those_with_code() -> None:
    before = notebook(cell("a", "1"), cell("", ""), cell("b", "2", id="second"))
    after = notebook(cell("a", "1"), cell(["", "\n"], ""), cell("b", "3", id="second"))
    (found,) = compare_notebooks(before, after, RULES)
    assert (str(found), found.id) == ("cell 2 stdout: was 2 and is 3", "second")


def test_cells_are_matched_by_id_where_there_are_ids() -> None:
    before = notebook(cell("a", "1", id="a"), cell("b", "2", id="b"))
    after = notebook(cell("new", "9", id="new"), cell("b", "2", id="b"), cell("a", "1", id="a"))
    assert compare_notebooks(before, after, RULES) == ()


def test_a_cell_of_a_slice_is_matched_with_the_one_it_was_taken_from() -> None:
    before = notebook(cell("a", "1", id="a"), cell("b", "2", id="b"))
    after = notebook(
        cell("%load_ext x", id="load"), cell("b", "3", id="cell-1", metadata={"mlops": {"cell": "b"}})
    )
    (found,) = compare_notebooks(before, after, RULES)
    assert (str(found), found.id) == ("cell 2 stdout: was 2 and is 3", "b")


@pytest.mark.parametrize(
    "first",
    [
        cell("a", "1", metadata={"tags": ["skip-compare"]}),
        cell("a", execution_count=None),
        cell("a", "1", metadata={"tags": ["injected-parameters"]}),
    ],
    ids=["skipped", "never ran", "injected"],
)
def test_what_cannot_be_compared_is_passed_over(first) -> None:
    second = first | {"outputs": cell("a", "2")["outputs"]}
    assert compare_notebooks(notebook(first), notebook(second), RULES) == ()


def test_a_cell_that_ran_and_showed_nothing_must_show_nothing() -> None:
    (found,) = compare_notebooks(notebook(cell("a")), notebook(cell("a", "x")), RULES)
    assert found.says == "is new: x"


@pytest.mark.parametrize(
    ("cells", "has"),
    [
        ((), False),
        ((cell("a", execution_count=None),), False),
        ((cell("a"),), True),
        ((cell("a", "1", execution_count=None),), True),
    ],
)
def test_a_notebook_tells_whether_it_was_saved_with_outputs(cells, has) -> None:
    assert has_outputs(notebook(*cells)) is has


def test_a_card_of_this_package_is_no_result_of_a_notebook() -> None:
    card = {"output_type": "display_data", "data": {"text/html": '<div class="jmlops-card">'}}
    assert not shows_anything(notebook(cell("a"), cell("b", outputs=[card])))
    assert shows_anything(notebook(cell("a"), cell("b", "1")))
