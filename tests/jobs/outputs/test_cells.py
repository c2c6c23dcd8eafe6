"""All that a cell showed."""

from __future__ import annotations

import pytest

from jupyter_mlops.jobs.outputs.cells import compare_outputs
from jupyter_mlops.jobs.outputs.rules import Rules

RULES = Rules()


def said(text: str, name: str = "stdout") -> dict[str, object]:
    return {"output_type": "stream", "name": name, "text": text}


def shown(text: str, kind: str = "display_data") -> dict[str, object]:
    return {"output_type": kind, "data": {"text/plain": text}, "metadata": {}}


def raised(kind: str, says: str, traceback: str = "") -> dict[str, object]:
    return {"output_type": "error", "ename": kind, "evalue": says, "traceback": [traceback]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([said("a"), said("b"), said("c", "stderr")], [said("c", "stderr"), said(["a", "b"])]),
        ([shown("1"), said("a")], [said("a"), shown("1", "execute_result")]),
        ([raised("E", "at 0x7fffffff", "here")], [raised("E", "at 0x7ffffff0", "there")]),
        ([], [{"output_type": "display_data", "data": {"text/html": '<div class="jmlops-card">'}}]),
    ],
)
def test_how_it_was_cut_and_in_which_way_it_was_shown_says_nothing(before, after) -> None:
    assert list(compare_outputs(before, after, RULES)) == []


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ([said("1")], [said("2")], [("stdout", "was 1 and is 2")]),
        ([], [said("odd", "stderr")], [("stderr", "is new: odd")]),
        ([shown("1")], [shown("2")], [("display", "was 1 and is 2")]),
        ([shown("1"), shown("2")], [shown("1"), shown("3")], [("display 2", "was 2 and is 3")]),
        ([shown("1")], [shown("1"), shown("3")], [("display 2", "is new")]),
        ([shown("1")], [], [("display", "is gone")]),
        ([], [raised("KeyError", "'a'")], [("error", "was none and is KeyError: 'a'")]),
        ([raised("KeyError", "'a'")], [], [("error", "was KeyError: 'a' and is none")]),
        ([raised("A", "x")], [raised("B", "x")], [("error", "was A and is B")]),
        ([raised("A", "x")], [raised("A", "y")], [("error", "was x and is y")]),
        (
            [said("1"), shown("2")],
            [said("3"), shown("4")],
            [("stdout", "was 1 and is 3"), ("display", "was 2 and is 4")],
        ),
    ],
)
def test_each_part_that_differs_is_named(before, after, parts) -> None:
    found = list(compare_outputs(before, after, RULES))
    assert [(name, compared.says) for name, compared in found] == parts
    assert all(compared.differs for _, compared in found)


@pytest.mark.parametrize(
    ("before", "after", "part"),
    [
        ([{"output_type": "display_data", "data": 7}], [shown("1")], "display"),
        ([7], [shown("1")], "outputs"),
        ([shown("1")], [raised("A", "x"), {"output_type": "display_data", "data": None}], "display"),
    ],
)
def test_what_cannot_be_compared_differs_and_the_reason_is_told(before, after, part) -> None:
    found = dict(compare_outputs(before, after, RULES))
    assert found[part].differs
    assert found[part].says.startswith("cannot be compared: ") or found[part].says == "is gone"


def test_a_comparison_that_fails_is_a_difference_of_its_part(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise MemoryError("too much")

    monkeypatch.setattr("jupyter_mlops.jobs.outputs.cells.compare_texts", failing)
    found = dict(compare_outputs([said("1")], [said("2")], RULES))
    assert found["stdout"].says == "cannot be compared: MemoryError: too much"
