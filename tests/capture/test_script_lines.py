"""The cells of a script are compiled under its name and with its lines; all others as ever."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_mlops.capture.script_lines import as_script

PLACES = [("x = 1\ny = 2", 3), ("def f():\n    raise KeyError", 10), ("x = 1\ny = 2", 20), ("(2 +* 3)", 30)]


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[InteractiveShell]:
    monkeypatch.setattr(sys, "argv", ["kernel", "-f", "connection.json"])
    made = InteractiveShell()
    path = str(tmp_path / "a.py")
    as_script(made, path, PLACES)
    yield made
    linecache.cache.pop(path, None)


def test_a_cell_of_the_script_has_its_name_and_its_lines(shell: InteractiveShell, tmp_path: Path) -> None:
    path = str(tmp_path / "a.py")
    shell.run_cell("def f():\n    raise KeyError\n")
    code = shell.user_ns["f"].__code__
    assert (code.co_filename, code.co_firstlineno) == (path, 11)
    assert linecache.getline(path, 12) == "    raise KeyError\n"
    assert (shell.user_ns["__file__"], sys.argv) == (path, [path])


def test_a_cell_that_is_none_of_the_script_is_compiled_as_ever(
    shell: InteractiveShell, tmp_path: Path
) -> None:
    shell.run_cell("def g():\n    pass")
    code = shell.user_ns["g"].__code__
    assert code.co_filename != str(tmp_path / "a.py")
    assert code.co_firstlineno == 1


def test_of_two_cells_that_say_the_same_each_has_its_own_place(shell: InteractiveShell) -> None:
    lines = []
    for _ in range(2):
        name = shell.compile.cache("x = 1\ny = 2\n", 1, raw_code="x = 1\ny = 2")
        lines.append(shell.compile.ast_parse("x = 1\ny = 2\n", filename=name).body[0].lineno)
    assert lines == [4, 21]


def test_an_error_of_syntax_names_the_line_of_the_script(shell: InteractiveShell, tmp_path: Path) -> None:
    result = shell.run_cell("(2 +* 3)", silent=True)
    failure = result.error_before_exec or result.error_in_exec
    assert isinstance(failure, SyntaxError)
    assert (failure.filename, failure.lineno) == (str(tmp_path / "a.py"), 31)
