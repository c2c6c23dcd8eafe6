"""Statements: what each binds, deletes and leads to."""

from __future__ import annotations

import pytest

from tests.capture.reads import read, rests


@pytest.mark.parametrize(
    "source",
    [
        "x = 1", "x: int = 1", "x, y = 1, 2", "[x, *y] = 1, 2", "for x in []: pass", "with open('a') as x: pass",
        "import x", "import x.y", "from a import x", "from a import y as x", "def x(): pass", "class x: pass",
        "(x := 1)", "try: pass\nexcept ValueError as x: pass", "match 1:\n    case x: pass", "async def x(): pass",
    ],
)  # fmt: skip
def test_every_binding_is_seen(source: str) -> None:
    assert "x" in read(source).writes


@pytest.mark.parametrize(
    "source",
    [
        "xs.append(1)", "xs += [1]", "xs[0] = 1", "del xs[0]", "for i in (1, 2): xs.append(i)", "ys = xs\nys.sort()",
        "for xs[0] in [1]: pass", "while xs: xs.pop()", "try:\n    xs.clear()\nfinally: pass", "[xs.append(i) for i in 'ab']",
        "with open('f') as xs[0]: pass", "assert xs.pop()", "match xs:\n    case [*ys]: ys is xs and ys.append(1)", "xs.a = 1",
        "raise ValueError(xs.pop())", "if xs.pop(): pass", "xs[:] = []", "xs[0], y = 1, 2", "x = y = xs.append(1)",
    ],
)  # fmt: skip
def test_every_change_is_seen(source: str) -> None:
    assert 2 in rests("xs = [1]", source, "xs")


@pytest.mark.parametrize(
    "source",
    ["len(xs)", "xs[0]", "ys = xs + [1]\nys.append(2)", "for x in xs: print(x)", "sorted(xs)", "x = xs"],
)
def test_looking_is_no_change(source: str) -> None:
    assert 2 not in rests("xs = [1]", source, "xs")


def test_the_main_guard_always_runs() -> None:
    assert rests("x = 1", "if __name__ == '__main__':\n    x = 2", "x") == {2}


def test_a_branch_that_never_runs_is_not_read() -> None:
    assert rests("x = 1", "if False:\n    x = 2", "x") == {1}


def test_a_star_import_may_have_bound_anything() -> None:
    found = read("from math import *", "y = floor(2.5)")
    assert (found.rests_on, found.unseen) == (frozenset({1}), frozenset())
