"""Comments and layout do not count; everything else does, magics and other languages to the letter."""

from __future__ import annotations

import pytest

from jupyter_mlops.automation.plain_code import plain_code

SAME = [
    ("y = x + 1", "y = x+1"),
    ("y = x + 1", "# why\ny = (x + 1)  # so"),
    ("y = x + 1", "\n\ny = \\\n    x + 1\n"),
    ("%%track\nx = 1", "%%track\nx = 1  # so"),
    ("%%time\nx = 1", "\n%%time  \n# so\n\nx = 1"),
    ("%matplotlib inline\nx = 1", "%matplotlib inline  \n# so\nx = 1"),
    ("if x:\n    !ls\n    y = 1", "if x:\n    !ls\n    y = 1  # so"),
]
DIFFERENT = [
    ("y = x + 1", "y = x + 2"),
    ("y = '# a'", "y = '# b'"),
    ("%%track\nx = 1", "%%track a\nx = 1"),
    ("%%track\nx = 1", "x = 1"),
    ("%matplotlib inline\nx = 1", "%matplotlib agg\nx = 1"),
    ("!ls\nx = 1", "!ls -l\nx = 1"),
    ("%%bash\nls -l", "%%bash\nls - l"),
    ("%%bash\n# a", "%%bash\n# b"),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=range(len(SAME)))
def test_comments_and_layout_do_not_count(one: str, other: str) -> None:
    assert plain_code(one) == plain_code(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT, ids=range(len(DIFFERENT)))
def test_everything_else_counts(one: str, other: str) -> None:
    assert plain_code(one) != plain_code(other)


@pytest.mark.parametrize("odd", ["a\x00b", "(" * 2000, "-" * 20_000 + "1", "x = !ls", "%%", ""], ids=range(6))
def test_code_that_nobody_can_read_is_taken_as_it_stands(odd: str) -> None:
    assert plain_code(odd) == plain_code(odd)
