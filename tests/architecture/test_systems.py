"""The package can be imported on every system: what only some of them have is imported where it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
SOME = frozenset(
    {"_winapi", "fcntl", "grp", "msvcrt", "nt", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty", "winreg"}
)  # fmt: skip
MODULES = sorted(p for p in (HOUSE / "jupyter_mlops").rglob("*.py") if "_labextension" not in p.parts)


def at_import(tree: ast.AST) -> set[str]:
    """The top names of what a module imports as it is imported itself: everywhere but in functions."""
    found = set[str]()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            found |= at_import(node)
    return found


def test_the_linter_knows_them():
    settings = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    banned = settings["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-module-level-imports"]

    assert set(banned) >= SOME


@pytest.mark.parametrize("name", ["fcntl", "pwd", "winreg"])
def test_the_linter_refuses_one_at_the_head_of_a_module_and_takes_it_in_a_function(name):
    def lint(text: str) -> str:
        place = str(HOUSE / "jupyter_mlops/store/journal.py")
        words = ["check", "--no-cache", "--select", "TID253", "--stdin-filename", place, "-"]
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words],
            input=text,
            cwd=HOUSE,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, 1}, done.stderr
        return done.stdout

    assert f"`{name}` is banned at the module level" in lint(f"import {name}\n")
    assert "All checks passed" in lint(f"def f():\n    import {name}\n")


def test_no_module_imports_one_as_it_is_imported_also_where_the_linter_lets_heavy_ones_through():
    found = {
        str(path.relative_to(HOUSE)): strange
        for path in MODULES
        if (strange := at_import(ast.parse(path.read_text(encoding="utf-8"))) & SOME)
    }

    assert found == {}


def test_the_search_sees_through_what_stands_around_it():
    text = "try:\n    import fcntl\nexcept ImportError:\n    pass\nif 1:\n    from pwd import x\nclass C:\n    import grp"
    assert at_import(ast.parse(text)) == {"fcntl", "pwd", "grp"}
    assert at_import(ast.parse("def f():\n    import fcntl")) == set()
