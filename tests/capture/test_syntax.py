"""IPython's own lines, read as Python."""

from __future__ import annotations

import ast

import pytest

from jupyter_mlops.capture.syntax import parse_cell


def python(source: str) -> list[str]:
    tree = parse_cell(source).tree
    assert tree is not None
    return [line for line in ast.unparse(tree).splitlines() if line != "pass"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", ["x = 1"]),
        ("%matplotlib inline\nx = 1", ["x = 1"]),
        ("%time y = f(x)", ["y = f(x)"]),
        ("y = %time f(x)", ["y = f(x)"]),
        ("%timeit -n 10 -r 3 f(x)", ["f(x)"]),
        ("%%time\nx = 1", ["x = 1"]),
        ("%%track run -e air\n%%time\nx = 1", ["x = 1"]),
        ("%%capture out\nprint(1)", ["out = __magic__('capture')", "print(1)"]),
        ("!ls {folder} $name", ["__shell__('ls {folder} $name', folder, name)"]),
        ("files = !ls", ["files = __shell__('ls')"]),
        ("d['k'] = !ls", ["d['k'] = __shell__('ls')"]),
        ("%%bash\nmake", ["__shell__('\\nmake')"]),
        ("%run a.py", ["__magic__('run', 'a.py', '')"]),
        ("df?\n?df\nx = 1", ["x = 1"]),
        ("for i in x:\n    !echo {i}", ["for i in x:", "    __shell__('echo {i}', i)"]),
        ("s = '''\n%time\n!ls\n'''\n%who", ["s = '\\n%time\\n!ls\\n'"]),
        ("x = (1\n% 3)\n%who", ["x = 1 % 3"]),
        ("a = 7 \\\n% 3\n%who", ["a = 7 % 3"]),
        ("# it's a comment (\n%who\nx = 1", ["x = 1"]),
        ("!pip install \\\n  thing\nx = 1", ["__shell__('pip install    thing')", "x = 1"]),
        ("%%html\n<b>no python</b>", []),
        ("await f()", ["await f()"]),
        ("", []),
    ],
)
def test_a_cell_becomes_python(source: str, expected: list[str]) -> None:
    assert python(source) == expected


def test_line_numbers_stay() -> None:
    tree = parse_cell("%%track t\n\n!ls \\\n -l\nx = 1").tree
    assert tree is not None
    assert [node.lineno for node in tree.body if isinstance(node, ast.Assign)] == [5]


@pytest.mark.parametrize("source", ["def f(:", "x = = 1", "'", "(" * 500, "x = 1\0"])
def test_what_is_no_python_is_no_tree_and_no_error(source: str) -> None:
    assert parse_cell(source).tree is None


def test_a_timed_body_runs_apart() -> None:
    assert parse_cell("%%timeit\nx = 1").private
    assert not parse_cell("%%time\nx = 1").private
